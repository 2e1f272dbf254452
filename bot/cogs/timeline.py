"""/timeline: a story in dated steps, each a quote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import SINCE, TOPIC_CHARS, UNTIL, everywhere, question_of
from bot.cogs.house_rules import HouseRules
from bot.cogs.looking_up import LooksUp
from bot.delivery import Delivery
from bot.rendering.timeline_card import timeline_card


class StoryTimeline(commands.Cog):
    """/timeline topic [since] [until] [private]: acknowledge at once, look up, and put the card there.

    Everybody in the channel sees it unless `private` or the server's managers say otherwise. An exception goes to the
    command tree's `on_error`.

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

    @app_commands.command(name="timeline", description="The story of a topic in dated steps, each a quote.")
    @app_commands.describe(
        topic="A person, a place, an event",
        since=SINCE,
        until=UNTIL,
        private="Show it to you alone",
    )
    @everywhere
    async def timeline(
        self,
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, TOPIC_CHARS],
        since: str | None = None,
        until: str | None = None,
        private: bool | None = None,
    ) -> None:
        """Tell a story."""
        audience = await self._rules.audience(interaction, private)
        await self._delivery.acknowledge(interaction, ephemeral=audience.is_private)
        first, last = await self._news.limits(since, until)
        words = question_of(interaction, topic, now=self._now(), since=first, until=last)
        story = await self._news.timeline(words)
        await self._delivery.deliver(interaction, timeline_card(story, now=self._now(), notice=audience.notice))
