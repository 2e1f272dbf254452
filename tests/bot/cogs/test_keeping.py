"""Questions are kept from their acceptance until their answer is sent, or for the next process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from bot.answering.questions import Exchange, Question
from bot.cogs.keeping import Keeping, pending_of, question_of
from bot.records.pending import PendingQuestions
from bot.records.records import open_records
from bot.rendering.asking_problems import AnswerPostponed, ShuttingDown

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
QUESTION = Question(
    "What weapons?",
    NOW,
    id="5",
    since=datetime(2020, 1, 1, tzinfo=UTC),
    sources=("Sirte Coast Wire",),
    history=(Exchange("Who left?", "Wagner fighters."),),
    scope="guild:7",
)
MESSAGE: Any = SimpleNamespace(
    id=5, author=SimpleNamespace(id=1), channel=SimpleNamespace(id=3), guild=SimpleNamespace(id=7)
)


def made() -> asyncio.Future[Question]:
    future: asyncio.Future[Question] = asyncio.get_running_loop().create_future()
    future.set_result(QUESTION)
    return future


@pytest_asyncio.fixture
async def pending(tmp_path: Path) -> AsyncIterator[PendingQuestions]:
    async with open_records(tmp_path, now=lambda: NOW, keep_days=1, conversation_minutes=1) as records:
        yield records.pending


async def test_a_question_is_kept_while_it_is_answered_and_struck_once_its_answer_is_sent(
    pending: PendingQuestions,
) -> None:
    keeping, began, may_end = Keeping(pending), asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        async with keeping.kept(MESSAGE, made()):
            await asyncio.sleep(0)  # as long as the acknowledgement takes, beside which it is written
            began.set()
            await may_end.wait()

    answering = asyncio.create_task(answer())
    await began.wait()
    during = await keeping.unfinished()
    may_end.set()
    await answering

    assert [kept.question for _, kept in during] == ["What weapons?"]
    assert await keeping.unfinished() == []


async def test_a_question_that_fails_is_struck_since_its_asker_is_told(pending: PendingQuestions) -> None:
    keeping = Keeping(pending)
    with pytest.raises(ZeroDivisionError):
        async with keeping.kept(MESSAGE, made()):
            raise ZeroDivisionError

    assert await keeping.unfinished() == []


async def test_a_question_that_the_stop_cuts_short_is_kept_for_the_next_process(pending: PendingQuestions) -> None:
    keeping = Keeping(pending)
    with pytest.raises(AnswerPostponed):
        async with keeping.kept(MESSAGE, made()):
            raise ShuttingDown

    ((number, kept),) = await keeping.unfinished()
    assert question_of(kept) == QUESTION
    await keeping.strike(number)
    assert await keeping.unfinished() == []


async def test_a_task_that_is_cancelled_leaves_its_question_for_the_next_process(pending: PendingQuestions) -> None:
    keeping, began = Keeping(pending), asyncio.Event()

    async def answer() -> None:
        async with keeping.kept(MESSAGE, made()):
            await asyncio.sleep(0)
            began.set()
            await asyncio.Event().wait()

    answering = asyncio.create_task(answer())
    await began.wait()
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    left = await keeping.unfinished()

    assert [kept.question for _, kept in left] == ["What weapons?"]


async def test_records_that_cannot_be_written_cost_the_keeping_and_not_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full:
        async def accept(self, question: object) -> int:
            raise OSError("the disk is full")

        unfinished = accept

    keeping, answered = Keeping(Full()), False  # type: ignore[arg-type]
    async with keeping.kept(MESSAGE, made()):
        answered = True
    with pytest.raises(ShuttingDown):
        async with keeping.kept(MESSAGE, made()):
            raise ShuttingDown

    assert answered
    assert "could not be kept" in caplog.text


async def test_a_question_that_cannot_be_made_is_not_kept(pending: PendingQuestions) -> None:
    async def fail() -> Question:
        raise ZeroDivisionError

    keeping, making = Keeping(pending), asyncio.ensure_future(fail())
    with pytest.raises(ZeroDivisionError):
        async with keeping.kept(MESSAGE, making):
            await making

    assert await keeping.unfinished() == []


async def test_without_records_nothing_is_kept() -> None:
    keeping = Keeping(None)
    async with keeping.kept(MESSAGE, made()):
        pass

    assert await keeping.unfinished() == []


def test_an_interaction_is_kept_with_what_its_answer_is_sent_by_and_a_message_with_its_number() -> None:
    kept = pending_of(MESSAGE, QUESTION)

    assert (kept.message_id, kept.token, kept.user_id, kept.channel_id, kept.guild_id) == (5, None, 1, 3, 7)
    assert question_of(kept) == QUESTION
