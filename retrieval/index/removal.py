"""Removing articles from every table, and finding those that have a tombstone and are still there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from retrieval.archive.copies import CopyLedger
from retrieval.archive.feed_tables import entries, entry_feeds, feeds
from retrieval.archive.scopes import drop_emptied
from retrieval.archive.tables import aliases, articles, versions
from retrieval.archive.tombstones import article_key, buried, keys_of, source_key
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.news.fields import address_id

#: Rows looked at in one piece: 5 ms for 500 articles.
PAGE = 500
# Entries removed in one piece, for which a question may have to wait.
_LEFT = 16
_STRAY = timedelta(hours=1)


class Left(NamedTuple):
    """Some of what removed feeds left, removed: so many articles, and the scopes of which none is left."""

    articles: int = 0
    emptied: Sequence[str] = ()


class Page(NamedTuple):
    """Some articles that were looked at in order of their ids.

    Attributes:
        doomed: those that have a tombstone -> when it was left.
        after: where to go on; None at the end.
    """

    doomed: dict[str, datetime]
    after: str | None


def doomed_articles(connection: Connection, after: str) -> Page:
    """Find which of the next 500 articles, by id, have a tombstone: of an id, an address, a story or a publisher."""
    rows = connection.execute(
        select(articles.c.id, articles.c.source, articles.c.story)
        .where(articles.c.id > after)
        .order_by(articles.c.id)
        .limit(PAGE)
    ).all()
    ids = [row.id for row in rows]
    keys = {row.id: keys_of([row.id], row.source, row.story) for row in rows}
    for other in connection.execute(select(aliases).where(aliases.c.article_id.in_(ids))):
        keys[other.article_id].append(article_key(other.alias))
    said = select(versions.c.article_id, versions.c.url, versions.c.source).where(versions.c.article_id.in_(ids))
    for one in connection.execute(said):
        keys[one.article_id] += keys_of([address_id(one.url)] if one.url else [], one.source, None)
    dead = buried(connection, (key for of_one in keys.values() for key in of_one))
    doomed = {
        article_id: min(dead[key] for key in of_one if key in dead)
        for article_id, of_one in keys.items()
        if not dead.keys().isdisjoint(of_one)
    }
    return Page(doomed, ids[-1] if len(ids) == PAGE else None)


def doomed_entries(connection: Connection, after: int) -> tuple[list[int], int | None]:
    """Find which of the next 500 entries of feeds have a tombstone, and where to go on (None: at the end)."""
    rows = connection.execute(
        select(entries.c.id, entries.c.url, entries.c.article_id, entries.c.fields)
        .where(entries.c.id > after)
        .order_by(entries.c.id)
        .limit(PAGE)
    ).all()
    keys = {row.id: keys_of(_ids(row.url, row.article_id), _source(row.fields), None) for row in rows}
    dead = buried(connection, (key for of_one in keys.values() for key in of_one))
    doomed = [entry_id for entry_id, of_one in keys.items() if not dead.keys().isdisjoint(of_one)]
    return doomed, rows[-1].id if len(rows) == PAGE else None


def doomed_feeds(connection: Connection) -> list[int]:
    """Find the feeds that have a tombstone: of their publisher, or as a single page of their address."""
    rows = connection.execute(select(feeds.c.id, feeds.c.url, feeds.c.given_url, feeds.c.kind, feeds.c.source)).all()
    keys = {}
    for row in rows:
        addresses = [row.url, row.given_url] if row.kind == "page" else []
        keys[row.id] = [article_key(address_id(one)) for one in addresses]
        keys[row.id] += [source_key(row.source)] if row.source else []
    dead = buried(connection, (key for of_one in keys.values() for key in of_one))
    return [feed_id for feed_id, of_one in keys.items() if not dead.keys().isdisjoint(of_one)]


def remove_articles(
    connection: Connection, article_ids: Sequence[str], ledger: Ledger, lexical: LexicalIndex
) -> list[str]:
    """Remove up to 500 articles from every table, in the caller's transaction; their vectors are noted for dropping.

    Returns:
        The scopes of which no article is left: the caller deletes their vectors' places.
    """
    copies, scopes = CopyLedger(), set[str | None]()
    for article_id in article_ids:
        replaced = ledger.replace(connection, article_id, [])
        scopes.add(replaced.scope)
        lexical.drop(connection, replaced.old, replaced.scope)
        copies.remove(connection, article_id)
    connection.execute(delete(aliases).where(aliases.c.article_id.in_(article_ids)))
    connection.execute(delete(versions).where(versions.c.article_id.in_(article_ids)))
    connection.execute(delete(articles).where(articles.c.id.in_(article_ids)))
    emptied = drop_emptied(connection, scopes)
    for scope in emptied:
        lexical.drop_scope(connection, scope)
    return emptied


def remove_entries(connection: Connection, entry_ids: Sequence[int]) -> None:
    """Remove up to 500 entries of feeds, in the caller's transaction."""
    connection.execute(delete(entry_feeds).where(entry_feeds.c.entry_id.in_(entry_ids)))
    connection.execute(delete(entries).where(entries.c.id.in_(entry_ids)))


