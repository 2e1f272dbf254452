"""Answers as the buttons of their cards need them, kept for some days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.records.resting import without_hits
from bot.records.store import Store
from bot.records.tables import answers


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer or abstention that was shown to somebody.

    Attributes:
        asker_id: who asked.
        guild_id: the server; None in direct messages and private channels.
        channel_id: the channel or thread.
        message_id: the message that shows it; None while it is not known.
        asked_at: when, aware UTC.
        question: as typed.
        understood_as: the words by which it was answered; None where they are those typed.
        scope: what it could see, see `bot.answering.questions.Question`.
        outcome: the JSON contract of the answer (`bot.answering.contract.to_contract`); its hits are not kept.
    """

    asker_id: int
    guild_id: int | None
    channel_id: int
    message_id: int | None
    asked_at: datetime
    question: str
    understood_as: str | None
    scope: str | None
    outcome: Mapping[str, Any]


class KeptAnswers:
    """Keeps answers under numbers that no other answer ever gets. Owns nothing; `open_records` closes the store."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], keep_days: int) -> None:
        """Wire it; `keep_days` >= 1, counted from when the question was asked."""
        self._store = store
        self._now = now
        self._kept = timedelta(days=keep_days)

    async def keep(self, answer: KeptAnswer) -> int:
        """Keep an answer and return its number, which is at least 1."""
        return await self._store.run(_keep, answer)

    async def read(self, number: int) -> KeptAnswer | None:
        """Read an answer; None if it was deleted, forgotten or kept long enough, or never was."""
        return await self._store.run(_read, number, self._now() - self._kept)

    async def note_message(self, number: int, message_id: int) -> None:
        """Note which message shows an answer; nothing if the answer is gone."""
        await self._store.run(_note_message, number, message_id)

    async def delete(self, number: int) -> None:
        """Delete an answer; one that is gone already is nothing to complain about."""
        await self._store.run(_delete, number)

    async def expire(self) -> int:
        """Delete the answers that were kept long enough; how many."""
        return await self._store.run(_expire, self._now() - self._kept)


def _keep(connection: Connection, answer: KeptAnswer) -> int:
    row = {
        "asker_id": answer.asker_id,
        "guild_id": answer.guild_id,
        "channel_id": answer.channel_id,
        "message_id": answer.message_id,
        "asked_at": answer.asked_at,
        "question": answer.question,
        "understood_as": answer.understood_as,
        "scope": answer.scope,
        "outcome": without_hits(answer.outcome),
    }
    key = connection.execute(insert(answers).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _read(connection: Connection, number: int, kept_since: datetime) -> KeptAnswer | None:
    wanted = select(answers).where(answers.c.number == number, answers.c.asked_at >= kept_since)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else KeptAnswer(**{name: value for name, value in row.items() if name != "number"})


def _note_message(connection: Connection, number: int, message_id: int) -> None:
    connection.execute(update(answers).where(answers.c.number == number).values(message_id=message_id))


def _delete(connection: Connection, number: int) -> None:
    connection.execute(delete(answers).where(answers.c.number == number))


def _expire(connection: Connection, kept_since: datetime) -> int:
    return connection.execute(delete(answers).where(answers.c.asked_at < kept_since)).rowcount
