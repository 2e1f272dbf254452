"""Forgetting: what was asked for, and what was kept long enough, leaves every table, index and file of the home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from retrieval.archive.archive import Archive, utc_now
from retrieval.archive.compaction import compact
from retrieval.archive.retention import Retention, expired
from retrieval.archive.scopes import place_of
from retrieval.archive.tables import manifest
from retrieval.archive.tombstones import unbury
from retrieval.index.burial import Named, bury_articles, bury_named, find_named, keys_named
from retrieval.index.dense import DenseIndex
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.pending import drop_noted
from retrieval.index.removal import (
    blank_entries,
    doomed_articles,
    doomed_entries,
    doomed_feeds,
    remove_articles,
    remove_entries,
    remove_feeds,
    remove_some_left,
)
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# One piece of work, for which a question may have to wait: 16 articles of six passages take 0.05 s.
_ARTICLES = 16
# Vectors copied in one piece: 0.2 s, and up to 1 s where Chroma then writes its graph.
_VECTORS = 256
# A row in the manifest's table that is there while something of what was removed may be left: "remove" where rows with
# a tombstone may be, "scrub" where bytes of them in the files are, "scrubbing" while those are being written anew, and
# "expired" where only bytes of what was kept long enough are.
_MARK = "forgetting"


class Forgetter:
    """Removes articles for good. All of it runs on the worker's intake lane, in small pieces; owns and closes nothing.

    First a tombstone is left and stored, which keeps away what has not come yet; then rows are removed; then the files
    are written anew without them. Killed anywhere, `finish` goes on, and a tombstone in the archive also removes what a
    restored backup brings back.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        lexical: LexicalIndex,
        dense: DenseIndex,
        worker: Worker,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Wire it; `dense` has a generation in use."""
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical
        self._dense = dense
        self._worker = worker
        self._now = now
        self._scrubbing = asyncio.Lock()

    async def find(self, name: str) -> Named:
        """Tell what forgetting a name (an address, an article's id, a publisher) would remove.

        Raises:
            NothingToForget: it is no address, and neither an article nor a publisher has this name.
        """
        return await self._worker.run(Lane.INTAKE, self._find, name)

    async def bury(self, name: str) -> Named:
        """Leave the tombstones of a name: from now on it is not taken in, `remove` removes it, and `scrub` its traces.

        Raises:
            NothingToForget: as `find`; an address that is not known is kept out from now on.
        """
        return await self._worker.run(Lane.INTAKE, self._bury, name)

    async def remove(self) -> AsyncIterator[int]:
        """Remove everything that has a tombstone from archive and indexes, and yield how many articles each time."""
        article: str | None = ""
        while article is not None:
            doomed, article = await self._worker.run(Lane.INTAKE, self._find_doomed, article)
            for start in range(0, len(doomed), _ARTICLES):
                some = dict(list(doomed.items())[start : start + _ARTICLES])
                yield await self._worker.run(Lane.INTAKE, self._remove, some)
        # After the articles, which leave tombstones of the addresses under which feeds list them.
        entry: int | None = 0
        while entry is not None:
            entry = await self._worker.run(Lane.INTAKE, self._remove_entries_after, entry)
        await self._worker.run(Lane.INTAKE, self._remove_feeds)

    async def scrub(self) -> bool:
        """Write keyword index, vectors and archive anew without what was removed (tests/benchmarks/forget_cost.py).

        Questions go on meanwhile. Intake waits while the archive is written (8 s for each GB).

        Returns:
            False if nothing was removed since the last time, so that there was nothing to do.
        """
        async with self._scrubbing:
            if not await self._worker.run(Lane.INTAKE, self._begin_scrub):
                return False
            # An interrupted removal may have left some.
            await self._worker.run(Lane.INTAKE, drop_noted, self._archive, self._ledger, self._dense)
            begins = True
            while await self._worker.run(Lane.INTAKE, self._purge_words, begins):
                begins = False
            await self._scrub_vectors()
            await self._compact()
            # What was removed meanwhile has its own mark, and needs another scrub.
            await self._worker.run(Lane.INTAKE, self._strike_mark, "scrubbing")
            return True

    async def finish(self) -> int:
        """Go on with what an interrupted run began; how many articles were still there."""
        if await self._worker.run(Lane.INTAKE, self._read_mark) in (None, "expired"):
            return 0
        removed = sum([count async for count in self.remove()])
        await self.scrub()
        return removed

    async def expire(self, retention: Retention) -> int:
        """Remove the articles that have been kept long enough; how many.

        No tombstone is left: intake keeps them away by their age (`Retention.is_over`), and feeds' entries of them are
        not fetched again. The archive overwrites their text at once; their vectors and stems stay in the files until
        `scrub` is called.
        """
        removed = 0
        while ids := await self._worker.run(Lane.INTAKE, self._find_expired, retention):
            removed += await self._worker.run(Lane.INTAKE, self._expire, ids)
        return removed

    async def clear_removed_feeds(self) -> int:
        """Remove what only removed feeds of servers brought, without tombstones, as `expire` does; how many articles.

        Of a public feed the articles stay. Interrupted, it goes on when called again.
        """
        removed = 0
        while (some := await self._worker.run(Lane.INTAKE, self._clear_some)) is not None:
            removed += some
        return removed

    async def allow_again(self, name: str) -> int:
        """Remove the tombstones that forgetting this name left, so that it may come again; how many, 0 if none."""
        return await self._worker.run(Lane.INTAKE, self._allow_again, name)

    async def _compact(self) -> None:
        with self._archive.reading() as connection:
            path = connection.engine.url.database
        assert path is not None
        async with self._worker.holding_intake():
            writing = asyncio.ensure_future(asyncio.to_thread(compact, Path(path)))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait({writing})
                raise

    async def _scrub_vectors(self) -> None:
        places = await self._worker.run(Lane.INTAKE, self._dense.places)
        await self._worker.run(Lane.INTAKE, self._dense.begin_scrub)
        try:
            for place in places:
                ids = sorted(await self._worker.run(Lane.INTAKE, self._dense.ids, place))
                for start in range(0, len(ids), _VECTORS):
                    some = ids[start : start + _VECTORS]
                    await self._worker.run(Lane.INTAKE, self._dense.scrub_some, some, place)
            await self._worker.run(Lane.INTAKE, self._dense.finish_scrub)
        except BaseException:
            await self._worker.run(Lane.INTAKE, self._dense.abandon_scrub)
            raise

    def _find(self, name: str) -> Named:
        with self._archive.reading() as connection:
            return find_named(connection, name)

    def _bury(self, name: str) -> Named:
        with self._archive.writing() as connection:
            named = find_named(connection, name)
            bury_named(connection, named, self._now())
            if (mark := _mark(connection)) in (None, "expired"):
                _set_mark(connection, "remove" if mark is None else "scrub")
        return named

    def _remove_feeds(self) -> None:
        with self._archive.writing() as connection:
            feed_ids = doomed_feeds(connection)
            if feed_ids:
                remove_feeds(connection, feed_ids)
                _set_mark(connection, "scrub")

    def _remove_entries_after(self, after: int) -> int | None:
        with self._archive.writing() as connection:
            doomed, after_these = doomed_entries(connection, after)
            if doomed:
                remove_entries(connection, doomed)
                _set_mark(connection, "scrub")
        return after_these

    def _find_doomed(self, after: str) -> tuple[dict[str, datetime], str | None]:
        with self._archive.reading() as connection:
            doomed, after_these = doomed_articles(connection, after)
        return doomed, after_these

    def _remove(self, doomed: Mapping[str, datetime]) -> int:
        with self._archive.writing() as connection:
            for moment in set(doomed.values()):
                # Of a publisher's articles too, for they may come again without its name.
                bury_articles(connection, [one for one in doomed if doomed[one] == moment], moment)
            _set_mark(connection, "scrub")
            emptied = remove_articles(connection, list(doomed), self._ledger, self._lexical)
        self._drop_remembered(emptied)
        return len(doomed)

    def _expire(self, article_ids: Sequence[str]) -> int:
        with self._archive.writing() as connection:
            blank_entries(connection, article_ids)
            if _mark(connection) is None:
                _set_mark(connection, "expired")
            emptied = remove_articles(connection, article_ids, self._ledger, self._lexical)
        self._drop_remembered(emptied)
        return len(article_ids)

    def _clear_some(self) -> int | None:
        with self._archive.writing() as connection:
            left = remove_some_left(connection, self._now(), self._ledger, self._lexical)
            if left is not None and left.articles and _mark(connection) is None:
                _set_mark(connection, "expired")
        if left is None:
            return None
        self._drop_remembered(left.emptied)
        return left.articles

    def _drop_remembered(self, emptied: Sequence[str]) -> None:
        self._lexical.forget_spelling()
        drop_noted(self._archive, self._ledger, self._dense)
        for scope in emptied:
            self._dense.remove_place(place_of(scope))

    def _find_expired(self, retention: Retention) -> list[str]:
        with self._archive.reading() as connection:
            return expired(connection, retention, self._now(), limit=_ARTICLES)

    def _purge_words(self, begins: bool) -> bool:
        with self._archive.writing() as connection:
            return self._lexical.purge_some(connection, begins=begins)

    def _read_mark(self) -> str | None:
        with self._archive.reading() as connection:
            return _mark(connection)

    def _begin_scrub(self) -> bool:
        with self._archive.writing() as connection:
            if (mark := _mark(connection)) in (None, "remove"):
                _strike_mark(connection, "remove")
                return False
            _set_mark(connection, "scrubbing")
        log.info("scrubbing the files of what was removed (%s)", mark)
        return True

    def _strike_mark(self, value: str) -> None:
        with self._archive.writing() as connection:
            _strike_mark(connection, value)

    def _allow_again(self, name: str) -> int:
        with self._archive.writing() as connection:
            return unbury(connection, keys_named(name.strip()))


def _mark(connection: Connection) -> str | None:
    value: str | None = connection.scalar(select(manifest.c.value).where(manifest.c.name == _MARK))
    return value


def _set_mark(connection: Connection, value: str) -> None:
    connection.execute(delete(manifest).where(manifest.c.name == _MARK))
    connection.execute(insert(manifest).values(name=_MARK, value=value))


def _strike_mark(connection: Connection, value: str) -> None:
    connection.execute(delete(manifest).where(manifest.c.name == _MARK, manifest.c.value == value))
