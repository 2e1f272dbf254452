"""/help: how to ask in every way there is; to whoever asks alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import everywhere, installed_in
from bot.delivery import Delivery
from bot.rendering.help_card import help_card


class Help(commands.Cog):
    """/help: acknowledge for the asker's eyes only, and tell what this bot's own commands are for.

    Args:
        bot: whose commands are told.
        delivery: acknowledges, and sends.
    """

    def __init__(self, bot: commands.AutoShardedBot, delivery: Delivery) -> None:
        self._bot = bot
        self._delivery = delivery

    @app_commands.command(name="help", description="How to ask me, with examples, and what I do and do not do.")
    @everywhere
    async def help(self, interaction: discord.Interaction) -> None:
        """Tell how to ask."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        known = {command.name for command in self._bot.tree.get_commands()}
        if installed_in(interaction) is None or not interaction.permissions.manage_guild:
            known.discard("news")
        name = self._bot.user.display_name if self._bot.user else "me"
        await self._delivery.deliver(interaction, help_card(known, name=name))
