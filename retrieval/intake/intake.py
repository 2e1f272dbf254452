"""The intake of a home: what is due is fetched, read, stored and embedded, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import Feed, FeedLedger
from retrieval.index.ingest import Indexer
from retrieval.intake.collecting import Collector, RunApart
from retrieval.intake.examining import Examiner
from retrieval.intake.looking_up import LookUp
from retrieval.intake.visiting import Visitor
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# Whatever wakes nobody, such as an embargo that ends, is looked for this often.
_LONGEST_SLEEP = timedelta(seconds=30)
# Entries that are looked up at once; of one host only few, so that a large site does not keep the others waiting.
_ENTRIES_LOOKED_UP = 200
# Passages whose vectors are made before the next look at what is due.
_EMBED_AT_ONCE = 64
_EMBED_EVERY_S = 2.0
_FAULT = "Dateline could not take it in; see the log"


class Intake:
    """Keeps a home fresh. `run` is its loop; it owns the tasks that it starts and nothing else.

    Nothing that matters is held in memory: what is due stands in the archive, so that a process that is killed goes on
    where it was. Feeds and pages are fetched at the same time up to a limit, those of one host by turns with others'.
    """

    def __init__(
        self,
        archive: Archive,
        worker: Worker,
        indexer: Indexer,
        examiner: Examiner,
        collector: Collector,
        visitor: Visitor,
        *,
        run_apart: RunApart,
        connections: int,
        per_host: int,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest_sleep: timedelta = _LONGEST_SLEEP,
    ) -> None:
        """Wire it.

        Args:
            archive: where feeds and entries are recorded.
            worker: runs what blocks.
            indexer: makes vectors, and releases what was held back.
            examiner: looks at what an operator names.
            collector: fetches feeds.
            visitor: fetches entries' pages.
            run_apart: runs a function in another process.
            connections: how many feeds and pages are fetched at a time.
            per_host: how many of them may be of one host.
            now: the clock.
            sleep: waits, in seconds.
            longest_sleep: how long it sleeps at most before it looks for what is due.
        """
        self._archive = archive
        self._worker = worker
        self._indexer = indexer
        #: Looks at an address before anything of it is taken.
        self.examiner = examiner
        #: Records what an operator names once.
        self.look_up = LookUp(archive, worker, examiner, now=now)
        self._collector = collector
        #: Fetches what an entry leads to.
        self.visitor = visitor
        #: Runs in another process what may hang or die.
        self.run_apart = run_apart
        self._connections = connections
        self._per_host = per_host
        self._now = now
        self._sleep = sleep
        self._longest_sleep = longest_sleep
        self._feeds = FeedLedger()
        self._entries = EntryLedger()
        self._wake = asyncio.Event()
        self._running: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._hosts: dict[tuple[str, int], str | None] = {}

    def wake(self) -> None:
        """Look at once for what is due: a feed was added, or is to be fetched now."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch what is due, for ever; cancelling ends it and everything it has begun."""
        embedding = asyncio.create_task(self._embed_on_and_on())
        try:
            while True:
                self._wake.clear()
                await self._start_due()
                await self._rest()
        finally:
            await self._end(embedding, *self._running.values())

    async def catch_up(self) -> None:
        """Fetch all that is due now and what comes of it, then return; for one-off commands and tests."""
        try:
            while True:
                await self._start_due()
                if not self._running:
                    break
                await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(*self._running.values())
        await self._indexer.embed_pending()

    async def _end(self, *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_due(self) -> None:
        free = self._connections - len(self._running)
        if free <= 0:
            return
        await self._indexer.release_due()
        feeds, entries = await self._worker.run(Lane.INTAKE, self._read_due)
        for feed in feeds:
            if free > 0 and self._may_start(("feed", feed.id), feed.url):
                self._start(("feed", feed.id), feed.url, self._collect(feed))
                free -= 1
        for entry in entries:
            if free > 0 and self._may_start(("entry", entry.id), entry.url):
                self._start(("entry", entry.id), entry.url, self._visit(entry))
                free -= 1

    def _read_due(self) -> tuple[list[Feed], list[EntryRow]]:
        now = self._now()
        # Of one host as many more as may be running already, so that there is always one that is not.
        per_host = 2 * self._per_host
        with self._archive.reading() as connection:
            return self._feeds.due(connection, now), self._entries.due(
                connection, now, per_host=per_host, limit=_ENTRIES_LOOKED_UP
            )

    def _may_start(self, key: tuple[str, int], url: str | None) -> bool:
        host = _host(url)
        is_free = host is None or sum(one == host for one in self._hosts.values()) < self._per_host
        return is_free and key not in self._running

    def _start(self, key: tuple[str, int], url: str | None, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running[key], self._hosts[key] = task, _host(url)
        task.add_done_callback(lambda _: self._finish(key))

    def _finish(self, key: tuple[str, int]) -> None:
        self._running.pop(key, None)
        self._hosts.pop(key, None)
        self._wake.set()

    async def _collect(self, feed: Feed) -> None:
        try:
            await self._collector.collect(feed)
        except Exception:
            log.exception("feed %d could not be collected; it is tried again", feed.id)
            await self._put_off(partial(self._put_off_feed, feed))

    async def _visit(self, entry: EntryRow) -> None:
        try:
            await self.visitor.visit(entry)
        except Exception:
            log.exception("entry %d could not be visited; it is tried again", entry.id)
            await self._put_off(partial(self._put_off_entry, entry))

    async def _put_off(self, write: Callable[[], None]) -> None:
        """Note that something is tried again later; where not even that can be written, it is held back for a while."""
        try:
            await self._worker.run(Lane.INTAKE, write)
        except Exception:
            log.exception("that could not be written either")
            await self._sleep(_LONGEST_SLEEP.total_seconds())

    def _put_off_feed(self, feed: Feed) -> None:
        later = self._now() + timedelta(seconds=feed.interval_s)
        with self._archive.writing(changes_articles=False) as connection:
            self._feeds.set(connection, feed.id, next_at=later, failures=feed.failures + 1, problem=_FAULT)

    def _put_off_entry(self, entry: EntryRow) -> None:
        now, failures = self._now(), entry.failures + 1
        later = now + timedelta(hours=1) * 2 ** min(entry.failures, 5)
        with self._archive.writing(changes_articles=False) as connection:
            self._entries.set(connection, entry.id, now=now, next_at=later, failures=failures, reason=_FAULT)

    async def _rest(self) -> None:
        """Sleep until something is due, something running ends, or somebody wakes us."""
        due_at = await self._worker.run(Lane.INTAKE, self._next_due_at)
        longest_s = self._longest_sleep.total_seconds()
        wait_s = longest_s if due_at is None else min(max((due_at - self._now()).total_seconds(), 0.0), longest_s)
        if wait_s == 0.0:
            # What is due is running, or waits for its host: whatever ends wakes us.
            wait_s = 1.0 if self._running else 0.0
        waking = asyncio.ensure_future(self._wake.wait())
        sleeping = asyncio.ensure_future(self._sleep(wait_s))
        try:
            await asyncio.wait({waking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (waking, sleeping):
                one.cancel()
            await asyncio.gather(waking, sleeping, return_exceptions=True)

    def _next_due_at(self) -> datetime | None:
        with self._archive.reading() as connection:
            moments = [self._feeds.next_due_at(connection), self._entries.next_due_at(connection)]
        return min((moment for moment in moments if moment is not None), default=None)

    async def _embed_on_and_on(self) -> None:
        """Make vectors beside the fetching; until a passage has its own, words alone find it."""
        while True:
            try:
                if not await self._indexer.embed_pending(limit=_EMBED_AT_ONCE):
                    await self._sleep(_EMBED_EVERY_S)
            except Exception:
                log.exception("making vectors failed; it is tried again")
                await self._sleep(_LONGEST_SLEEP.total_seconds())


def _host(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).hostname
