"""The questions being answered: counted, and waited for when the process stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.answering.answers import Abstention, Answer
from bot.answering.questions import Question
from bot.rendering.problems import ShuttingDown

AnswerQuestion = Callable[[Question], Awaitable[Answer | Abstention]]
"""The answering chain as the cogs see it."""

# How long people who wait in vain are being told so, in seconds, before the connection closes.
_TELLING_S = 1.0


class QuestionsInFlight:
    """Hand questions to the answering chain and know which of them still wait, until their answer has been sent.

    discord.py runs each command and each message in a task of its own; the task that asks here is the one that sends
    the answer afterwards, so a question is in flight until that task ends.

    Args:
        answer: the answering chain.
    """

    def __init__(self, answer: AnswerQuestion) -> None:
        self._answer = answer
        self._asking: set[asyncio.Task[Any]] = set()
        self._cut_short = asyncio.Event()

    def __len__(self) -> int:
        """Count the questions in flight."""
        return len(self._asking)

    async def answer(self, question: Question) -> Answer | Abstention:
        """Answer a question.

        Raises:
            ShuttingDown: `finish` was called, and its grace is over.
        """
        asking = asyncio.current_task()
        assert asking is not None
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        answering = asyncio.ensure_future(self._answer(question))
        cut_short = asyncio.ensure_future(self._cut_short.wait())
        try:
            await asyncio.wait((answering, cut_short), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise ShuttingDown
            return answering.result()
        finally:
            cut_short.cancel()
            answering.cancel()

    async def finish(self, grace_s: float) -> None:
        """Let the answers in flight be sent; whoever still waits after `grace_s` seconds is told that none will come.

        From then on every question is refused. Returns at once if no question is in flight.
        """
        if self._asking:
            await asyncio.wait(self._asking, timeout=grace_s)
        self._cut_short.set()
        if self._asking:
            await asyncio.wait(self._asking, timeout=_TELLING_S)
