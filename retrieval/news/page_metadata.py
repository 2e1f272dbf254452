"""What a page says of its article beside the text: title, source, authors, dates, language and address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura.metadata import extract_metadata

from retrieval.articles import Precision
from retrieval.news.canonical import same_site
from retrieval.news.dates import parse_published
from retrieval.news.fields import MAX_NAME_CHARS, one_line
from retrieval.news.json_ld import StatedArticle, own_article, stated_articles
from retrieval.news.language import language_code
from retrieval.news.links import check_url, names_a_site_only

_PUBLISHED_NAMES = {
    "article:published_time",
    "article:published",
    "datepublished",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "parsely-pub-date",
}
_MODIFIED_NAMES = {"article:modified_time", "article:modified", "og:updated_time", "datemodified", "dcterms.modified"}
_ZONE_AT_END = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})$")
# No person's name: an address, a handle, a number, a date that stood beside it, or more words than a name has.
_NO_NAME = re.compile(
    r"https?:|www\.|[@\d]|(?:\S+\s+){6}\S|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:january|february|september|october|november|december)\b",
    re.IGNORECASE,
)
_MAX_UNCLOSED_TAGS = 1000
_FULL_NAME = re.compile(r"[^\s,;]+(?: [^\s,;]+){1,4}")
_NO_SOURCE = re.compile(r"(?:copyright|\(c\)|©|https?:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says of its article.

    Attributes:
        title: the headline without the site's name; empty if there is none.
        full_title: the title as the page gives it.
        source: the publisher's name.
        url: where the article can be read, by which it is named.
        canonical_url: the address that the page gives itself, be it on another site.
        published: the date, as `parse_published` reads it.
        updated: a moment with its zone, as `parse_published` reads it.
        authors: in the page's order.
        language: ISO 639-1, as the template states it.
        stated: what the page states of its article in JSON-LD.
    """

    title: str
    full_title: str
    source: str | None
    url: str | None
    canonical_url: str | None
    published: str | None
    updated: str | None
    authors: tuple[str, ...]
    language: str | None
    stated: StatedArticle | None


def read_metadata(tree: HtmlElement, url: str | None) -> PageMetadata:
    """Read what a page says of itself, with trafilatura and htmldate, and in JSON-LD of the article it is about.

    The URL is that of the page's canonical link, Open Graph or JSON-LD, in this order. Where the page was fetched
    from a known address, the URL is of the same site (the same registrable domain, so that AMP pages and "m." hosts
    are named as the article is), or else the known address: a page must not speak for another site's article.

    The date is the one in JSON-LD if it is that of this article, else the day that htmldate finds, made more precise
    by the first zoned time near it that the page states. A time without a zone is precise to the day.

    Args:
        tree: the whole page, with its scripts; hostile ones are emptied.
        url: where the page was fetched, if it was.
    """
    articles = stated_articles(tree)
    _disarm(tree)
    # the extensive search takes dates out of footers and running text
    found = extract_metadata(tree, url, {"original_date": True, "extensive_search": False})
    canonicals = [one for one in map(lambda one: _checked(one, url), _canonical_links(tree)) if one]
    full_title = one_line(found.title or "")
    stated = own_article(articles, urls=[*([url] if url else []), *canonicals], title=full_title)
    if stated is not None:
        canonicals += [one for one in map(lambda one: _checked(one, url), stated.urls) if one]
    source = _source(tree, one_line(found.sitename or ""), stated)
    title = _without_source(full_title, source)
    if stated is not None and stated.headline and (not title or (source and title.casefold() == source.casefold())):
        full_title, title = stated.headline, _without_source(stated.headline, source)
    published = _published(found.date, tree, stated)
    return PageMetadata(
        title=title,
        full_title=full_title,
        source=source,
        url=next((one for one in canonicals if url is None or same_site(one, url)), None) or _own_address(url),
        canonical_url=next(iter(canonicals), None),
        published=published,
        updated=_updated(published, tree, stated),
        authors=_authors(found.author, source, stated),
        language=language_code(tree.get("lang") or "") or language_code((stated and stated.language) or ""),
        stated=stated,
    )


def _disarm(tree: HtmlElement) -> None:
    """Empty the scripts on which trafilatura's search for tags would take quadratic time: 80 s for 0.5 MB of "<a"."""
    for script in tree.iter("script"):
        written = script.text or ""
        if written.count("<", written.rfind(">") + 1) > _MAX_UNCLOSED_TAGS:
            script.text = ""


