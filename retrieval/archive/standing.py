"""How an article stands: shown, taken back by its publisher, or held back until its embargo ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, not_, select, update

from retrieval.archive.batches import batched
from retrieval.archive.tables import articles

#: The conditions on the table `articles` under which people are shown an article. One that is not has no passages.
IS_SHOWN = (articles.c.withdrawn_at.is_(None), articles.c.held_until.is_(None))


class Standing(NamedTuple):
    """How one article stands; all None for one that people are shown."""

    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    held_until: datetime | None = None


def standing_of(connection: Connection, article_id: str) -> Standing | None:
    """Tell how an article stands, or None if the archive does not know it."""
    wanted = select(articles.c.withdrawn_at, articles.c.withdrawn_reason, articles.c.held_until)
    row = connection.execute(wanted.where(articles.c.id == article_id)).first()
    return None if row is None else Standing(*row)


def withdraw(connection: Connection, article_id: str, reason: str, now: datetime) -> bool:
    """Mark an article as taken back, as part of the caller's transaction; all its versions stay.

    The caller takes its passages out of the index.

    Returns:
        False if the archive does not know it, or if it was taken back before.
    """
    marked = connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_reason=reason)
    )
    return marked.rowcount > 0


def show_again(connection: Connection, article_ids: Sequence[str]) -> None:
    """Mark articles as shown, in the caller's transaction; the caller makes their passages."""
    for batch in batched(article_ids):
        connection.execute(
            update(articles)
            .where(articles.c.id.in_(batch))
            .values(withdrawn_at=None, withdrawn_reason=None, held_until=None)
        )


def hold(connection: Connection, article_id: str, until: datetime | None) -> None:
    """Change until when an article is held back, in the caller's transaction."""
    connection.execute(update(articles).where(articles.c.id == article_id).values(held_until=until))


def hidden(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    """Tell which of the articles nobody is shown."""
    found: set[str] = set()
    for batch in batched(article_ids):
        wanted = select(articles.c.id).where(articles.c.id.in_(batch), not_(and_(*IS_SHOWN)))
        found.update(connection.scalars(wanted))
    return found


def lift_withdrawal(connection: Connection, article_ids: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """Take back the taking back of articles, at most 500, in the caller's transaction.

    Those whose embargo still holds are marked so and wait for it, see `due`.

    Returns:
        (article id, current version) of the others that were taken back: the caller makes their passages and calls
        `show_again` in one transaction.
    """
    taken_back = (articles.c.id.in_(article_ids), articles.c.withdrawn_at.is_not(None))
    unmarked = {"withdrawn_at": None, "withdrawn_reason": None}
    connection.execute(update(articles).where(*taken_back, articles.c.held_until > now).values(**unmarked))
    rows = connection.execute(select(articles.c.id, articles.c.version).where(*taken_back))
    return [(row.id, row.version) for row in rows]


def due(connection: Connection, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """List up to `limit` (article id, current version) whose embargo has ended."""
    wanted = select(articles.c.id, articles.c.version).where(
        articles.c.held_until <= now, articles.c.withdrawn_at.is_(None)
    )
    return [(row.id, row.version) for row in connection.execute(wanted.limit(limit))]
