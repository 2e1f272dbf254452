"""Looking at an address before anything is taken: what is there, and what would come of it."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.archive.feed_ledger import FeedKind
from retrieval.errors import FeedUnreadable, FetchFailed
from retrieval.intake.collecting import Fetch, RunApart
from retrieval.news.discovery import Discovery, discover, sitemaps_of
from retrieval.news.entries import Entry, FeedContents
from retrieval.news.feeds import parse_feed
from retrieval.news.fetched import Fetched
from retrieval.news.opml import FeedList, read_opml
from retrieval.news.sitemaps import SitemapContents, parse_sitemap

# A site may part its sitemap into many; the first ones, which news sites put first, tell enough.
_CHILDREN = 3


@dataclass(frozen=True, slots=True)
class Examined:
    """What is at an address.

    Attributes:
        url: the address that would be fetched as a feed: the one given, or the one that it leads to.
        kind: of that feed.
        title: what it calls itself, or None.
        entries: what it lists now; empty for a page.
        problems: what is wrong with it, a sentence each.
        others: further feeds that the site offers: (address, title).
        fetched: what was fetched at `url`.
    """

    url: str
    kind: FeedKind
    title: str | None
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    others: tuple[tuple[str, str | None], ...]
    fetched: Fetched


class Examiner:
    """Finds out what an address is. Uses what it is given and closes nothing."""

    def __init__(self, fetch: Fetch, run_apart: RunApart) -> None:
        """Wire it."""
        self._fetch = fetch
        self._run_apart = run_apart

    async def examine(self, url: str) -> Examined:
        """Look at a feed, a news sitemap, a page or a site; of a site that offers feeds, at the first of them.

        Raises:
            FetchFailed: it cannot be fetched.
            FeedUnreadable: its server answers with an error, or what it names as its feed is none.
        """
        fetched = await self._get(url)
        found: Discovery = await self._run_apart(_discover, fetched, input=fetched.url)
        if found.is_page:
            return await self._examine_page(fetched, list(found.feeds))
        return await self._read(fetched, found.kind, ())

    async def read_list(self, url: str) -> FeedList:
        """Fetch a list of feeds (OPML).

        Raises:
            FetchFailed: it cannot be fetched.
            FeedUnreadable: its server answers with an error, or it is no list.
        """
        fetched = await self._get(url)
        listed: FeedList = await self._run_apart(_read_opml, fetched, input=url)
        return listed

    async def _examine_page(self, page: Fetched, feeds: list[tuple[str, str | None]]) -> Examined:
        others = tuple(feeds[1:])
        for url in [*(url for url, _ in feeds[:1]), *(await self._news_sitemaps(page) if not feeds else ())]:
            fetched = await self._get(url)
            found: Discovery = await self._run_apart(_discover, fetched, input=fetched.url)
            if not found.is_page:
                return await self._read(fetched, found.kind, others)
        return Examined(page.url, FeedKind.PAGE, None, (), (), others, page)

    async def _news_sitemaps(self, page: Fetched) -> tuple[str, ...]:
        """Ask a site that offers no feed for its news sitemap, if the page is the site's own first page."""
        parts = page.final_url.split("/", 3)
        if len(parts) > 3 and parts[3]:
            return ()
        try:
            robots = await self._fetch("/".join(parts[:3]) + "/robots.txt")
        except FetchFailed:
            return ()
        if robots.status != 200:
            return ()
        return sitemaps_of(robots.body.decode("utf-8", "replace"))[:_CHILDREN]

    async def _read(self, fetched: Fetched, kind: str, others: tuple[tuple[str, str | None], ...]) -> Examined:
        url = fetched.moved_to or fetched.url
        if kind == "feed":
            contents = await self._run_apart(_parse_feed, fetched, input=fetched.url)
            return Examined(url, FeedKind.FEED, contents.title, contents.entries, contents.problems, others, fetched)
        if kind == "opml":
            raise FeedUnreadable(fetched.url, "it is a list of feeds: dateline feeds import takes them all")
        sitemap: SitemapContents = await self._run_apart(_parse_sitemap, fetched, input=fetched.url)
        return Examined(url, FeedKind.SITEMAP, None, sitemap.entries, sitemap.problems, others, fetched)

    async def _get(self, url: str) -> Fetched:
        fetched = await self._fetch(url)
        if fetched.status != 200:
            raise FeedUnreadable(url, f"its server answers {fetched.status}")
        return fetched


def _discover(fetched: Fetched) -> Discovery:
    return discover(fetched.body, url=fetched.final_url, media_type=fetched.media_type)


def _parse_feed(fetched: Fetched) -> FeedContents:
    return parse_feed(fetched.body, url=fetched.final_url, media_type=fetched.media_type)


def _parse_sitemap(fetched: Fetched) -> SitemapContents:
    return parse_sitemap(fetched.body, url=fetched.final_url)


def _read_opml(fetched: Fetched) -> FeedList:
    return read_opml(fetched.body, input=fetched.url)
