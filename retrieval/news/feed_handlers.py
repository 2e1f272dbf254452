"""feedparser's two parsers, made safe for hostile feeds and kept from taking one element for another."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.mixin import _FeedParserMixin

from retrieval.news.links import MAX_URL_CHARS

_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
# No real feed comes near these. Beyond them feedparser's time grows with the square of a feed's size.
_MAX_NAMESPACES = 100
_MAX_LANGUAGE_CHARS = 100


class EnoughEntries(Exception):
    """As many entries as wanted are read; the parser holds them."""


class _Guards:
    """What both parsers do differently from feedparser's own.

    Dates stay as they are written, descriptions of pictures and podcasts are no texts of the article, tombstones of
    deleted entries are kept, and whatever takes quadratic time is bounded or left out.
    """

    namespaces: ClassVar[dict[str, str]] = {**_FeedParserMixin.namespaces, _TOMBSTONES: "at"}
    _matchnamespaces: ClassVar[dict[str, str]] = {}

    def begin(self, *, max_entries: int) -> None:
        """Set what is read at most; what is deleted is gathered in `tombstones` as (reference, when)."""
        this: Any = self
        this.resolve_relative_uris = False
        this.sanitize_html = False
        this.tombstones = []
        this.max_entries = max_entries
        this.link_is_base = False

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        started = super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        this: Any = self
        if len(this.baseuri) > MAX_URL_CHARS:  # each level may add to it
            this.baseuri = this.basestack[-1] = ""
        if this.lang and len(this.lang) > _MAX_LANGUAGE_CHARS:  # copied at each element
            this.lang = this.langstack[-1] = None
        return started

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        this: Any = self
        if len(this.namespaces_in_use) < _MAX_NAMESPACES:  # all are searched at each element
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def handle_charref(self, ref: str) -> None:
        with suppress(ValueError, OverflowError):  # of a number that names no character
            super().handle_charref(ref)  # type: ignore[misc]

    def _start_item(self, attrs: dict[str, str]) -> None:
        this: Any = self
        if len(this.entries) >= this.max_entries:
            raise EnoughEntries
        super()._start_item(attrs)  # type: ignore[misc]

    _start_entry = _start_item

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        """Keep no categories: each would be compared with all before it."""
        this: Any = self
        this._get_context().setdefault("tags", [])

    def _sync_author_detail(self, key: str = "author") -> None:
        """Keep an author as it is written: feedparser parts it from an address in quadratic time, and wrongly."""
        this: Any = self
        context = this._get_context()
        authors = context.get("authors")
        if key == "author" and authors and not authors[-1] and context.get("author"):
            authors[-1]["name"] = context["author"]

    def _start_guid(self, attrs: dict[str, str]) -> None:
        """Keep the name as it is written; feedparser would resolve "47" against the feed's address."""
        this: Any = self
        this.guidislink = attrs.get("ispermalink", "true").strip().lower() == "true"
        this.push("guid", 1)

    _start_id = _start_guid

    def _end_guid(self) -> None:
        this: Any = self
        this.pop("guid")
        this._get_context()["guidislink"] = this.guidislink

    _end_id = _end_guid

    def _end_link(self) -> None:
        """Resolve the links of an RSS feed's entries against the feed's site, unless it says xml:base."""
        this: Any = self
        link = this.pop("link")
        if link and this.infeed and not (this.inentry or this.inimage or this.insource or this.intextinput):
            is_own = len(set(this.basestack)) == 1 and this.version.startswith("rss")
            if is_own and link.startswith(("http://", "https://")) and len(link) <= MAX_URL_CHARS:
                this.baseuri = link
                this.basestack = [link] * len(this.basestack)

    def _start_description(self, attrs: dict[str, str]) -> None:
        """A second description stays one; feedparser would take it for the content."""
        this: Any = self
        this.push_content("description", attrs, "text/html", this.infeed or this.inentry or this.insource)

    def _end_description(self) -> None:
        this: Any = self
        this.pop_content("description")

    def _start_summary(self, attrs: dict[str, str]) -> None:
        this: Any = self
        this.push_content("summary", attrs, "text/plain", 1)

    def _end_summary(self) -> None:
        this: Any = self
        this.pop_content("summary")

    def _end_content(self) -> None:
        """The content is not copied to the summary."""
        this: Any = self
        this.pop_content("content")

    _end_content_encoded = _end_fullitem = _end_body = _end_xhtml_body = _end_content

    def _start_tombstone(self, attrs: dict[str, str]) -> None:
        this: Any = self
        if len(this.tombstones) < this.max_entries:
            this.tombstones.append((attrs.get("ref", ""), attrs.get("when", "")))


def _apart(name: str) -> tuple[Any, Any]:
    """Make the two handlers of an element that is kept under a name of its own, as text."""

    def start(self: Any, attrs: dict[str, str]) -> None:
        self.push(name, 1)

    def end(self: Any) -> None:
        self.pop(name)

    return start, end


# feedparser tries nine forms on each date, and takes dc:date, which is when an RSS entry was published, for a change.
_APART = {
    "published": ("published", "issued", "pubdate", "dcterms_issued"),
    "updated": ("updated", "modified", "dcterms_modified"),
    "created": ("created", "dcterms_created"),
    "built": ("lastbuilddate",),
    "expired": ("expirationdate", "dcterms_valid"),
    "dc_date": ("dc_date",),
    "dc_description": ("dc_description",),
    "media_description": ("media_description",),
    "media_title": ("media_title",),
    "itunes_summary": ("itunes_summary",),
    "itunes_subtitle": ("itunes_subtitle",),
    "itunes_title": ("itunes_title",),
}
for _name, _elements in _APART.items():
    for _element in _elements:
        _start, _end = _apart(_name)
        setattr(_Guards, f"_start_{_element}", _start)
        setattr(_Guards, f"_end_{_element}", _end)
setattr(_Guards, "_start_at_deleted-entry", _Guards._start_tombstone)


class StrictHandler(_Guards, StrictFeedParser):  # type: ignore[misc]
    """Reads feeds that are well-formed."""


class LooseHandler(_Guards, LooseFeedParser):  # type: ignore[misc]
    """Reads feeds that are not."""
