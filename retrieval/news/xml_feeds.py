"""RSS 0.9 to 2.0, RDF and Atom to what they say, read by feedparser, which is given text and nothing to fetch."""

from __future__ import annotations

import xml.sax
import xml.sax.expatreader
import xml.sax.handler
from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Any

from retrieval.errors import FeedUnreadable
from retrieval.news.entries import FeedContents
from retrieval.news.entry_making import MAX_ENTRIES, EntryMaker, Written
from retrieval.news.feed_handlers import EnoughEntries, LooseHandler, StrictHandler
from retrieval.news.fields import MAX_NAME_CHARS, MAX_TITLE_CHARS
from retrieval.news.html_text import headline, html_paragraphs, plain_paragraphs
from retrieval.news.language import language_code
from retrieval.news.xml_text import XmlText

FEED_ROOTS = frozenset(("rss", "feed", "rdf", "channel", "redirect"))

_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_MAX_TTL_S = 31_536_000
_HTML = ("text/html", "application/xhtml+xml")


def parse_xml_feed(document: XmlText, *, url: str) -> FeedContents:
    """Read a feed in XML; one that is not well-formed is read as far as it can be, and says so among its problems.

    Raises:
        FeedUnreadable: it is no feed, or too broken to be read.
    """
    if document.root not in FEED_ROOTS:
        found = f'its first element is "{document.root}"' if document.root else "it is no XML"
        raise FeedUnreadable(url, f"it is no feed: {found}")
    problems: list[str] = []
    try:
        parsed = _parse(document, url, problems)
    except Exception as error:  # hostile markup trips feedparser in more ways than it documents
        raise FeedUnreadable(url, f"it is too broken to be read ({type(error).__name__})") from error
    feed = _plain(parsed.feeddata)
    if not (parsed.version or parsed.entries or feed.get("newlocation")):
        raise FeedUnreadable(url, "it has none of what feeds have")
    maker = EntryMaker(problems)
    is_atom = str(parsed.version).startswith("atom")
    language = _string(feed, "language")
    written = [_written(_plain(one), is_atom, language) for one in parsed.entries]
    entries = [maker.make(one, number) for number, one in enumerate(written, start=1)]
    deleted = [maker.deletion(ref, when, number) for number, (ref, when) in enumerate(parsed.tombstones, start=1)]
    finished = maker.finish(filter(None, entries), filter(None, deleted))
    moved_to = maker.url(
        [_string(feed, "itunes_new-feed-url"), _string(feed, "newlocation")], "where the feed moved to"
    )
    return FeedContents(
        title=_headline(feed)[:MAX_TITLE_CHARS] or None,
        site_url=maker.url(_alternates(feed), "the feed's site"),
        language=language_code(language),
        next_url=maker.url((_string(link, "href") for link in _links(feed, "next")), "the feed's next page"),
        ttl_s=_ttl_s(feed),
        moved_to=None if moved_to == url else moved_to,
        entries=finished,
        problems=maker.problems,
    )


def _parse(document: XmlText, url: str, problems: list[str]) -> Any:
    strict = StrictHandler(url, None, "utf-8")
    strict.begin(max_entries=MAX_ENTRIES)
    sax = xml.sax.expatreader.create_parser(namespaceHandling=True)
    sax.setFeature(xml.sax.handler.feature_external_ges, False)
    sax.setContentHandler(strict)
    sax.setErrorHandler(strict)
    enough = f"only its first {MAX_ENTRIES} entries were read"
    try:
        # All at once: expat's time for one long token grows with the square of the pieces it comes in.
        sax.feed(document.text.encode())
        sax.close()
        return strict
    except EnoughEntries:
        problems.append(enough)
        return strict
    except xml.sax.SAXException as error:
        line = error.getLineNumber() if isinstance(error, xml.sax.SAXParseException) else None
        where = f" at line {line + document.line - 1}" if line is not None else ""
        problems.append(f"it is not well-formed{where}, and was read all the same")
    loose = LooseHandler(url, None, "utf-8", {})
    loose.begin(max_entries=MAX_ENTRIES)
    try:
        loose.feed(document.text)
    except EnoughEntries:
        problems.append(enough)
    return loose


