"""Answers REST requests that acknowledge and answer interactions, within their three seconds and fifteen minutes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from fake_discord.interactions import (
    ACKNOWLEDGE_WITHIN_S,
    FOLLOWUPS_OF_USER_INSTALL,
    TOKEN_LIFE_S,
    Acknowledgement,
    CallbackKind,
    Interaction,
    InteractionKind,
)
from fake_discord.limits import check_choices, check_modal
from fake_discord.messages import EPHEMERAL, Json, Message
from fake_discord.payloads import message_json, user_json
from fake_discord.postings import Postings
from fake_discord.refusals import (
    Problem,
    already_acknowledged,
    expired_token,
    invalid_form,
    too_many_followups,
    unknown_interaction,
    unknown_message,
    unknown_webhook,
)
from fake_discord.rest import API, Form, nothing, read_form, reply
from fake_discord.state import State

ALLOWED_CALLBACKS = {
    InteractionKind.COMMAND: {CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE, CallbackKind.MODAL},
    InteractionKind.COMPONENT: set(CallbackKind) - {CallbackKind.AUTOCOMPLETE},
    InteractionKind.AUTOCOMPLETE: {CallbackKind.AUTOCOMPLETE},
    InteractionKind.MODAL: set(CallbackKind) - {CallbackKind.AUTOCOMPLETE, CallbackKind.MODAL},
}


class InteractionRoutes:
    """The routes under /interactions, and those under /webhooks that an interaction's token opens."""

    def __init__(self, state: State, postings: Postings) -> None:
        self._state = state
        self._postings = postings

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        webhook = f"{API}/webhooks/{{application_id}}/{{token}}"
        router.add_post(f"{API}/interactions/{{interaction_id}}/{{token}}/callback", self.acknowledge)
        router.add_post(webhook, self.follow_up)
        router.add_get(f"{webhook}/messages/{{message_id}}", self.read, allow_head=False)
        router.add_patch(f"{webhook}/messages/{{message_id}}", self.edit)
        router.add_delete(f"{webhook}/messages/{{message_id}}", self.delete)

    async def acknowledge(self, request: web.Request) -> web.Response:
        """POST the callback: the first reaction, once, within three seconds."""
        form = await read_form(request)
        interaction = self._state.interactions.get(request.match_info["token"])
        if interaction is None or interaction.id != request.match_info["interaction_id"]:
            raise unknown_interaction()
        after_s = self._state.clock() - interaction.started_s
        if interaction.acknowledgement is not None:
            raise already_acknowledged()
        if after_s > ACKNOWLEDGE_WITHIN_S:
            raise unknown_interaction()
        kind = self._kind(interaction, form.payload)
        payload: Json = form.payload.get("data") or {}
        ephemeral = bool(int(payload.get("flags") or 0) & EPHEMERAL)
        message = self._react(interaction, kind, Form(payload, form.files), ephemeral)
        interaction.acknowledgement = Acknowledgement(kind, after_s, ephemeral, payload)
        if request.query.get("with_response") not in ("1", "true"):
            return nothing()
        return reply(self._callback_json(interaction, kind, message))

    async def follow_up(self, request: web.Request) -> web.Response:
        """POST a further message; the first one after a deferral takes the place of the "thinking" message."""
        interaction = self._open(request)
        form = await read_form(request)
        if interaction.original is not None and interaction.original.loading and not interaction.original.deleted:
            self._postings.edit(interaction.original, form)
            return reply(message_json(interaction.original, self._state))
        if "0" not in interaction.owners and interaction.followups >= FOLLOWUPS_OF_USER_INSTALL:
            raise too_many_followups()
        message = self._create(interaction, form)
        interaction.followups += 1
        return reply(message_json(message, self._state))

    async def read(self, request: web.Request) -> web.Response:
        """GET @original or a follow-up."""
        return reply(message_json(self._message(request), self._state))

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH @original or a follow-up."""
        message = self._message(request)
        self._postings.edit(message, await read_form(request))
        interaction = self._open(request)
        if message not in interaction.messages:
            interaction.messages.append(message)
        return reply(message_json(message, self._state))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE @original or a follow-up."""
        self._postings.delete(self._message(request))
        return nothing()

    def _kind(self, interaction: Interaction, payload: Json) -> CallbackKind:
        allowed = ALLOWED_CALLBACKS[interaction.kind]
        if payload.get("type") not in set(map(int, allowed)):
            message = f"Value must be one of {sorted(map(int, allowed))}."
            raise invalid_form([Problem(("type",), "BASE_TYPE_CHOICES", message)])
        return CallbackKind(payload["type"])

    def _react(self, interaction: Interaction, kind: CallbackKind, form: Form, ephemeral: bool) -> Message | None:
        """Do what the callback asks for and return the message it made or changed."""
        if kind is CallbackKind.MESSAGE:
            interaction.original = self._create(interaction, form)
        elif kind is CallbackKind.DEFERRED_MESSAGE:
            interaction.original = self._postings.create_loading(
                interaction.channel, ephemeral=ephemeral, interaction_json=self._metadata(interaction)
            )
            interaction.messages.append(interaction.original)
        elif kind in (CallbackKind.UPDATE, CallbackKind.DEFERRED_UPDATE):
            interaction.original = interaction.source
            if kind is CallbackKind.UPDATE and interaction.source is not None:
                self._postings.edit(interaction.source, form)
                interaction.messages.append(interaction.source)
        elif problems := (check_modal if kind is CallbackKind.MODAL else check_choices)(form.payload):
            raise invalid_form(problems)
        return interaction.original

    def _create(self, interaction: Interaction, form: Form) -> Message:
        marks: dict[str, Any] = {"answers_interaction": True, "interaction_json": self._metadata(interaction)}
        message = self._postings.create(interaction.channel, form, **marks)
        interaction.messages.append(message)
        return message

    def _metadata(self, interaction: Interaction) -> Json:
        kind = InteractionKind.COMMAND if interaction.source is None else interaction.kind
        metadata: Json = {
            "id": interaction.id,
            "type": int(kind),
            "user": user_json(interaction.user),
            "authorizing_integration_owners": interaction.owners,
        }
        if kind is InteractionKind.COMPONENT and interaction.source is not None:
            metadata["interacted_message_id"] = interaction.source.id
        if kind is InteractionKind.MODAL and interaction.source is not None:
            metadata["triggering_interaction_metadata"] = interaction.source.interaction_json or {
                **metadata,
                "type": int(InteractionKind.COMPONENT),
                "interacted_message_id": interaction.source.id,
            }
        return metadata

    def _callback_json(self, interaction: Interaction, kind: CallbackKind, message: Message | None) -> Json:
        told: Json = {"id": interaction.id, "type": int(interaction.kind), "channel_id": interaction.channel.id}
        if message is None:
            return {"interaction": told}
        told |= {
            "response_message_id": message.id,
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        if kind is CallbackKind.DEFERRED_UPDATE:
            return {"interaction": told}
        return {"interaction": told, "resource": {"type": int(kind), "message": message_json(message, self._state)}}

    def _open(self, request: web.Request) -> Interaction:
        """Return the interaction whose token is in the path, if it is acknowledged and its token still lives."""
        interaction = self._state.interactions.get(request.match_info["token"])
        if interaction is None or request.match_info["application_id"] != self._state.application_id:
            raise unknown_webhook()
        if self._state.clock() - interaction.started_s > TOKEN_LIFE_S:
            raise expired_token()
        if interaction.acknowledgement is None:
            raise unknown_webhook()
        return interaction

    def _message(self, request: web.Request) -> Message:
        interaction = self._open(request)
        wanted = request.match_info["message_id"]
        known = {message.id: message for message in interaction.messages}
        message = interaction.original if wanted == "@original" else known.get(wanted)
        if message is None and interaction.source is not None and wanted == interaction.source.id:
            message = interaction.source
        if message is None or message.deleted:
            raise unknown_message()
        return message
