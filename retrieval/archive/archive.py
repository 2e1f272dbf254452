"""The archive: every version of every article, kept and never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import DatabaseError

from retrieval.archive.batches import batched
from retrieval.archive.naming_copies import read_copies
from retrieval.archive.overview import read_newest, read_size, read_sources
from retrieval.archive.scopes import note_scope
from retrieval.archive.stories import story_of
from retrieval.archive.tables import aliases, articles, versions
from retrieval.articles import Article, CopyOf, Precision
from retrieval.errors import ArchiveUnreadable
from retrieval.passages import IndexSize, Published

# About 10,000 characters each; a question looks at a hundred, and the next one mostly at others of the same days.
_ARTICLES_REMEMBERED = 1_000


class Change(StrEnum):
    """What taking an article in did to the archive."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class _Remembered:
    """What was read since the archive last wrote."""

    sizes: dict[str | None, IndexSize] = field(default_factory=dict)
    sources: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    articles: dict[tuple[str, str], Article] = field(default_factory=dict)


class Archive:
    """Reads and writes articles in the archive's database. Owned and closed by `open_archive`.

    It remembers a little of what it read until it next writes, so that a question does not count everything anew: make
    one object for a home. Safe from any thread.
    """

    def __init__(self, engine: Engine) -> None:
        """Use an engine whose database has the current schema."""
        self._engine = engine
        self._remembered = _Remembered()

    @contextmanager
    def writing(self, *, changes_articles: bool = True) -> Iterator[Connection]:
        """Open one transaction: all of it is stored on leaving, or nothing if an exception leaves.

        What was read of articles is remembered if `changes_articles` is False: feeds and entries are noted often.

        Raises:
            ArchiveUnreadable: the database is damaged, full or not writable.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as problem:
            raise ArchiveUnreadable(str(self._engine.url.database), str(problem.orig)) from problem
        finally:
            if changes_articles:
                # A new one, not an emptied one: whoever began to read before this puts it where nobody looks.
                self._remembered = _Remembered()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection to read one consistent state.

        Raises:
            ArchiveUnreadable: the database is damaged or cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except DatabaseError as problem:
            raise ArchiveUnreadable(str(self._engine.url.database), str(problem.orig)) from problem

    def changes(self, connection: Connection, taken: Sequence[Article]) -> list[Change]:
        """Tell, without writing, what each of the articles would change; same order, same length."""
        current: dict[str, str] = {}
        for batch in batched([article.id for article in taken]):
            rows = connection.execute(select(articles.c.id, articles.c.version).where(articles.c.id.in_(batch)))
            current.update((row.id, row.version) for row in rows)
        changes = []
        for article in taken:
            known = current.get(article.id)
            version = article.version
            changes.append(Change.ADDED if known is None else Change.UNCHANGED if known == version else Change.UPDATED)
            current[article.id] = version
        return changes

    def put(
        self,
        connection: Connection,
        article: Article,
        change: Change,
        *,
        generation: int,
        now: datetime,
        scope: str | None = None,
    ) -> None:
        """Store an article as the current version of its id, as part of the caller's transaction.

        Args:
            connection: from `writing`.
            article: what to store; its earlier versions stay.
            change: what `changes` said; UNCHANGED stores nothing.
            generation: the index generation in which its passages are made.
            now: the time of storing, aware UTC.
            scope: who sees it; one that is there keeps its own.
        """
        if change is Change.UNCHANGED:
            return
        version = article.version
        current = {
            "version": version,
            "story": story_of(article.title, article.text),
            "withdrawn_at": None,
            "withdrawn_reason": None,
            "held_until": article.embargoed_until if article.is_embargoed(now) else None,
            "source": article.source,
            "source_folded": article.source.casefold() if article.source else None,
            "published_at": article.published_at,
            "published_precision": article.published_precision,
            "changed_at": now,
            "generation": generation,
            "copies_scheme": 0,
        }
        if change is Change.ADDED:
            connection.execute(insert(articles).values(id=article.id, added_at=now, scope=scope, **current))
            note_scope(connection, scope)
        else:
            connection.execute(update(articles).where(articles.c.id == article.id).values(**current))
        known = select(versions.c.version).where(versions.c.article_id == article.id, versions.c.version == version)
        if change is Change.ADDED or connection.execute(known).first() is None:
            connection.execute(
                insert(versions).values(
                    article_id=article.id,
                    version=version,
                    added_at=now,
                    title=article.title,
                    source=article.source,
                    url=article.url,
                    published_at=article.published_at,
                    published_precision=article.published_precision,
                    authors=list(article.authors),
                    language=article.language,
                    text=article.text,
                    is_excerpt=article.is_excerpt,
                    usage_terms=article.usage_terms,
                    updated_at=article.updated_at,
                )
            )

    def read(self, article_id: str, version: str) -> Article | None:
        """Read one stored version, or None if the archive never held it."""
        return self.read_many([(article_id, version)]).get((article_id, version))

    def current(self, article_id: str) -> Article | None:
        """Read the current version of an article by its id or an alias, or None if the archive does not know it."""
        is_current = (versions.c.article_id == articles.c.id) & (versions.c.version == articles.c.version)
        led_to = select(aliases.c.article_id).where(aliases.c.alias == article_id)
        named = or_(articles.c.id == article_id, articles.c.id.in_(led_to))
        with self.reading() as connection:
            row = connection.execute(select(versions).join(articles, is_current).where(named)).first()
        return None if row is None else _article(row)

    def read_many(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Article]:
        """Read stored versions by (article id, version); keys that the archive does not hold are left out."""
        known = self._remembered.articles
        wanted = list(dict.fromkeys(keys))
        found = {key: article for key in wanted if (article := known.get(key)) is not None}
        if unknown := [key for key in wanted if key not in found]:
            with self.reading() as connection:
                read = self.read_within(connection, unknown)
            found |= read
            if len(known) + len(read) > _ARTICLES_REMEMBERED:
                known.clear()
            if len(read) <= _ARTICLES_REMEMBERED:
                known.update(read)
        return found

    def read_within(self, connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Article]:
        """Read as `read_many` does, in the caller's transaction, so that what it has written is seen."""
        found: dict[tuple[str, str], Article] = {}
        for batch in batched(keys):
            named = tuple_(versions.c.article_id, versions.c.version).in_(batch)
            rows = connection.execute(select(versions).where(named))
            found.update(((row.article_id, row.version), _article(row)) for row in rows)
        return found

    def copies(
        self, article_ids: Iterable[str], *, known_by: datetime | None = None, scope: str | None = None
    ) -> Mapping[str, tuple[CopyOf, ...]]:
        """Name the copies of each article: what counts with it as one source.

        Args:
            article_ids: ids of articles, at most 500; unknown ones have no copies.
            known_by: leave out copies published later than this; undated ones stay.
            scope: who asks; copies that it does not see are left out, and so are those that only these link.

        Returns:
            For each article that has any, up to `MAX_COPIES` other articles of its group, oldest first, undated
            ones last, the same date by id. An article without copies has no key.
        """
        with self.reading() as connection:
            return read_copies(connection, list(dict.fromkeys(article_ids)), known_by=known_by, scope=scope)

    def history(self, article_id: str) -> list[tuple[str, datetime]]:
        """List the versions of an article with the time each was stored, oldest first; empty if unknown."""
        with self.reading() as connection:
            rows = connection.execute(
                select(versions.c.version, versions.c.added_at)
                .where(versions.c.article_id == article_id)
                .order_by(versions.c.added_at)
            )
            return [(row.version, row.added_at) for row in rows]

    def sources(self, scope: str | None = None) -> tuple[str, ...]:
        """List the publishers of the articles that a scope sees, each once, in order; slow after a change."""
        remembered = self._remembered
        if scope not in remembered.sources:
            with self.reading() as connection:
                remembered.sources[scope] = read_sources(connection, scope)
        return remembered.sources[scope]

    def size(self, scope: str | None = None) -> IndexSize:
        """Count the articles that a scope sees and their passages, and find the newest publication date."""
        remembered = self._remembered
        if scope not in remembered.sizes:
            with self.reading() as connection:
                remembered.sizes[scope] = read_size(connection, scope)
        return remembered.sizes[scope]

    def newest(self, *, known_by: datetime | None = None, scope: str | None = None) -> Published | None:
        """Find when the newest article was published that a scope sees, of those published by then; None without any.

        An article without a date is not looked at.
        """
        with self.reading() as connection:
            return read_newest(connection, scope, known_by=known_by)

    def ids(self, connection: Connection, *, below_generation: int, limit: int) -> list[tuple[str, str]]:
        """List up to `limit` (article id, current version) whose passages are of an older index generation."""
        rows = connection.execute(
            select(articles.c.id, articles.c.version)
            .where(articles.c.generation < below_generation)
            .order_by(articles.c.id)
            .limit(limit)
        )
        return [(row.id, row.version) for row in rows]

    def count(self, connection: Connection, *, below_generation: int | None = None) -> int:
        """Count current articles, or only those whose passages are of an older index generation."""
        statement = select(func.count()).select_from(articles)
        if below_generation is not None:
            statement = statement.where(articles.c.generation < below_generation)
        return connection.scalar(statement) or 0

    def mark_generation(self, connection: Connection, article_id: str, generation: int) -> None:
        """Record that an article's passages are now of this index generation."""
        connection.execute(update(articles).where(articles.c.id == article_id).values(generation=generation))


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.article_id,
        title=row.title,
        source=row.source,
        url=row.url,
        published_at=row.published_at,
        published_precision=None if row.published_precision is None else Precision(row.published_precision),
        authors=tuple(row.authors),
        language=row.language,
        text=row.text,
        is_excerpt=row.is_excerpt,
        usage_terms=row.usage_terms,
        updated_at=row.updated_at,
    )
