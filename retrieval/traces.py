"""What others tell of articles: whether those are still kept, and whether any article still has a word."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from retrieval.archive.aliases import AliasLedger
from retrieval.archive.archive import Archive
from retrieval.archive.batches import batched
from retrieval.archive.tables import articles, versions
from retrieval.archive.tombstones import article_key, buried, source_key
from retrieval.index.lexical import LexicalIndex
from retrieval.news.fields import address_id
from retrieval.worker import Lane, Worker

# One piece of work, for which a question may have to wait: 20 ms.
_STEMS = 200


@dataclass(frozen=True, slots=True)
class Gone:
    """What is not kept any more.

    Attributes:
        article_ids: of articles that were forgotten or kept long enough.
        urls: addresses that were forgotten.
        sources: publishers that were forgotten.
    """

    article_ids: frozenset[str]
    urls: frozenset[str]
    sources: frozenset[str]


class Traces:
    """Looks up what was noted elsewhere of articles. All of it runs on the worker's intake lane; owns nothing."""

    def __init__(self, archive: Archive, lexical: LexicalIndex, worker: Worker) -> None:
        """Wire it."""
        self._archive = archive
        self._lexical = lexical
        self._worker = worker

    async def gone(
        self, *, article_ids: Collection[str] = (), urls: Collection[str] = (), sources: Collection[str] = ()
    ) -> Gone:
        """Tell which of these articles, addresses and publishers are not kept any more.

        An address or publisher that was never kept is not gone; an article's id is, since it was noted when it was.
        """
        return Gone(
            frozenset([one for batch in batched(article_ids) for one in await self._run(_gone_articles, batch)]),
            frozenset([one for batch in batched(urls) for one in await self._run(_gone_urls, batch)]),
            frozenset([one for batch in batched(sources) for one in await self._run(_gone_sources, batch)]),
        )

    async def held_stems(self, stems: Collection[str]) -> frozenset[str]:
        """Tell which of the stems any article has that is shown."""
        listed, held = sorted(stems), set[str]()
        for start in range(0, len(listed), _STEMS):
            held |= await self._run(self._held, listed[start : start + _STEMS])
        return frozenset(held)

    async def addresses(self, article_ids: Collection[str]) -> frozenset[str]:
        """List the addresses that any version of the articles has."""
        return frozenset([one for batch in batched(article_ids) for one in await self._run(_addresses, batch)])

    async def _run(self, look: Callable[[Connection, list[str]], set[str]], given: list[str]) -> set[str]:
        return await self._worker.run(Lane.INTAKE, self._read, look, given)

    def _read(self, look: Callable[[Connection, list[str]], set[str]], given: list[str]) -> set[str]:
        with self._archive.reading() as connection:
            return look(connection, given)

    def _held(self, connection: Connection, stems: list[str]) -> set[str]:
        return {one for one in stems if self._lexical.holds(connection, one)}


def find_gone(
    connection: Connection, *, article_ids: Collection[str], urls: Collection[str], sources: Collection[str]
) -> Gone:
    """Tell at once, in one state of an archive, what `Traces.gone` tells."""
    return Gone(
        frozenset(one for batch in batched(article_ids) for one in _gone_articles(connection, batch)),
        frozenset(one for batch in batched(urls) for one in _gone_urls(connection, batch)),
        frozenset(one for batch in batched(sources) for one in _gone_sources(connection, batch)),
    )


def _gone_articles(connection: Connection, ids: list[str]) -> set[str]:
    kept = set(connection.scalars(select(articles.c.id).where(articles.c.id.in_(ids))))
    return set(ids) - kept - AliasLedger().resolve(connection, ids).keys()


def _gone_urls(connection: Connection, urls: list[str]) -> set[str]:
    keys = {one: article_key(address_id(one)) for one in urls}
    dead = buried(connection, keys.values())
    return {one for one, key in keys.items() if key in dead}


def _gone_sources(connection: Connection, sources: list[str]) -> set[str]:
    keys = {one: source_key(one) for one in sources}
    dead = buried(connection, keys.values())
    return {one for one, key in keys.items() if key in dead}


def _addresses(connection: Connection, ids: list[str]) -> set[str]:
    wanted = select(versions.c.url).where(versions.c.article_id.in_(ids), versions.c.url.is_not(None))
    return set(connection.scalars(wanted.distinct()))
