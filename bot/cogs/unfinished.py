"""Finishing what an earlier process left: questions that were accepted and whose answer was not sent."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.cogs.answers import Answers, Asked
from bot.cogs.keeping import Keeping, question_of
from bot.delivery import Delivery
from bot.locales.speaking import speak
from bot.records.pending import PendingQuestion
from bot.rendering.answer_card import problem_card
from bot.rendering.asking_problems import ShuttingDown
from bot.rendering.problems import sentence_for

log = logging.getLogger(__name__)


class Unfinished:
    """Answers what is kept, where it was asked: in place of "thinking", or by a reply. Needs no gateway.

    Args:
        client: through which it is sent.
        keeping: what is kept.
        answers: answers them, in line with those of people who ask meanwhile.
        delivery: sends the answers.
    """

    def __init__(self, client: discord.Client, keeping: Keeping, answers: Answers, delivery: Delivery) -> None:
        self._client = client
        self._keeping = keeping
        self._answers = answers
        self._delivery = delivery

    async def begin(self) -> list[asyncio.Task[None]]:
        """Look up what is left, before anybody can ask anew, and begin to answer it; the longest waiting first."""
        left = await self._keeping.unfinished()
        if left:
            log.warning("%d questions were not answered before the restart; they are now", len(left))
        return [asyncio.create_task(self._finish(number, kept)) for number, kept in left]

    async def _finish(self, number: int, kept: PendingQuestion) -> None:
        speak(kept.options.get("language"))
        try:
            card = await self._card_for(kept)
            if kept.token is not None and kept.application_id is not None:
                await self._delivery.deliver_later(self._client, kept.application_id, kept.token, card)
            elif kept.message_id is not None:
                place = self._client.get_partial_messageable(kept.channel_id, guild_id=kept.guild_id)
                await self._delivery.reply_to(place, kept.message_id, card)
        except ShuttingDown:
            return  # it stays for the next start
        except Exception as failure:
            # A token that ended, a message that is gone, a channel closed to us: nobody can be told any more.
            log.warning("question %d could not be answered any more: %s", number, sentence_for(failure, "operator"))
        await self._keeping.strike(number)

    async def _card_for(self, kept: PendingQuestion) -> discord.ui.LayoutView:
        question = question_of(kept)
        try:
            asked = Asked(kept.user_id, kept.channel_id, kept.guild_id, bool(kept.options.get("is_private")))
            return await self._answers.card(question, asked, question_shown=kept.interaction_id is not None)
        except ShuttingDown:
            raise
        except Exception as failure:
            log.error("question %s: %s", question.id, sentence_for(failure, "operator"), exc_info=failure)
            return problem_card(sentence_for(failure, question_id=question.id))
