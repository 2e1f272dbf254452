"""Feeds in whatever form, RSS, Atom or JSON Feed, to what they say."""

from __future__ import annotations

from retrieval.errors import FeedUnreadable
from retrieval.news.entries import Entry, FeedContents, is_whole
from retrieval.news.json_feeds import looks_like_json, parse_json_feed
from retrieval.news.xml_feeds import parse_xml_feed
from retrieval.news.xml_text import read_xml_text

__all__ = ["Entry", "FeedContents", "is_whole", "parse_feed"]


def parse_feed(body: bytes, *, url: str, media_type: str | None = None) -> FeedContents:
    """Read a feed: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1.

    What is broken is read as far as it can be, and each entry that cannot be used is a problem and no error. At most
    2,000 entries are read. Nothing is fetched, and no entity but XML's and HTML's own is expanded.

    Args:
        body: what was fetched.
        url: where it was fetched, against which relative links are resolved.
        media_type: its Content-Type with the charset, if the server gave one; what the body is decides, not this.

    Raises:
        FeedUnreadable: it is empty, a web page, or no feed.
    """
    if not body.strip(b"\0 \t\r\n"):
        raise FeedUnreadable(url, "it is empty")
    if looks_like_json(body):
        return parse_json_feed(body, url=url)
    document = read_xml_text(body, media_type=media_type)
    if document.root == "html":
        raise FeedUnreadable(url, "it is a web page and no feed")
    return parse_xml_feed(document, url=url)
