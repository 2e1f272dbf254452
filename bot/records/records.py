"""The records of a home: opened as one, with an object for each concern."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.records.answers import KeptAnswers
from bot.records.conversations import Conversations
from bot.records.feedback import Feedback
from bot.records.store import open_store


@dataclass(frozen=True, slots=True)
class Records:
    """What people leave with us. Owned and closed by `open_records`.

    Attributes:
        answers: what the buttons of cards need.
        conversations: what follow-ups are understood from.
        feedback: what people thought of answers.
    """

    answers: KeptAnswers
    conversations: Conversations
    feedback: Feedback


@asynccontextmanager
async def open_records(
    home: Path, *, now: Callable[[], datetime], keep_days: int, conversation_minutes: int
) -> AsyncIterator[Records]:
    """Open the records in a home that this process holds; closed on leaving, when nobody may use them any more.

    Args:
        home: an existing folder.
        now: the clock, aware UTC.
        keep_days: how long answers are kept for their buttons, >= 1.
        conversation_minutes: how long an exchange is remembered, >= 1.

    Raises:
        ArchiveTooNew: a later Dateline wrote them.
        ArchiveUnreadable: the file is damaged, full or not writable.
    """
    async with open_store(home) as store:
        yield Records(
            answers=KeptAnswers(store, now=now, keep_days=keep_days),
            conversations=Conversations(store, now=now, minutes=conversation_minutes),
            feedback=Feedback(store),
        )
