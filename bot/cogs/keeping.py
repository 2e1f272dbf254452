"""Keeping a question from its acceptance until its answer is sent, so that a restart in between costs no answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime

import discord

from bot.answering.questions import Exchange, Question
from bot.locales.speaking import spoken
from bot.records.pending import PendingQuestion, PendingQuestions
from bot.rendering.asking_problems import AnswerPostponed, ShuttingDown

log = logging.getLogger(__name__)


class Keeping:
    """Keeps accepted questions. Owns nothing.

    Args:
        pending: where they are kept; None keeps nothing.
    """

    def __init__(self, pending: PendingQuestions | None) -> None:
        self._pending = pending

    @asynccontextmanager
    async def kept(
        self,
        asker: discord.Interaction | discord.Message,
        making: Awaitable[Question],
        *,
        is_private: bool = False,
    ) -> AsyncIterator[None]:
        """Keep a question until the block ends, in which it is acknowledged, answered and its answer sent.

        A message is written down first; an interaction beside its acknowledgement, which has three seconds: after it
        would be too late, for in between the process may die. It is struck when the block ends, by an exception too,
        since its asker is told. It stays, for the next start, if the process dies within the block, or stops before the
        answer is there.

        Args:
            asker: who asked.
            making: gives the question; one that cannot be made is not kept.
            is_private: only whoever asked sees the answer.

        Raises:
            AnswerPostponed: the process stops; in place of ShuttingDown.
        """
        accepting = asyncio.create_task(self._accept(asker, making, is_private))
        if not isinstance(asker, discord.Interaction):
            await accepting
        try:
            yield
        except ShuttingDown as stopping:
            if await accepting is not None:
                raise AnswerPostponed from stopping
            raise
        except Exception:
            await self.strike(await accepting)
            raise
        await self.strike(await accepting)

    async def unfinished(self) -> list[tuple[int, PendingQuestion]]:
        """List what an earlier process left and can still be answered; nothing if that cannot be read."""
        if self._pending is None:
            return []
        try:
            return await self._pending.unfinished()
        except Exception:
            log.exception("the questions that an earlier process left cannot be read")
            return []

    async def strike(self, number: int | None) -> None:
        """Keep a question no longer. One that cannot be struck is answered again after a restart, in the same place."""
        if self._pending is None or number is None:
            return
        try:
            await self._pending.strike(number)
        except Exception:
            log.exception("an answered question could not be struck from those that wait")

    async def _accept(
        self, asker: discord.Interaction | discord.Message, making: Awaitable[Question], is_private: bool
    ) -> int | None:
        try:
            question = await making
        except Exception:
            return None  # whoever asked is told why, within the block
        if self._pending is None:
            return None
        try:
            return await self._pending.accept(pending_of(asker, question, is_private=is_private))
        except Exception:
            log.exception("a question could not be kept; a restart before its answer would lose it")
            return None


def pending_of(
    asker: discord.Interaction | discord.Message, question: Question, *, is_private: bool = False
) -> PendingQuestion:
    """Write down everything that the next process needs to answer a question where it was asked."""
    options = {
        "since": None if question.since is None else question.since.isoformat(),
        "until": None if question.until is None else question.until.isoformat(),
        "sources": list(question.sources),
        "history": [[one.question, one.answer] for one in question.history],
        "scope": question.scope,
        "is_private": is_private,
        "language": spoken(),
    }
    if isinstance(asker, discord.Interaction):
        return PendingQuestion(
            user_id=asker.user.id,
            channel_id=asker.channel_id or 0,
            guild_id=asker.guild_id,
            question=question.as_typed,
            options=options,
            accepted_at=question.asked_at,
            interaction_id=asker.id,
            token=asker.token,
            application_id=asker.application_id,
        )
    return PendingQuestion(
        user_id=asker.author.id,
        channel_id=asker.channel.id,
        guild_id=None if asker.guild is None else asker.guild.id,
        question=question.as_typed,
        options=options,
        accepted_at=question.asked_at,
        message_id=asker.id,
    )


def question_of(kept: PendingQuestion) -> Question:
    """Read back what `pending_of` wrote."""
    since, until = (kept.options.get(name) for name in ("since", "until"))
    return Question(
        text=kept.question,
        asked_at=kept.accepted_at,
        id=str(kept.interaction_id or kept.message_id),
        since=None if since is None else datetime.fromisoformat(since),
        until=None if until is None else datetime.fromisoformat(until),
        sources=tuple(kept.options.get("sources") or ()),
        history=tuple(Exchange(*one) for one in kept.options.get("history") or ()),
        scope=kept.options.get("scope"),
    )
