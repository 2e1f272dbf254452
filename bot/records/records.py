"""The records of a home: opened as one, with an object for each concern."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.records.answers import KeptAnswers
from bot.records.conversations import Conversations
from bot.records.erasing import Erasing
from bot.records.feedback import Feedback
from bot.records.forgotten import JustForgotten
from bot.records.guilds import Guilds
from bot.records.pending import PendingQuestions
from bot.records.people import People
from bot.records.quotas import Quotas
from bot.records.store import Store, open_store


class Records:
    """What people leave with us. Owned and closed by `open_records`.

    Attributes:
        answers: what the buttons of cards need.
        conversations: what follow-ups are understood from.
        feedback: what people thought of answers.
        pending: questions that are being answered.
        guilds: what servers' managers have set.
        quotas: what was used of budgets.
        people: what somebody left, to be handed over or erased.
        erasing: what rests on articles that are forgotten.
        store: the database of all these, for backups.
        keep_days: how long answers are kept.
        conversation_minutes: how long exchanges are.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime], keep_days: int, conversation_minutes: int) -> None:
        """Wire it; see `open_records`."""
        self.keep_days, self.conversation_minutes = keep_days, conversation_minutes
        just = JustForgotten()
        self.answers = KeptAnswers(store, just, now=now, keep_days=keep_days)
        self.conversations = Conversations(store, just, now=now, minutes=conversation_minutes)
        self.feedback = Feedback(store)
        self.pending = PendingQuestions(store, now=now)
        self.guilds = Guilds(store)
        self.quotas = Quotas(store, now=now)
        self.people = People(store, just, now=now)
        self.erasing = Erasing(store, just, now=now)
        self.store = store

    async def expire(self) -> int:
        """Delete what has been kept long enough, from the file and its log; how many records."""
        kinds = (self.answers, self.conversations, self.pending, self.quotas)
        deleted = sum([await one.expire() for one in kinds])
        # It also holds what was struck, deleted and overwritten since the last time.
        await self.store.empty_log()
        return deleted


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
        yield Records(store, now=now, keep_days=keep_days, conversation_minutes=conversation_minutes)
