"""The feeds of a home: where is fetched, how often, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from retrieval.archive.feed_tables import entries, entry_feeds, feeds
from retrieval.archive.tables import articles


class FeedKind(StrEnum):
    """What is fetched at the address of a feed."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


class FeedState(StrEnum):
    """Whether a feed is fetched."""

    ACTIVE = "active"
    PAUSED = "paused"
    BROKEN = "broken"
    ENDED = "ended"
    REMOVED = "removed"


#: The states in which a feed is fetched when its time has come.
FETCHED = (FeedState.ACTIVE, FeedState.BROKEN)


@dataclass(frozen=True, slots=True)
class Feed:
    """Where we fetch, and how that goes.

    Attributes:
        id: its number in the home.
        number: its number among the feeds of its scope; all that a server is told.
        url: where it is fetched now.
        kind: what is fetched there.
        title: what it calls itself, or None.
        source: the publisher's name as the operator gave it, or None.
        tags: the operator's, in order.
        scope: who sees it; None is everybody.
        state: whether it is fetched.
        state_reason: why it is not, or None.
        interval_s: the time between two fetches.
        next_at: when it is fetched next; None for never.
        etag: what its server named what it gave last, or None.
        last_modified: when its server says it changed last, in the server's words, or None.
        succeeded_at: when a fetch last succeeded, or None.
        failures: fetches that failed since.
        problem: the last of them, or None.
    """

    id: int
    number: int
    url: str
    kind: FeedKind
    title: str | None
    source: str | None
    tags: tuple[str, ...]
    scope: str | None
    state: FeedState
    state_reason: str | None
    interval_s: int
    next_at: datetime | None
    etag: str | None
    last_modified: str | None
    succeeded_at: datetime | None
    failures: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """What a feed has brought.

    Attributes:
        newest_published_at: of its articles, or None.
        entries: how many it has listed.
        recent: how many of them were first seen since a given moment.
        waiting: how many are still to be fetched, or are tried again.
        dead: how many were given up.
    """

    newest_published_at: datetime | None
    entries: int
    recent: int
    waiting: int
    dead: int


