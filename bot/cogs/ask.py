"""/ask: a question in words, answered in place for everybody in the channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering.questions import Question
from bot.cogs.answers import Answers


class Ask(commands.Cog):
    """/ask question: acknowledge at once, answer, and put the card where Discord shows that the bot is thinking.

    It can be installed in servers and by people for themselves, and works in servers, in direct messages to the bot
    and in private channels. An exception goes to the command tree's `on_error`.

    Args:
        bot: whose command tree gets the command when the cog is added, and loses it when the cog is removed.
        answers: answers people in their conversations.
        now: the clock, aware UTC.
        limit_chars: longest question, in characters, 1..6000.
    """

    def __init__(self, bot: commands.Bot, answers: Answers, *, now: Callable[[], datetime], limit_chars: int) -> None:
        self._bot = bot
        self._answers = answers
        self._now = now
        self._limit_chars = limit_chars

    async def ask(self, interaction: discord.Interaction, question: str) -> None:
        """Answer what somebody asked with /ask."""

        async def make() -> Question:
            return Question(text=question, asked_at=self._now(), id=str(interaction.id))

        await self._answers.to_interaction(interaction, make)

    async def cog_load(self) -> None:
        """Add /ask to the command tree; the operator's limit is known only now, so no decorator can carry it."""

        async def ask(interaction: discord.Interaction, question: str) -> None:
            await self.ask(interaction, question)

        ask.__annotations__["question"] = app_commands.Range[str, 1, self._limit_chars]
        command: app_commands.Command[Ask, ..., None] = app_commands.Command(
            name="ask",
            description="Ask about the news; the answer quotes the articles it comes from.",
            callback=app_commands.describe(question="What do you want to know?")(ask),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self._bot.tree.add_command(command)

    async def cog_unload(self) -> None:
        """Take /ask out of the command tree."""
        self._bot.tree.remove_command("ask")
