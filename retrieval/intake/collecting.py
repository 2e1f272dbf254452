"""Fetching a feed: what it lists is recorded piece by piece, and only then is noted that it was fetched."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow, EntryState, Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FETCHED, Feed, FeedKind, FeedLedger, FeedState
from retrieval.errors import ExtractionUnavailable, FeedUnreadable, FetchFailed, HostBusy, RetrievalError
from retrieval.index.ingest import Indexer
from retrieval.intake.keeping import Keeper, Visited
from retrieval.intake.listing import listing_of, published_at, without_forgotten, without_texts
from retrieval.intake.pieces import pieces
from retrieval.intake.reading import feed_contents, sitemap_contents
from retrieval.intake.schedule import Dice, feed_retry_s, next_interval_s, spread
from retrieval.news.canonical import same_site
from retrieval.news.entries import Entry, FeedContents
from retrieval.news.fetched import Fetched
from retrieval.news.sitemaps import SitemapContents
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# With the interval doubled after each failure and at most a day, this many take some days.
_BROKEN_AFTER = 12
_DELETED = "its feed deleted it"
_GONE = 410
_NOT_MODIFIED = 304
# Where pages cannot be read at all, for want of memory, a feed waits this long.
_UNREAD = timedelta(minutes=5)


class Fetch(Protocol):
    """Fetches an address; see `retrieval.news.fetch.Fetcher.fetch`."""

    def __call__(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Awaitable[Fetched]:
        """Fetch."""
        ...


class RunApart(Protocol):
    """Runs a function in another process; see `retrieval.news.extraction.Extraction.run`."""

    def __call__(self, function: Callable[..., Any], *args: Any, input: str) -> Awaitable[Any]:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What fetching a feed came to.

    Attributes:
        new: entries not seen before.
        problem: why nothing was read, or None.
    """

    new: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What recording a piece of a feed came to: how many entries are new, and when those listed were published."""

    new: int
    moments: list[datetime]


class Collector:
    """Fetches feeds one by one. Uses what it is given and closes nothing."""

    def __init__(
        self,
        archive: Archive,
        worker: Worker,
        indexer: Indexer,
        fetch: Fetch,
        run_apart: RunApart,
        *,
        low_s: int,
        high_s: int,
        now: Callable[[], datetime],
        dice: Dice,
    ) -> None:
        """Wire it; `low_s` and `high_s` bound the time between two fetches of a feed."""
        self._archive = archive
        self._worker = worker
        self._keeper = Keeper(archive, worker, indexer, now)
        self._fetch = fetch
        self._run_apart = run_apart
        self._low_s, self._high_s = low_s, high_s
        self._now = now
        self._dice = dice
        self._feeds = FeedLedger()
        self._entries = EntryLedger()

    async def collect(self, feed: Feed) -> Collected:
        """Fetch a feed and record what it lists; a failure is noted with the feed, never raised."""
        try:
            fetched = await self._fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified)
            if fetched.status == _NOT_MODIFIED and (feed.etag or feed.last_modified):
                return await self._succeed(feed, fetched, None, ())
            if fetched.status == _GONE:
                return await self._note(self._end, feed)
            if fetched.status != 200:
                problem = f"its server answers {fetched.status}"
                return await self._note(self._fail, feed, problem, fetched.retry_after_s)
            contents = await self._read(feed, fetched)
        except HostBusy as problem:
            return await self._note(self._wait, feed, timedelta(seconds=problem.wait_s))
        except ExtractionUnavailable as problem:
            log.warning("feed %d cannot be read: %s", feed.id, problem)
            return await self._note(self._wait, feed, _UNREAD)
        except (FetchFailed, FeedUnreadable) as problem:
            return await self._note(self._fail, feed, problem.reason, None)
        except RetrievalError as problem:
            return await self._note(self._fail, feed, f"it cannot be read: {problem}", None)
        return await self._succeed(feed, fetched, contents, contents.entries)

    async def _take_back(self, feed: Feed, deleted: Sequence[Entry]) -> None:
        for some in pieces(deleted, self._worker):
            for entry in await self._worker.run(Lane.INTAKE, self._own_entries, feed, some):
                await self._keeper.withdraw(entry, _DELETED)
                gone, fields = Visited(EntryState.GONE, _DELETED), without_texts(entry.fields)
                await self._keeper.mark(entry, gone, next_at=None, fields=fields)

    def _own_entries(self, feed: Feed, deleted: Sequence[Entry]) -> list[EntryRow]:
        """Find the entries that are taken back; a feed is not believed about another site's."""
        own: list[EntryRow] = []
        with self._archive.writing(changes_articles=False) as connection:
            for entry in deleted:
                one = self._entries.named(connection, feed.id, entry.guid, None)
                if entry.guid is not None and one and (one.url is None or same_site(one.url, feed.url)):
                    self._entries.note_deleted(connection, feed.id, entry.guid)
                    own.append(one)
        return [one for one in own if one.state is not EntryState.GONE]

    async def _give_back(self, entries: Sequence[EntryRow]) -> None:
        """Show again what a feed had deleted and lists again; it is due then, and its page may say otherwise."""
        for entry in entries:
            state = EntryState.NEW if entry.article_id is None else await self._keeper.show_again(entry)
            await self._keeper.mark(entry, Visited(state), next_at=self._now(), failures=0)

    def _prepare(self, feed: Feed, listed: Sequence[Entry]) -> tuple[list[Listing], list[EntryRow]]:
        """Write down some of what a feed lists, and find what of it the feed had deleted."""
        listings = [one for entry in listed if (one := listing_of(entry, feed.url)) is not None]
        with self._archive.reading() as connection:
            if not self._is_still_fetched(connection, feed):
                return listings, []
            known = self._entries.listed_again(connection, feed.id, listings)
        return listings, [one for one in known if one.state is EntryState.GONE and one.reason == _DELETED]

    async def _read(self, feed: Feed, fetched: Fetched) -> FeedContents | SitemapContents:
        parse = sitemap_contents if feed.kind is FeedKind.SITEMAP else feed_contents
        parsed: FeedContents | SitemapContents = await self._run_apart(parse, fetched, input=feed.url)
        return parsed

    async def _note(self, note: Callable[..., Collected], *args: Any) -> Collected:
        return await self._worker.run(Lane.INTAKE, note, *args)

    async def _succeed(
        self, feed: Feed, fetched: Fetched, contents: FeedContents | SitemapContents | None, listed: Sequence[Entry]
    ) -> Collected:
        """Record what is listed, then note the feed as read: killed before, it is read in full and heard again."""
        await self._take_back(feed, [entry for entry in listed if entry.deleted])
        new, moments = 0, list[datetime]()
        for some in pieces([entry for entry in listed if not entry.deleted], self._worker):
            listings, back = await self._worker.run(Lane.INTAKE, self._prepare, feed, some)
            await self._give_back(back)
            recorded = await self._worker.run(Lane.INTAKE, self._record, feed, listings)
            if recorded is None:
                return Collected(new)
            new += recorded.new
            moments += recorded.moments
        return await self._note(self._note_success, feed, fetched, contents, moments, new)

    def _record(self, feed: Feed, listings: Sequence[Listing]) -> _Recorded | None:
        """Record some of what a feed lists; None if it is not to be fetched any more."""
        with self._archive.writing(changes_articles=False) as connection:
            if not self._is_still_fetched(connection, feed):
                return None
            new = self._entries.record(connection, feed.id, without_forgotten(connection, listings), self._now())
        return _Recorded(new, [moment for one in listings if (moment := published_at(one.fields)) is not None])

    def _note_success(
        self,
        feed: Feed,
        fetched: Fetched,
        contents: FeedContents | SitemapContents | None,
        moments: Sequence[datetime],
        new: int,
    ) -> Collected:
        now = self._now()
        interval_s = self._interval_s(feed, contents, moments, new, now)
        with self._archive.writing(changes_articles=False) as connection:
            if not self._is_still_fetched(connection, feed):
                return Collected(new)
            columns: dict[str, Any] = {
                "state": FeedState.ACTIVE,
                "state_reason": None,
                "interval_s": interval_s,
                "next_at": now + spread(interval_s, self._dice),
                "tried_at": now,
                "succeeded_at": now,
                "failures": 0,
                "problem": None,
                "etag": fetched.etag or (feed.etag if contents is None else None),
                "last_modified": fetched.last_modified or (feed.last_modified if contents is None else None),
            }
            title = getattr(contents, "title", None)
            if title:
                columns["title"] = title
            said = getattr(contents, "moved_to", None)
            if fetched.moved_to and fetched.moved_to != feed.url:
                columns |= self._move(connection, feed, fetched.moved_to)
            elif said and said != feed.url and same_site(said, feed.url):  # anybody can write another's address
                columns |= {"etag": None, "last_modified": None, **self._move(connection, feed, said)}
            self._feeds.set(connection, feed.id, **columns)
        log.info("feed %d: %d new entries, again in %d s", feed.id, new, interval_s)
        return Collected(new)

    def _is_still_fetched(self, connection: Any, feed: Feed) -> bool:
        """Whether the operator has not paused or removed it while it was being fetched."""
        current = self._feeds.read(connection, feed.id)
        return current is not None and current.state in FETCHED

    def _interval_s(self, feed: Feed, contents: object, moments: Sequence[datetime], new: int, now: datetime) -> int:
        wanted = next_interval_s(
            moments, now, interval_s=feed.interval_s, is_news=new > 0, low_s=self._low_s, high_s=self._high_s
        )
        asked_s = getattr(contents, "ttl_s", None) or 0
        return max(wanted, min(int(asked_s), self._high_s))

    def _move(self, connection: Any, feed: Feed, url: str) -> dict[str, Any]:
        """Say what follows from a permanent move; onto the address of another feed, that one goes on alone."""
        other = self._feeds.at(connection, url, feed.scope)
        if other is None or other.id == feed.id:
            log.info("feed %d moved to %s", feed.id, url)
            return {"url": url}
        if other.state in (FeedState.ENDED, FeedState.REMOVED):  # nobody would go on
            return {}
        return {"state": FeedState.ENDED, "state_reason": f"moved to {url}, which is a feed already", "next_at": None}

    def _end(self, feed: Feed) -> Collected:
        reason = "its server says that it is gone for good (410)"
        columns = {"state": FeedState.ENDED, "state_reason": reason, "next_at": None, "tried_at": self._now()}
        return self._set(feed, columns, reason)

    def _wait(self, feed: Feed, wait: timedelta) -> Collected:
        """Leave a feed alone for a while for what is no failure of its own."""
        return self._set(feed, {"next_at": self._now() + wait}, None)

    def _fail(self, feed: Feed, problem: str, retry_after_s: float | None) -> Collected:
        now, failures = self._now(), feed.failures + 1
        wait_s = feed_retry_s(failures, interval_s=feed.interval_s, high_s=self._high_s)
        wait_s = max(wait_s, min(retry_after_s or 0.0, self._high_s))
        columns: dict[str, Any] = {
            "failures": failures,
            "problem": problem,
            "tried_at": now,
            "next_at": now + spread(wait_s, self._dice),
        }
        if failures >= _BROKEN_AFTER:
            columns |= {"state": FeedState.BROKEN, "state_reason": f"failed {failures} times in a row: {problem}"}
            columns["next_at"] = now + spread(self._high_s, self._dice)
        log.warning("feed %d (%s) failed %d times in a row: %s", feed.id, feed.url, failures, problem)
        return self._set(feed, columns, problem)

    def _set(self, feed: Feed, columns: dict[str, Any], problem: str | None) -> Collected:
        with self._archive.writing(changes_articles=False) as connection:
            if self._is_still_fetched(connection, feed):
                self._feeds.set(connection, feed.id, **columns)
        return Collected(0, problem)
