"""Looking at an address before anything is taken: what is there, and what would come of it."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from retrieval.archive.feed_ledger import FeedKind
from retrieval.errors import ArticleRejected, FeedUnreadable, FetchFailed
from retrieval.intake.collecting import Fetch, RunApart
from retrieval.intake.reading import feed_contents, sitemap_contents
from retrieval.news.discovery import Discovery, discover, sitemaps_of
from retrieval.news.entries import Entry, FeedContents
from retrieval.news.fetched import Fetched
from retrieval.news.fields import address_id
from retrieval.news.form_finding import find_form
from retrieval.news.forms import read_form
from retrieval.news.links import names_a_site_only
from retrieval.news.opml import FeedList, read_opml
from retrieval.news.saved_feeds import SavedFeed, read_saved_feed
from retrieval.news.sitemaps import SitemapContents
from retrieval.news.text_files import title_of_address
from retrieval.news.wire import Found

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
        passed_over: what the site offers before it and cannot be read, with the reason.
    """

    url: str
    kind: FeedKind
    title: str | None
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    others: tuple[tuple[str, str | None], ...]
    fetched: Fetched
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What brings its articles itself, in one of the forms that files have.

    Attributes:
        url: its address: the one given, or the one to which it moved for good.
        ending: one of `retrieval.news.forms.KNOWN_ENDINGS`.
        fetched: what was fetched.
    """

    url: str
    ending: str
    fetched: Fetched


class Examiner:
    """Finds out what an address is. Uses what it is given and closes nothing."""

    def __init__(self, fetch: Fetch, run_apart: RunApart) -> None:
        """Wire it."""
        self._fetch = fetch
        self._run_apart = run_apart

    async def examine(self, url: str) -> Examined:
        """Look at a feed, a news sitemap, a page or a site; of a site that offers feeds, at the first that can be read.

        Raises:
            FetchFailed: it cannot be fetched.
            FeedUnreadable: its server answers with an error, or none of what it names as its feeds can be read.
            ArticleRejected: it takes too long, or too much memory, to be looked at.
        """
        fetched = await self._get(url)
        if await self._run_apart(_find_form, fetched, input=fetched.url) is not None:
            raise FeedUnreadable(fetched.url, "it brings articles and lists none: dateline ingest takes them in")
        return await self._examine(fetched)

    async def look(self, url: str) -> Examined | Delivery:
        """Look at anything that can be taken in once; a page is that page, unless it is the first one of a site.

        Raises:
            FetchFailed: it cannot be fetched.
            FeedUnreadable: its server answers with an error, or it is nothing that can be taken in.
            ArticleRejected: it takes too long, or too much memory, to be looked at.
        """
        fetched = await self._get(url)
        ending = await self._run_apart(_find_form, fetched, input=fetched.url)
        if ending is not None:
            return Delivery(fetched.moved_to or fetched.url, ending, fetched)
        return await self._examine(fetched, is_page=not names_a_site_only(fetched.final_url))

    async def read_saved(self, saved: SavedFeed) -> FeedContents:
        """Read what a saved feed or sitemap lists.

        Raises:
            FeedUnreadable: it is too broken to be read.
            ArticleRejected: it takes too long, or too much memory, to be read.
        """
        contents: FeedContents = await self._run_apart(read_saved_feed, saved, input=saved.input)
        return contents

    async def read_delivery(self, delivery: Delivery) -> list[Found | SavedFeed]:
        """Read what was fetched as a file of its form is read, named by its address; in another process.

        Raises:
            ArticleRejected: it takes too long, or too much memory, to be read.
        """
        found: list[Found | SavedFeed] = await self._run_apart(_read_delivery, delivery, input=delivery.url)
        return found

    async def read_list(self, url: str) -> FeedList:
        """Fetch a list of feeds (OPML).

        Raises:
            FetchFailed: it cannot be fetched.
            FeedUnreadable: its server answers with an error, or it is no list.
        """
        fetched = await self._get(url)
        listed: FeedList = await self._run_apart(_read_opml, fetched, input=url)
        return listed

    async def _examine(self, fetched: Fetched, *, is_page: bool = False) -> Examined:
        found: Discovery = await self._run_apart(_discover, fetched, input=fetched.url)
        if found.is_page and (is_page or found.kind == "article page"):
            return Examined(fetched.url, FeedKind.PAGE, None, (), (), found.feeds, fetched)
        if found.is_page:
            return await self._examine_site(fetched, found)
        return await self._read(fetched, found.kind, ())

    async def _examine_site(self, page: Fetched, site: Discovery) -> Examined:
        """Take the first that can be read of what a site offers; one that offers only other pages is a page."""
        offered = [url for url, _ in site.feeds] or [*site.sitemaps[:_CHILDREN], *await self._news_sitemaps(page)]
        passed_over: list[FetchFailed | FeedUnreadable | ArticleRejected] = []
        is_broken = False
        for url in offered:
            others = tuple(feed for feed in site.feeds if feed[0] != url)
            try:
                fetched = await self._get(url)
                found: Discovery = await self._run_apart(_discover, fetched, input=fetched.url)
                if not found.is_page:
                    return replace(
                        await self._read(fetched, found.kind, others), passed_over=tuple(map(str, passed_over))
                    )
                passed_over.append(FeedUnreadable(url, "it is a web page"))
            except (FetchFailed, FeedUnreadable, ArticleRejected) as problem:
                is_broken = True
                passed_over.append(problem)
        if not is_broken:
            return Examined(page.url, FeedKind.PAGE, None, (), (), site.feeds[1:], page)
        if len(passed_over) == 1:
            raise passed_over[0]
        raise FeedUnreadable(page.url, f"nothing that it offers can be read: {'; '.join(map(str, passed_over))}")

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
            contents = await self._run_apart(feed_contents, fetched, input=fetched.url)
            return Examined(url, FeedKind.FEED, contents.title, contents.entries, contents.problems, others, fetched)
        if kind == "opml":
            raise FeedUnreadable(fetched.url, "it is a list of feeds: dateline feeds import takes them all")
        sitemap: SitemapContents = await self._run_apart(sitemap_contents, fetched, input=fetched.url)
        if kind == "sitemap index":
            return await self._read_child(fetched, sitemap, others)
        return Examined(url, FeedKind.SITEMAP, None, sitemap.entries, sitemap.problems, others, fetched)

    async def _read_child(
        self, index: Fetched, listed: SitemapContents, others: tuple[tuple[str, str | None], ...]
    ) -> Examined:
        """Take the first sitemap of an index that lists anything, among those that changed last."""
        for url in listed.children[:_CHILDREN]:
            fetched = await self._get(url)
            sitemap: SitemapContents = await self._run_apart(sitemap_contents, fetched, input=fetched.url)
            if sitemap.entries:
                found = fetched.moved_to or fetched.url
                return Examined(found, FeedKind.SITEMAP, None, sitemap.entries, sitemap.problems, others, fetched)
        raise FeedUnreadable(index.url, "it is an index of sitemaps that list nothing")

    async def _get(self, url: str) -> Fetched:
        fetched = await self._fetch(url)
        if fetched.status != 200:
            raise FeedUnreadable(url, f"its server answers {fetched.status}")
        return fetched


def _discover(fetched: Fetched) -> Discovery:
    return discover(fetched.body, url=fetched.final_url, media_type=fetched.media_type)


def _find_form(fetched: Fetched) -> str | None:
    return find_form(fetched.body, url=fetched.final_url, media_type=fetched.media_type)


def _read_opml(fetched: Fetched) -> FeedList:
    return read_opml(fetched.body, input=fetched.url)


def _read_delivery(delivery: Delivery) -> list[Found | SavedFeed]:
    return list(
        read_form(
            io.BytesIO(delivery.fetched.body),
            delivery.ending,
            input=delivery.fetched.url,
            own_id=address_id(delivery.url),
            title_otherwise=title_of_address(delivery.url),
            url=delivery.url,
        )
    )
