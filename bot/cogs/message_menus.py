"""The two commands on a message: ask the news about it, and find out where its quote is from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering.errors import MessageWordless
from bot.answering.questions import Question
from bot.cogs.answers import Answers
from bot.cogs.audience import CONTEXTS, INSTALLS, question_of, scope_of
from bot.cogs.looking_up import LooksUp
from bot.cogs.message_words import question_words, words_of
from bot.delivery import Delivery
from bot.locales.speaking import marked, say
from bot.rendering.help_card import ASK_ABOUT, WHERE_FROM
from bot.rendering.quote_card import quote_card

_CUT = marked("That message is long: only its first {chars} characters were asked.")


class MessageMenus(commands.Cog):
    """The commands "Ask the news about this" and "Where is this quote from?", found under "Apps" on any message.

    What comes of it is seen by whoever uses it alone: the message is mostly somebody else's, and to be doubted or
    looked up in front of all is no kindness. Discord sends the message with the command, so that no intent is needed
    to read it. An exception goes to the command tree's `on_error`.

    Args:
        bot: whose command tree gets the commands when the cog is added, and loses them when the cog is removed.
        delivery: acknowledges, and sends.
        answers: answers people.
        news: finds quotes.
        now: the clock, aware UTC.
        limit_chars: longest question, in characters.
    """

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        delivery: Delivery,
        answers: Answers,
        news: LooksUp,
        *,
        now: Callable[[], datetime],
        limit_chars: int,
    ) -> None:
        self._bot = bot
        self._delivery = delivery
        self._answers = answers
        self._news = news
        self._now = now
        self._limit_chars = limit_chars

    async def ask_about(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask a message's words as a question."""
        words, is_cut = question_words(message, self._limit_chars)

        async def make() -> Question:
            if not words:
                raise MessageWordless
            return question_of(interaction, words, now=self._now())

        # A message stands for itself: it follows upon nothing that whoever asks about it has asked before.
        notice = say(_CUT, chars=len(words)) if is_cut else None
        await self._answers.to_interaction(interaction, make, is_private=True, follows=False, notice=notice)

    async def find_quote(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Tell which articles say what a message quotes."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        words = words_of(message)
        if not words:
            raise MessageWordless
        findings = await self._news.quotes(words, scope_of(interaction))
        await self._delivery.deliver(interaction, quote_card(findings, now=self._now()))

    async def cog_load(self) -> None:
        """Add both to the command tree: a cog cannot declare them."""
        for name, callback in ((ASK_ABOUT, self.ask_about), (WHERE_FROM, self.find_quote)):
            menu = app_commands.ContextMenu(
                name=name, callback=callback, allowed_installs=INSTALLS, allowed_contexts=CONTEXTS
            )
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take both out of the command tree."""
        for name in (ASK_ABOUT, WHERE_FROM):
            self._bot.tree.remove_command(name, type=discord.AppCommandType.message)
