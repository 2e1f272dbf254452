"""What can be asked about feeds: add, list, pause, remove, try out, import and export them; retry what failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.feed_facts import FAILURES_LISTED, feed_facts, read_failures, read_feeds, told_examined
from retrieval.archive.entries import EntryState, Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import Feed, FeedKind, FeedLedger, FeedState
from retrieval.build import Engine
from retrieval.errors import FeedUnknown, InputNotFound
from retrieval.intake.intake import Intake
from retrieval.news.canonical import canonical_url
from retrieval.news.links import check_url
from retrieval.news.opml import ListedFeed, read_opml, write_opml
from retrieval.worker import Lane


class NamedFeed(Protocol):
    """A feed that the operator's file names; see `config.feeds.NamedFeed`."""

    @property
    def url(self) -> str:
        """Its address."""
        ...

    @property
    def kind(self) -> str:
        """What is there: the value of a `FeedKind`."""
        ...

    @property
    def source(self) -> str | None:
        """Its publisher's name, or None."""
        ...

    @property
    def tags(self) -> tuple[str, ...]:
        """The operator's words for it."""
        ...


Event = dict[str, Any]
OpenIntake = Callable[[Engine], AbstractAsyncContextManager[Intake]]

# A feed that was just added is fetched about hourly until its own dates tell better.
_FIRST_INTERVAL_S = 3600
_MOST_DIGITS = 18
#: What the operator may turn a feed into, and the state in which it is then.
_TURNS = {"pause": FeedState.PAUSED, "resume": FeedState.ACTIVE, "remove": FeedState.REMOVED}


