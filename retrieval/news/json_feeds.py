"""JSON Feed 1.0 and 1.1 to what it says. No kept Python library reads it: the newest that does is of 2019."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from retrieval.errors import FeedUnreadable
from retrieval.news.decoding import decode_xml
from retrieval.news.entries import FeedContents
from retrieval.news.entry_making import MAX_ENTRIES, EntryMaker, Written
from retrieval.news.fields import MAX_NAME_CHARS, MAX_TITLE_CHARS
from retrieval.news.html_text import headline, html_paragraphs, plain_paragraphs
from retrieval.news.language import language_code

_VERSION = "https://jsonfeed.org/version/"


def looks_like_json(body: bytes) -> bool:
    """Whether bytes begin as a JSON object does."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def parse_json_feed(body: bytes, *, url: str) -> FeedContents:
    """Read a JSON Feed.

    Raises:
        FeedUnreadable: it is no JSON, or no JSON Feed.
    """
    try:
        feed = json.loads(decode_xml(body).removeprefix("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedUnreadable(url, f"it begins as JSON does and is none ({str(error)[:100]})") from error
    if not isinstance(feed, dict) or not _string(feed, "version").lower().replace("http:", "https:").startswith(
        _VERSION
    ):
        raise FeedUnreadable(url, f'it is JSON, but no JSON Feed: its "version" does not begin with "{_VERSION}"')
    listed = feed.get("items")
    maker = EntryMaker()
    if not isinstance(listed, list):
        maker.note('there is no list of "items"')
        listed = []
    if len(listed) > MAX_ENTRIES:
        maker.note(f"only the first {MAX_ENTRIES} of its {len(listed)} entries were read")
    entries = []
    for number, one in enumerate(listed[:MAX_ENTRIES], start=1):
        if not isinstance(one, dict):
            maker.note(f"entry {number} is no object")
        elif entry := maker.make(_written(one, url), number):
            entries.append(entry)
    finished = maker.finish(entries)
    home = _absolute(url, _string(feed, "home_page_url"))
    next_url = _absolute(url, _string(feed, "next_url"))
    return FeedContents(
        title=headline(_string(feed, "title"))[:MAX_TITLE_CHARS] or None,
        site_url=maker.url([home], "the feed's site"),
        language=language_code(_string(feed, "language")),
        next_url=maker.url([next_url], "the feed's next page"),
        entries=finished,
        problems=maker.problems,
    )


def _written(one: dict[str, Any], url: str) -> Written:
    authors = one.get("authors", one.get("author"))
    named = authors if isinstance(authors, list) else [authors]
    guid = one.get("id")
    page = _string(one, "url")
    # Identifiers are addresses often enough that the specification recommends it.
    urls = [page] if page else [guid] if isinstance(guid, str) and guid.startswith(("http://", "https://")) else []
    content = html_paragraphs(_string(one, "content_html")) or plain_paragraphs(_string(one, "content_text"))
    return Written(
        guid=str(guid) if isinstance(guid, str | int | float) and not isinstance(guid, bool) else None,
        urls=tuple(_absolute(url, each) for each in urls),
        title=headline(_string(one, "title")),
        published=_string(one, "date_published"),
        updated=_string(one, "date_modified"),
        authors=tuple(_string(each, "name")[: MAX_NAME_CHARS + 1] for each in named if isinstance(each, dict)),
        summary=plain_paragraphs(_string(one, "summary")),
        content=content,
        language=_string(one, "language"),
    )


def _string(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _absolute(base: str, url: str) -> str:
    try:
        return urljoin(base, url.strip()) if url.strip() else ""
    except ValueError:
        return url
