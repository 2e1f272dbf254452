"""Questions that Discord was told are being answered, so that a restart can still answer them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.records.store import Store
from bot.records.tables import pending

#: The token of an interaction lives so long; what was not answered by then cannot be answered any more.
TOKEN_LIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question whose answer somebody waits for: asked by an interaction, or by a plain message.

    Attributes:
        user_id: who waits.
        channel_id: where.
        guild_id: the server; None in direct messages and private channels.
        question: as typed.
        options: what came with it, as JSON holds it: since, until, sources, history, scope, whether it
            is private, and the language of the answer.
        accepted_at: when Discord was told, or the message came; aware UTC.
        interaction_id: None for a plain message.
        token: of the interaction; whoever has it can write as the bot, so it is in no log and no `repr`.
        application_id: of the interaction.
        message_id: the plain message; None for an interaction.
    """

    user_id: int
    channel_id: int
    guild_id: int | None
    question: str
    options: Mapping[str, Any]
    accepted_at: datetime
    interaction_id: int | None = None
    token: str | None = field(default=None, repr=False)
    application_id: int | None = None
    message_id: int | None = None


class PendingQuestions:
    """Keeps questions from their acceptance until their answer was delivered, over a restart. Owns nothing."""

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._store = store
        self._now = now

    async def accept(self, question: PendingQuestion) -> int:
        """Keep a question, before it is answered; return the number by which it is struck."""
        return await self._store.run(_accept, question)

    async def strike(self, number: int) -> None:
        """Delete a question once its answer was delivered; one that is gone already is nothing to complain about."""
        await self._store.run(_strike, number)

    async def unfinished(self) -> list[tuple[int, PendingQuestion]]:
        """List the questions that can still be answered with their numbers, the longest waiting first."""
        return await self._store.run(_unfinished, self._now() - TOKEN_LIVES)

    async def expire(self) -> int:
        """Delete the questions that can no longer be answered; how many."""
        return await self._store.run(_expire, self._now() - TOKEN_LIVES)


def _accept(connection: Connection, question: PendingQuestion) -> int:
    row = {name: getattr(question, name) for name in PendingQuestion.__slots__}
    key = connection.execute(insert(pending).values(**row | {"options": dict(question.options)})).inserted_primary_key
    assert key is not None
    return int(key[0])


def _strike(connection: Connection, number: int) -> None:
    connection.execute(delete(pending).where(pending.c.number == number))


def _unfinished(connection: Connection, since: datetime) -> list[tuple[int, PendingQuestion]]:
    wanted = select(pending).where(pending.c.accepted_at > since).order_by(pending.c.accepted_at, pending.c.number)
    return [
        (row["number"], PendingQuestion(**{name: row[name] for name in PendingQuestion.__slots__}))
        for row in connection.execute(wanted).mappings()
    ]


def _expire(connection: Connection, since: datetime) -> int:
    return connection.execute(delete(pending).where(pending.c.accepted_at <= since)).rowcount
