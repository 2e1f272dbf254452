"""What somebody left with us, to be handed over to them or erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from bot.records.forgotten import JustForgotten, bury_person
from bot.records.store import Store
from bot.records.tables import answers, exchanges, feedback, pending

#: Whose rows are whose: table, the column that names the person, and what an export calls its rows.
_OWNED: tuple[tuple[Table, str, str], ...] = (
    (answers, "asker_id", "answers"),
    (exchanges, "user_id", "conversations"),
    (feedback, "user_id", "feedback"),
    (pending, "user_id", "pending_questions"),
)
# With the token of an interaction anybody could write as the bot; the others are ours and tell nothing of the person.
_NOT_EXPORTED = {"token", "application_id", "interaction_id", "rests_on"}


class People:
    """Hands over and erases what one person left. Owns nothing."""

    def __init__(self, store: Store, just: JustForgotten, *, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._store = store
        self._just = just
        self._now = now

    async def export(self, user_id: int) -> dict[str, Any]:
        """Write all that is kept of somebody as JSON can hold it; what there is none of is an empty list."""
        return {"user_id": str(user_id), **await self._store.run(_export, user_id)}

    async def forget(self, user_id: int) -> int:
        """Erase all that is kept of somebody, from every byte of the file; how many records that were.

        Questions of theirs that are being answered are answered, but what comes of them is not kept. A mark that tells
        nothing of who they are keeps away what a restored backup would bring back; what they leave from now on is kept
        again.
        """
        at = self._now()
        self._just.people_at[user_id] = at
        erased = await self._store.run(_forget, user_id, at)
        await self._store.scrub()
        return erased


def _export(connection: Connection, user_id: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for table, owner, name in _OWNED:
        wanted = select(table).where(table.c[owner] == user_id).order_by(table.c.number)
        rows = connection.execute(wanted).mappings()
        told[name] = [
            {key: _plain(value) for key, value in row.items() if key not in _NOT_EXPORTED | {owner}} for row in rows
        ]
    return told


def _plain(value: Any) -> Any:
    """Write moments as text, and Discord's ids too, as Discord itself does: JavaScript would round them."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _forget(connection: Connection, user_id: int, at: datetime) -> int:
    bury_person(connection, user_id, at)
    return sum(
        connection.execute(delete(table).where(table.c[owner] == user_id)).rowcount for table, owner, _ in _OWNED
    )
