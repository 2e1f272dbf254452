"""Browsing: the newest articles, on a topic or at all, and the publishers with how much there is of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from retrieval.archive.archive import Archive
from retrieval.archive.standing import IS_SHOWN
from retrieval.archive.tables import articles
from retrieval.articles import Article, CopyOf, Precision
from retrieval.index.ledger import Admission
from retrieval.passages import Published, Query
from retrieval.search.retriever import Retriever
from retrieval.search.topics import on_topic
from retrieval.worker import Lane, Worker

# The newest on a topic are looked for in the last days first, then ever further back: among thousands of articles on
# an election the best sixty hits are not the newest.
_WINDOWS_DAYS = (2, 14, 90, None)
_HITS = 60
# Of so many times the articles wanted, copies of one story are dropped.
_SPARE = 3
_UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher as the index knows it.

    Attributes:
        name: None for all articles that name no publisher.
        articles: how many of its articles are shown, at least one.
        newest: when the newest of them was published; None if none has a date.
    """

    name: str | None
    articles: int
    newest: Published | None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest articles.

    Attributes:
        articles: newest first, of copies of one story only the newest.
        copies: article id -> its copies, oldest first; an article without copies has no key.
        more: further articles that were found, copies of these left out.
        has_older: whether nobody looked further back, where there may be more still.
    """

    articles: tuple[Article, ...]
    copies: Mapping[str, tuple[CopyOf, ...]] = field(default_factory=dict)
    more: int = 0
    has_older: bool = False


class Browser:
    """Lists what the index holds. Uses what it is given and closes nothing; safe from any task."""

    def __init__(self, archive: Archive, retriever: Retriever, worker: Worker) -> None:
        """Wire it: the archive is read on the worker, the retriever finds what is about a topic."""
        self._archive = archive
        self._retriever = retriever
        self._worker = worker

    async def publishers(self, *, known_by: datetime, scope: str | None) -> tuple[Publisher, ...]:
        """List the publishers, those with most articles first, the same number by name.

        Args:
            known_by: articles published later are not counted.
            scope: whose private feeds are seen beside the public ones; None sees the public ones only.

        Raises:
            QueueFull, ArchiveUnreadable.
        """
        return await self._worker.run(Lane.QUESTION, self._publishers, Admission(known_by, scope=scope))

    async def newest(self, *, known_by: datetime, scope: str | None, limit: int) -> Newest:
        """List the newest articles that have a date.

        Args:
            known_by: articles published later are left out.
            scope: as for `publishers`.
            limit: articles wanted, >= 1.

        Raises:
            QueueFull, ArchiveUnreadable.
        """
        return await self._worker.run(Lane.QUESTION, self._newest, Admission(known_by, scope=scope), limit)

    async def newest_about(self, topic: str, *, known_by: datetime, scope: str | None, limit: int) -> Newest:
        """List the newest articles on a topic: those whose headline and opening are about it.

        Articles without a date come last, and only where there are not enough others.

        Args:
            topic: in words.
            known_by: articles published later are left out.
            scope: as for `publishers`.
            limit: articles wanted, >= 1.

        Raises:
            QueueFull, ArchiveUnreadable, VectorStoreUnavailable.
        """
        for days in _WINDOWS_DAYS:
            since = None if days is None else known_by - timedelta(days=days)
            query = Query(topic, known_by=known_by, since=since, limit=_HITS, freshness=1.0, scope=scope)
            findings = await self._retriever.retrieve(query)
            found = {hit.article.id: hit.article for hit in on_topic(findings)}
            kept = without_copies(_newest_first(found.values()), findings.copies)
            if len(kept) >= limit or days is None:
                shown, is_full = kept[:limit], len(findings.hits) == _HITS
                copies = {one.id: findings.copies[one.id] for one in shown if one.id in findings.copies}
                return Newest(tuple(shown), copies, len(kept) - len(shown), has_older=days is not None or is_full)
        raise AssertionError("the last window has no beginning")

    def _publishers(self, admission: Admission) -> tuple[Publisher, ...]:
        admitted = (*IS_SHOWN, *admission.conditions())
        # The newest article of each, for its date and for how its publisher writes its name now.
        order = func.row_number().over(
            partition_by=articles.c.source_folded, order_by=(articles.c.published_at.desc(), articles.c.id)
        )
        of_each = func.count().over(partition_by=articles.c.source_folded)
        ranked = (
            select(
                articles.c.source,
                articles.c.published_at,
                articles.c.published_precision,
                of_each.label("articles"),
                order.label("place"),
            )
            .where(*admitted)
            .subquery()
        )
        with self._archive.reading() as connection:
            rows = connection.execute(select(ranked).where(ranked.c.place == 1)).all()
        found = []
        for row in rows:
            dated = row.published_at is not None
            newest = Published(row.published_at, Precision(row.published_precision)) if dated else None
            found.append(Publisher(row.source, row.articles, newest))
        return tuple(sorted(found, key=lambda one: (-one.articles, (one.name or "").casefold())))

    def _newest(self, admission: Admission, limit: int) -> Newest:
        dated = (articles.c.published_at.is_not(None), *IS_SHOWN, *admission.conditions())
        wanted = select(articles.c.id, articles.c.version).where(*dated)
        wanted = wanted.order_by(articles.c.published_at.desc(), articles.c.id).limit(_SPARE * limit)
        with self._archive.reading() as connection:
            keys = [(row.id, row.version) for row in connection.execute(wanted)]
            total = connection.scalar(select(func.count()).select_from(articles).where(*dated)) or 0
        stored = self._archive.read_many(keys)
        found = [stored[key] for key in keys if key in stored]
        copies = self._archive.copies([one.id for one in found], known_by=admission.known_by, scope=admission.scope)
        kept = without_copies(found, copies)
        shown = kept[:limit]
        named = {one.id: copies[one.id] for one in shown if one.id in copies}
        return Newest(tuple(shown), named, total - len(shown) - (len(found) - len(kept)))


def without_copies(found: Sequence[Article], copies: Mapping[str, Sequence[CopyOf]]) -> list[Article]:
    """Keep of articles that are copies of one another the first, in the order given."""
    kept: list[Article] = []
    dropped: set[str] = set()
    for article in found:
        if article.id not in dropped:
            kept.append(article)
            dropped.update(copy.article_id for copy in copies.get(article.id, ()))
    return kept


def _newest_first(found: Iterable[Article]) -> list[Article]:
    return sorted(found, key=lambda one: (one.published_at or _UNDATED, one.id), reverse=True)