def _source(tree: HtmlElement, found: str, stated: StatedArticle | None) -> str | None:
    """The site's name as Open Graph has it, else what trafilatura finds, else the publisher in JSON-LD.

    trafilatura prefers the longest name and gives the host where there is none; the JSON-LD of a paper's page may name
    the agency that wrote the article. So a host is the last resort.
    """
    named = next(iter(_metas(tree, {"og:site_name"})), "")
    said = [named] if named != named.lower() or " " in named else []
    names = [one_line(name) for name in (*said, found, (stated and stated.publisher) or "")]
    names = [name for name in names if 0 < len(name) <= MAX_NAME_CHARS and not _NO_SOURCE.match(name)]
    return next((name for name in names if " " in name or "." not in name), None) or next(iter(names), None)


def _without_source(title: str, source: str | None) -> str:
    if not source:
        return title
    name = re.escape(source)
    return re.sub(rf"^{name}\s?[|·•:\u2013\u2014-]\s|\s[|·•:\u2013\u2014-]\s{name}$", "", title, flags=re.I) or title


def _authors(found: str | None, source: str | None, stated: StatedArticle | None) -> tuple[str, ...]:
    """The names that JSON-LD states, if they are people's; else what trafilatura finds; else what JSON-LD states."""
    unlike = {(source or "").casefold(), ((stated and stated.publisher) or "").casefold(), ""}
    choices = [
        tuple(name for name in names if name.casefold() not in unlike and not _NO_NAME.search(name))
        for names in (
            stated.authors if stated is not None else (),
            tuple(one_line(name) for name in (found or "").split("; ") if len(name) <= MAX_NAME_CHARS),
        )
    ]
    if choices[0] and all(_FULL_NAME.fullmatch(name) and name[0].isupper() for name in choices[0]):
        return choices[0]
    return choices[1] or choices[0]


def _canonical_links(tree: HtmlElement) -> Iterator[str]:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            yield link.get("href") or ""
    yield from _metas(tree, {"og:url"})


def _checked(written: str, base: str | None) -> str | None:
    """An article's URL without fragment, unless it cannot be shown or names the whole site, as careless pages do."""
    try:
        whole = urljoin(base, written.strip()) if base else written.strip()
        url = urldefrag(check_url(f"https:{whole}" if whole.startswith("//") else whole)).url
        return None if names_a_site_only(url) else url
    except ValueError:
        return None


def _own_address(url: str | None) -> str | None:
    try:
        return None if url is None or names_a_site_only(check_url(url)) else url
    except ValueError:
        return None


def _published(day: str | None, tree: HtmlElement, stated: StatedArticle | None) -> str | None:
    own = _readable(stated.published) if stated is not None and stated.published else None
    if own is not None and own[1] is Precision.TIME:
        return own[2]
    if own is not None and own[1] is Precision.DAY:
        day = f"{own[0]:%Y-%m-%d}"
    if day is None:
        return own[2] if own is not None else None
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for written in _metas(tree, _PUBLISHED_NAMES, "time"):
        read = _readable(written)
        if (
            read is not None
            and read[1] is Precision.TIME
            and midnight - timedelta(days=1) <= read[0] < midnight + timedelta(days=2)
        ):
            return read[2]
    return day


def _updated(published: str | None, tree: HtmlElement, stated: StatedArticle | None) -> str | None:
    """The first zoned time of change that the page states, unless it lies before publication."""
    for written in [(stated and stated.modified) or "", *_metas(tree, _MODIFIED_NAMES)]:
        read = _readable(written)
        if read is not None and read[1] is Precision.TIME:
            return read[2] if published is None or read[0] >= parse_published(published)[0] else None
    return None


def _readable(written: str) -> tuple[datetime, Precision, str] | None:
    """Read a date; one whose time has no zone, which is local time, is cut to its day."""
    try:
        at, precision = parse_published(written)
    except ValueError:
        return None
    if precision is Precision.TIME and not _ZONE_AT_END.search(written):
        written = f"{at:%Y-%m-%d}"
        return at.replace(hour=0, minute=0, second=0), Precision.DAY, written
    return at, precision, written


def _metas(tree: HtmlElement, names: set[str], *tags: str) -> Iterator[str]:
    for element in tree.iter("meta", *tags):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if name.lower() in names:
            yield (element.get("content") or element.get("datetime") or "").strip()
