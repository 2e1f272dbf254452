"""/ask: a question in words, answered in place for everybody in the channel, or for the asker alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering.questions import Question
from bot.cogs.answers import Answers
from bot.cogs.audience import CONTEXTS, INSTALLS, SINCE, UNTIL, question_of, scope_of
from bot.cogs.looking_up import LooksUp
from bot.cogs.source_choices import meant_sources, source_choices

_OPTIONS = {
    "question": "What do you want to know?",
    "since": SINCE,
    "until": UNTIL,
    "source": "Only articles of this publisher",
    "private": "Show the answer to you alone",
}


class Ask(commands.Cog):
    """/ask question [since] [until] [source] [private]: acknowledge at once, answer, and put the card there.

    It works wherever people can install the bot. An exception goes to the command tree's `on_error`.

    Args:
        bot: whose command tree gets the command when the cog is added, and loses it when the cog is removed.
        answers: answers people in their conversations.
        news: reads dates and knows the publishers; None offers no limits.
        now: the clock, aware UTC.
        limit_chars: longest question, in characters, 1..6000.
    """

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        answers: Answers,
        *,
        now: Callable[[], datetime],
        limit_chars: int,
        news: LooksUp | None = None,
    ) -> None:
        self._bot = bot
        self._answers = answers
        self._news = news
        self._now = now
        self._limit_chars = limit_chars

    async def ask(
        self,
        interaction: discord.Interaction,
        question: str,
        since: str | None = None,
        until: str | None = None,
        source: str | None = None,
        private: bool | None = None,
    ) -> None:
        """Answer what somebody asked with /ask."""

        async def make() -> Question:
            first, last = await self._news.limits(since, until) if self._news else (None, None)
            names = await self._news.source_names(scope_of(interaction)) if self._news and source else ()
            sources = meant_sources(names, source)
            return question_of(interaction, question, now=self._now(), since=first, until=last, sources=sources)

        await self._answers.to_interaction(interaction, make, is_private=private)

    async def cog_load(self) -> None:
        """Add /ask to the command tree; the operator's limit is known only now, so no decorator can carry it."""
        news = self._news

        async def ask(interaction: discord.Interaction, question: str, private: bool | None = None) -> None:
            await self.ask(interaction, question, private=private)

        async def ask_within(
            interaction: discord.Interaction,
            question: str,
            since: str | None = None,
            until: str | None = None,
            source: str | None = None,
            private: bool | None = None,
        ) -> None:
            await self.ask(interaction, question, since, until, source, private)

        callback = ask if news is None else ask_within
        callback.__annotations__["question"] = app_commands.Range[str, 1, self._limit_chars]
        described = {name: text for name, text in _OPTIONS.items() if name in callback.__annotations__}
        command: app_commands.Command[Ask, ..., None] = app_commands.Command(
            name="ask",
            description="Ask about the news; the answer quotes the articles it comes from.",
            callback=app_commands.describe(**described)(callback),
            allowed_installs=INSTALLS,
            allowed_contexts=CONTEXTS,
        )
        if news is not None:

            async def offer(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
                return source_choices(await news.source_names(scope_of(interaction)), typed)

            command.autocomplete("source")(offer)
        self._bot.tree.add_command(command)

    async def cog_unload(self) -> None:
        """Take /ask out of the command tree."""
        self._bot.tree.remove_command("ask")
