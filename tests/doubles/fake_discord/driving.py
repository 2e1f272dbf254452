"""Does what people do: use commands, press buttons, fill in modals, and write messages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fake_discord.component_limits import SELECTS
from fake_discord.interaction_payloads import ModalValues, interaction_json, modal_values_json
from fake_discord.interactions import CallbackKind, Interaction, InteractionKind
from fake_discord.messages import Json, Message
from fake_discord.payloads import message_json
from fake_discord.places import Channel, User
from fake_discord.population import Population
from fake_discord.slash_commands import authorize, fill_in, owners_of

CHAT_INPUT, ON_MESSAGE = 1, 3


class Driving(Population):
    """The part of `FakeDiscord` by which tests act as people; left out, `user` and `channel` are the default ones."""

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        user: User | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Use a slash command; subcommands are written as people read them ("feeds add").

        The channel decides the context: one of a guild, `dm(user)`, or `private_channel(...)`. A guild without the
        bot and a private channel need a user with `has_installed_app`.

        Raises:
            LookupError: If the bot has not registered it, or Discord would not show it to this user here.
            ValueError: If Discord's client would not let the options be sent.
        """
        return await self._command(InteractionKind.COMMAND, name, options or {}, user, channel, None)

    async def autocomplete(
        self,
        name: str,
        focused: str,
        options: Mapping[str, Any],
        *,
        user: User | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Type into the option `focused` of a slash command; `Interaction.choices` has what the bot offers.

        Raises:
            LookupError: As for `slash`.
        """
        return await self._command(InteractionKind.AUTOCOMPLETE, name, options, user, channel, focused)

    async def use_on(self, message: Message, name: str, *, user: User | None = None) -> Interaction:
        """Use a context-menu command on a message.

        Raises:
            LookupError: As for `slash`.
        """
        user, channel = user or self.user, message.channel
        command = self.state.command(name, ON_MESSAGE, channel.guild)
        owners = authorize(self.state, command, user, channel)
        payload: Json = {
            "id": command["id"],
            "name": name,
            "type": ON_MESSAGE,
            "target_id": message.id,
            "resolved": {"messages": {message.id: message_json(message, self.state)}},
        }
        interaction = self._interaction(InteractionKind.COMMAND, name, user, channel, owners)
        return await self._start(interaction, payload)

    async def press(
        self, message: Message, custom_id: str, *, user: User | None = None, values: Sequence[str] = ()
    ) -> Interaction:
        """Press a button, or choose `values` in a select menu.

        Raises:
            LookupError: If the message has no such component.
            ValueError: If it is disabled, or a value is not among its options.
        """
        component = message.component(custom_id)
        offered = [option["value"] for option in component.get("options") or []]
        if component.get("disabled") or (offered and not set(values) <= set(offered)):
            raise ValueError(f"{custom_id!r} cannot be used with {list(values)}: {component}")
        payload: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component.get("id", 1)}
        if component["type"] in SELECTS:
            payload["values"] = list(values)
        user = user or self.user
        owners = (message.interaction_json or {}).get("authorizing_integration_owners")
        interaction = self._interaction(
            InteractionKind.COMPONENT,
            custom_id,
            user,
            message.channel,
            owners or owners_of(self.state, user, message.channel),
        )
        interaction.source = message
        return await self._start(interaction, payload)

    async def submit(self, opened: Interaction, values: ModalValues) -> Interaction:
        """Fill in and send the modal that the bot opened for an interaction, as the same user.

        Raises:
            AssertionError: If the bot opened none.
            LookupError: If the modal lacks a field that is given.
            ValueError: If a required field is missing or a text does not fit.
        """
        acknowledgement = opened.acknowledgement
        assert acknowledgement is not None and acknowledgement.kind is CallbackKind.MODAL, "no modal is open"
        modal = acknowledgement.payload
        interaction = self._interaction(
            InteractionKind.MODAL, modal["custom_id"], opened.user, opened.channel, opened.owners
        )
        interaction.source = opened.source
        return await self._start(interaction, modal_values_json(modal, values))

    async def say(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        reply_to: Message | None = None,
        pings_reply: bool = True,
    ) -> Message:
        """Write a message; `<@id>` mentions, and a reply pings its author unless `pings_reply` is False.

        As on Discord, a reply to the answer of an interaction pings nobody.

        Raises:
            ValueError: If the user is not in the channel.
        """
        user, channel = user or self.user, channel or (reply_to.channel if reply_to else self.channel)
        present = channel.guild.members if channel.guild else [person.id for person in channel.recipients]
        if user.id not in present:
            raise ValueError(f"{user.name} is not in the channel {channel.name or channel.id}")
        mentions = {"parse": ["users", "roles"], "replied_user": pings_reply}
        payload: Json = {"content": text, "allowed_mentions": mentions}
        message = Message(self.state.next_id(), channel, user, payload, self.state.changes, reference=reply_to)
        self.state.add_message(message)
        self._events.message_created(message)
        await self.state.changes.announce()
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message as a person would."""
        message.deleted = True
        self._events.message_deleted(message)
        await self.state.changes.announce()

    async def _command(
        self,
        kind: InteractionKind,
        name: str,
        options: Mapping[str, Any],
        user: User | None,
        channel: Channel | None,
        focused: str | None,
    ) -> Interaction:
        user, channel = user or self.user, channel or self.channel
        first, *words = name.split()
        command = self.state.command(first, CHAT_INPUT, channel.guild)
        owners = authorize(self.state, command, user, channel)
        payload = fill_in(command, words, options, self.state, focused)
        return await self._start(self._interaction(kind, name, user, channel, owners), payload)

    def _interaction(
        self, kind: InteractionKind, name: str, user: User, channel: Channel, owners: dict[str, str]
    ) -> Interaction:
        return Interaction(
            self.state.next_id(),
            secrets.token_urlsafe(48),
            kind,
            name,
            user,
            channel,
            self.state.clock(),
            self.state.changes,
            owners,
        )

    async def _start(self, interaction: Interaction, payload: Json) -> Interaction:
        self.state.interactions[interaction.token] = interaction
        self._events.interaction(interaction_json(interaction, payload, self.state))
        await self.state.changes.announce()
        return interaction
