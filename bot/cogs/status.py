"""/status: how many articles there are, how new they are, and whether the feeds do well; to whoever asks alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import scope_of
from bot.delivery import Delivery
from bot.rendering.status_card import status_card

ReadStatus = Callable[[str | None], Awaitable[Mapping[str, Any]]]
"""Tells how the home is as a scope sees it, as `bot.inspection.read_status` does."""


class Status(commands.Cog):
    """/status: acknowledge at once and for the asker's eyes only, read, and put the card there.

    It works wherever /ask does. An exception goes to the command tree's `on_error`.

    Args:
        delivery: acknowledges, and sends.
        read_status: tells how the home is.
    """

    def __init__(self, delivery: Delivery, read_status: ReadStatus) -> None:
        self._delivery = delivery
        self._read_status = read_status

    @app_commands.command(name="status", description="How many articles there are, how new, and whether all feeds do.")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def status(self, interaction: discord.Interaction) -> None:
        """Tell how the articles are."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        card = status_card(await self._read_status(scope_of(interaction)))
        await self._delivery.deliver(interaction, card)
