"""Holds who and where: users, guilds with their members, and channels with what the bot may do in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from fake_discord.permissions import EVERYONE, IN_PRIVATE, Permission
from fake_discord.timing import now_iso


class ChannelKind(IntEnum):
    """Discord's channel types that the fake knows."""

    TEXT = 0
    DM = 1
    GROUP_DM = 3
    PUBLIC_THREAD = 11


@dataclass(eq=False)
class User:
    """A Discord account; `has_installed_app` makes it a user-install of the application."""

    id: str
    name: str
    is_bot: bool = False
    locale: str = "en-US"
    has_installed_app: bool = False
    accepts_dms: bool = True

    @property
    def mention(self) -> str:
        """The text that mentions this user."""
        return f"<@{self.id}>"


@dataclass(eq=False)
class Member:
    """A user inside one guild, with permissions beyond @everyone carried by a role of its own."""

    user: User
    permissions: Permission
    role_id: str
    joined_at: str = field(default_factory=now_iso)


@dataclass(eq=False)
class Guild:
    """A server: its members by user id, its text channels and threads by id, and what @everyone may do."""

    id: str
    name: str
    owner: User
    bot_is_member: bool = True
    everyone: Permission = EVERYONE
    locale: str = "en-US"
    members: dict[str, Member] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    threads: dict[str, Channel] = field(default_factory=dict)
    joined_at: str = field(default_factory=now_iso)

    def permissions_of(self, user: User) -> Permission:
        """Return the guild-wide permissions of a user; the owner has all of them."""
        if user is self.owner:
            everything = Permission.NONE
            for bit in Permission:
                everything |= bit
            return everything
        member = self.members.get(user.id)
        return self.everyone | (member.permissions if member else Permission.NONE)


@dataclass(eq=False)
class Channel:
    """A text channel of a guild, a thread of its `parent`, or a private channel between `recipients`."""

    id: str
    kind: ChannelKind
    name: str = ""
    guild: Guild | None = None
    recipients: tuple[User, ...] = ()
    bot_denied: Permission = Permission.NONE
    last_message_id: str | None = None
    parent: Channel | None = None
    made_at: str = field(default_factory=now_iso)

    @property
    def mention(self) -> str:
        """The text that links to this channel."""
        return f"<#{self.id}>"

    def permissions_of(self, user: User) -> Permission:
        """Return what a user may do here: the bot's overwrite counts, and in private channels all users are alike.

        In a thread it is what they may do in the parent, except that sending has a permission of its own.
        """
        if self.parent is not None:
            allowed = self.parent.permissions_of(user)
            may_send = allowed & Permission.SEND_MESSAGES_IN_THREADS
            return allowed | Permission.SEND_MESSAGES if may_send else allowed & ~Permission.SEND_MESSAGES
        if self.guild is None:
            return IN_PRIVATE
        allowed = self.guild.permissions_of(user)
        return allowed & ~self.bot_denied if user.is_bot else allowed

    def includes_bot(self) -> bool:
        """Say whether the bot takes part here, so that the gateway tells it about messages."""
        if self.guild is not None:
            return self.guild.bot_is_member
        return any(recipient.is_bot for recipient in self.recipients)
