"""Scopes: who sees an article. None is everybody; whoever has another sees what everybody sees, and its own.

An article has exactly one scope, that of the feed which listed it. What two scopes must not tell each other is kept
apart where it is stored, not left out where it is read: an article of a scope has an id of its own, and the keyword
index, the vectors and the buckets of copies of each scope stand in a place of their own.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.archive.batches import batched
from retrieval.archive.tables import articles, scopes

#: The place of what everybody sees.
PUBLIC = ""
_PLACE_DIGITS, _ID_DIGITS = 16, 40


def place_of(scope: str | None) -> str:
    """Name where a scope's passages stand in both indexes: `PUBLIC`, or 16 hexadecimal digits."""
    return PUBLIC if scope is None else hashlib.sha256(scope.encode()).hexdigest()[:_PLACE_DIGITS]


def places_of(scope: str | None) -> tuple[str, ...]:
    """Name the places that a scope looks into, the public one first."""
    return (PUBLIC,) if scope is None else (PUBLIC, place_of(scope))


def scoped_id(article_id: str, scope: str | None) -> str:
    """Give the id under which an article that came with this one is kept; a public one keeps its own."""
    if scope is None:
        return article_id
    named = "\0".join((scope, article_id)).encode()
    return f"scoped-{hashlib.sha256(named).hexdigest()[:_ID_DIGITS]}"


def scoped_buckets(buckets: Sequence[int], scope: str | None) -> tuple[int, ...]:
    """Give the buckets of a signature (signed 32-bit numbers) where the copies of a scope are looked for."""
    if scope is None:
        return tuple(buckets)
    salt = hashlib.sha256(scope.encode()).digest()
    return tuple(_salted(bucket, salt) for bucket in buckets)


def seen_by(scope: str | None) -> ColumnElement[bool]:
    """The condition on the table `articles` under which a scope sees an article."""
    public = articles.c.scope.is_(None)
    return public if scope is None else or_(public, articles.c.scope == scope)


def is_of(scope: str | None) -> ColumnElement[bool]:
    """The condition on the table `articles` under which an article is of this very scope."""
    return articles.c.scope.is_(None) if scope is None else articles.c.scope == scope


def note_scope(connection: Connection, scope: str | None) -> None:
    """Note, in the caller's transaction, that an article of a scope is kept."""
    if scope is not None:
        connection.execute(insert(scopes).values(name=scope).on_conflict_do_nothing())


def known_scopes(connection: Connection) -> list[str]:
    """List the scopes, other than everybody's, of which articles are kept."""
    return list(connection.scalars(select(scopes.c.name).order_by(scopes.c.name)))


def scopes_of(connection: Connection, article_ids: Iterable[str]) -> dict[str, str | None]:
    """Read the scopes of articles: id -> scope; unknown ones have no key."""
    found: dict[str, str | None] = {}
    for batch in batched(article_ids):
        rows = connection.execute(select(articles.c.id, articles.c.scope).where(articles.c.id.in_(batch)))
        found.update((row.id, row.scope) for row in rows)
    return found


def drop_emptied(connection: Connection, names: Iterable[str | None]) -> list[str]:
    """Forget those of the scopes of which no article is left, in the caller's transaction, and list them."""
    emptied = []
    for name in sorted({name for name in names if name is not None}):
        if connection.execute(select(articles.c.id).where(articles.c.scope == name).limit(1)).first() is None:
            connection.execute(delete(scopes).where(scopes.c.name == name))
            emptied.append(name)
    return emptied


def _salted(bucket: int, salt: bytes) -> int:
    digest = hashlib.blake2b(struct.pack(">i", bucket), key=salt, digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)
