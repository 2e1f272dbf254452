"""Lists of feeds (OPML), read and written.

listparser, which reads them too, drops the address of each feed's site and keeps folders in folders apart from tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import FeedUnreadable
from retrieval.news.canonical import canonical_url
from retrieval.news.entry_making import MAX_PROBLEMS
from retrieval.news.fields import MAX_NAME_CHARS, MAX_TITLE_CHARS, one_line
from retrieval.news.links import check_url
from retrieval.news.xml_text import local_name, parse_mended, read_xml_text

# More than anybody reads; an hour's fetching at a feed a second.
MAX_FEEDS = 5000
MAX_TAGS = 20


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed that a list names.

    Attributes:
        url: where it is fetched, as the list spells it; http or https.
        title: one line, or None.
        site_url: the site it is a feed of, or None.
        tags: without repetition: the folders that it lies in from the outermost on, then its categories.
    """

    url: str
    title: str | None = None
    site_url: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedList:
    """What a list holds: its feeds, each once and in its order, and a sentence for each that cannot be used."""

    feeds: tuple[ListedFeed, ...]
    problems: tuple[str, ...]


def read_opml(body: bytes, *, input: str) -> FeedList:
    """Read a list of feeds (OPML 1.0 to 2.0), as far as it goes where it is broken; at most 5,000 feeds.

    A feed that is listed twice is taken once, with the tags of both. Other lists that it includes are not fetched.

    Args:
        body: the bytes of the list.
        input: how the list is named in the error.

    Raises:
        FeedUnreadable: it is no such list.
    """
    document = read_xml_text(body)
    root = parse_mended(document.text) if document.root == "opml" else None
    if root is None:
        raise FeedUnreadable(input, "it is no list of feeds (OPML)")
    feeds: dict[str, ListedFeed] = {}
    problems: list[str] = []
    for outline, folders in _outlines(root):
        written = "".join((_attribute(outline, "xmlUrl") or "").split())
        title = one_line(_attribute(outline, "text") or _attribute(outline, "title") or "")[:MAX_TITLE_CHARS] or None
        try:
            known_as = canonical_url(written)
        except ValueError as error:
            problems.append(f"the feed {(title or 'without a title')[:60]!r} is left out: {error}")
            continue
        tags = [*folders, *_categories(_attribute(outline, "category") or "")]
        known = feeds.get(known_as, ListedFeed(written, title, _site(_attribute(outline, "htmlUrl"))))
        if known_as not in feeds and len(feeds) >= MAX_FEEDS:
            problems.append(f"only its first {MAX_FEEDS} feeds were read")
            break
        feeds[known_as] = ListedFeed(
            known.url, known.title or title, known.site_url, tuple(dict.fromkeys((*known.tags, *tags)))[:MAX_TAGS]
        )
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS:] = [f"there are {len(problems) - MAX_PROBLEMS} more problems like these"]
    return FeedList(tuple(feeds.values()), tuple(problems))


def write_opml(feeds: Iterable[ListedFeed], *, title: str = "Feeds") -> bytes:
    """Write a list of feeds (OPML 2.0, UTF-8) that `read_opml` reads back as it was.

    Each feed lies in a folder named by its first tag and has all its tags as categories; commas and slashes in a tag,
    which part categories, become spaces.
    """
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = _storable(title)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        tags = [tag for tag in (_storable(each.replace(",", " ").replace("/", " ")) for each in feed.tags) if tag]
        parent = body
        if tags:
            if tags[0] not in folders:
                folders[tags[0]] = etree.SubElement(body, "outline", text=tags[0], title=tags[0])
            parent = folders[tags[0]]
        shown = _storable(feed.title or "") or feed.url
        outline = etree.SubElement(parent, "outline", type="rss", text=shown, title=shown, xmlUrl=feed.url)
        if feed.site_url:
            outline.set("htmlUrl", feed.site_url)
        if tags:
            outline.set("category", ",".join(tags))
    written: bytes = etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Yield each outline that names a feed, with the folders that it lies in."""
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if local_name(element) != "outline":
            continue
        is_feed = bool((_attribute(element, "xmlUrl") or "").strip())
        if event == "end":
            folders.pop()
            continue
        if is_feed:
            yield element, tuple(filter(None, folders))
        name = "" if is_feed else _attribute(element, "text") or _attribute(element, "title") or ""
        folders.append(one_line(name)[:MAX_NAME_CHARS])


def _categories(written: str) -> list[str]:
    """Part categories: by commas, and each path such as "/News/Europe" by its slashes."""
    parts = written[: MAX_TAGS * MAX_NAME_CHARS].replace("/", ",").split(",")
    return [name for part in parts if (name := one_line(part)[:MAX_NAME_CHARS])]


def _attribute(element: etree._Element, name: str) -> str | None:
    """Give an attribute in the spellings that lists have: "xmlUrl", "xmlurl", "XMLURL", "xmlURL".

    Looking through all attributes would take quadratic time in lxml.
    """
    spellings = (name, name.lower(), name.upper(), name.replace("Url", "URL"))
    return next((str(value) for each in spellings if (value := element.get(each)) is not None), None)


def _site(written: str | None) -> str | None:
    try:
        return check_url((written or "").strip())
    except ValueError:
        return None


def _storable(text: str) -> str:
    return one_line(text).replace("\ufffe", "").replace("\uffff", "")
