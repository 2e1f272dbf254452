"""What feeds list: each entry is recorded before its page is fetched, and stays until it was dealt with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from retrieval.archive.entries import CAME_WHOLE, IS_OWN, OPTED_OUT, SAID_BY, EntryRow, EntryState, Listing
from retrieval.archive.feed_ledger import FeedState
from retrieval.archive.feed_tables import entries, entry_feeds, feeds

_IDS = 500
# Among an entry's fields: what an entry without an address is called where it is listed, if no feed lists it.
_NAMED = "named"

# Instead of what a feed says of an entry: that it has deleted it. Whatever it says after that is news.
_DELETED = ""
# What a feed's new word sets: a visit that began before must not undo it.
_SAID_ANEW = ("state", "next_at", "fields", "etag", "last_modified")
_LISTED = select(entry_feeds.c.entry_id).where(entry_feeds.c.entry_id == entries.c.id)
# No feed lists it, or one that is neither paused nor removed.
_HEEDED = feeds.c.state.not_in((FeedState.PAUSED, FeedState.REMOVED))
_IS_FOLLOWED = or_(~_LISTED.exists(), _LISTED.join(feeds, feeds.c.id == entry_feeds.c.feed_id).where(_HEEDED).exists())


class EntryLedger:
    """Reads and writes entries, always in the caller's transaction. Stateless."""

    def record(self, connection: Connection, feed_id: int, listed: Sequence[Listing], now: datetime) -> int:
        """Record what a feed lists: new entries are due at once, and so are those of which it says something else.

        An entry is the one at its address, whichever feed of its scope listed it, else the one that this feed calls so,
        if it may move it. What a feed says of another site's entry never replaces what that site's own feed says.

        Returns:
            How many entries are new.
        """
        new, scope = 0, connection.scalar(select(feeds.c.scope).where(feeds.c.id == feed_id))
        for one in listed:
            key, said = _key(one.guid, one.url), _said(one)
            link = self._link(connection, feed_id, key)
            entry = self._entry_of(connection, link, one, feed_id, scope)
            if entry is None:
                new += 1
                entry_id = self._insert(connection, one, now, feed_id, scope)
            else:
                entry_id = entry.id
                # Two feeds may say different things of one entry: only what one of them says anew is news.
                is_same = link is not None and link.entry_id == entry_id
                is_anew = link is not None and is_same and link.said != said
                # The own feed's first word replaces another's; after that only what it says anew counts.
                replaces = one.is_own and (is_anew or not is_same)
                if is_anew if one.is_own == bool(entry.fields.get(IS_OWN)) else replaces:
                    self._renew(connection, entry, one, now, feed_id)
            if link is None:
                listing = {"feed_id": feed_id, "key": key, "entry_id": entry_id, "said": said}
                connection.execute(insert(entry_feeds).values(**listing))
            elif link.said != said or link.entry_id != entry_id:
                connection.execute(
                    update(entry_feeds)
                    .where(entry_feeds.c.feed_id == feed_id, entry_feeds.c.key == key)
                    .values(said=said, entry_id=entry_id)
                )
        return new

    def record_once(
        self, connection: Connection, listed: Sequence[Listing], now: datetime, *, place: str
    ) -> list[EntryRow]:
        """Record public entries that no feed lists; those known already keep what is said, and are read anew.

        They are known by their address, and those without one by their name at `place`, where they are listed.
        """
        ids = list[int]()
        for one in listed:
            if one.url is None:
                one = replace(one, fields=one.fields | {_NAMED: _key(f"{place}\0{one.guid}", None)})
            entry = self._find(connection, None, one.url, None) or self._find_named(connection, one)
            if entry is None:
                ids.append(self._insert(connection, one, now, None, None))
            else:
                # Of what has no address there is no page to read anew, so what is said now counts.
                said = entry.fields if one.url is not None else one.fields
                fields = {name: value for name, value in said.items() if name != CAME_WHOLE}
                self.set(connection, entry.id, now=now, next_at=now, fields=fields, etag=None, last_modified=None)
                ids.append(entry.id)
        return [row for start in range(0, len(ids), _IDS) for row in self.read(connection, ids[start : start + _IDS])]

    def due(self, connection: Connection, now: datetime, *, per_host: int, limit: int) -> list[EntryRow]:
        """List entries whose time has come, longest waiting first, at most `per_host` of one host."""
        place = func.row_number().over(partition_by=entries.c.host, order_by=(entries.c.next_at, entries.c.id))
        is_due = (entries.c.next_at <= now, _IS_FOLLOWED)
        ranked = select(entries.c.id, place.label("place")).where(*is_due).subquery()
        wanted = select(ranked.c.id).where(ranked.c.place <= per_host)
        return self._read(connection, entries.c.id.in_(wanted), limit=limit)

    def next_due_at(self, connection: Connection) -> datetime | None:
        """Tell when the next entry is due; None if none ever is."""
        found: datetime | None = connection.scalar(select(func.min(entries.c.next_at)).where(_IS_FOLLOWED))
        return found

    def read(self, connection: Connection, ids: Sequence[int]) -> list[EntryRow]:
        """Read entries by number, at most 500."""
        return self._read(connection, entries.c.id.in_(ids), limit=len(ids))

    def at(self, connection: Connection, url: str, scope: str | None = None) -> EntryRow | None:
        """Find the entry of a scope at a canonical address; None if there is none."""
        return next(iter(self._read(connection, and_(entries.c.url == url, _is_of(scope)), limit=1)), None)

    def named(self, connection: Connection, feed_id: int, guid: str | None, url: str | None) -> EntryRow | None:
        """Find the entry that a feed calls so, or that its scope has at this address; None if there is none."""
        if guid is None and url is None:
            return None
        link = self._link(connection, feed_id, _key(guid, url))
        scope = connection.scalar(select(feeds.c.scope).where(feeds.c.id == feed_id))
        found = self._find(connection, link, url, scope)
        return None if found is None else self.read(connection, [found.id])[0]

    def note_deleted(self, connection: Connection, feed_id: int, guid: str) -> None:
        """Note that a feed has deleted the entry that it calls so: listed again, even in the same words, it is due."""
        is_it = (entry_feeds.c.feed_id == feed_id, entry_feeds.c.key == _key(guid, None))
        connection.execute(update(entry_feeds).where(*is_it).values(said=_DELETED))

    def listed_again(self, connection: Connection, feed_id: int, listed: Sequence[Listing]) -> list[EntryRow]:
        """Find among at most 500 listings the entries that this feed had deleted, each where it was then."""
        keys = {_key(one.guid, one.url): one.url for one in listed}
        wanted = select(entry_feeds.c.key, entry_feeds.c.entry_id).where(
            entry_feeds.c.feed_id == feed_id, entry_feeds.c.key.in_(keys), entry_feeds.c.said == _DELETED
        )
        urls = {row.entry_id: keys[row.key] for row in connection.execute(wanted)}
        return [entry for entry in self.read(connection, list(urls)) if entry.url == urls[entry.id]]

    def is_kept_by_another(self, connection: Connection, article_id: str, entry_id: int) -> bool:
        """Tell whether another entry leads to the same article, which is therefore not gone with this one."""
        led = (entries.c.article_id == article_id) & (entries.c.id != entry_id)
        is_there = entries.c.state.not_in((EntryState.GONE, EntryState.REFUSED, EntryState.DEAD))
        return connection.execute(select(entries.c.id).where(led, is_there).limit(1)).first() is not None

    def in_state(self, connection: Connection, states: Sequence[EntryState], *, limit: int) -> list[EntryRow]:
        """List entries in any of the states, longest waiting first."""
        return self._read(connection, entries.c.state.in_(states), limit=limit)

    def set(self, connection: Connection, entry_id: int, *, now: datetime, **columns: Any) -> None:
        """Write columns of one entry."""
        connection.execute(update(entries).where(entries.c.id == entry_id).values(changed_at=now, **columns))

    def settle(self, connection: Connection, entry: EntryRow, *, now: datetime, **columns: Any) -> None:
        """Write what a visit came to; if a feed has said something else meanwhile, the entry stays due for that."""
        changed_at = connection.scalar(select(entries.c.changed_at).where(entries.c.id == entry.id))
        if changed_at != entry.changed_at:
            columns = {name: value for name, value in columns.items() if name not in _SAID_ANEW}
        self.set(connection, entry.id, now=now, **columns)

    def retry(
        self, connection: Connection, states: Sequence[EntryState], now: datetime, *, opted_out: bool = False
    ) -> int:
        """Make all entries in these states due at once, as if they had never failed; how many there were.

        With `opted_out` also those that were left out because their publishers wish so; what was forgotten, or kept
        long enough, stays left out.
        """
        which: ColumnElement[bool] = entries.c.state.in_(states)
        if opted_out:
            is_marked = entries.c.fields[OPTED_OUT].as_boolean()
            which = or_(which, and_(entries.c.state == EntryState.REFUSED, is_marked))
        renewed = connection.execute(
            update(entries).where(which).values(state=EntryState.FAILED, failures=0, next_at=now, changed_at=now)
        )
        return renewed.rowcount

    def counts(self, connection: Connection, scopes: Iterable[str | None] | None = None) -> dict[str, int]:
        """Count the entries in each state that any is in: those of some scopes, or (None) all."""
        counted = select(entries.c.state, func.count()).group_by(entries.c.state)
        if scopes is not None:
            counted = counted.where(or_(*map(_is_of, scopes)))
        return {state: count for state, count in connection.execute(counted)}

    def _link(self, connection: Connection, feed_id: int, key: str) -> Row[Any] | None:
        wanted = select(entry_feeds).where(entry_feeds.c.feed_id == feed_id, entry_feeds.c.key == key)
        return connection.execute(wanted).first()

    def _find(
        self, connection: Connection, link: Row[Any] | None, url: str | None, scope: str | None
    ) -> Row[Any] | None:
        if link is not None:
            found = connection.execute(select(entries).where(entries.c.id == link.entry_id)).first()
            if found is not None:
                return found
        wanted = select(entries).where(entries.c.url == url, _is_of(scope))
        return None if url is None else connection.execute(wanted).first()

    def _entry_of(
        self, connection: Connection, link: Row[Any] | None, one: Listing, feed_id: int, scope: str | None
    ) -> Row[Any] | None:
        """Find the entry that a feed means; None if it is a new one."""
        called = self._find(connection, link, None, scope)
        if called is None or one.url is None or one.url == called.url:
            return called or self._find(connection, None, one.url, scope)
        at_address = self._find(connection, None, one.url, scope)
        if at_address is not None:
            return at_address
        # A feed that could move another site's entry to a page of its own could take that site's article back there.
        is_own = bool(called.fields.get(IS_OWN))
        moves = one.is_own and called.fields.get(SAID_BY) == feed_id if is_own else _host(one.url) == called.host
        return called if moves or called.url is None else None

    def _find_named(self, connection: Connection, one: Listing) -> Row[Any] | None:
        is_it = (entries.c.url.is_(None), entries.c.fields[_NAMED].as_string() == one.fields.get(_NAMED))
        return None if one.url is not None else connection.execute(select(entries).where(*is_it)).first()

    def _insert(
        self, connection: Connection, one: Listing, now: datetime, feed_id: int | None, scope: str | None
    ) -> int:
        inserted = connection.execute(
            insert(entries).values(
                url=one.url,
                scope=scope,
                host=_host(one.url),
                state=EntryState.NEW,
                next_at=now,
                fields=_fields(one, feed_id),
                seen_at=now,
                changed_at=now,
            )
        )
        return int(inserted.inserted_primary_key[0])  # type: ignore[index]  # an insert has a key

    def _renew(self, connection: Connection, entry: Row[Any], one: Listing, now: datetime, feed_id: int) -> None:
        """Note what the feed says now."""
        renewed: dict[str, Any] = {"fields": _fields(one, feed_id), "next_at": now}
        if one.url is not None and one.url != entry.url:
            renewed |= {"url": one.url, "host": _host(one.url), "etag": None, "last_modified": None}
        self.set(connection, entry.id, now=now, **renewed)

    def _read(self, connection: Connection, which: Any, *, limit: int) -> list[EntryRow]:
        first_feed = (
            select(func.min(entry_feeds.c.feed_id)).where(entry_feeds.c.entry_id == entries.c.id).scalar_subquery()
        )
        speaker = func.coalesce(entries.c.fields[SAID_BY].as_integer(), first_feed)
        wanted = (
            select(entries, feeds.c.url.label("feed_url"), feeds.c.source.label("feed_source"), feeds.c.title)
            .select_from(entries)
            .outerjoin(feeds, feeds.c.id == speaker)
            .where(which)
            .order_by(entries.c.next_at, entries.c.id)
            .limit(limit)
        )
        return [
            EntryRow(
                id=row.id,
                url=row.url,
                state=EntryState(row.state),
                failures=row.failures,
                visits=row.visits,
                reason=row.reason,
                article_id=row.article_id,
                fields=row.fields,
                etag=row.etag,
                last_modified=row.last_modified,
                seen_at=row.seen_at,
                changed_at=row.changed_at,
                feed_url=row.feed_url,
                feed_source=row.feed_source,
                feed_title=row.title,
                scope=row.scope,
            )
            for row in connection.execute(wanted)
        ]


def _is_of(scope: str | None) -> ColumnElement[bool]:
    return entries.c.scope.is_(None) if scope is None else entries.c.scope == scope


def _key(guid: str | None, url: str | None) -> str:
    named = guid if guid is not None else url
    assert named is not None, "an entry without a name"
    return hashlib.sha256(named.encode()).hexdigest()


def _said(one: Listing) -> str:
    """Name all that a feed says of an entry."""
    return hashlib.sha256(json.dumps([one.url, one.fields], sort_keys=True).encode()).hexdigest()


def _fields(one: Listing, feed_id: int | None) -> dict[str, Any]:
    """Note with what is said of an entry who says it."""
    said_by = {} if feed_id is None else {SAID_BY: feed_id}
    return {**one.fields, **said_by, **({IS_OWN: True} if one.is_own else {})}


def _host(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).hostname
