"""Writes interactions as INTERACTION_CREATE carries them, and the values of a modal that a person filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fake_discord.component_limits import SELECTS, ComponentKind
from fake_discord.interactions import Interaction
from fake_discord.messages import Json
from fake_discord.payloads import ATTACHMENT_SIZE_LIMIT, channel_json, member_json, message_json, user_json
from fake_discord.slash_commands import context_of
from fake_discord.state import State

ModalValues = Mapping[str, str | Sequence[str]]
"""What a person enters in a modal, by custom id: a text, or the chosen values of a select."""


def interaction_json(interaction: Interaction, payload: Json, state: State) -> Json:
    """Write the envelope of an interaction around its data."""
    user, channel, guild = interaction.user, interaction.channel, interaction.channel.guild
    permissions = str(int(channel.permissions_of(user)))
    envelope: Json = {
        "id": interaction.id,
        "application_id": state.application_id,
        "type": int(interaction.kind),
        "data": payload,
        "token": interaction.token,
        "version": 1,
        "channel_id": channel.id,
        "channel": channel_json(channel, state.bot) | {"permissions": permissions},
        "app_permissions": str(int(channel.permissions_of(state.bot))),
        "locale": user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.owners,
        "context": context_of(channel),
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
    }
    if guild is None:
        envelope["user"] = user_json(user)
    else:
        member = member_json(guild.members[user.id]) | {"user": user_json(user), "permissions": permissions}
        envelope |= {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member,
        }
    if interaction.source is not None:
        envelope["message"] = message_json(interaction.source, state)
    return envelope


def modal_values_json(modal: Json, values: ModalValues) -> Json:
    """Write a modal as submitted, with its defaults where nothing was entered.

    Raises:
        LookupError: If a value is given for a field that the modal does not have.
        ValueError: If a required field is left empty or a text is too long or too short.
    """
    left = dict(values)
    submitted = [_submitted(component, left) for component in modal.get("components") or []]
    if left:
        raise LookupError(f"the modal {modal.get('title')!r} has no fields {sorted(left)}")
    return {"custom_id": modal["custom_id"], "components": submitted}


def _submitted(component: Json, left: dict[str, str | Sequence[str]]) -> Json:
    told: Json = {"type": component["type"], "id": component.get("id", 1)}
    if component.get("components"):
        return told | {"components": [_submitted(child, left) for child in component["components"]]}
    if component.get("component"):
        return told | {"component": _submitted(component["component"], left)}
    if "custom_id" not in component:
        return told
    custom_id = component["custom_id"]
    told["custom_id"] = custom_id
    if component["type"] in SELECTS:
        return told | {"values": list(left.pop(custom_id, []))}
    entered = left.pop(custom_id, component.get("value") or "")
    if component["type"] == ComponentKind.TEXT_INPUT:
        low, high = component.get("min_length") or 0, component.get("max_length") or 4000
        required = component.get("required", True)
        if (required and not entered) or len(entered) > high or (entered and len(entered) < low):
            raise ValueError(f"the field {custom_id!r} takes {low} to {high} characters (required: {required})")
    return told | {"value": entered}