def _written(entry: Mapping[str, Any], is_atom: bool, of_feed: str) -> Written:
    urls = [_string(entry, "feedburner_origlink"), *_alternates(entry)]
    guid = _string(entry, "id")
    if not is_atom and entry.get("guidislink") and guid.strip().startswith(("http://", "https://")):
        urls.append(guid)
    published = "published" if is_atom else next((k for k in ("published", "dc_date") if entry.get(k)), "created")
    source = _plain(entry.get("source"))
    summary = _text(entry.get("summary_detail")) or next(
        (plain_paragraphs(_string(entry, name)) for name in ("dc_description", "itunes_summary") if entry.get(name)), ""
    )
    return Written(
        guid=guid,
        urls=tuple(urls),
        title=_headline(entry),
        published=_string(entry, published) or _string(entry, "created"),
        updated=_string(entry, "updated"),
        authors=tuple(_authors(entry) or _authors(source)),
        summary=summary,
        content=max(map(_text, _contents(entry)), key=len, default=""),
        language=_string(entry, "language") or _language(entry, of_feed),
        source=headline(_string(source, "title")),
    )


def _headline(fields: Mapping[str, Any]) -> str:
    detail = _plain(fields.get("title_detail"))
    written = _string(detail, "value") or _string(fields, "title")
    return headline(html_paragraphs(written) if detail.get("type") in _HTML else written)


def _text(detail: object) -> str:
    """Give a text as paragraphs, by the type that the feed says it has."""
    fields = _plain(detail)
    written = _string(fields, "value")
    return html_paragraphs(written) if fields.get("type") in _HTML else plain_paragraphs(written)


def _language(entry: Mapping[str, Any], of_feed: str) -> str:
    """Give what xml:lang says on the entry's own texts, unless it is what the whole feed says."""
    details = [_plain(each) for each in (entry.get("title_detail"), entry.get("summary_detail"), *_contents(entry))]
    return next((said for each in details if (said := _string(each, "language")) and said != of_feed), "")


def _contents(entry: Mapping[str, Any]) -> list[object]:
    contents = entry.get("content")
    return contents if isinstance(contents, list) else []


def _authors(fields: Mapping[str, Any]) -> Iterator[str]:
    for author in fields.get("authors") or ():
        name = headline(_string(author, "name")[: 5 * MAX_NAME_CHARS])
        # RSS has it "ada@news.example (Ada Penn)".
        if name := parseaddr(name)[0] if "@" in name else name:
            yield name


def _alternates(fields: Mapping[str, Any]) -> list[str]:
    """Give the addresses of what an entry or a feed is about: web pages first, and never an enclosure."""
    links = _links(fields, "alternate")
    links.sort(key=lambda link: _string(link, "type") not in ("", *_HTML))
    return [_string(link, "href") for link in links]


def _links(fields: Mapping[str, Any], rel: str) -> list[Mapping[str, Any]]:
    links = fields.get("links") or ()
    return [link for link in links if isinstance(link, Mapping) and _string(link, "rel").lower() == rel]


def _ttl_s(feed: Mapping[str, Any]) -> int | None:
    minutes = _number(_string(feed, "ttl"))
    if minutes:
        return min(minutes * 60, _MAX_TTL_S)
    period_s = _PERIODS_S.get(_string(feed, "sy_updateperiod").strip().lower())
    return None if period_s is None else period_s // (_number(_string(feed, "sy_updatefrequency")) or 1)


def _number(written: str) -> int | None:
    digits = written.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _plain(fields: object) -> dict[str, Any]:
    """Copy feedparser's dictionary, which answers for keys that it does not have."""
    return dict(fields) if isinstance(fields, Mapping) else {}


def _string(fields: Mapping[str, Any], name: str) -> str:
    value = dict.get(fields, name) if isinstance(fields, dict) else fields.get(name)
    return value if isinstance(value, str) else ""
