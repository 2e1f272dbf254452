"""What a name that is to be forgotten means: an address, an article's id or a publisher; and its tombstones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rapidfuzz import process
from sqlalchemy import Connection, or_, select

from retrieval.archive.aliases import AliasLedger
from retrieval.archive.batches import batched
from retrieval.archive.feed_tables import entries
from retrieval.archive.scopes import known_scopes, scoped_id
from retrieval.archive.stories import story_of
from retrieval.archive.tables import aliases, articles, versions
from retrieval.archive.tombstones import article_key, bury, moment_for, source_key, story_key
from retrieval.errors import NothingToForget
from retrieval.news.canonical import canonical_url
from retrieval.news.fields import address_id

# Of a hundred, as rapidfuzz counts alike letters; "Averden Courier" and "The Averden Courier" have 90.
_ALIKE = 70.0


class Kind(StrEnum):
    """What a name stands for."""

    ARTICLE = "article"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Named:
    """What is to be forgotten.

    Attributes:
        kind: an article or all that a publisher said.
        name: as it was given.
        article_ids: the articles that the archive keeps of it; may be empty for an address.
    """

    kind: Kind
    name: str
    article_ids: tuple[str, ...]


def is_address(name: str) -> bool:
    """Whether a name is the address of a page."""
    return name.lower().startswith(("http://", "https://"))


def find_named(connection: Connection, name: str) -> Named:
    """Find what a name stands for: an article by its address, its id or an alias, else a publisher.

    An address that the archive does not know is an article without ids, so that it can be kept out before it comes.

    Raises:
        NothingToForget: it is no address, and neither an article nor a publisher has this name.
    """
    name = name.strip()
    ids = _article_ids(connection, name)
    if ids or is_address(name):
        return Named(Kind.ARTICLE, name, tuple(ids))
    of_source = list(article_ids_of(connection, {name.casefold()}))
    if of_source:
        return Named(Kind.SOURCE, name, tuple(of_source))
    raise NothingToForget(name, _nearest(connection, name))


def keys_named(name: str) -> list[str]:
    """List the keys under which a name itself may have a tombstone, whatever it stands for."""
    return [article_key(name), article_key(address_id(name)) if is_address(name) else source_key(name)]


def bury_named(connection: Connection, named: Named, now: datetime) -> None:
    """Leave the tombstones of a name, in the caller's transaction.

    Of an article: of every id, address and story that it ever had. Those of a publisher's articles are left when each
    is removed, see `bury_articles`.
    """
    moment = moment_for(connection, now)
    if named.kind is Kind.SOURCE:
        bury(connection, [source_key(named.name)], moment)
        return
    bury(connection, keys_named(named.name) if is_address(named.name) else [article_key(named.name)], moment)
    bury_articles(connection, named.article_ids, moment)


def bury_articles(connection: Connection, article_ids: tuple[str, ...] | list[str], moment: datetime) -> None:
    """Leave the tombstones of articles that the archive keeps, in the caller's transaction."""
    keys: list[str] = []
    for batch in batched(article_ids):
        said = select(versions.c.article_id, versions.c.url, versions.c.source, versions.c.title, versions.c.text)
        for row in connection.execute(said.where(versions.c.article_id.in_(batch))):
            keys += [article_key(row.article_id), story_key(story_of(row.title, row.text), row.source)]
            keys += [article_key(address_id(row.url))] if row.url else []
        keys += [
            article_key(one)
            for one in connection.scalars(select(aliases.c.alias).where(aliases.c.article_id.in_(batch)))
        ]
        listed = select(entries.c.url).where(entries.c.article_id.in_(batch), entries.c.url.is_not(None))
        keys += [article_key(address_id(url)) for url in connection.scalars(listed)]
    bury(connection, keys, moment)


def article_ids_of(connection: Connection, folded: set[str]) -> Iterator[str]:
    """List the articles any version of which is of one of the publishers, given by their casefolded names."""
    names = [name for name in connection.scalars(select(versions.c.source).distinct()) if name]
    wanted = [name for name in names if name.casefold() in folded]
    for batch in batched(wanted):
        yield from connection.scalars(
            select(versions.c.article_id).where(versions.c.source.in_(batch)).distinct().order_by(versions.c.article_id)
        )


def _article_ids(connection: Connection, name: str) -> list[str]:
    ids = [name, *([address_id(name)] if is_address(name) else [])]
    ids += [scoped_id(one, scope) for scope in known_scopes(connection) for one in ids]
    led = {kept for kept, _ in AliasLedger().resolve(connection, ids).values()}
    found = set(connection.scalars(select(articles.c.id).where(articles.c.id.in_([*ids, *led]))))
    if is_address(name):
        # An article with its publisher's own id that came before addresses were kept as aliases.
        spelled = or_(versions.c.url == name, versions.c.url == canonical_url(name))
        found.update(connection.scalars(select(versions.c.article_id).where(spelled)))
    return sorted(found)


def _nearest(connection: Connection, name: str) -> str | None:
    known = [one for one in connection.scalars(select(articles.c.source).distinct()) if one]
    found = process.extractOne(name.casefold(), {one: one.casefold() for one in known}, score_cutoff=_ALIKE)
    return None if found is None else str(found[2])
