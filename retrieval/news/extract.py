"""A saved web page to an article: its text without the page around it, and what it says about itself."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura import bare_extraction
from trafilatura.metadata import Document
from trafilatura.utils import load_html

from retrieval.articles import Article, Precision
from retrieval.errors import ArticleRejected
from retrieval.news.dates import parse_published
from retrieval.news.decoding import decode_page
from retrieval.news.fields import MAX_NAME_CHARS, make_article, one_line
from retrieval.news.language import DEFAULT_LANGUAGE, language_code
from retrieval.news.links import check_url, names_a_site_only

# What readers do not see is not what the publisher said to them; instructions hide there.
_HIDDEN = [
    "//*[@hidden]",
    "//*[contains(translate(@style, ' ', ''), 'display:none')]",
    "//*[contains(translate(@style, ' ', ''), 'visibility:hidden')]",
]
# Shorter texts are often a notice beside the article: "This copy is for your personal use only", 260 characters.
SHORT_TEXT_CHARS = 500

_PUBLISHED_NAMES = {
    "article:published_time",
    "article:published",
    "datepublished",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "parsely-pub-date",
}
_ZONE_AT_END = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})$")


def extract_article(page: bytes, *, input: str, own_id: str, title_otherwise: str, url: str | None = None) -> Article:
    """Extract the article of a web page with trafilatura.

    Precision is preferred over completeness, unless it finds a few lines only and completeness more than twice
    as many. The title is not repeated in the text. Each line of the page is a paragraph. The date is precise to
    the day, or to the second where the page states a time with a zone within a day of it. The language is
    detected, since templates state their own. Nothing is fetched and no entity but HTML's own is expanded.

    Args:
        page: the bytes of the page.
        input: how the place is named in the rejection.
        own_id: the id where the page does not say its URL.
        title_otherwise: the title where the page has none.
        url: where the page was fetched, if it was.

    Raises:
        ArticleRejected: the page has no article text, or bytes in the article cannot be decoded.
    """
    html, bad_byte = decode_page(page)
    try:
        tree = load_html(html) if html.strip() else None
        found = None if tree is None else _extract(tree, url)
        fields = None if found is None else _fields(found, tree, title_otherwise)
    except Exception as error:  # hostile markup trips lxml and trafilatura in more ways than they document
        raise ArticleRejected(input, f"the page cannot be read ({type(error).__name__}); save it anew") from error
    if fields is None:
        raise ArticleRejected(input, "no article text was found in the page; save the whole page, or its text as .txt")
    if bad_byte is not None and "\ufffd" in f"{fields['title']}{fields['text']}":
        raise ArticleRejected(input, f"cannot be decoded at byte {bad_byte}; save the page as UTF-8")
    spoken = language_code(tree.get("lang") or "") if tree is not None else None
    return make_article(fields, input=input, own_id=own_id, language_otherwise=spoken or DEFAULT_LANGUAGE)


def _extract(tree: HtmlElement, url: str | None) -> Document | None:
    precise = _run(tree, url, favor_precision=True)
    if precise is not None and len(precise.text or "") >= SHORT_TEXT_CHARS:
        return precise
    balanced = _run(tree, url, favor_precision=False)
    if precise is None or (balanced is not None and len(balanced.text or "") > 2 * len(precise.text or "")):
        return balanced
    return precise


def _run(tree: HtmlElement, url: str | None, *, favor_precision: bool) -> Document | None:
    found = bare_extraction(
        tree,
        url=url,
        with_metadata=True,
        include_comments=False,
        favor_precision=favor_precision,
        prune_xpath=_HIDDEN,
        # the extensive search takes dates out of footers and running text
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    return found if isinstance(found, Document) and (found.text or "").strip() else None


def _fields(found: Document, tree: HtmlElement, title_otherwise: str) -> dict[str, object] | None:
    source = one_line(found.sitename or "")
    title = one_line(found.title or "")
    headline = (
        re.sub(rf"\s+[|·•:\u2013\u2014-]\s+{re.escape(source)}$", "", title, flags=re.IGNORECASE) if source else title
    )
    paragraphs = [line.rstrip() for line in (found.text or "").split("\n") if line.strip()]
    if one_line(paragraphs[0]).casefold() in (title.casefold(), headline.casefold()):
        del paragraphs[0]
    if not paragraphs:
        return None
    return {
        "title": headline or title or title_otherwise,
        "source": source if len(source) <= MAX_NAME_CHARS else None,
        "url": _article_url(found.url),
        "published": _published(found.date, tree),
        "text": "\n\n".join(paragraphs),
        "authors": [name for name in (found.author or "").split("; ") if len(name) <= MAX_NAME_CHARS],
    }


def _article_url(url: str | None) -> str | None:
    """The page's own URL, unless it cannot be shown or names the whole site, as careless templates do on every page."""
    try:
        return None if url is None or names_a_site_only(check_url(url)) else url
    except ValueError:
        return None


def _published(day: str | None, tree: HtmlElement) -> str | None:
    """The day that trafilatura found, made more precise by the first zoned time near it that the page states."""
    if day is None:
        return None
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for written in _stated_times(tree):
        if not _ZONE_AT_END.search(written):  # without a zone it is local time, the zone unknown
            continue
        try:
            at, precision = parse_published(written)
        except ValueError:
            continue
        if precision is Precision.TIME and midnight - timedelta(days=1) <= at < midnight + timedelta(days=2):
            return written
    return day


def _stated_times(tree: HtmlElement) -> Iterator[str]:
    """Yield the times of publication that the page states: JSON-LD, shallow before deep, then its elements."""
    for script in tree.iter("script"):
        if script.get("type", "").endswith("ld+json"):
            try:
                waiting = deque([json.loads(script.text or "", strict=False)])
            except (ValueError, RecursionError):
                continue
            while waiting:
                value = waiting.popleft()
                if isinstance(value, dict):
                    if isinstance(stated := value.get("datePublished"), str):
                        yield stated.strip()
                    waiting.extend(value.values())
                elif isinstance(value, list):
                    waiting.extend(value)
    for element in tree.iter("meta", "time"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if name.lower() in _PUBLISHED_NAMES:
            yield (element.get("content") or element.get("datetime") or "").strip()
