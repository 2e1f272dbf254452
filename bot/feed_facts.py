"""What is told of feeds and of what they listed that failed, as plain values."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow, EntryState
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import Feed, FeedLedger, FeedState
from retrieval.articles import published_text
from retrieval.intake.examining import Examined
from retrieval.news.entries import Entry, is_whole

Event = dict[str, Any]

#: So many entries that failed are told of, unless more are asked for.
FAILURES_LISTED = 200
_SHOWN_ENTRIES = 10
_FAILED = (EntryState.DEAD, EntryState.FAILED, EntryState.REFUSED)


def read_feeds(archive: Archive, now: datetime, scopes: Collection[str | None] | None = None) -> list[Event]:
    """Tell of each feed how it does, in the order in which they were added.

    Args:
        archive: where they are noted.
        now: the time, aware UTC.
        scopes: of the feeds that are told of; None tells of all, which only the operator may see.
    """
    feeds, told = FeedLedger(), []
    with archive.reading() as connection:
        for feed in feeds.all(connection):
            if scopes is not None and feed.scope not in scopes:
                continue
            health = feeds.health(connection, feed.id, since=now - timedelta(days=7))
            newest = health.newest_published_at
            told.append(
                feed_facts(feed, to_operator=scopes is None)
                | {
                    "newest_published_at": None if newest is None else newest.isoformat(),
                    "entries": health.entries,
                    "entries_per_day": round(health.recent / 7, 1),
                    "waiting": health.waiting,
                    "dead": health.dead,
                }
            )
    return told


def read_feed_names(archive: Archive, scope: str | None) -> tuple[str, ...]:
    """Name the feeds that a scope sees, for people: by publisher, else by title, else by host; each name once.

    An address may hold a key or lead into a private network, so that none is told; neither is a host that is no name
    on the public internet.
    """
    with archive.reading() as connection:
        seen = [feed for feed in FeedLedger().all(connection) if feed.scope in (None, scope)]
    names = (feed.source or feed.title or _public_host(feed.url) for feed in seen if feed.state is not FeedState.ENDED)
    return tuple(dict.fromkeys(name for name in names if name))


def _public_host(url: str) -> str | None:
    host = urlsplit(url).hostname or ""
    is_name = "." in host and not host.replace(".", "").isdigit() and ":" not in host
    return host if is_name and not host.endswith((".local", ".internal", ".lan", ".localhost")) else None


def feed_facts(feed: Feed, *, to_operator: bool = True) -> Event:
    """Tell where a feed is and how fetching it goes.

    To others than the operator its "id" is its number among those of its scope, which says nothing of any other's.
    """
    return {
        "id": feed.id if to_operator else feed.number,
        "scope": feed.scope,
        "url": feed.url,
        "kind": feed.kind.value,
        "title": feed.title,
        "source": feed.source,
        "tags": list(feed.tags),
        "state": feed.state.value,
        "state_reason": feed.state_reason,
        "interval_s": feed.interval_s,
        "next_at": None if feed.next_at is None else feed.next_at.isoformat(),
        "succeeded_at": None if feed.succeeded_at is None else feed.succeeded_at.isoformat(),
        "failures": feed.failures,
        "problem": feed.problem,
    }


def read_failures(archive: Archive, limit: int) -> Event:
    """Tell of up to `limit` entries that failed, were given up or left out, and how many there are in all."""
    entries = EntryLedger()
    with archive.reading() as connection:
        counts = entries.counts(connection)
        failed = entries.in_state(connection, _FAILED, limit=limit)
    return {"entries": [_entry_facts(entry) for entry in failed], "total": sum(counts.get(one, 0) for one in _FAILED)}


def _entry_facts(entry: EntryRow) -> Event:
    return {
        "url": entry.url,
        "title": entry.fields.get("title"),
        "feed": entry.feed_url,
        "state": entry.state.value,
        "reason": entry.reason,
        "failures": entry.failures,
    }


def told_examined(examined: Examined) -> Event:
    """Tell what would be taken from an address."""
    return {
        "url": examined.url,
        "kind": examined.kind.value,
        "title": examined.title,
        "count": len(examined.entries),
        "entries": [_told_listed(entry) for entry in examined.entries[:_SHOWN_ENTRIES]],
        "problems": [*examined.passed_over, *examined.problems],
        "others": [{"url": url, "title": title} for url, title in examined.others],
    }


def _told_listed(entry: Entry) -> Event:
    return {
        "title": entry.title,
        "url": entry.url,
        "published_at": published_text(entry.published_at, entry.published_precision),
        "takes": "the whole text from the feed" if is_whole(entry) else "the page",
    }