class FeedOperations:
    """Runs the operations on feeds. It opens an intake when it is first needed, and closes it in `close`."""

    def __init__(
        self, engine: Engine, open_intake: OpenIntake, *, now: Callable[[], datetime], heeds_opt_outs: bool = True
    ) -> None:
        """Wire them.

        Args:
            engine: the open engine.
            open_intake: opens its intake.
            now: the clock.
            heeds_opt_outs: whether pages whose publishers do not want them used are left out.
        """
        self._engine = engine
        self._open_intake = open_intake
        self._now = now
        self._heeds_opt_outs = heeds_opt_outs
        self._feeds = FeedLedger()
        self._entries = EntryLedger()
        self._open = AsyncExitStack()
        self._intake: Intake | None = None
        self._opening = asyncio.Lock()

    async def intake(self) -> Intake:
        """Give the home's one intake, opening it if nobody has needed it yet."""
        async with self._opening:
            if self._intake is None:
                self._intake = await self._open.enter_async_context(self._open_intake(self._engine))
            return self._intake

    async def close(self) -> None:
        """Close the intake, if it was opened."""
        await self._open.aclose()

    async def add(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Add the feed at "url", or the first one that this site offers, with "source" and "tags".

        With "unchecked" it is added as it stands, without being fetched first. With a "scope" that scope alone sees it;
        one that is public already ("is_public") is not added, and whether another scope has it shows nowhere.
        """
        url, scope = check_url(arguments["url"]), arguments.get("scope")
        kind, title, others = FeedKind.FEED, None, list[Event]()
        passed_over: tuple[str, ...] = ()
        if not arguments.get("unchecked"):
            examined = await (await self.intake()).examiner.examine(url)
            url, kind, title = examined.url, examined.kind, examined.title
            others = [{"url": other, "title": name} for other, name in examined.others]
            passed_over = examined.passed_over
        said = {"kind": kind, "title": title, "source": arguments.get("source"), "tags": arguments.get("tags") or ()}

        def write(connection: Connection) -> tuple[Feed, bool]:
            if scope is not None and (public := self._public(connection, url)) is not None:
                return public, False
            return self._put(connection, url, scope=scope, **said)

        feed, is_new = await self._write(write)
        self._wake()
        told = {"is_new": is_new, "is_public": scope is not None and feed.scope is None}
        facts = feed_facts(feed, to_operator=scope is None)
        yield {"feed": facts, **told, "others": others, "passed_over": list(passed_over)}

    async def seed(self, named: Sequence[NamedFeed]) -> int:
        """Add the feeds of the operator's file that this home has never had; how many were added.

        They are added as they stand, each to be fetched at once; one that was removed stays so.
        """

        def write(connection: Connection) -> int:
            known = self._feeds.known_urls(connection)
            fresh = [one for one in {one.url: one for one in named}.values() if one.url not in known]
            for one in fresh:
                self._put(connection, one.url, kind=FeedKind(one.kind), source=one.source, tags=one.tags)
            return len(fresh)

        added: int = await self._write(write)
        return added

    def _follow_page(self, connection: Connection, feed: Feed, is_new: bool) -> None:
        """A page is an entry of its own feed: fetched now, and looked at again as all are."""
        url, now = canonical_url(feed.url), self._now()
        self._entries.record(connection, feed.id, [Listing(None, url, {})], now)
        entry = self._entries.at(connection, url, feed.scope)
        if is_new and entry is not None:  # removed and added again, it is known, and not due by what is said of it
            unread = {"failures": 0, "etag": None, "last_modified": None}
            self._entries.set(connection, entry.id, now=now, next_at=now, **unread)
        self._feeds.set(connection, feed.id, next_at=None)

    async def list(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """List the feeds of a "scope" with how they do; without one those of all, for the operator."""
        now = self._now()
        scopes = (arguments["scope"],) if arguments.get("scope") else None
        feeds = await self._engine.worker.run(Lane.QUESTION, read_feeds, self._engine.archive, now, scopes)
        yield {"feeds": feeds, "checked_at": now.isoformat()}

    async def turn(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Pause, resume or remove (as "turn" says) the "feed", named by its number or its address.

        With a "scope" only that scope's own feeds have a name, and their numbers are those that `list` tells it.

        Raises:
            FeedUnknown: there is none.
        """
        turn, now, scope = arguments["turn"], self._now(), arguments.get("scope")

        def write(connection: Connection) -> Feed:
            feed = self._named(connection, str(arguments["feed"]), scope)
            columns: dict[str, Any] = {"state": _TURNS[turn], "state_reason": None}
            if turn == "resume":
                # A page has no time of its own: it is an entry, and its entry's time has been kept.
                next_at = None if feed.kind is FeedKind.PAGE else now
                columns |= {"next_at": next_at, "failures": 0, "problem": None}
            self._feeds.set(connection, feed.id, **columns)
            return self._feeds.read(connection, feed.id) or feed

        feed = await self._write(write)
        self._wake()
        if turn == "remove" and feed.scope is not None:
            await self._engine.forgetter.clear_removed_feeds()
        yield {"feed": feed_facts(feed, to_operator=scope is None), "checked_at": now.isoformat()}

    async def leave(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Remove all feeds of a "scope", whose server is gone, and all that only they brought."""

        def write(connection: Connection) -> int:
            own = self._feeds.of_scope(connection, str(arguments["scope"]))
            for feed in own:
                self._feeds.set(connection, feed.id, state=FeedState.REMOVED, state_reason=None)
            return len(own)

        feeds = await self._write(write)
        articles = await self._engine.forgetter.clear_removed_feeds()
        yield {"report": {"feeds": feeds, "articles": articles}}

    async def test(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Show what would be taken from "url", and take nothing; whether it "is_public" already."""
        examined = await (await self.intake()).examiner.examine(check_url(arguments["url"]))

        def read() -> bool:
            with self._engine.archive.reading() as connection:
                return self._public(connection, examined.url) is not None

        told = told_examined(examined)
        yield {"test": told | {"is_public": await self._engine.worker.run(Lane.QUESTION, read)}}

    async def take_list(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Add every feed of a list (OPML) at "path" or "url"; each is fetched for the first time later.

        Raises:
            InputNotFound: there is no such file, or it cannot be read.
            FetchFailed, FeedUnreadable: the list cannot be fetched, or is none.
        """
        if arguments.get("url"):
            listed = await (await self.intake()).examiner.read_list(check_url(arguments["url"]))
        else:
            path = Path(arguments["path"])
            try:
                body = await self._engine.worker.run(Lane.INTAKE, path.read_bytes)
            except OSError as problem:
                raise InputNotFound(str(path)) from problem
            listed = await self._engine.worker.run(Lane.INTAKE, lambda: read_opml(body, input=str(path)))
        added = await self._write(lambda connection: self.add_listed(connection, listed.feeds))
        self._wake()
        yield {"report": {"added": added, "known": len(listed.feeds) - added, "problems": list(listed.problems)}}

    def add_listed(self, connection: Connection, listed: Sequence[ListedFeed]) -> int:
        """Add feeds unchecked, in the caller's transaction; how many were new."""
        added = 0
        for one in listed:
            _, is_new = self._put(connection, one.url, kind=FeedKind.FEED, title=one.title, tags=one.tags)
            added += is_new
        return added

    async def export(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Write the public feeds as a list (OPML); sitemaps and pages, which it cannot name, are left out and counted.

        A list names no scope, and whoever reads it back would make everything public.
        """

        def write() -> Event:
            with self._engine.archive.reading() as connection:
                feeds = self._feeds.of_scope(connection, None)
            fit = [feed for feed in feeds if feed.kind is FeedKind.FEED]
            listed = [ListedFeed(feed.url, feed.source or feed.title, None, feed.tags) for feed in fit]
            return {"opml": write_opml(listed).decode(), "left_out": len(feeds) - len(fit)}

        yield await self._engine.worker.run(Lane.QUESTION, write)

    async def failures(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """List the entries that failed, were given up or left out, each with its reason; at most "limit" of them."""
        limit = int(arguments.get("limit") or FAILURES_LISTED)
        yield await self._engine.worker.run(Lane.QUESTION, read_failures, self._engine.archive, limit)

    async def retry(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Let every entry that failed or was given up be fetched again now.

        So are those that publishers had opted out, once opt-outs are not heeded any more.
        """
        failed, opted_out = (EntryState.DEAD, EntryState.FAILED), not self._heeds_opt_outs
        count = await self._write(
            lambda connection: self._entries.retry(connection, failed, self._now(), opted_out=opted_out)
        )
        self._wake()
        yield {"report": {"retried": count}}

    def _put(self, connection: Connection, url: str, **said: Any) -> tuple[Feed, bool]:
        feed, is_new = self._feeds.add(connection, url, interval_s=_FIRST_INTERVAL_S, now=self._now(), **said)
        if said["kind"] is FeedKind.PAGE:
            self._follow_page(connection, feed, is_new)
        return feed, is_new

    def _public(self, connection: Connection, url: str) -> Feed | None:
        found = self._feeds.at(connection, url)
        return found if found is not None and found.state is not FeedState.REMOVED else None

    def _named(self, connection: Connection, name: str, scope: str | None) -> Feed:
        feed: Feed | None = None
        if name.isdecimal():
            if len(name) <= _MOST_DIGITS:  # a number that SQLite cannot hold names no feed
                number, feeds = int(name), self._feeds
                feed = feeds.read(connection, number) if scope is None else feeds.numbered(connection, number, scope)
        else:
            feed = self._feeds.at(connection, name, scope)
            if feed is None:
                with suppress(ValueError):
                    feed = self._feeds.at(connection, canonical_url(name), scope)
        if feed is None or feed.state is FeedState.REMOVED:
            raise FeedUnknown(name)
        return feed

    async def _write(self, write: Callable[[Connection], Any]) -> Any:
        def run() -> Any:
            with self._engine.archive.writing(changes_articles=False) as connection:
                return write(connection)

        return await self._engine.worker.run(Lane.INTAKE, run)

    def _wake(self) -> None:
        if self._intake is not None:
            self._intake.wake()
