"""Questions in flight: admitted, put in line, counted until their task has ended, cut short when the process stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import convoy
import pytest

from bot.answering.answers import Answer
from bot.answering.errors import AnswerTimedOut
from bot.answering.questions import Question
from bot.cogs.in_flight import AskingLimits, QuestionsInFlight
from bot.metrics import Metrics
from bot.rendering.asking_problems import CoolingDown, LineFull, ShuttingDown
from retrieval.errors import QueueFull

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


class Asker:
    """A message of somebody, as far as `admit` looks at it."""

    def __init__(self, user_id: int, guild_id: int | None = 7) -> None:
        self.author = SimpleNamespace(id=user_id)
        self.guild = None if guild_id is None else SimpleNamespace(id=guild_id)
        self.channel = object()


def limited(chain: SlowChain, **limits: int) -> tuple[QuestionsInFlight, Metrics]:
    metrics = Metrics()
    return QuestionsInFlight(chain, AskingLimits(**limits), metrics=metrics), metrics


async def ask(questions: QuestionsInFlight, asker: Any) -> Any:
    """Ask as a cog does: admit, acknowledge, answer."""
    asked = questions.admit(asker)
    await asyncio.sleep(0)
    return await questions.answer(QUESTION, asked)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_are_answered_at_once_and_the_others_in_their_order() -> None:
    began, may_end = list[str](), asyncio.Event()

    async def chain(question: Question) -> Answer:
        began.append(question.text)
        await may_end.wait()
        return convoy.convoy_answer(question.text)

    metrics = Metrics()
    questions = QuestionsInFlight(chain, AskingLimits(at_once=2), metrics=metrics)
    tasks = [asyncio.create_task(questions.answer(Question(word, convoy.ASKED_AT))) for word in "abcd"]
    await settle()
    first, waiting = list(began), metrics.registry.get_sample_value("dateline_questions_waiting")
    may_end.set()
    await asyncio.gather(*tasks)

    assert first == ["a", "b"]
    assert waiting == 2
    assert began == ["a", "b", "c", "d"]


async def test_one_more_than_may_be_in_flight_is_refused_before_it_is_acknowledged_even_all_at_once() -> None:
    chain = SlowChain()
    questions, metrics = limited(chain, most=3)
    tasks = [asyncio.create_task(ask(questions, Asker(n))) for n in range(5)]
    await settle()
    chain.may_answer.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(one) for one in ended] == [Answer, Answer, Answer, LineFull, LineFull]
    assert metrics.registry.get_sample_value("dateline_refusals_total", {"reason": "LineFull"}) == 2


async def test_one_person_who_asks_too_much_is_refused_and_others_are_not() -> None:
    chain = SlowChain()
    chain.may_answer.set()
    questions, metrics = limited(chain, per_minute=2)
    ended = await asyncio.gather(
        *(asyncio.create_task(ask(questions, Asker(user))) for user in (1, 1, 1, 2)), return_exceptions=True
    )

    assert [type(one) for one in ended] == [Answer, Answer, CoolingDown, Answer]
    assert metrics.registry.get_sample_value("dateline_refusals_total", {"reason": "CoolingDown"}) == 1
    labels = {"surface": "guild", "outcome": "answered"}
    assert metrics.registry.get_sample_value("dateline_questions_total", labels) == 3


async def test_while_it_finishes_nobody_else_is_admitted_and_those_admitted_are_waited_for() -> None:
    chain = SlowChain()
    questions, _ = limited(chain)
    asking = asyncio.create_task(ask(questions, Asker(1)))
    await asyncio.sleep(0)
    finishing = asyncio.create_task(questions.finish(60.0))
    await settle()
    with pytest.raises(ShuttingDown):
        questions.admit(Asker(2))  # type: ignore[arg-type]
    chain.may_answer.set()
    await finishing

    assert isinstance(asking.result(), Answer)


async def test_what_fails_is_counted_apart_from_what_is_refused() -> None:
    metrics, failures = Metrics(), [ZeroDivisionError(), QueueFull(64)]

    async def chain(question: Question) -> Answer:
        raise failures.pop(0)

    questions = QuestionsInFlight(chain, AskingLimits(), metrics=metrics)
    await asyncio.gather(*(asyncio.create_task(ask(questions, Asker(1))) for _ in range(2)), return_exceptions=True)

    def told(outcome: str) -> float | None:
        labels = {"surface": "guild", "outcome": outcome}
        return metrics.registry.get_sample_value("dateline_questions_total", labels)

    assert (told("failed"), told("refused")) == (1, 1)


async def test_whoever_waits_in_line_for_too_long_is_told_so_while_they_can_be() -> None:
    chain, metrics = SlowChain(), Metrics()
    questions = QuestionsInFlight(chain, AskingLimits(at_once=1), metrics=metrics, longest_in_line_s=0.0)
    first = asyncio.create_task(questions.answer(QUESTION))
    await chain.began.wait()

    with pytest.raises(AnswerTimedOut):
        await asyncio.create_task(questions.answer(QUESTION))
    chain.may_answer.set()

    assert isinstance(await first, Answer)


async def test_a_second_finish_waits_for_nobody() -> None:
    questions = QuestionsInFlight(SlowChain(), AskingLimits())
    task = asyncio.create_task(asyncio.sleep(60))

    async def ask_and_hang() -> None:
        with suppress(ShuttingDown):
            await questions.answer(QUESTION)
        await task

    hanging = asyncio.create_task(ask_and_hang())
    await settle()
    questions._cut_short.set()
    await asyncio.wait_for(questions.finish(60.0), 5)

    assert not hanging.done()
    task.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
