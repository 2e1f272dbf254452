"""What somebody asked and was answered in one place a moment ago, so that "and when?" is understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.answering.questions import Exchange
from bot.records.forgotten import JustForgotten
from bot.records.resting import RestsOn, rests_on
from bot.records.store import Store
from bot.records.tables import exchanges

# A follow-up rarely reaches further back, and what is not kept cannot leak.
_MOST_EXCHANGES = 6


class Conversations:
    """Remembers the last exchanges of each person in each place, for a set time. Owns nothing.

    A place is a channel, a thread or a direct message, by its Discord id. Nobody's exchanges are ever another one's.
    """

    def __init__(self, store: Store, just: JustForgotten, *, now: Callable[[], datetime], minutes: int) -> None:
        """Wire it; each exchange is forgotten `minutes` (>= 1) after it was said."""
        self._store = store
        self._just = just
        self._now = now
        self._kept = timedelta(minutes=minutes)

    async def add(
        self, place_id: int, user_id: int, exchange: Exchange, at: datetime, *, outcome: Mapping[str, Any] | None = None
    ) -> None:
        """Remember an exchange; of more than six in one place the oldest are deleted.

        Nothing is remembered if the person or its articles were forgotten while it was answered.

        Args:
            place_id: the channel, thread or direct message.
            user_id: who asked.
            exchange: the question and its answer in plain text.
            at: when it was asked, aware UTC.
            outcome: the answer's JSON contract, by which the exchange is found when its articles are forgotten.
        """
        await self._store.run(self._add, place_id, user_id, exchange, at, rests_on(outcome or {}))

    async def read(self, place_id: int, user_id: int, at: datetime) -> tuple[Exchange, ...]:
        """Read what is remembered of a person in a place at a moment, oldest first; at most six, maybe none."""
        return await self._store.run(_read, place_id, user_id, at - self._kept)

    async def clear(self, place_id: int, user_id: int) -> int:
        """Forget what is remembered of a person in a place; how many exchanges."""
        return await self._store.run(_clear, place_id, user_id)

    async def expire(self) -> int:
        """Delete the exchanges that were remembered long enough; how many."""
        return await self._store.run(_expire, self._now() - self._kept)

    def _add(
        self,
        connection: Connection,
        place_id: int,
        user_id: int,
        exchange: Exchange,
        at: datetime,
        resting: RestsOn,
    ) -> None:
        if self._just.covers(user_id, at):
            return
        row = {"place_id": place_id, "user_id": user_id, "said_at": at, "rests_on": resting.as_fields()}
        row |= {"question": exchange.question, "answer": exchange.answer}
        connection.execute(insert(exchanges).values(**row))
        here = (exchanges.c.place_id == place_id, exchanges.c.user_id == user_id)
        latest = select(exchanges.c.number).where(*here).order_by(exchanges.c.said_at.desc(), exchanges.c.number.desc())
        connection.execute(delete(exchanges).where(*here, exchanges.c.number.not_in(latest.limit(_MOST_EXCHANGES))))
        connection.execute(delete(exchanges).where(*here, exchanges.c.said_at < at - self._kept))


def _read(connection: Connection, place_id: int, user_id: int, since: datetime) -> tuple[Exchange, ...]:
    wanted = select(exchanges.c.question, exchanges.c.answer).where(
        exchanges.c.place_id == place_id, exchanges.c.user_id == user_id, exchanges.c.said_at >= since
    )
    rows = connection.execute(wanted.order_by(exchanges.c.said_at, exchanges.c.number))
    return tuple(Exchange(row.question, row.answer) for row in rows)


def _clear(connection: Connection, place_id: int, user_id: int) -> int:
    here = (exchanges.c.place_id == place_id, exchanges.c.user_id == user_id)
    return connection.execute(delete(exchanges).where(*here)).rowcount


def _expire(connection: Connection, since: datetime) -> int:
    return connection.execute(delete(exchanges).where(exchanges.c.said_at < since)).rowcount
