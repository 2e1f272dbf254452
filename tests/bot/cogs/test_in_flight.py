"""Questions in flight: counted until the task that asked has ended, and cut short when the process stops."""

from __future__ import annotations

import asyncio

import convoy
import pytest

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.cogs.in_flight import AskingLimits, QuestionsInFlight
from bot.rendering.problems import ShuttingDown

QUESTION = Question("What weapons?", convoy.ASKED_AT)


class SlowChain:
    """An answering chain that answers when told to, and notes whether it was cancelled."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self, question: Question) -> Answer:
        self.began.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return convoy.convoy_answer(question.text)


async def test_an_answer_comes_through_as_it_is() -> None:
    chain = SlowChain()
    chain.may_answer.set()

    answer = await asyncio.create_task(QuestionsInFlight(chain, AskingLimits()).answer(QUESTION))

    assert answer == convoy.convoy_answer(QUESTION.text)


async def test_what_the_chain_raises_comes_through_as_it_is() -> None:
    async def fail(question: Question) -> Answer:
        raise ZeroDivisionError(question.text)

    with pytest.raises(ZeroDivisionError, match="What weapons"):
        await asyncio.create_task(QuestionsInFlight(fail, AskingLimits()).answer(QUESTION))


async def test_a_question_is_in_flight_until_its_answer_has_been_sent() -> None:
    chain, sending = SlowChain(), asyncio.Event()
    questions = QuestionsInFlight(chain, AskingLimits())
    counts: list[int] = []

    async def ask_and_send() -> None:
        await questions.answer(QUESTION)
        counts.append(len(questions))
        await sending.wait()

    task = asyncio.create_task(ask_and_send())
    await chain.began.wait()
    counts.append(len(questions))
    chain.may_answer.set()
    finishing = asyncio.create_task(questions.finish(60.0))
    sending.set()
    await finishing

    assert task.done()
    assert counts == [1, 1]
    assert len(questions) == 0


async def test_whoever_waits_longer_than_the_grace_is_told_so_and_the_chain_is_cancelled() -> None:
    chain = SlowChain()
    questions = QuestionsInFlight(chain, AskingLimits())
    task = asyncio.create_task(questions.answer(QUESTION))
    await chain.began.wait()

    await questions.finish(0.0)

    assert isinstance(task.exception(), ShuttingDown)
    await asyncio.wait_for(chain.cancelled.wait(), 5.0)


async def test_after_the_end_every_question_is_refused() -> None:
    questions = QuestionsInFlight(SlowChain(), AskingLimits())
    await questions.finish(60.0)

    with pytest.raises(ShuttingDown):
        await asyncio.create_task(questions.answer(QUESTION))


async def test_cancelling_whoever_asks_cancels_the_chain() -> None:
    chain = SlowChain()
    task = asyncio.create_task(QuestionsInFlight(chain, AskingLimits()).answer(QUESTION))
    await chain.began.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await asyncio.wait_for(chain.cancelled.wait(), 5.0)