def remove_feeds(connection: Connection, feed_ids: Sequence[int]) -> None:
    """Remove feeds and what they alone list, in the caller's transaction."""
    listed = select(entry_feeds.c.entry_id)
    only = list(connection.scalars(listed.where(entry_feeds.c.feed_id.in_(feed_ids)).distinct()))
    connection.execute(delete(entry_feeds).where(entry_feeds.c.feed_id.in_(feed_ids)))
    for start in range(0, len(only), PAGE):
        batch = only[start : start + PAGE]
        still = set(connection.scalars(listed.where(entry_feeds.c.entry_id.in_(batch))))
        remove_entries(connection, [entry_id for entry_id in batch if entry_id not in still])
    connection.execute(delete(feeds).where(feeds.c.id.in_(feed_ids)))


def remove_some_left(connection: Connection, now: datetime, ledger: Ledger, lexical: LexicalIndex) -> Left | None:
    """Remove, in the caller's transaction, some of what the removed feeds of a scope brought; None if nothing is left.

    What another feed of the scope lists stays. A feed of which all is removed goes itself: unlike a public one it need
    not be known as removed. What a visit stored after its entry was removed goes an hour later.
    """
    is_removed = (feeds.c.scope.is_not(None), feeds.c.state == "removed")
    feed_id = connection.scalar(select(feeds.c.id).where(*is_removed).limit(1))
    if feed_id is None:
        stray = select(articles.c.id).where(articles.c.scope.is_not(None), articles.c.added_at < now - _STRAY)
        led = select(entries.c.id).where(entries.c.article_id == articles.c.id)
        gone = list(connection.scalars(stray.where(~led.exists()).limit(_LEFT)))
        return Left(len(gone), remove_articles(connection, gone, ledger, lexical)) if gone else None
    of_feed = entry_feeds.c.feed_id == feed_id
    listed = list(connection.scalars(select(entry_feeds.c.entry_id).where(of_feed).distinct().limit(_LEFT)))
    if not listed:
        connection.execute(delete(feeds).where(feeds.c.id == feed_id))
        return Left()
    connection.execute(delete(entry_feeds).where(of_feed, entry_feeds.c.entry_id.in_(listed)))
    still = set(connection.scalars(select(entry_feeds.c.entry_id).where(entry_feeds.c.entry_id.in_(listed))))
    alone = [one for one in listed if one not in still]
    led_to = select(entries.c.article_id).where(entries.c.article_id.is_not(None))
    gone_with = set(connection.scalars(led_to.where(entries.c.id.in_(alone))))
    remove_entries(connection, alone)
    gone = sorted(gone_with - set(connection.scalars(led_to.where(entries.c.article_id.in_(gone_with)))))
    return Left(len(gone), remove_articles(connection, gone, ledger, lexical))


def blank_entries(connection: Connection, article_ids: Collection[str]) -> None:
    """Keep of the entries of articles no more than that they are not fetched again, in the caller's transaction."""
    connection.execute(
        update(entries)
        .where(entries.c.article_id.in_(article_ids))
        .values(state="refused", reason="kept long enough", next_at=None, article_id=None, fields={})
    )


def _ids(url: str | None, article_id: str | None) -> list[str]:
    return [*([address_id(url)] if url else []), *([article_id] if article_id else [])]


def _source(fields: object) -> str | None:
    source = fields.get("source") if isinstance(fields, dict) else None
    return source if isinstance(source, str) else None
