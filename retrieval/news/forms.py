"""The forms that articles come in, each with its endings, its limit and its reader; from files or from the network."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from retrieval.errors import ArticleRejected
from retrieval.news.extract import extract_article
from retrieval.news.json_files import split_json, split_json_lines
from retrieval.news.parts import QUICK_BYTES, Part, Step, read_here
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.text_files import read_markdown, read_text
from retrieval.news.warc import split_warc
from retrieval.news.wire import Found
from retrieval.news.xml_files import split_xml

TEXT_ENDINGS = (".txt",)
MARKDOWN_ENDINGS = (".md",)
PAGE_ENDINGS = (".html", ".htm")
JSON_ENDINGS = (".json",)
JSON_LINES_ENDINGS = (".jsonl", ".ndjson")
XML_ENDINGS = (".xml", ".rss", ".atom", ".nitf", ".newsml")
WARC_ENDINGS = (".warc", ".warc.gz")
KNOWN_ENDINGS = (
    TEXT_ENDINGS + MARKDOWN_ENDINGS + PAGE_ENDINGS + JSON_ENDINGS + JSON_LINES_ENDINGS + XML_ENDINGS + WARC_ENDINGS
)

# Files that are held whole. A text of 5 million characters takes at most 20 MB in UTF-8. The largest of 91 real
# news pages has 0.7 MB, saved with its pictures inside it would have more; the extractor takes 1.5 s for a MB of
# paragraphs and 8 s for a MB of line breaks. Parsed JSON takes some five times its size in memory, parsed XML ten.
MAX_TEXT_BYTES = 21 * 2**20
MAX_PAGE_BYTES = 10 * 2**20
MAX_JSON_BYTES = 64 * 2**20
MAX_XML_BYTES = 32 * 2**20


def ending_of(name: str) -> str | None:
    """The known ending of a file's name, in small letters, which may have two dots; None if it has none."""
    name = name.lower()
    return next((ending for ending in KNOWN_ENDINGS if name.endswith(ending) and name != ending), None)


def split_form(
    stream: BinaryIO,
    ending: str,
    *,
    input: str,
    own_id: str,
    title_otherwise: str,
    url: str | None = None,
    advance: Callable[[int], None] = lambda size_bytes: None,
) -> Iterator[Step]:
    """Split what is in a file, or was fetched, into parts that are read each by itself.

    Parts that are not quick are those that untrusted markup, or sheer size, may keep reading for long.

    Args:
        stream: it, seekable, from its beginning; it stays open.
        ending: one of KNOWN_ENDINGS, which says in what form it is.
        input: how it is named in rejections.
        own_id: the id of an article that stands alone and names none itself.
        title_otherwise: the title of a text or page that has none.
        url: where it was fetched, which is the address of a text that names none.
        advance: called with numbers of bytes done with; their sum is its size.

    Yields:
        What comes to each article, word that one is taken back, or why there is none; or to the whole, if it is a feed
        or a sitemap.

    Raises:
        OSError: it cannot be read.
    """
    if ending in JSON_LINES_ENDINGS:
        yield from split_json_lines(stream, input=input, advance=advance)
        return
    if ending in WARC_ENDINGS:
        yield from split_warc(stream, input=input, advance=advance)
        return
    limit = _limit_bytes(ending)
    raw = stream.read(limit + 1)
    size = len(raw)
    if size > limit:
        size = stream.seek(0, io.SEEK_END)
        remedy = "write it as .jsonl, one article on each line" if ending in JSON_ENDINGS else "split it"
        yield ArticleRejected(input, f"is larger than {limit >> 20} MiB; {remedy}")
    elif ending in JSON_ENDINGS:
        yield split_json(raw, input=input)
    elif ending in XML_ENDINGS:
        yield Part(input, _read_xml, (raw, input, own_id, title_otherwise))
    else:
        is_quick = ending not in PAGE_ENDINGS and size <= QUICK_BYTES
        yield Part(input, _read_one, (raw, ending, input, own_id, title_otherwise, url), is_quick)
    advance(size)


def read_form(
    stream: BinaryIO, ending: str, *, input: str, own_id: str, title_otherwise: str, url: str | None = None
) -> Iterator[Found | SavedFeed]:
    """Read what is in a file, or was fetched, all in this process; see `split_form`."""
    return read_here(split_form(stream, ending, input=input, own_id=own_id, title_otherwise=title_otherwise, url=url))


def _limit_bytes(ending: str) -> int:
    if ending in JSON_ENDINGS:
        return MAX_JSON_BYTES
    if ending in XML_ENDINGS:
        return MAX_XML_BYTES
    return MAX_PAGE_BYTES if ending in PAGE_ENDINGS else MAX_TEXT_BYTES


def _read_xml(raw: bytes, input: str, own_id: str, title: str) -> Sequence[Step]:
    return split_xml(raw, input=input, own_id=own_id, title_otherwise=title)


def _read_one(raw: bytes, ending: str, input: str, own_id: str, title: str, url: str | None) -> Sequence[Step]:
    try:
        if ending in TEXT_ENDINGS:
            return [read_text(raw, input=input, own_id=own_id, title_otherwise=title, url=url)]
        if ending in MARKDOWN_ENDINGS:
            return [read_markdown(raw, input=input, own_id=own_id, title_otherwise=title, url=url)]
        return [extract_article(raw, input=input, own_id=own_id, title_otherwise=title, url=url)]
    except ArticleRejected as rejected:
        return [rejected]
