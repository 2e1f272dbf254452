"""/latest: the newest articles, on a topic or at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import TOPIC_CHARS, everywhere, scope_of
from bot.cogs.house_rules import HouseRules
from bot.cogs.looking_up import LooksUp
from bot.delivery import Delivery
from bot.rendering.newest_card import newest_card


class Latest(commands.Cog):
    """/latest [topic] [private]: acknowledge at once, look up, and put the card there.

    Everybody in the channel sees it unless `private` or the server's managers say otherwise: like an answer, headlines
    are talked about.
    An exception goes to the command tree's `on_error`.

    Args:
        delivery: acknowledges, and sends.
        news: looks up.
        now: the clock, aware UTC.
        rules: what servers' managers have set.
    """

    def __init__(self, delivery: Delivery, news: LooksUp, *, now: Callable[[], datetime], rules: HouseRules) -> None:
        self._delivery = delivery
        self._news = news
        self._now = now
        self._rules = rules

    @app_commands.command(name="latest", description="The newest articles, on a topic or at all.")
    @app_commands.describe(topic="A person, a place, an event", private="Show them to you alone")
    @everywhere
    async def latest(
        self,
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, TOPIC_CHARS] | None = None,
        private: bool | None = None,
    ) -> None:
        """Tell what is new."""
        audience = await self._rules.audience(interaction, private)
        await self._delivery.acknowledge(interaction, ephemeral=audience.is_private)
        words = (topic or "").strip() or None
        latest = await self._news.latest(words, scope_of(interaction))
        await self._delivery.deliver(interaction, newest_card(latest, now=self._now(), notice=audience.notice))
