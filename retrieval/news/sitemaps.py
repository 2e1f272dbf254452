"""Sitemaps, those for Google News above all, to the entries that they list."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import FeedUnreadable
from retrieval.news.entries import Entry
from retrieval.news.entry_making import MAX_ENTRIES, EntryMaker, Written
from retrieval.news.html_text import headline
from retrieval.news.xml_text import local_name, parse_mended, read_xml_text

# A news sitemap of 1,000 articles has about 1 MB; the protocol allows 50 MB, of which none of ours needs the rest.
MAX_SITEMAP_BYTES = 20 * 2**20
# The protocol's limits for one sitemap and one index.
_MAX_LISTED = 50_000
MAX_CHILDREN = 1000
_GZIP = b"\x1f\x8b"
# Each part is cut from what follows it; some tools write a few, and thousands take quadratic time.
_MAX_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class SitemapContents:
    """What a sitemap says.

    Attributes:
        entries: what it lists, in its order; at most 2,000, those of the latest dates.
        children: the addresses of the sitemaps that an index lists, those changed last first.
        problems: what is wrong with it though it was read, a sentence each.
    """

    entries: tuple[Entry, ...]
    children: tuple[str, ...]
    problems: tuple[str, ...]


def parse_sitemap(body: bytes, *, url: str) -> SitemapContents:
    """Read a sitemap or an index of sitemaps, gzipped or not, as far as it goes where it is broken.

    `lastmod` is when a page changed and never when it was published. Nothing is fetched.

    Args:
        body: what was fetched.
        url: where it was fetched, against which relative addresses are resolved.

    Raises:
        FeedUnreadable: it is no sitemap, or its compression is damaged.
    """
    maker = EntryMaker()
    raw = unpack(body, url=url)
    if len(raw) > MAX_SITEMAP_BYTES:
        maker.note(f"only its first {MAX_SITEMAP_BYTES >> 20} MiB were read")
        raw = raw[:MAX_SITEMAP_BYTES]
    document = read_xml_text(raw)
    root = parse_mended(document.text) if document.root in ("urlset", "sitemapindex") else None
    if root is None:
        raise FeedUnreadable(url, "it is no sitemap")
    if document.root == "sitemapindex":
        return SitemapContents((), _children(root, url, maker), maker.problems)
    written = [_written(element, url) for element in _elements(root, "url")]
    if len(written) > MAX_ENTRIES:
        maker.note(f"only the {MAX_ENTRIES} latest of its {len(written)} entries were taken")
        latest = sorted(range(len(written)), key=lambda at: _date_key(written[at]), reverse=True)[:MAX_ENTRIES]
        written = [written[at] for at in sorted(latest)]
    entries = []
    for number, one in enumerate(written, start=1):
        # Plain sitemaps name pages and say no more.
        entry = maker.make(one, number, needs_text=False)
        if entry is not None and entry.url is not None:
            entries.append(entry)
    return SitemapContents(maker.finish(entries), (), maker.problems)


def unpack(body: bytes, *, url: str) -> bytes:
    """Decompress a gzipped body up to one byte more than is read of it; others are given back as they are.

    Raises:
        FeedUnreadable: its compression is damaged.
    """
    unpacked = b""
    for _ in range(_MAX_MEMBERS):
        if not body.startswith(_GZIP) or len(unpacked) > MAX_SITEMAP_BYTES:
            return unpacked or body
        member = zlib.decompressobj(wbits=31)
        try:
            unpacked += member.decompress(body, MAX_SITEMAP_BYTES + 1 - len(unpacked))
        except zlib.error as error:
            raise FeedUnreadable(url, f"its compression is damaged ({error})") from error
        body = member.unused_data
        if not body or not member.eof:
            return unpacked
    raise FeedUnreadable(url, f"its compression has more than {_MAX_MEMBERS} parts")


def _children(root: etree._Element, url: str, maker: EntryMaker) -> tuple[str, ...]:
    found = []
    for number, element in enumerate(_elements(root, "sitemap"), start=1):
        fields = _fields(element)
        child = maker.url([_absolute(url, fields.get("loc", ""))], f"sitemap {number}")
        if child:
            found.append((fields.get("lastmod", ""), child))
    if len(found) > MAX_CHILDREN:
        maker.note(f"only the {MAX_CHILDREN} latest of its {len(found)} sitemaps were taken")
    found.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(dict.fromkeys(child for _, child in found[:MAX_CHILDREN]))


def _elements(root: etree._Element, name: str) -> Iterator[etree._Element]:
    for count, element in enumerate(root.iterchildren()):
        if count >= _MAX_LISTED:
            return
        if local_name(element) == name:
            yield element


def _written(element: etree._Element, url: str) -> Written:
    fields = _fields(element)
    access = fields.get("access", "").strip().lower()
    return Written(
        urls=(_absolute(url, fields.get("loc", "")),),
        title=headline(fields.get("title", "")),
        published=fields.get("publication_date"),
        updated=fields.get("lastmod"),
        language=fields.get("language"),
        source=fields.get("name"),
        paid=True if access in ("subscription", "registration") else None,
    )


def _fields(element: etree._Element) -> dict[str, str]:
    """Gather the texts of a page's own fields and of its <news:news>, the first of each name.

    Pictures and films have titles and addresses of their own, which are not the page's.
    """
    fields: dict[str, str] = {}
    waiting = list(element)
    for child in waiting:
        name = local_name(child)
        if name in ("news", "publication"):
            waiting.extend(child)
        elif not len(child) and child.text:
            fields.setdefault(name, child.text)
    return fields


def _date_key(written: Written) -> str:
    """Order by the date as written: sitemaps write ISO 8601, whose order is that of time but for zones."""
    return written.published or written.updated or ""


def _absolute(base: str, url: str) -> str:
    try:
        return urljoin(base, url.strip()) if url.strip() else ""
    except ValueError:
        return url
