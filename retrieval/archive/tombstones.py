"""Tombstones: what was forgotten on request and must not come back, by hashes that tell nothing of what it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.archive.batches import batched
from retrieval.archive.tables import tombstones


def article_key(article_id: str) -> str:
    """Hash an id under which an article came: its publisher's, one made of its address, or an alias."""
    return _key("article", article_id)


def source_key(source: str) -> str:
    """Hash a publisher's name, whatever its letter case."""
    return _key("source", source.casefold())


def story_key(story: str, source: str | None) -> str:
    """Hash what a publisher told (`retrieval.archive.stories.story_of`), so that it is known under any address."""
    return _key("story", f"{story} {(source or '').casefold()}")


def keys_of(ids: Iterable[str], source: str | None, story: str | None) -> list[str]:
    """List the keys any of whose tombstones keeps an article out.

    Args:
        ids: its id, the id made of its address, its aliases.
        source: its publisher, or None.
        story: what it tells, or None where nobody knows yet: an entry of a feed whose page was not fetched.
    """
    keys = [article_key(one) for one in ids]
    if source:
        keys.append(source_key(source))
    if story:
        keys.append(story_key(story, source))
    return keys


def bury(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """Leave a tombstone for each key, in the caller's transaction; one that is there already stays as it is."""
    for batch in batched(keys):
        rows = [{"key": key, "forgotten_at": now} for key in batch]
        connection.execute(insert(tombstones).on_conflict_do_nothing(), rows)


def buried(connection: Connection, keys: Iterable[str]) -> dict[str, datetime]:
    """Tell which of the keys have a tombstone, and since when."""
    found: dict[str, datetime] = {}
    for batch in batched(keys):
        rows = connection.execute(select(tombstones).where(tombstones.c.key.in_(batch)))
        found.update((row.key, row.forgotten_at) for row in rows)
    return found


def moment_for(connection: Connection, now: datetime) -> datetime:
    """Give a moment at or just after `now` that no other act of forgetting has: `unbury` tells acts apart by it."""
    while connection.execute(select(tombstones.c.key).where(tombstones.c.forgotten_at == now)).first() is not None:
        now += timedelta(microseconds=1)
    return now


def unbury(connection: Connection, keys: Iterable[str]) -> int:
    """Remove the tombstones that were left together with those of the keys; how many. What is gone stays gone."""
    moments = set(buried(connection, keys).values())
    if not moments:
        return 0
    return connection.execute(delete(tombstones).where(tombstones.c.forgotten_at.in_(moments))).rowcount


def all_tombstones(connection: Connection) -> Mapping[str, datetime]:
    """Read every tombstone: key -> when it was left."""
    return {row.key: row.forgotten_at for row in connection.execute(select(tombstones))}


def _key(kind: str, what: str) -> str:
    return hashlib.sha256(f"{kind}:{what}".encode()).hexdigest()
