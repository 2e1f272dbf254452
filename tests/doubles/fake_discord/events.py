"""Decides which gateway events each session gets, and how much of a message its intents let it read."""

from __future__ import annotations

from fake_discord.gateway import Gateway
from fake_discord.messages import Json, Message
from fake_discord.payloads import channel_json, guild_json, member_json, message_json
from fake_discord.places import Channel, Guild
from fake_discord.sessions import Intent
from fake_discord.state import State


class Events:
    """Tells every session of the gateway what happened, within its intents."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway

    def interaction(self, payload: Json) -> None:
        """Send an interaction; every bot gets its own interactions, whatever its intents.

        Raises:
            RuntimeError: If no bot ever identified: nobody would answer.
        """
        if not self._gateway.sessions:
            raise RuntimeError("no bot is connected to the fake Discord: await discord.ready() first")
        self._dispatch("INTERACTION_CREATE", payload, None, payload.get("guild_id"))

    def message_created(self, message: Message) -> None:
        """Send MESSAGE_CREATE to those who may know of the message."""
        self._message("MESSAGE_CREATE", message)

    def message_edited(self, message: Message) -> None:
        """Send MESSAGE_UPDATE to those who may know of the message."""
        self._message("MESSAGE_UPDATE", message)

    def message_deleted(self, message: Message) -> None:
        """Send MESSAGE_DELETE to those who could know of the message."""
        if self._is_told(message):
            payload = {"id": message.id, "channel_id": message.channel.id, **_guild_id(message.channel)}
            self._dispatch("MESSAGE_DELETE", payload, _messages_intent(message.channel), payload.get("guild_id"))

    def guild_joined(self, guild: Guild) -> None:
        """Send GUILD_CREATE."""
        self._dispatch("GUILD_CREATE", guild_json(guild, self._state.bot), Intent.GUILDS, guild.id)

    def guild_left(self, guild: Guild) -> None:
        """Send GUILD_DELETE, as after a kick."""
        self._dispatch("GUILD_DELETE", {"id": guild.id}, Intent.GUILDS, guild.id)

    def channel_created(self, channel: Channel) -> None:
        """Send CHANNEL_CREATE."""
        self._dispatch("CHANNEL_CREATE", channel_json(channel, self._state.bot), Intent.GUILDS, _guild_of(channel))

    def channel_changed(self, channel: Channel) -> None:
        """Send CHANNEL_UPDATE, for instance after a change of permissions."""
        self._dispatch("CHANNEL_UPDATE", channel_json(channel, self._state.bot), Intent.GUILDS, _guild_of(channel))

    def thread_created(self, thread: Channel) -> None:
        """Send THREAD_CREATE for a thread that the bot started."""
        payload = channel_json(thread, self._state.bot) | {"newly_created": True}
        self._dispatch("THREAD_CREATE", payload, Intent.GUILDS, _guild_of(thread))

    def unreadable(self) -> None:
        """Send every client an event that its library cannot read, as after a change of Discord's API."""
        for session in self._gateway.sessions:
            session.dispatch("INTERACTION_CREATE", {"id": "no interaction"})

    def _dispatch(self, event: str, payload: Json, intent: Intent | None, guild_id: str | None) -> None:
        for session in self._gateway.sessions:
            if session.serves(guild_id) and (intent is None or session.intents & intent):
                session.dispatch(event, payload)

    def _is_told(self, message: Message) -> bool:
        return not message.ephemeral and message.channel.includes_bot()

    def _message(self, event: str, message: Message) -> None:
        if not self._is_told(message):
            return
        for session in self._gateway.sessions:
            if session.serves(_guild_of(message.channel)) and session.intents & _messages_intent(message.channel):
                hides = not (session.intents & Intent.MESSAGE_CONTENT or self._is_always_readable(message))
                payload = message_json(message, self._state, hides_content=hides) | _guild_id(message.channel)
                guild = message.channel.guild
                if guild is not None and message.author.id in guild.members:
                    payload["member"] = member_json(guild.members[message.author.id])
                session.dispatch(event, payload)

    def _is_always_readable(self, message: Message) -> bool:
        bot = self._state.bot
        return message.channel.guild is None or message.author is bot or bot.id in message.pings()


def _guild_of(channel: Channel) -> str | None:
    return None if channel.guild is None else channel.guild.id


def _guild_id(channel: Channel) -> Json:
    return {} if channel.guild is None else {"guild_id": channel.guild.id}


def _messages_intent(channel: Channel) -> Intent:
    return Intent.DIRECT_MESSAGES if channel.guild is None else Intent.GUILD_MESSAGES
