"""Holds everything the fake server knows: the application, people, places, messages, interactions and complaints."""

from __future__ import annotations

from fake_discord.interactions import Interaction
from fake_discord.messages import Json, Message
from fake_discord.permissions import Permission
from fake_discord.places import Channel, ChannelKind, Guild, User
from fake_discord.refusals import Violation
from fake_discord.timing import Clock, Snowflakes
from fake_discord.waiting import Changes


class State:
    """The one store that the REST routes, the gateway and the tests share; nothing in it outlives the server."""

    def __init__(self, token: str, clock: Clock, shards: int) -> None:
        self.token = token
        self.shards = shards
        self.clock = clock
        self.next_id = Snowflakes()
        self.changes = Changes()
        self.application_id = self.next_id()
        self.bot = User(self.next_id(), "Dateline", is_bot=True)
        self.owner = User(self.next_id(), "Owner")
        self.install_permissions = (
            Permission.VIEW_CHANNEL
            | Permission.SEND_MESSAGES
            | Permission.EMBED_LINKS
            | Permission.READ_MESSAGE_HISTORY
        )
        self.users: dict[str, User] = {self.bot.id: self.bot, self.owner.id: self.owner}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.interactions: dict[str, Interaction] = {}
        """By token."""
        self.commands: dict[str | None, list[Json]] = {}
        """Registered commands by guild id, None for the global ones; a missing key was never registered."""
        self.violations: list[Violation] = []
        self.unknown_routes: list[str] = []
        self.requests: list[str] = []
        """Every REST request, as "METHOD /path" below /api/v10."""

    def dm(self, user: User) -> Channel:
        """Return the direct channel between a user and the bot, made on first use."""
        return self.private_channel(ChannelKind.DM, user, self.bot)

    def private_channel(self, kind: ChannelKind, *recipients: User) -> Channel:
        """Return the channel of exactly these people, made on first use."""
        for channel in self.channels.values():
            if channel.kind is kind and set(channel.recipients) == set(recipients):
                return channel
        channel = Channel(self.next_id(), kind, recipients=recipients)
        self.channels[channel.id] = channel
        return channel

    def add_message(self, message: Message) -> Message:
        """Store a message and make it the last of its channel."""
        self.messages[message.id] = message
        message.channel.last_message_id = message.id
        return message

    def in_channel(self, channel: Channel) -> list[Message]:
        """Return the undeleted, not ephemeral messages of a channel, oldest first."""
        return [
            message
            for message in self.messages.values()
            if message.channel is channel and not message.deleted and not message.ephemeral
        ]

    def command(self, name: str, kind: int, guild: Guild | None) -> Json:
        """Return the registered command of this name and type; a guild's own goes before a global one.

        Raises:
            LookupError: If the bot has registered none.
        """
        places = [guild.id, None] if guild else [None]
        for place in places:
            for command in self.commands.get(place, []):
                if command["name"] == name and command["type"] == kind:
                    return command
        known = [command["name"] for place in places for command in self.commands.get(place, [])]
        raise LookupError(f"the bot has registered no command {name!r}; it has {known}")

    def complain(self, where: str, code: int, message: str) -> None:
        """Record something the bot did that Discord forbids."""
        self.violations.append(Violation(where, code, message))
