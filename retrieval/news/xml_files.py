"""XML files to articles: which form a file has is told by its first element, never by its ending."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.errors import ArticleRejected
from retrieval.news.extract import extract_article
from retrieval.news.newsml import ROOTS, split_newsml
from retrieval.news.nitf import read_nitf
from retrieval.news.parts import Step
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.xml_feeds import FEED_ROOTS
from retrieval.news.xml_trees import parse_xml, root_name

_LISTS = {
    "sitemapindex": "is an index of sitemaps, which lists no articles itself; name the sitemaps, or add the site with "
    "`dateline feeds add`",
    "opml": "is a list of feeds; add them with `dateline feeds import`",
}


def split_xml(raw: bytes, *, input: str, own_id: str, title_otherwise: str) -> Sequence[Step]:
    """Read an XML file: NITF, a page in XHTML, or NewsML-G2, whose messages are split; a feed or sitemap is given back.

    Args:
        raw: the whole file.
        input: how the file is named in rejections.
        own_id: the id of an article that does not say its own.
        title_otherwise: the title of a page that has none.

    Returns:
        What comes to each article, word that one is taken back, or why there is none; or the file itself if it lists
        articles.
    """
    root = root_name(raw)
    try:
        if root in ROOTS:
            return split_newsml(parse_xml(raw, input=input), input=input)
        if root == "nitf":
            return [read_nitf(parse_xml(raw, input=input), input=input, own_id=own_id)]
        if root == "html":
            return [extract_article(raw, input=input, own_id=own_id, title_otherwise=title_otherwise)]
    except ArticleRejected as rejected:
        return [rejected]
    if root is not None and (root == "urlset" or root.lower() in FEED_ROOTS):
        return [SavedFeed(input, raw)]
    if root in _LISTS:
        return [ArticleRejected(input, _LISTS[root])]
    if root is None:
        return [ArticleRejected(input, "is not XML; its ending says that it is")]
    reason = f"is XML of an unknown form (its first element is {root[:40]!r}); NewsML-G2 and NITF are read"
    return [ArticleRejected(input, reason)]
