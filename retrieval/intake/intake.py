"""The intake of a home: what is due is fetched, read, stored and embedded, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import Feed, FeedLedger
from retrieval.index.ingest import Indexer
from retrieval.intake.collecting import Collector, RunApart
from retrieval.intake.examining import Examiner
from retrieval.intake.keeping import Visited
from retrieval.intake.looking_up import LookUp
from retrieval.intake.turns import Key, Turns, end
from retrieval.intake.visiting import Visitor
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# Whatever wakes nobody, such as an embargo that ends, is looked for this often.
_LONGEST_SLEEP = timedelta(seconds=30)
# Entries that are looked up at once; of one host only few, so that a large site does not keep the others waiting.
_ENTRIES_LOOKED_UP = 200
# Passages whose vectors are made before the next look at what is due.
_EMBED_AT_ONCE = 64
# Passages whose sentences are read before the next look at whether there are vectors to make.
_READ_AT_ONCE = 8
_EMBED_EVERY_S = 2.0
_FAULT = "Dateline could not take it in; see the log"


class Intake:
    """Keeps a home fresh. `run` is its loop; it owns the tasks that it starts and nothing else, and `close` ends them.

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
        self._per_host = per_host
        self._now = now
        self._sleep = sleep
        self._longest_sleep = longest_sleep
        self._feeds = FeedLedger()
        self._entries = EntryLedger()
        self._wake = asyncio.Event()
        self._turns = Turns(connections=connections, per_host=per_host, on_end=self._wake.set)
        # What the loop has started, and what it leaves to somebody who visits it anyway.
        self._running: set[asyncio.Task[None]] = set()
        self._reserved: set[Key] = set()

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
            await end(embedding, *self._running)

    async def catch_up(self) -> None:
        """Fetch all that is due now and what comes of it, then return: `run`, with an end for tests."""
        try:
            while True:
                await self._start_due()
                if not self._running:
                    break
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(*self._running)
        await self._indexer.embed_pending()

    async def visit_all(self, entries: Sequence[EntryRow]) -> AsyncGenerator[Visited, None]:
        """Visit entries, several at a time within the limits, which the loop shares; the loop leaves them alone.

        Closed before the end it breaks off what it has begun: those entries stay due, as they are recorded.

        Yields:
            What each came to, in their order.
        """
        waiting, visits = deque(enumerate(entries)), dict[int, asyncio.Task[Visited]]()
        keys = {_key(entry) for entry in entries}
        self._reserved |= keys
        try:
            for place in range(len(entries)):
                self._start_visits(waiting, visits)
                while place not in visits or not visits[place].done():
                    await self._turns.until_one_ends()
                    self._start_visits(waiting, visits)
                yield visits.pop(place).result()
        finally:
            await end(*visits.values())
            self._reserved -= keys
            self.wake()  # what was broken off is the loop's again

    def _start_visits(self, waiting: deque[tuple[int, EntryRow]], visits: dict[int, asyncio.Task[Visited]]) -> None:
        """Start those of the next waiting entries whose hosts are free; the others keep their order."""
        passed: list[tuple[int, EntryRow]] = []
        while waiting and self._turns.has_room and len(passed) < _ENTRIES_LOOKED_UP:
            place, entry = waiting.popleft()
            if self._turns.is_free(_key(entry), entry.url):
                visits[place] = self._turns.start(_key(entry), entry.url, self.visitor.visit(entry))
            else:
                passed.append((place, entry))
        waiting.extendleft(reversed(passed))

    async def close(self) -> None:
        """End whatever still runs."""
        await self._turns.close()

    async def _start_due(self) -> None:
        if not self._turns.has_room:
            return
        await self._indexer.release_due()
        feeds, entries = await self._worker.run(Lane.INTAKE, self._read_due)
        for feed in feeds:
            if self._turns.is_free(("feed", feed.id), feed.url):
                self._start(("feed", feed.id), feed.url, self._collect(feed))
        for entry in entries:
            if _key(entry) not in self._reserved and self._turns.is_free(_key(entry), entry.url):
                self._start(_key(entry), entry.url, self._visit(entry))

    def _read_due(self) -> tuple[list[Feed], list[EntryRow]]:
        now = self._now()
        # Of one host as many more as may be running already, so that there is always one that is not.
        per_host = 2 * self._per_host
        with self._archive.reading() as connection:
            return self._feeds.due(connection, now), self._entries.due(
                connection, now, per_host=per_host, limit=_ENTRIES_LOOKED_UP
            )

    def _start(self, key: Key, url: str | None, work: Coroutine[Any, Any, None]) -> None:
        task = self._turns.start(key, url, work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

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
            wait_s = 1.0 if self._turns.is_busy or self._reserved else 0.0
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
        """Make vectors beside the fetching; until a passage has its own, words alone find it. Then read sentences."""
        while True:
            try:
                if not await self._indexer.embed_pending(_EMBED_AT_ONCE) and not await self._indexer.sentences.make(
                    _READ_AT_ONCE
                ):
                    await self._sleep(_EMBED_EVERY_S)
            except Exception:
                log.exception("making vectors failed; it is tried again")
                await self._sleep(_LONGEST_SLEEP.total_seconds())


def _key(entry: EntryRow) -> Key:
    return "entry", entry.id
