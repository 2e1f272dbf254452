"""In what form something fetched brings its articles itself: told by what it is, and only then by what it is called."""

from __future__ import annotations

import json
import zlib
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from retrieval.news.forms import (
    JSON_LINES_ENDINGS,
    MARKDOWN_ENDINGS,
    TEXT_ENDINGS,
    WARC_ENDINGS,
    XML_ENDINGS,
    ending_of,
)
from retrieval.news.newsml import ROOTS
from retrieval.news.xml_feeds import FEED_ROOTS
from retrieval.news.xml_trees import root_name

_WARC = b"WARC/"
_GZIP = b"\x1f\x8b"
_JSON_LINES_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_LISTS = ("urlset", "sitemapindex", "opml", "html")


def find_form(body: bytes, *, url: str, media_type: str) -> str | None:
    """Name the ending of a file in the same form; None for a page, and for what lists articles or feeds.

    Args:
        body: what was fetched.
        url: where it was fetched; its ending tells text from Markdown where the server does not.
        media_type: as the server calls it, "" if it does not.
    """
    ending = ending_of(PurePosixPath(unquote(urlsplit(url).path)).name)
    if body.startswith(_WARC):
        return WARC_ENDINGS[0]
    if body.startswith(_GZIP):
        return WARC_ENDINGS[1] if _unpacked_start(body).startswith(_WARC) or ending in WARC_ENDINGS else None
    start = body[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return _form_of_json(body, ending, media_type)
    root = root_name(body)
    if root in ROOTS or root == "nitf":
        return XML_ENDINGS[0]
    if root is not None and (root in _LISTS or root.lower() in FEED_ROOTS):
        return None
    if media_type == "text/markdown" or (ending in MARKDOWN_ENDINGS and media_type not in ("text/html",)):
        return MARKDOWN_ENDINGS[0]
    if media_type in _JSON_LINES_TYPES or ending in JSON_LINES_ENDINGS:
        return JSON_LINES_ENDINGS[0]
    if root is not None and (start.startswith(b"<?xml") or media_type.endswith("xml")):
        return None if media_type == "application/xhtml+xml" else XML_ENDINGS[0]
    if media_type == "text/plain" or (ending in TEXT_ENDINGS and media_type != "text/html"):
        return TEXT_ENDINGS[0]
    return ending if ending in WARC_ENDINGS else None


def _form_of_json(body: bytes, ending: str | None, media_type: str) -> str | None:
    if media_type in _JSON_LINES_TYPES or ending in JSON_LINES_ENDINGS:
        return JSON_LINES_ENDINGS[0]
    try:
        parsed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return JSON_LINES_ENDINGS[0] if _first_line_is_json(body) else ".json"
    version = parsed.get("version") if isinstance(parsed, dict) else None
    return None if isinstance(version, str) and "jsonfeed.org" in version else ".json"


def _first_line_is_json(body: bytes) -> bool:
    first, separator, _ = body.lstrip().partition(b"\n")
    try:
        return bool(separator) and isinstance(json.loads(first.decode("utf-8-sig", "replace")), dict)
    except (ValueError, RecursionError):
        return False


def _unpacked_start(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(body[:4096], len(_WARC))
    except zlib.error:
        return b""
