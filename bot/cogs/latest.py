"""/latest: the newest articles, on a topic or at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import acknowledge, everywhere, scope_of, show
from bot.cogs.looking_up import LooksUp
from bot.rendering.newest_card import newest_card

_TOPIC_CHARS = 300


class Latest(commands.Cog):
    """/latest [topic] [private]: acknowledge at once, look up, and put the card there.

    Everybody in the channel sees it unless `private` says otherwise: like an answer, headlines are talked about.
    An exception goes to the command tree's `on_error`.

    Args:
        news: looks up.
        now: the clock, aware UTC.
    """

    def __init__(self, news: LooksUp, *, now: Callable[[], datetime]) -> None:
        self._news = news
        self._now = now

    @app_commands.command(name="latest", description="The newest articles, on a topic or at all.")
    @app_commands.describe(topic="A person, a place, an event", private="Show them to you alone")
    @everywhere
    async def latest(
        self,
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, _TOPIC_CHARS] | None = None,
        private: bool = False,
    ) -> None:
        """Tell what is new."""
        await acknowledge(interaction, private=private)
        words = (topic or "").strip() or None
        await show(interaction, newest_card(await self._news.latest(words, scope_of(interaction)), now=self._now()))