class FeedLedger:
    """Reads and writes feeds, always in the caller's transaction. Stateless."""

    def add(
        self,
        connection: Connection,
        url: str,
        *,
        kind: FeedKind,
        interval_s: int,
        now: datetime,
        title: str | None = None,
        source: str | None = None,
        tags: Sequence[str] = (),
        scope: str | None = None,
    ) -> tuple[Feed, bool]:
        """Add a feed that is due at once, or find the one at this address; one that was removed is added anew.

        A feed of another scope at this address is another feed.

        Returns:
            The feed, and whether it was not there before.
        """
        known = self.at(connection, url, scope)
        said = {"title": title, "source": source, "tags": list(tags)}
        if known is not None and known.state is not FeedState.REMOVED:
            return known, False
        fresh = {"kind": kind, "state": FeedState.ACTIVE, "interval_s": interval_s, "next_at": now, **said}
        if known is None:
            number = 1 + (connection.scalar(select(func.max(feeds.c.number)).where(_is_of(scope))) or 0)
            row = {"url": url, "given_url": url, "added_at": now, "scope": scope, "number": number}
            connection.execute(insert(feeds).values(**row, **fresh))
        else:
            unread = {"etag": None, "last_modified": None}
            self.set(connection, known.id, state_reason=None, failures=0, problem=None, **unread, **fresh)
        added = self.at(connection, url, scope)
        assert added is not None
        return added, True

    def at(self, connection: Connection, url: str, scope: str | None = None) -> Feed | None:
        """Find the feed of a scope that is fetched at an address, or was named so; None if there is none."""
        row = connection.execute(select(feeds).where(feeds.c.url == url, _is_of(scope))).first()
        named = select(feeds).where(feeds.c.given_url == url, _is_of(scope)).limit(1)
        row = row or connection.execute(named).first()
        return None if row is None else _feed(row)

    def numbered(self, connection: Connection, number: int, scope: str) -> Feed | None:
        """Read a feed of a scope by its number among those; None if there is none."""
        row = connection.execute(select(feeds).where(feeds.c.number == number, _is_of(scope))).first()
        return None if row is None else _feed(row)

    def read(self, connection: Connection, feed_id: int) -> Feed | None:
        """Read a feed by its number; None if there is none."""
        row = connection.execute(select(feeds).where(feeds.c.id == feed_id)).first()
        return None if row is None else _feed(row)

    def all(self, connection: Connection) -> list[Feed]:
        """List the feeds of all scopes that were not removed, in the order in which they were added."""
        rows = connection.execute(select(feeds).where(feeds.c.state != FeedState.REMOVED).order_by(feeds.c.id))
        return [_feed(row) for row in rows]

    def count(self, connection: Connection) -> int:
        """Count the feeds that were not removed; also in an archive of an earlier schema."""
        there = select(func.count()).select_from(feeds).where(feeds.c.state != FeedState.REMOVED)
        return connection.scalar(there) or 0

    def of_scope(self, connection: Connection, scope: str | None) -> list[Feed]:
        """List the feeds of one scope that were not removed, in the order in which they were added."""
        return [feed for feed in self.all(connection) if feed.scope == scope]

    def known_urls(self, connection: Connection) -> set[str]:
        """Read every address that a public feed has or was given, removed ones too."""
        rows = connection.execute(select(feeds.c.url, feeds.c.given_url).where(_is_of(None)))
        return {url for row in rows for url in row}

    def due(self, connection: Connection, now: datetime) -> list[Feed]:
        """List the feeds whose time has come, longest waiting first."""
        wanted = select(feeds).where(feeds.c.next_at <= now, feeds.c.state.in_(FETCHED))
        return [_feed(row) for row in connection.execute(wanted.order_by(feeds.c.next_at, feeds.c.id))]

    def next_due_at(self, connection: Connection) -> datetime | None:
        """Tell when the next feed is due; None if none ever is."""
        wanted = select(func.min(feeds.c.next_at)).where(feeds.c.state.in_(FETCHED))
        found: datetime | None = connection.scalar(wanted)
        return found

    def set(self, connection: Connection, feed_id: int, **columns: Any) -> None:
        """Write columns of one feed."""
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**columns))

    def health(self, connection: Connection, feed_id: int, *, since: datetime) -> FeedHealth:
        """Tell what a feed has brought; `recent` counts from `since` on."""
        listed = (
            select(entries.c.id, entries.c.state, entries.c.seen_at, entries.c.article_id)
            .join(entry_feeds, entry_feeds.c.entry_id == entries.c.id)
            .where(entry_feeds.c.feed_id == feed_id)
            .distinct()
            .subquery()
        )
        row = connection.execute(
            select(
                func.count(),
                func.count().filter(listed.c.seen_at >= since),
                func.count().filter(listed.c.state.in_(("new", "failed"))),
                func.count().filter(listed.c.state == "dead"),
            ).select_from(listed)
        ).one()
        newest = connection.scalar(
            select(func.max(articles.c.published_at)).join(listed, listed.c.article_id == articles.c.id)
        )
        return FeedHealth(newest, *row)


def _is_of(scope: str | None) -> ColumnElement[bool]:
    return feeds.c.scope.is_(None) if scope is None else feeds.c.scope == scope


def _feed(row: Row[Any]) -> Feed:
    return Feed(
        id=row.id,
        number=row.number,
        url=row.url,
        kind=FeedKind(row.kind),
        title=row.title,
        source=row.source,
        tags=tuple(row.tags),
        scope=row.scope,
        state=FeedState(row.state),
        state_reason=row.state_reason,
        interval_s=row.interval_s,
        next_at=row.next_at,
        etag=row.etag,
        last_modified=row.last_modified,
        succeeded_at=row.succeeded_at,
        failures=row.failures,
        problem=row.problem,
    )
