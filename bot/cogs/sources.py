"""/sources: the publishers whose articles there are, and the feeds that are followed; to whoever asks alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import everywhere, scope_of
from bot.cogs.looking_up import LooksUp
from bot.delivery import Delivery
from bot.rendering.sources_card import sources_card


class Sources(commands.Cog):
    """/sources: acknowledge at once and for the asker's eyes only, since a long list is nothing to a channel.

    An exception goes to the command tree's `on_error`.

    Args:
        delivery: acknowledges, and sends.
        news: looks up.
    """

    def __init__(self, delivery: Delivery, news: LooksUp) -> None:
        self._delivery = delivery
        self._news = news

    @app_commands.command(name="sources", description="Whose articles I know, how many, and how new they are.")
    @everywhere
    async def sources(self, interaction: discord.Interaction) -> None:
        """Tell whose articles there are."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        await self._delivery.deliver(interaction, sources_card(await self._news.listed(scope_of(interaction))))
