"""Populates the fake server: guilds, channels, users, private channels, and what the bot may do where."""

from __future__ import annotations

from fake_discord.events import Events
from fake_discord.permissions import EVERYONE, Permission
from fake_discord.places import Channel, ChannelKind, Guild, Member, User
from fake_discord.state import State


class Population:
    """The part of `FakeDiscord` that adds and changes people and places; connected bots are told at once.

    A new server holds one guild (`guild`) with one text channel (`channel`) and one member beside the owner (`user`).
    """

    def __init__(self, state: State, events: Events) -> None:
        self.state = state
        self._events = events
        self.user = self.add_user("Reader")
        self.guild = self.add_guild("Newsroom")
        self.channel = self.add_channel("general")

    @property
    def bot(self) -> User:
        """The bot's own user."""
        return self.state.bot

    def add_user(
        self,
        name: str,
        *,
        permissions: Permission = Permission.NONE,
        has_installed_app: bool = False,
        accepts_dms: bool = True,
        locale: str = "en-US",
        joins_guilds: bool = True,
    ) -> User:
        """Add a person, by default as a member of every guild there is so far.

        Args:
            name: The display name.
            permissions: Guild-wide permissions beyond those of @everyone.
            has_installed_app: Whether the person has the application as a user install.
            accepts_dms: Whether the bot may write to the person.
            locale: The language of the person's client.
            joins_guilds: False for somebody who shares no guild with the bot.
        """
        user = User(self.state.next_id(), name, False, locale, has_installed_app, accepts_dms)
        self.state.users[user.id] = user
        for guild in self.state.guilds.values() if joins_guilds else ():
            self.join(guild, user, permissions)
        return user

    def join(self, guild: Guild, user: User, permissions: Permission = Permission.NONE) -> None:
        """Make a user a member of a guild, with permissions beyond those of @everyone."""
        guild.members[user.id] = Member(user, permissions, self.state.next_id())

    def add_guild(
        self, name: str, *, bot_is_member: bool = True, everyone: Permission = EVERYONE, locale: str = "en-US"
    ) -> Guild:
        """Add a guild that every person so far is a member of; without the bot it only allows user installs."""
        guild = Guild(self.state.next_id(), name, self.state.owner, bot_is_member, everyone, locale)
        for user in self.state.users.values():
            if bot_is_member or user is not self.state.bot:
                self.join(guild, user)
        self.state.guilds[guild.id] = guild
        if bot_is_member:
            self._events.guild_joined(guild)
        return guild

    def remove_bot(self, guild: Guild) -> None:
        """Kick the bot out of a guild."""
        guild.bot_is_member = False
        guild.members.pop(self.state.bot.id, None)
        self._events.guild_left(guild)

    def add_channel(
        self, name: str, *, guild: Guild | None = None, writable: bool = True, visible: bool = True
    ) -> Channel:
        """Add a text channel, by default to the first guild; see `permit` for `writable` and `visible`."""
        guild = guild or self.guild
        channel = Channel(self.state.next_id(), ChannelKind.TEXT, name, guild)
        self.state.channels[channel.id] = guild.channels[channel.id] = channel
        channel.bot_denied = _denied(writable, visible)
        if guild.bot_is_member:
            self._events.channel_created(channel)
        return channel

    def permit(self, channel: Channel, *, writable: bool = True, visible: bool = True) -> None:
        """Change what the bot may do in a text channel: not writable refuses posts (50013), not visible all (50001)."""
        channel.bot_denied = _denied(writable, visible)
        self._events.channel_changed(channel)

    def dm(self, user: User | None = None) -> Channel:
        """Return the direct channel between a user and the bot, made on first use."""
        return self.state.dm(user or self.user)

    def private_channel(self, *users: User) -> Channel:
        """Return the private channel of people without the bot, in which only a user install can be used."""
        kind = ChannelKind.DM if len(users) == 2 else ChannelKind.GROUP_DM
        return self.state.private_channel(kind, *users)


def _denied(writable: bool, visible: bool) -> Permission:
    denied = Permission.NONE if writable else Permission.SEND_MESSAGES
    return denied if visible else denied | Permission.VIEW_CHANNEL
