"""What is behind an address that an operator names: a feed, a sitemap, a list of feeds, or a page and its feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from lxml.html import HTMLParser, defs, document_fromstring  # type: ignore[import-untyped]
from trafilatura.feeds import FeedParameters, determine_feed

from retrieval.errors import FeedUnreadable
from retrieval.news.canonical import canonical_url
from retrieval.news.decoding import decode_page
from retrieval.news.fields import MAX_TITLE_CHARS, one_line
from retrieval.news.json_feeds import looks_like_json, parse_json_feed
from retrieval.news.links import check_url, names_a_site_only
from retrieval.news.sitemaps import unpack
from retrieval.news.xml_feeds import FEED_ROOTS
from retrieval.news.xml_text import read_xml_text

Kind = Literal["feed", "sitemap", "sitemap index", "opml", "article page", "site"]

MAX_FEEDS = 20
MAX_SITEMAPS = 100
# What an address can be that is no article; plain JSON is left out, under which WordPress announces its own API.
_FEED_TYPES = frozenset(
    "application/rss+xml application/atom+xml application/rdf+xml application/feed+json text/rss+xml text/atom+xml "
    "application/x-rss+xml application/x-atom+xml application/rss application/atom text/xml application/xml".split()
)
_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
# As much of a robots.txt as search engines read.
_MAX_ROBOTS_CHARS = 512_000


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is behind an address.

    Attributes:
        kind: "article page" for a page that says of itself that it is one article, "site" for all others.
        feeds: of a page, the feeds that it names: (address, title or None), its own order, comments left out.
        sitemaps: of a page, the sitemaps that it names.
    """

    kind: Kind
    feeds: tuple[tuple[str, str | None], ...] = ()
    sitemaps: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, of an article or of a site, and not itself something that lists articles."""
        return self.kind in ("article page", "site")


def discover(body: bytes, *, url: str, media_type: str | None = None) -> Discovery:
    """Tell what was fetched by what it is, not by what its server calls it. Nothing else is fetched.

    Args:
        body: what was fetched.
        url: where it was fetched.
        media_type: its Content-Type with the charset, if the server gave one.

    Raises:
        FeedUnreadable: it is neither a web page nor anything that lists articles.
    """
    if not body.strip(b"\0 \t\r\n"):
        raise FeedUnreadable(url, "it is empty")
    if looks_like_json(body):
        parse_json_feed(body, url=url)
        return Discovery("feed")
    raw = unpack(body, url=url)
    root = read_xml_text(raw, media_type=media_type).root
    if root in FEED_ROOTS:
        return Discovery("feed")
    if root in ("urlset", "sitemapindex"):
        return Discovery("sitemap" if root == "urlset" else "sitemap index")
    if root == "opml":
        return Discovery("opml")
    if root not in defs.tags:
        raise FeedUnreadable(url, "it is neither a web page nor a feed, a sitemap or a list of feeds")
    html, _ = decode_page(raw)
    try:
        return _page(html, url)
    except Exception as error:  # hostile markup trips lxml and trafilatura in more ways than they document
        raise FeedUnreadable(url, f"the page cannot be read ({type(error).__name__})") from error


def sitemaps_of(robots_txt: str) -> tuple[str, ...]:
    """Give the sitemaps that a site's robots.txt names, those first that are called "news"; at most 100."""
    named = _SITEMAP_LINE.findall(robots_txt[:_MAX_ROBOTS_CHARS])
    usable = dict.fromkeys(filter(None, (_address(each, each) for each in named)))
    return tuple(sorted(usable, key=lambda each: "news" not in each.rpartition("/")[2].lower()))[:MAX_SITEMAPS]


def _page(html: str, url: str) -> Discovery:
    tree = document_fromstring(html.encode("utf-8", "ignore"), parser=HTMLParser(encoding="utf-8", no_network=True))
    base = _absolute(url, next(iter(tree.xpath("//base[@href]/@href")), url))
    feeds: dict[str, str | None] = {}
    sitemaps: dict[str, None] = {}
    for link in tree.xpath("//link[@rel and @href]"):
        rels = link.get("rel").lower().split()
        address = _address(base, link.get("href"))
        if address is None:
            continue
        if "sitemap" in rels:
            sitemaps.setdefault(address)
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        title = one_line(link.get("title", ""))[:MAX_TITLE_CHARS] or None
        if "alternate" in rels and media_type in _FEED_TYPES and not _COMMENTS.search(f"{address} {title}"):
            feeds.setdefault(address, title)
    if not feeds:  # those that are only linked in the text
        guessed = determine_feed(html, FeedParameters(base, base, url))
        feeds = {address: None for each in guessed if (address := _address(base, each))}
    is_article = not names_a_site_only(url) and "article" in [
        each.lower().strip() for each in tree.xpath("//meta[@property='og:type']/@content")
    ]
    kind: Kind = "article page" if is_article else "site"
    return Discovery(kind, tuple(feeds.items())[:MAX_FEEDS], tuple(sitemaps)[:MAX_SITEMAPS])


def _address(base: str, written: str) -> str | None:
    """Resolve an address; feeds keep their own spelling, since some are told apart by what looks like tracking."""
    try:
        address = check_url(_absolute(base, written))
        canonical_url(address)
    except ValueError:
        return None
    return address


def _absolute(base: str, url: str) -> str:
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return ""
