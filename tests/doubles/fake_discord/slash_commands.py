"""Fills in a slash command as Discord's own client would, refusing what it would not let a person send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_discord.messages import Json
from fake_discord.payloads import member_json, user_json
from fake_discord.permissions import Permission
from fake_discord.places import Channel, ChannelKind, User
from fake_discord.state import State

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER = 1, 2, 3, 4, 5, 6, 7, 10
PYTHON_TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
    USER: (User,),
    CHANNEL: (Channel,),
}
IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2


def context_of(channel: Channel) -> int:
    """Return Discord's interaction context of a channel: guild, direct message with the bot, or other private one."""
    if channel.guild is not None:
        return IN_GUILD
    return IN_BOT_DM if channel.includes_bot() and channel.kind is ChannelKind.DM else IN_PRIVATE_CHANNEL


def owners_of(state: State, user: User, channel: Channel) -> dict[str, str]:
    """Return the installations that let a user use the application here: "0" for a guild's, "1" for the user's own."""
    owners: dict[str, str] = {}
    if channel.guild is not None and channel.guild.bot_is_member:
        owners["0"] = channel.guild.id
    elif context_of(channel) == IN_BOT_DM and _shares_a_guild(state, user):
        owners["0"] = "0"
    if user.has_installed_app:
        owners["1"] = user.id
    return owners


def _shares_a_guild(state: State, user: User) -> bool:
    return any(guild.bot_is_member and user.id in guild.members for guild in state.guilds.values())


def authorize(state: State, command: Json, user: User, channel: Channel) -> dict[str, str]:
    """Return the installations that let a user use this command here.

    Raises:
        LookupError: If Discord would not show the command to this user in this channel.
    """
    if channel.guild is not None and user.id not in channel.guild.members:
        raise LookupError(f"{user.name} is not in the guild {channel.guild.name}")
    context = context_of(channel)
    allowed = [IN_GUILD] if "guild_id" in command else command.get("contexts")
    if allowed is None:
        allowed = [IN_GUILD, IN_BOT_DM] if command.get("dm_permission") in (None, True) else [IN_GUILD]
    installs = set(map(str, command.get("integration_types") or [0]))
    owners = {kind: owner for kind, owner in owners_of(state, user, channel).items() if kind in installs}
    if context not in allowed or not owners:
        raise LookupError(
            f"{user.name} cannot see /{command['name']} here: context {context} of {allowed}, installs {installs}"
        )
    needed = command.get("default_member_permissions")
    if needed is not None and channel.guild is not None:
        held = channel.permissions_of(user)
        if not held & Permission.ADMINISTRATOR and Permission(int(needed)) & ~held:
            raise LookupError(f"{user.name} lacks the permissions for /{command['name']}")
    return owners


def fill_in(
    command: Json, words: list[str], values: Mapping[str, Any], state: State, focused: str | None = None
) -> Json:
    """Return the interaction data of a command with its subcommand words and option values.

    Args:
        command: The command as registered.
        words: The names of the subcommand group and subcommand, if it has them.
        values: Python values by option name; users and channels as the fake's own objects.
        state: Where the members of mentioned users are found.
        focused: The option that is still being typed, for an autocomplete; then nothing is required.

    Raises:
        LookupError: If there is no such subcommand or option.
        ValueError: If a value is missing, of the wrong type, or outside what the option allows.
    """
    filled: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": []}
    if "guild_id" in command:
        filled["guild_id"] = command["guild_id"]
    level, options = filled, command.get("options") or []
    for word in words:
        chosen = next((option for option in options if option["name"] == word and option["type"] <= GROUP), None)
        if chosen is None:
            raise LookupError(f"/{command['name']} has no subcommand {word!r}")
        level["options"] = [{"type": chosen["type"], "name": word, "options": []}]
        level, options = level["options"][0], chosen.get("options") or []
    if any(option["type"] <= GROUP for option in options):
        raise LookupError(f"/{command['name']} needs a subcommand of {[option['name'] for option in options]}")
    known = {option["name"]: option for option in options}
    if unknown := set(values) - set(known):
        raise LookupError(f"/{command['name']} has no options {sorted(unknown)}; it has {sorted(known)}")
    for name, option in known.items():
        if name in values:
            entry = {"type": option["type"], "name": name, "value": _encode(option, values[name], focused is not None)}
            level["options"].append(entry | ({"focused": True} if name == focused else {}))
        elif option.get("required") and focused is None:
            raise ValueError(f"/{command['name']} requires {name!r}")
    if resolved := _resolve(values, state):
        filled["resolved"] = resolved
    return filled


def _encode(option: Json, value: Any, is_partial: bool) -> Any:
    expected = PYTHON_TYPES.get(option["type"])
    if expected is None:
        raise ValueError(f"the fake cannot fill in options of type {option['type']}")
    if not isinstance(value, expected) or (isinstance(value, bool) and option["type"] != BOOLEAN):
        raise ValueError(f"{option['name']!r} takes {expected}, not {value!r}")
    if isinstance(value, User | Channel):
        return value.id
    if is_partial:
        return value
    choices = option.get("choices") or []
    if choices and value not in [choice["value"] for choice in choices]:
        raise ValueError(f"{option['name']!r} offers {[choice['value'] for choice in choices]}, not {value!r}")
    size = len(value) if isinstance(value, str) else value
    kind = "length" if isinstance(value, str) else "value"
    low, high = option.get(f"min_{kind}"), option.get(f"max_{kind}")
    if (low is not None and size < low) or (high is not None and size > high):
        raise ValueError(f"{option['name']!r} takes a {kind} of {low} to {high}, not {size}")
    return value


def _resolve(values: Mapping[str, Any], state: State) -> Json:
    resolved: Json = {}
    for value in values.values():
        if isinstance(value, User):
            resolved.setdefault("users", {})[value.id] = user_json(value)
            for guild in state.guilds.values():
                if value.id in guild.members:
                    told = member_json(guild.members[value.id]) | {"permissions": str(int(guild.permissions_of(value)))}
                    resolved.setdefault("members", {})[value.id] = told
        elif isinstance(value, Channel):
            told = {
                "id": value.id,
                "name": value.name,
                "type": int(value.kind),
                "permissions": str(int(Permission.NONE)),
            }
            resolved.setdefault("channels", {})[value.id] = told
    return resolved
