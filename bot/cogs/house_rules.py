"""What a server's managers have set, as it bears on one command or message: where, to whom, how often."""

from __future__ import annotations

from dataclasses import dataclass, replace

import discord

from bot.cogs.audience import installed_in
from bot.cogs.message_words import plain_words
from bot.locales.speaking import marked, say
from bot.records.guilds import Guilds, GuildSettings
from bot.rendering.markdown import one_line, shortened
from bot.rendering.server_problems import SpeaksEverywhere

_MINUTE_S = 60.0
_THREAD_NAME = 80
_NOT_HERE = marked("This channel is not for my public answers, so only you see this one.")


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees what comes of a command.

    Attributes:
        is_private: whoever used it alone.
        notice: a sentence that says why, where they did not want it so.
    """

    is_private: bool
    notice: str | None = None


class HouseRules:
    """Tells what holds for a command or message; outside of servers, and where nothing is set, nothing does.

    Args:
        guilds: where servers' settings are kept; None if they can set nothing.
    """

    def __init__(self, guilds: Guilds | None = None) -> None:
        self._guilds = guilds

    async def audience(self, interaction: discord.Interaction, wish: bool | None) -> Audience:
        """Tell who sees what comes of a command.

        Args:
            interaction: of the command.
            wish: whether whoever used it wants it for themselves alone; None if they did not say.
        """
        settings = await self._of(interaction)
        if not settings.may_speak_in(*_places(interaction.channel)):
            return Audience(True, None if wish else say(_NOT_HERE))
        return Audience(settings.is_private if wish is None else wish)

    async def may_answer(self, message: discord.Message) -> bool:
        """Tell whether a message may be answered, which all who read its channel would see."""
        return (await self._of(message)).may_speak_in(*_places(message.channel))

    async def opens_threads(self, message: discord.Message) -> bool:
        """Tell whether the answer to a message stands in a thread on it."""
        return (await self._of(message)).opens_threads

    async def per_minute(self, asker: discord.Interaction | discord.Message) -> int | None:
        """Tell how many questions one person may ask a minute in this server; None if it has set nothing."""
        cooldown_s = (await self._of(asker)).cooldown_s
        return None if not cooldown_s else max(1, round(_MINUTE_S / cooldown_s))

    async def _of(self, asker: discord.Interaction | discord.Message) -> GuildSettings:
        guild_id = installed_in(asker)
        return GuildSettings() if guild_id is None or self._guilds is None else await self._guilds.read(guild_id)


def with_channels(
    settings: GuildSettings, *, allow: int | None, disallow: int | None, everywhere: bool | None
) -> GuildSettings:
    """Change where the bot may speak.

    Args:
        settings: before.
        allow: a channel in which it may; the first one makes it the only one.
        disallow: a channel in which it may no longer.
        everywhere: True lets it speak in every channel; False only in those that are named, which may be none.

    Raises:
        SpeaksEverywhere: a channel is disallowed while none are named.
    """
    named = None if everywhere else settings.channel_ids
    if everywhere is False:
        named = named or frozenset()
    if allow is not None:
        named = (named or frozenset()) | {allow}
    if disallow is not None:
        if named is None:
            raise SpeaksEverywhere
        named -= {disallow}
    return replace(settings, channel_ids=named)


def cooldown_of(per_minute: int) -> float:
    """Give the seconds between two questions of somebody who may ask so many a minute, >= 1."""
    return _MINUTE_S / per_minute


def thread_name(question: str) -> str:
    """Name the thread in which a question is answered."""
    return shortened(one_line(plain_words(question)), _THREAD_NAME) or say("News")


def _places(channel: object) -> tuple[int | None, ...]:
    """Give the ids by which a channel may be named: its own, that of a thread's channel, that of their category."""
    return tuple(getattr(channel, name, None) for name in ("id", "parent_id", "category_id"))
