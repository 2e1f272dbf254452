"""What is told of feeds and of what they listed that failed, as plain values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow, EntryState
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import Feed, FeedLedger, FeedState

Event = dict[str, Any]

#: So many entries that failed are told of, unless more are asked for.
FAILURES_LISTED = 200
_FAILED = (EntryState.DEAD, EntryState.FAILED, EntryState.REFUSED)


def read_feeds(archive: Archive, now: datetime) -> list[Event]:
    """Tell of each feed what the operator wants to know, in the order in which they were added."""
    feeds, told = FeedLedger(), []
    with archive.reading() as connection:
        for feed in feeds.all(connection):
            health = feeds.health(connection, feed.id, since=now - timedelta(days=7))
            newest = health.newest_published_at
            told.append(
                feed_facts(feed)
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


def feed_facts(feed: Feed) -> Event:
    """Tell where a feed is and how fetching it goes."""
    return {
        "id": feed.id,
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
