"""Other ids of an article: every id under which it ever came leads to the one under which it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from retrieval.archive.batches import batched
from retrieval.archive.scopes import is_of
from retrieval.archive.tables import aliases, articles, versions


class AliasKind(StrEnum):
    """Why two ids are one article."""

    ID = "id"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Known:
    """What tells whether an article that comes is the one that is kept.

    Attributes:
        id: under which it is kept.
        version: its current one.
        story: see `retrieval.archive.stories.story_of`; None only for rows that no one named.
        source: its publisher, or None.
        url: its address, or None.
        published_at: when it was published, or None.
        is_excerpt: whether only an excerpt of it is kept.
        updated_at: when its publisher made this version, or None.
        is_withdrawn: whether its publisher took it back.
        is_held: whether it may not be shown yet.
        scope: who sees it; None is everybody.
    """

    id: str
    version: str
    story: str | None
    source: str | None
    url: str | None
    published_at: datetime | None
    is_excerpt: bool
    updated_at: datetime | None
    is_withdrawn: bool
    is_held: bool
    scope: str | None = None


class AliasLedger:
    """Reads and writes aliases, always in the caller's transaction. Stateless."""

    def resolve(self, connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, AliasKind]]:
        """Look up which of the ids are aliases: alias -> the id it leads to, and why."""
        found: dict[str, tuple[str, AliasKind]] = {}
        for batch in batched(ids):
            rows = connection.execute(select(aliases).where(aliases.c.alias.in_(batch)))
            found.update((row.alias, (row.article_id, AliasKind(row.kind))) for row in rows)
        return found

    def kept_id(self, connection: Connection, article_id: str) -> str:
        """Give the id under which the archive keeps an article that may be named by an alias; else the same id."""
        led = self.resolve(connection, [article_id]).get(article_id)
        return article_id if led is None else led[0]

    def known(self, connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
        """Read what is known of the articles kept under these ids; unknown ones have no key."""
        found: dict[str, Known] = {}
        for batch in batched(ids):
            found.update(_read(connection, articles.c.id.in_(batch)))
        return found

    def telling(
        self, connection: Connection, stories: Iterable[str], scope: str | None = None
    ) -> dict[str, list[Known]]:
        """Find the articles of a scope that tell these stories: story -> articles, oldest first; a new one has no key.

        Two scopes never share an article, however equal the stories.
        """
        found: dict[str, list[Known]] = {}
        for batch in batched(stories):
            for one in _read(connection, and_(articles.c.story.in_(batch), is_of(scope))).values():
                assert one.story is not None
                found.setdefault(one.story, []).append(one)
        return found

    def holds(self, connection: Connection, article_id: str, version: str) -> bool:
        """Whether the archive has this version of the article, be it the current one or not."""
        wanted = select(versions.c.version).where(versions.c.article_id == article_id, versions.c.version == version)
        return connection.execute(wanted).first() is not None

    def add(self, connection: Connection, leading: Mapping[str, tuple[str, AliasKind]]) -> None:
        """Let each alias lead to an id that the archive keeps; where it led before is forgotten."""
        for batch in batched(leading):
            connection.execute(delete(aliases).where(aliases.c.alias.in_(batch)))
            rows = [{"alias": one, "article_id": leading[one][0], "kind": leading[one][1]} for one in batch]
            connection.execute(insert(aliases), rows)

    def remove(self, connection: Connection, gone: Sequence[str]) -> None:
        """Let these aliases lead nowhere any more."""
        for batch in batched(gone):
            connection.execute(delete(aliases).where(aliases.c.alias.in_(batch)))


def _read(connection: Connection, which: ColumnElement[bool]) -> dict[str, Known]:
    is_current = (versions.c.article_id == articles.c.id) & (versions.c.version == articles.c.version)
    rows = connection.execute(
        select(
            articles.c.id,
            articles.c.version,
            articles.c.story,
            articles.c.source,
            articles.c.published_at,
            articles.c.withdrawn_at,
            articles.c.held_until,
            articles.c.scope,
            versions.c.url,
            versions.c.is_excerpt,
            versions.c.updated_at,
        )
        .join(versions, is_current)
        .where(which)
        .order_by(articles.c.added_at, articles.c.id)
    )
    return {
        row.id: Known(
            row.id,
            row.version,
            row.story,
            row.source,
            row.url,
            row.published_at,
            row.is_excerpt,
            row.updated_at,
            row.withdrawn_at is not None,
            row.held_until is not None,
            row.scope,
        )
        for row in rows
    }
