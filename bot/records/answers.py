"""Answers as the buttons of their cards need them, kept for some days."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.records.forgotten import JustForgotten
from bot.records.resting import without_hits
from bot.records.store import Store
from bot.records.tables import answers

# Of 63 that a number may have; at 10 million answers the odds of drawing one that is there are 1 to 400,000.
_NUMBER_BITS = 62


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer or abstention that was shown to somebody.

    Attributes:
        asker_id: who asked.
        guild_id: the server; None in direct messages and private channels.
        channel_id: the channel or thread.
        asked_at: when, aware UTC.
        question: as typed.
        understood_as: the words by which it was answered; None where they are those typed.
        scope: what it could see, see `bot.answering.questions.Question`.
        outcome: the JSON contract of the answer (`bot.answering.contract.to_contract`); its hits are not kept.
    """

    asker_id: int
    guild_id: int | None
    channel_id: int
    asked_at: datetime
    question: str
    understood_as: str | None
    scope: str | None
    outcome: Mapping[str, Any]


class KeptAnswers:
    """Keeps answers under numbers that no other answer ever gets. Owns nothing; `open_records` closes the store."""

    def __init__(
        self,
        store: Store,
        just: JustForgotten,
        *,
        now: Callable[[], datetime],
        keep_days: int,
        draw: Callable[[], int] = lambda: secrets.randbits(_NUMBER_BITS),
    ) -> None:
        """Wire it.

        Args:
            store: the open database.
            just: what was forgotten meanwhile.
            now: the clock.
            keep_days: how long answers are kept, >= 1, counted from when the question was asked.
            draw: draws a number >= 0 that nobody can guess.
        """
        self._store = store
        self._just = just
        self._draw = draw
        self._now = now
        self._kept = timedelta(days=keep_days)

    async def keep(self, answer: KeptAnswer) -> int:
        """Keep an answer and return its number.

        Returns:
            A number >= 1; 0, which `read` knows nothing of, if its asker or articles were forgotten while it was made.
        """
        return await self._store.run(self._keep, answer)

    async def read(self, number: int) -> KeptAnswer | None:
        """Read an answer; None if it was deleted, forgotten or kept long enough, or never was."""
        return await self._store.run(_read, number, self._now() - self._kept)

    async def delete(self, number: int) -> None:
        """Delete an answer; one that is gone already is nothing to complain about."""
        await self._store.run(_delete, number)

    async def expire(self) -> int:
        """Delete the answers that were kept long enough; how many."""
        return await self._store.run(_expire, self._now() - self._kept)

    def _keep(self, connection: Connection, answer: KeptAnswer) -> int:
        if self._just.covers(answer.asker_id, answer.asked_at):
            return 0
        number = self._draw() or 1
        while connection.scalar(select(answers.c.number).where(answers.c.number == number)) is not None:
            number = self._draw() or 1
        row = {name: getattr(answer, name) for name in KeptAnswer.__slots__}
        row["outcome"] = without_hits(answer.outcome)
        connection.execute(insert(answers).values(number=number, **row))
        return number


def _read(connection: Connection, number: int, kept_since: datetime) -> KeptAnswer | None:
    wanted = select(answers).where(answers.c.number == number, answers.c.asked_at >= kept_since)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else KeptAnswer(**{name: value for name, value in row.items() if name != "number"})


def _delete(connection: Connection, number: int) -> None:
    connection.execute(delete(answers).where(answers.c.number == number))


def _expire(connection: Connection, kept_since: datetime) -> int:
    return connection.execute(delete(answers).where(answers.c.asked_at < kept_since)).rowcount
