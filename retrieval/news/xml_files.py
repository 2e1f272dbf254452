"""XML files to articles: which form a file has is told by its first element, never by its ending."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import ArticleRejected
from retrieval.news.extract import extract_article
from retrieval.news.fields import file_id
from retrieval.news.json_files import IS_A_FEED
from retrieval.news.newsml import ROOTS, read_newsml
from retrieval.news.nitf import read_nitf
from retrieval.news.text_files import title_of_file
from retrieval.news.wire import Found
from retrieval.news.xml_trees import parse_xml, root_name

_FEEDS = ("rss", "RDF", "feed")
_LISTS = {
    "urlset": "is a sitemap, a list of addresses; add the site with `dateline feeds add`",
    "sitemapindex": "is an index of sitemaps; add the site with `dateline feeds add`",
    "opml": "is a list of feeds; add them with `dateline feeds add`",
}


def read_xml(raw: bytes, path: Path, *, input: str) -> Iterator[Found]:
    """Read an XML file: NewsML-G2, NITF, or a page in XHTML; feeds and lists of addresses are told to be such.

    Args:
        raw: the whole file.
        path: the file; it names an article that does not say its own id.
        input: how the file is named in rejections.

    Yields:
        Each article, word that one is taken back, or why there is none.
    """
    root = root_name(raw)
    own_id = file_id(os.fsencode(path.resolve()))
    try:
        if root in ROOTS:
            yield from read_newsml(parse_xml(raw, input=input), input=input)
        elif root == "nitf":
            yield read_nitf(parse_xml(raw, input=input), input=input, own_id=own_id)
        elif root == "html":
            yield extract_article(raw, input=input, own_id=own_id, title_otherwise=title_of_file(path))
        elif root in _FEEDS:
            yield ArticleRejected(input, IS_A_FEED)
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
