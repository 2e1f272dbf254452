"""The ledger: which passages exist, what the vector store has yet to take or drop, and what is yet unread of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select

from retrieval.archive.batches import batched
from retrieval.archive.scopes import PUBLIC, place_of, seen_by
from retrieval.archive.tables import (
    UtcDateTime,
    articles,
    passages,
    pending_sentences,
    pending_vectors,
    sentences,
    versions,
)
from retrieval.passages import Passage, Query

_UTC = UtcDateTime()


class Pending(NamedTuple):
    """A passage that waits for its vector or for its sentences to be read, with what is needed for that."""

    id: str
    title: str
    text: str
    language: str


class PassageRow(NamedTuple):
    """Where a passage stands."""

    id: str
    article_id: str
    version: str
    start: int
    end: int


class Replaced(NamedTuple):
    """What replacing an article's passages came to: the numbers of the old ones and the new ones, and its scope."""

    old: list[int]
    new: list[int]
    scope: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Which articles a query may find: of those that its scope sees, by publication date and publisher."""

    known_by: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    scope: str | None = None

    @staticmethod
    def of(query: Query) -> Admission:
        """Take the limits of a query."""
        sources = tuple(s.casefold() for s in query.sources)
        return Admission(query.known_by, query.since, query.until, sources, query.scope)

    @property
    def is_limited(self) -> bool:
        """Whether an article that its scope sees can fail to be admitted."""
        return bool(self.known_by or self.since or self.until or self.sources)

    def where_newest(self, newest_at: datetime | None) -> Admission:
        """Leave out the limit that no article of an index can fail: to be published by now, as mostly they all are.

        Args:
            newest_at: the newest publication date in the index; None if no article is dated.
        """
        all_known = self.known_by is not None and (newest_at is None or newest_at <= self.known_by)
        return replace(self, known_by=None) if all_known else self

    def as_sql(self) -> tuple[list[str], dict[str, Any]]:
        """Write the limits as portable SQL conditions on the table `articles`, with their parameters.

        All but the scope: each place of the keyword index holds the passages of one scope alone.
        """
        clauses: list[str] = []
        parameters: dict[str, Any] = {}
        if self.known_by is not None:
            clauses.append("(articles.published_at IS NULL OR articles.published_at <= :known_by)")
            parameters["known_by"] = _database_moment(self.known_by)
        if self.since is not None:
            clauses.append("articles.published_at >= :since")
            parameters["since"] = _database_moment(self.since)
        if self.until is not None:
            clauses.append("articles.published_at <= :until")
            parameters["until"] = _database_moment(self.until)
        if self.sources:
            names = {f"source_{n}": source for n, source in enumerate(self.sources)}
            clauses.append(f"articles.source_folded IN ({', '.join(':' + name for name in names)})")
            parameters.update(names)
        return clauses, parameters

    def conditions(self) -> list[Any]:
        """Give the limits as SQLAlchemy conditions, first of all the scope."""
        found: list[Any] = [seen_by(self.scope)]
        if self.known_by is not None:
            found.append(articles.c.published_at.is_(None) | (articles.c.published_at <= self.known_by))
        if self.since is not None:
            found.append(articles.c.published_at >= self.since)
        if self.until is not None:
            found.append(articles.c.published_at <= self.until)
        if self.sources:
            found.append(articles.c.source_folded.in_(self.sources))
        return found


# Written once: they are asked for every article that is taken in.
_SCOPE = select(articles.c.scope).where(articles.c.id == bindparam("article_id"))
_PASSAGES = select(passages.c.number, passages.c.id).where(passages.c.article_id == bindparam("article_id"))


class Ledger:
    """Reads and writes the passage tables. Stateless: lives in the archive's database."""

    def replace(self, connection: Connection, article_id: str, new: Sequence[Passage]) -> Replaced:
        """Make `new` the passages of a stored article, in the caller's transaction.

        The old ones are noted for dropping from the vector store; the new ones for adding to it, and as unread.
        """
        scope: str | None = connection.scalar(_SCOPE, {"article_id": article_id})
        old = connection.execute(_PASSAGES, {"article_id": article_id}).all()
        if old:
            self.settle_unread(connection, [row.id for row in old])
            connection.execute(delete(passages).where(passages.c.article_id == article_id))
            for batch in batched([row.id for row in old]):
                connection.execute(delete(sentences).where(sentences.c.passage_id.in_(batch)))
            self.note(connection, [row.id for row in old], "drop", place_of(scope))
        numbers = []
        for passage in new:
            inserted = connection.execute(
                insert(passages).values(
                    id=passage.id,
                    article_id=passage.article_id,
                    version=passage.version,
                    start_char=passage.start,
                    end_char=passage.end,
                )
            )
            numbers.append(int(inserted.inserted_primary_key[0]))  # type: ignore[index]  # an insert has a key
        self.note(connection, [passage.id for passage in new], "add")
        if numbers:
            connection.execute(insert(pending_sentences), [{"number": number} for number in numbers])
        return Replaced([row.number for row in old], numbers, scope)

    def note(self, connection: Connection, ids: Iterable[str], operation: str, place: str = PUBLIC) -> None:
        """Note that the vector store has to "add" or "drop" these passages; a later note replaces an earlier one.

        `place` tells where they are to be dropped; where they are added their articles tell.
        """
        for batch in batched(ids):
            connection.execute(delete(pending_vectors).where(pending_vectors.c.passage_id.in_(batch)))
            rows = [{"passage_id": one, "operation": operation, "place": place} for one in batch]
            connection.execute(insert(pending_vectors), rows)

    def settle(self, connection: Connection, ids: Iterable[str], operation: str) -> None:
        """Strike out the notes to "add" or "drop" these passages: the vector store has done so.

        A note that meanwhile says the opposite stays.
        """
        for batch in batched(ids):
            connection.execute(
                delete(pending_vectors).where(
                    pending_vectors.c.passage_id.in_(batch), pending_vectors.c.operation == operation
                )
            )

    def to_drop(self, connection: Connection, limit: int) -> list[tuple[str, str]]:
        """List up to `limit` (passage id, its place) that the vector store has to drop."""
        noted = select(pending_vectors.c.passage_id, pending_vectors.c.place)
        rows = connection.execute(noted.where(pending_vectors.c.operation == "drop").limit(limit))
        return [(row.passage_id, row.place) for row in rows]

    def to_add(self, connection: Connection, limit: int) -> list[Pending]:
        """List up to `limit` passages that the vector store has to take, in the order in which they were made."""
        noted = select(pending_vectors.c.passage_id).where(pending_vectors.c.operation == "add")
        return _read(connection, passages.c.id.in_(noted), limit)

    def present(self, connection: Connection, ids: Iterable[str]) -> set[str]:
        """Tell which of the passages exist, whoever sees them."""
        found: set[str] = set()
        for batch in batched(ids):
            found.update(connection.scalars(select(passages.c.id).where(passages.c.id.in_(batch))))
        return found

    def scopes_of(self, connection: Connection, ids: Iterable[str]) -> dict[str, str | None]:
        """Read who sees the passages: id -> scope; unknown ones have no key."""
        found: dict[str, str | None] = {}
        for batch in batched(ids):
            wanted = select(passages.c.id, articles.c.scope).join(articles, articles.c.id == passages.c.article_id)
            found.update((row.id, row.scope) for row in connection.execute(wanted.where(passages.c.id.in_(batch))))
        return found

    def unread(self, connection: Connection, limit: int) -> list[Pending]:
        """List up to `limit` passages whose sentences are yet to be read, in the order in which they were made."""
        noted = select(pending_sentences.c.number).order_by(pending_sentences.c.number).limit(limit)
        return _read(connection, passages.c.number.in_(noted), limit)

    def settle_unread(self, connection: Connection, ids: Iterable[str]) -> None:
        """Strike out that these passages are unread: their sentences are kept, or they are about to go."""
        for batch in batched(ids):
            numbers = select(passages.c.number).where(passages.c.id.in_(batch))
            connection.execute(delete(pending_sentences).where(pending_sentences.c.number.in_(numbers)))

    def count_unread(self, connection: Connection) -> int:
        """Count the passages whose sentences are yet to be read."""
        return connection.scalar(select(func.count()).select_from(pending_sentences)) or 0

    def count_pending(self, connection: Connection) -> int:
        """Count the passages that the vector store has yet to take or drop."""
        return connection.scalar(select(func.count()).select_from(pending_vectors)) or 0

    def ids(self, connection: Connection) -> set[str]:
        """Read the ids of all passages."""
        return set(connection.scalars(select(passages.c.id)))

    def pending_ids(self, connection: Connection) -> dict[str, str]:
        """Read every note: passage id -> "add" or "drop"."""
        rows = connection.execute(select(pending_vectors.c.passage_id, pending_vectors.c.operation))
        return {row.passage_id: row.operation for row in rows}

    def count(self, connection: Connection) -> int:
        """Count all passages."""
        return connection.scalar(select(func.count()).select_from(passages)) or 0

    def admitted(self, connection: Connection, ids: Sequence[str], admission: Admission) -> dict[str, PassageRow]:
        """Read those of the passages that exist and whose article is admitted, by id."""
        found: dict[str, PassageRow] = {}
        for batch in batched(ids):
            rows = connection.execute(
                select(passages)
                .join(articles, articles.c.id == passages.c.article_id)
                .where(passages.c.id.in_(batch), *admission.conditions())
            )
            for row in rows:
                found[row.id] = PassageRow(row.id, row.article_id, row.version, row.start_char, row.end_char)
        return found

    def share(self, connection: Connection, admission: Admission) -> float:
        """Tell which share of the articles that its scope sees is admitted, in 0..1; 0 without articles."""
        seen = select(func.count()).select_from(articles).where(seen_by(admission.scope))
        total = connection.scalar(seen) or 0
        admitted = select(func.count()).select_from(articles).where(*admission.conditions())
        return (connection.scalar(admitted) or 0) / total if total else 0.0

    def admitted_ids(self, connection: Connection, admission: Admission, *, limit: int) -> list[str]:
        """Read the ids of up to `limit` passages whose article is admitted, in no order."""
        return list(
            connection.scalars(
                select(passages.c.id)
                .join(articles, articles.c.id == passages.c.article_id)
                .where(*admission.conditions())
                .limit(limit)
            )
        )

    def clear(self, connection: Connection) -> None:
        """Forget all passages and notes, in the caller's transaction."""
        connection.execute(delete(passages))
        connection.execute(delete(sentences))
        connection.execute(delete(pending_vectors))
        connection.execute(delete(pending_sentences))


def _database_moment(moment: datetime) -> str:
    """Write a moment as SQLAlchemy stores it in SQLite, for conditions in raw SQL."""
    naive = _UTC.process_bind_param(moment, None)  # type: ignore[arg-type]  # the dialect is not used
    assert naive is not None
    return naive.isoformat(sep=" ", timespec="microseconds")


def _read(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[Pending]:
    """Read the first passages, by number, that meet a condition."""
    rows = connection.execute(
        select(
            passages.c.id,
            versions.c.title,
            # SQL's substr counts characters from 1.
            func.substr(versions.c.text, passages.c.start_char + 1, passages.c.end_char - passages.c.start_char),
            versions.c.language,
        )
        .join(versions, (versions.c.article_id == passages.c.article_id) & (versions.c.version == passages.c.version))
        .where(condition)
        .order_by(passages.c.number)
        .limit(limit)
    )
    return [Pending(*row) for row in rows]
