"""What an operator names once, without following it: an address or a saved feed, to entries or to articles at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow, Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedKind
from retrieval.intake.examining import Delivery, Examiner
from retrieval.intake.listing import listing_apart
from retrieval.intake.pieces import pieces
from retrieval.news.canonical import canonical_url
from retrieval.news.entries import Entry
from retrieval.news.links import check_url
from retrieval.news.saved_feeds import SavedFeed
from retrieval.worker import Lane, Worker


@dataclass(frozen=True, slots=True)
class Led:
    """What was found.

    Attributes:
        rows: entries, recorded and to be visited.
        problems: what could not be taken of it, a sentence each.
        delivery: what brings its articles itself, or None.
    """

    rows: tuple[EntryRow, ...] = ()
    problems: tuple[str, ...] = ()
    delivery: Delivery | None = None


class LookUp:
    """Looks up what an operator names. Uses what it is given and closes nothing."""

    def __init__(self, archive: Archive, worker: Worker, examiner: Examiner, *, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._archive = archive
        self._worker = worker
        self._examiner = examiner
        self._now = now
        self._entries = EntryLedger()

    async def address(self, url: str) -> Led:
        """Record what an address leads to: one page, or what a feed, a sitemap or a site's feed lists now.

        Raises:
            FetchFailed, FeedUnreadable, ArticleRejected, ValueError: see `Examiner.look` and `check_url`.
        """
        found = await self._examiner.look(check_url(url))
        if isinstance(found, Delivery):
            return Led(delivery=found)
        if found.kind is FeedKind.PAGE:
            return await self._record([Listing(None, canonical_url(found.url), {})], found.url, ())
        problems = (*found.passed_over, *found.problems)
        return await self._list(found.entries, problems, found.title, found.url, place=found.url)

    async def saved(self, feed: SavedFeed) -> Led:
        """Record what a saved feed or sitemap lists.

        Raises:
            FeedUnreadable, ArticleRejected: see `Examiner.read_saved`.
        """
        contents = await self._examiner.read_saved(feed)
        return await self._list(
            contents.entries, contents.problems, contents.title, contents.site_url, place=feed.input
        )

    async def _list(
        self, entries: Sequence[Entry], problems: Sequence[str], title: str | None, site: str | None, *, place: str
    ) -> Led:
        def write_down(some: Sequence[Entry]) -> list[Listing]:
            return [one for entry in some if (one := listing_apart(entry, title, site)) is not None]

        listed = [entry for entry in entries if not entry.deleted]
        listings: list[Listing] = []
        for some in pieces(listed, self._worker):
            listings += await self._worker.run(Lane.INTAKE, write_down, some)
        told = list(problems)
        if nameless := len(listed) - len(listings):
            told.append(f"{nameless} of its entries have neither an address nor a name, and are left out")
        if not listings and not told:
            told.append("lists no articles")
        return await self._record(listings, place, told)

    async def _record(self, listings: Sequence[Listing], place: str, problems: Sequence[str]) -> Led:
        def write(some: Sequence[Listing]) -> list[EntryRow]:
            with self._archive.writing(changes_articles=False) as connection:
                return self._entries.record_once(connection, some, self._now(), place=place)

        rows: dict[int, EntryRow] = {}  # what is listed twice is one entry, as it was recorded last
        for some in pieces(listings, self._worker):
            rows |= {row.id: row for row in await self._worker.run(Lane.INTAKE, write, some)}
        return Led(tuple(rows.values()), tuple(problems))
