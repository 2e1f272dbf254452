"""XML files to articles: which form a file has is told by its first element, never by its ending."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.errors import ArticleRejected
from retrieval.news.extract import extract_article
from retrieval.news.newsml import ROOTS, read_newsml
from retrieval.news.nitf import read_nitf
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.wire import Found
from retrieval.news.xml_feeds import FEED_ROOTS
from retrieval.news.xml_trees import parse_xml, root_name

_LISTS = {
    "sitemapindex": "is an index of sitemaps, which lists no articles itself; name the sitemaps, or add the site with "
    "`dateline feeds add`",
    "opml": "is a list of feeds; add them with `dateline feeds import`",
}


def read_xml(raw: bytes, *, input: str, own_id: str, title_otherwise: str) -> Iterator[Found | SavedFeed]:
    """Read an XML file: NewsML-G2, NITF, or a page in XHTML; a feed or a sitemap is given back itself.

    Args:
        raw: the whole file.
        input: how the file is named in rejections.
        own_id: the id of an article that does not say its own.
        title_otherwise: the title of a page that has none.

    Yields:
        Each article, word that one is taken back, or why there is none; or the file itself if it lists articles.
    """
    root = root_name(raw)
    try:
        if root in ROOTS:
            yield from read_newsml(parse_xml(raw, input=input), input=input)
        elif root == "nitf":
            yield read_nitf(parse_xml(raw, input=input), input=input, own_id=own_id)
        elif root == "html":
            yield extract_article(raw, input=input, own_id=own_id, title_otherwise=title_otherwise)
        elif root is not None and (root == "urlset" or root.lower() in FEED_ROOTS):
            yield SavedFeed(input, raw)
        elif root in _LISTS:
            yield ArticleRejected(input, _LISTS[root])
        elif root is None:
            yield ArticleRejected(input, "is not XML; its ending says that it is")
        else:
            yield ArticleRejected(
                input, f"is XML of an unknown form (its first element is {root[:40]!r}); NewsML-G2 and NITF are read"
            )
    except ArticleRejected as rejected:
        yield rejected
