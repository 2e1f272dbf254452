"""A feed or a sitemap that was saved as a file: it is no article, what it lists is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.errors import FeedUnreadable
from retrieval.news.entries import FeedContents
from retrieval.news.feeds import parse_feed
from retrieval.news.sitemaps import parse_sitemap
from retrieval.news.xml_trees import root_name


@dataclass(frozen=True, slots=True)
class SavedFeed:
    """A file that lists articles.

    Attributes:
        input: how the file is named.
        body: what is in it.
    """

    input: str
    body: bytes


def read_saved_feed(saved: SavedFeed) -> FeedContents:
    """Read what a saved feed or sitemap lists. Addresses that are only relative lead nowhere, and are problems.

    Raises:
        FeedUnreadable: it is too broken to be read.
    """
    try:
        if root_name(saved.body) == "urlset":
            sitemap = parse_sitemap(saved.body, url="")
            return FeedContents(None, None, None, sitemap.entries, sitemap.problems)
        return parse_feed(saved.body, url="")
    except FeedUnreadable as problem:
        raise FeedUnreadable(saved.input, problem.reason) from problem
