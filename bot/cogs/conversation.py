"""Questions in plain messages: direct messages, @mentions, and replies that ping the bot."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import discord
from discord.ext import commands

from bot.answering.errors import QuestionEmpty
from bot.answering.questions import Question
from bot.cogs.answers import Answers
from bot.cogs.audience import scope_of
from bot.cogs.house_rules import HouseRules
from bot.cogs.languages import speak_to
from bot.locales.speaking import ENGLISH


class Conversation(commands.Cog):
    """Answer messages addressed to the bot, by a reply to them, typing while it works.

    It reacts to direct messages, messages that mention the bot, and pinged replies to its regular messages: those
    Discord delivers with their text to a bot without the Message Content intent. It never reacts to bots, webhooks,
    itself or service messages. An exception goes to the client's `on_error`, and so does a message without words.

    Args:
        bot: who is addressed.
        answers: answers people in their conversations.
        now: the clock, aware UTC.
        rules: what servers' managers have set; where the bot may not speak, a message gets no answer at all.
        language: of the answers where Discord does not tell one, as "en".
    """

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        answers: Answers,
        *,
        now: Callable[[], datetime],
        rules: HouseRules,
        language: str = ENGLISH,
    ) -> None:
        self._bot = bot
        self._answers = answers
        self._now = now
        self._rules = rules
        self._language = language

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer one message if it is addressed to the bot."""
        if self._bot.user is None or not is_addressed(message, self._bot.user.id):
            return
        speak_to(message, otherwise=self._language)
        if not await self._rules.may_answer(message):
            return
        words = words_for(message, self._bot.user.id)
        if not words:
            raise QuestionEmpty
        question = Question(words, self._now(), str(message.id), scope=scope_of(message))
        await self._answers.to_message(message, question)


def is_addressed(message: discord.Message, bot_id: int) -> bool:
    """Say whether a person addressed the bot: in a direct message, or by a mention or pinged reply in a server.

    Mentions of everybody, of here or of a role do not count.
    """
    if message.author.bot or message.webhook_id is not None:
        return False
    if message.type not in (discord.MessageType.default, discord.MessageType.reply):
        return False
    return message.guild is None or any(user.id == bot_id for user in message.mentions)


def words_for(message: discord.Message, bot_id: int) -> str:
    """Return what a message says once the mentions of the bot are taken out; may be empty."""
    return " ".join(re.sub(rf"<@!?{bot_id}>", " ", message.content).split())
