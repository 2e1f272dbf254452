"""/privacy: what is kept of somebody; handed over, or erased."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import everywhere
from bot.delivery import Delivery
from bot.records.people import People
from bot.rendering.privacy_card import EXPORT_FILE, export_card, forgotten_card, privacy_card
from bot.rendering.records_problems import ExportTooLarge


class Wish(StrEnum):
    """What somebody may want done."""

    EXPORT = "export"
    FORGET = "forget me"


class Privacy(commands.Cog):
    """/privacy [do]: acknowledge for the asker's eyes only, and tell, hand over or erase what is kept of them.

    An exception goes to the command tree's `on_error`.

    Args:
        delivery: acknowledges, and sends.
        people: hands over and erases.
        keep_days: how long answers are kept.
        conversation_minutes: how long conversations are.
    """

    def __init__(self, delivery: Delivery, people: People, *, keep_days: int, conversation_minutes: int) -> None:
        self._delivery = delivery
        self._people = people
        self._times = {"keep_days": keep_days, "conversation_minutes": conversation_minutes}

    @app_commands.command(name="privacy", description="What I keep of you; take it with you, or have it erased.")
    @app_commands.describe(do="Hand you all of it, or erase all of it at once")
    @app_commands.choices(do=[app_commands.Choice(name=wish, value=wish) for wish in Wish])
    @everywhere
    async def privacy(self, interaction: discord.Interaction, do: str | None = None) -> None:
        """Tell, hand over, or erase."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        if do == Wish.EXPORT:
            await self._export(interaction)
        elif do == Wish.FORGET:
            erased = await self._people.forget(interaction.user.id)
            await self._delivery.deliver(interaction, forgotten_card(erased))
        else:
            await self._delivery.deliver(interaction, privacy_card(**self._times))

    async def _export(self, interaction: discord.Interaction) -> None:
        told = await self._people.export(interaction.user.id)
        count = sum(len(records) for records in told.values() if isinstance(records, list))
        # On a thread: a month of answers can be megabytes.
        written = (await asyncio.to_thread(json.dumps, told, ensure_ascii=False, indent=1)).encode()
        if len(written) > interaction.filesize_limit:
            raise ExportTooLarge(len(written))
        await self._delivery.deliver(interaction, export_card(count), files={EXPORT_FILE: written})
