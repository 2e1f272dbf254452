"""What a home that is to be replaced knows of how articles stand, carried over into what a backup brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, inspect, select, update

from retrieval.archive.archive import Archive
from retrieval.archive.batches import batched
from retrieval.archive.copies import CopyLedger
from retrieval.archive.entries import EntryState
from retrieval.archive.feed_tables import entries
from retrieval.archive.tables import aliases, articles
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.removal import PAGE

# What an entry in one of these states leads to was there when it was last visited.
_THERE = (EntryState.KEPT, EntryState.EXCERPT)
_STANDING = ("withdrawn_at", "withdrawn_reason", "held_until")
# By name, for the home's schema may be an earlier one.
_COLUMNS = (articles.c.id, articles.c.version, *(articles.c[name] for name in _STANDING))


class CarriedOver(NamedTuple):
    """How many articles of a backup stand otherwise now.

    Attributes:
        hidden: those that were shown, and that the home has taken back or held back since.
        shown: those that were hidden, and that the home has shown since; due for `Indexer.release_due`.
    """

    hidden: int = 0
    shown: int = 0


def tells_standing(there: Connection) -> bool:
    """Whether a home's archive is of a schema that says how articles stand; the first ones did not."""
    tables = inspect(there)
    return tables.has_table("entries") and "withdrawn_at" in {one["name"] for one in tables.get_columns("articles")}


def carry_over(archive: Archive, there: Connection, ledger: Ledger, lexical: LexicalIndex) -> CarriedOver:
    """Let articles stand as they do in the home that is to be replaced, where that home knows them.

    What is hidden there leaves the index here, whichever version of it this is. What is shown there is shown here too
    if it is the same version and was seen there after it was taken back here: a home may be older than a backup, and
    nobody but a later visit undoes a publisher's word. Other words that are shown there come with the next visit.

    Args:
        archive: what the backup brings; its keyword index is there.
        there: reads the home's archive, which `tells_standing`.
        ledger: of the archive.
        lexical: of the archive.
    """
    hidden = shown = 0
    after: str | None = ""
    while after is not None:
        with archive.writing() as connection:
            wanted = select(*_COLUMNS, articles.c.added_at).where(articles.c.id > after)
            rows: Sequence[Any] = connection.execute(wanted.order_by(articles.c.id).limit(PAGE)).all()
            for row, other in _pairs(connection, there, rows):
                if _standing(row) == _standing(other):
                    continue
                if not _is_shown(other):
                    _stand(connection, row.id, _standing(other))
                    replaced = ledger.replace(connection, row.id, [])
                    lexical.drop(connection, replaced.old, replaced.scope)
                    CopyLedger().remove(connection, row.id)
                    hidden += _is_shown(row)
                elif _was_seen_since(there, row, other):
                    # Due, so that the scheduled intake, which has the model, makes its passages.
                    _stand(connection, row.id, dict.fromkeys(_STANDING) | {"held_until": row.added_at})
                    shown += 1
                else:
                    continue
                _carry_entries(connection, row.id, there, other.id)
        after = rows[-1].id if len(rows) == PAGE else None
    return CarriedOver(hidden, shown)


def _pairs(connection: Connection, there: Connection, rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], Row[Any]]]:
    """Find what the home knows of articles: under the same id, else one led to by an alias, of either side."""
    ids = [row.id for row in rows]
    known = _known(there, ids)
    named = {one: one for one in ids if one in known}
    unknown = [one for one in ids if one not in named]
    for batch in batched(unknown):
        led = there.execute(select(aliases).where(aliases.c.alias.in_(batch)))
        named |= {row.alias: row.article_id for row in led}
    unknown = [one for one in unknown if one not in named]
    own: dict[str, str] = {}
    for batch in batched(unknown):
        own |= {row.alias: row.article_id for row in connection.execute(_aliases_of(batch))}
    known |= _known(there, [*named.values(), *own])
    for alias, article_id in own.items():
        if alias in known and (article_id not in named or not _is_shown(known[alias])):
            named[article_id] = alias
    return [(row, known[named[row.id]]) for row in rows if named.get(row.id) in known]


def _aliases_of(article_ids: Sequence[str]) -> Any:
    return select(aliases).where(aliases.c.article_id.in_(article_ids)).order_by(aliases.c.alias)


def _known(there: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for batch in batched(ids):
        found |= {row.id: row for row in there.execute(select(*_COLUMNS).where(articles.c.id.in_(batch)))}
    return found


def _standing(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _STANDING}


def _is_shown(row: Row[Any]) -> bool:
    return row.withdrawn_at is None and row.held_until is None


def _was_seen_since(there: Connection, row: Row[Any], other: Row[Any]) -> bool:
    if row.version != other.version:
        return False
    if row.withdrawn_at is None:
        return True  # the same words, and only their embargo was ended
    seen = select(entries.c.id).where(
        entries.c.article_id == other.id, entries.c.state.in_(_THERE), entries.c.changed_at > row.withdrawn_at
    )
    return there.execute(seen.limit(1)).first() is not None


def _stand(connection: Connection, article_id: str, columns: Mapping[str, Any]) -> None:
    connection.execute(update(articles).where(articles.c.id == article_id).values(**columns))


def _carry_entries(connection: Connection, article_id: str, there: Connection, other_id: str) -> None:
    """Let the article's entries stand as the home's, which says whether a page that is there shows it again."""
    led = select(entries.c.url, entries.c.state, entries.c.reason, entries.c.next_at)
    for one in there.execute(led.where(entries.c.article_id == other_id, entries.c.url.is_not(None))):
        # Its page is read whole at the next visit: what its server calls it belongs to another state.
        connection.execute(
            update(entries)
            .where(entries.c.article_id == article_id, entries.c.url == one.url)
            .values(state=one.state, reason=one.reason, next_at=one.next_at, etag=None, last_modified=None)
        )
