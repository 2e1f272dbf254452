"""JSON-LD in a page: what the publisher states of the page's own article in schema.org's words.

extruct reads JSON-LD too, but brings rdflib, pyRdfa and mf2py for forms that we do not use, gives back plain dicts, and
bounds nothing. trafilatura flattens all articles of a page into one. So scripts are parsed with `json` here.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import zip_longest

from lxml.html import HtmlElement, fragment_fromstring  # type: ignore[import-untyped]

from retrieval.news.fields import MAX_AUTHORS, MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_TITLE_CHARS, normal_text, one_line

# Ten times what the largest of 91 real news pages has; more is a shop's catalogue or an attack.
MAX_SCRIPT_CHARS = 2 * 2**20
MAX_NODES = 20_000

_TYPES = frozenset(
    "Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReportageNewsArticle ReviewNewsArticle SatiricalArticle Report BlogPosting LiveBlogPosting SocialMediaPosting "
    "TechArticle ScholarlyArticle AdvertiserContentArticle".split()
)
# Where the page's own article can stand; whatever else a node holds is about other things: lists, links, series.
_WAYS_DOWN = ("@graph", "mainEntity", "mainEntityOfPage")
# Old templates hide the JSON from browsers that do not know it.
_BEFORE_THE_JSON = ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[")
_AFTER_THE_JSON = ("-->", "//]]>", "/*]]>*/", "]]>", ";")
_BLOCK = ("p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_YES = ("true", "yes", "1")
_NO = ("false", "no", "0")


@dataclass(frozen=True, slots=True)
class StatedArticle:
    """What a publisher states of one article; None and empty where it states nothing that can be used.

    Attributes:
        headline: on one line.
        published: the date as written.
        modified: the date as written.
        authors: names of people and organisations, in order, each once.
        publisher: its name.
        urls: addresses that it gives as the article's own, as written.
        language: the language tag as written.
        body: the text, its markup taken out.
        is_free: whether everybody may read all of it.
        words: how many words it has.
    """

    headline: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    urls: tuple[str, ...] = ()
    language: str | None = None
    body: str | None = None
    is_free: bool | None = None
    words: int | None = None


def stated_articles(tree: HtmlElement) -> list[StatedArticle]:
    """Read the articles that a page states as its own: at the top of a script, in its graph, or as its main entity.

    Articles in lists, series and links are others. Scripts that are no JSON or larger than 2 Mi characters are passed
    over, and so is what stands behind 20,000 nodes. Hostile ones raise nothing.

    Returns:
        The articles in the page's order; one that stands there twice, twice.
    """
    found = []
    visited = 0
    for top in _scripts(tree):
        waiting = deque([top])
        while waiting and visited < MAX_NODES:
            visited += 1
            node = waiting.popleft()
            if isinstance(node, list):
                waiting.extend(node[:MAX_NODES])
            elif isinstance(node, dict):
                if _types(node) & _TYPES:
                    found.append(_article(node))
                waiting.extend(node[way] for way in _WAYS_DOWN if way in node)
    return found


def own_article(articles: Collection[StatedArticle], *, urls: Collection[str], title: str) -> StatedArticle | None:
    """Choose the article that the page is about: the one with the page's address, else its headline, else the only one.

    Args:
        articles: all that the page states.
        urls: where the page was fetched and what it gives as its address.
        title: the page's title.

    Returns:
        None where there are several and none is known by address or headline: it is a list.
    """
    known = {_bare(url) for url in urls}
    by_url = [one for one in articles if known & {_bare(url) for url in one.urls}]
    headline = one_line(title).casefold()
    by_headline = [one for one in articles if one.headline and one.headline.casefold() == headline]
    for some in (by_url, by_headline, articles):
        if some and len({one.headline for one in some if one.headline}) <= 1:
            return _merged(some)
    return None


def _scripts(tree: HtmlElement) -> Iterator[object]:
    for script in tree.iter("script"):
        written = script.text or ""
        if script.get("type", "").strip().lower().endswith("ld+json") and len(written) <= MAX_SCRIPT_CHARS:
            try:
                yield json.loads(_without_wrapping(written), strict=False)
            except (ValueError, RecursionError):
                continue


def _without_wrapping(written: str) -> str:
    text = written.strip()
    for before, after in zip_longest(_BEFORE_THE_JSON, _AFTER_THE_JSON, fillvalue=""):
        text = text.removeprefix(before).removesuffix(after).strip()
    return text


def _types(node: Mapping[str, object]) -> set[str]:
    written = node.get("@type")
    each = written if isinstance(written, list) else [written]
    return {one.rpartition("/")[2].rpartition(":")[2] for one in each if isinstance(one, str)}


def _article(node: Mapping[str, object]) -> StatedArticle:
    body = _string(node.get("articleBody"))
    return StatedArticle(
        headline=_line(node.get("headline"), MAX_TITLE_CHARS) or _line(node.get("name"), MAX_TITLE_CHARS),
        published=_line(node.get("datePublished"), MAX_NAME_CHARS),
        modified=_line(node.get("dateModified"), MAX_NAME_CHARS),
        authors=_names(node.get("author") or node.get("creator")),
        publisher=next(iter(_names(node.get("publisher"))), None),
        urls=tuple(url for name in ("url", "mainEntityOfPage", "@id") for url in _urls(node.get(name))),
        language=next(iter(_names(node.get("inLanguage"))), None),
        body=_plain(body) or None if body and len(body) <= MAX_TEXT_CHARS else None,
        is_free=_is_free(node),
        words=_count(node.get("wordCount")),
    )


def _merged(articles: Collection[StatedArticle]) -> StatedArticle:
    """One article stated several times: of each fact the first statement, and not free if one of them says so."""
    first: dict[str, object] = {}
    for one in articles:
        for name in StatedArticle.__slots__:
            if not first.get(name):
                first[name] = getattr(one, name)
    if any(one.is_free is False for one in articles):
        first["is_free"] = False
    return StatedArticle(**first)  # type: ignore[arg-type]


def _is_free(node: Mapping[str, object]) -> bool | None:
    """Whether all of it is free: it is not where a part is not, whatever is said of the whole."""
    parts = node.get("hasPart")
    stated = [_truth(node.get("isAccessibleForFree"))]
    for part in (parts if isinstance(parts, list) else [parts])[:MAX_AUTHORS]:
        if isinstance(part, dict) and "cssSelector" in part:
            stated.append(_truth(part.get("isAccessibleForFree")))
    return False if False in stated else True if stated[0] else None


def _truth(written: object) -> bool | None:
    said = str(written).strip().lower().rpartition("/")[2] if isinstance(written, bool | int | str) else ""
    return True if said in _YES else False if said in _NO else None


def _names(written: object) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for one in (written if isinstance(written, list) else [written])[:MAX_AUTHORS]:
        stated = one.get("name") or _full_name(one) if isinstance(one, dict) else one
        for name in (stated if isinstance(stated, list) else [stated])[:MAX_AUTHORS]:
            line = _line(name, MAX_NAME_CHARS)
            if line and not line.startswith(("http:", "https:")):
                names[line] = None
    return tuple(names)[:MAX_AUTHORS]


def _full_name(person: Mapping[str, object]) -> str:
    parts = [person.get(name) for name in ("givenName", "additionalName", "familyName")]
    return " ".join(part for part in parts if isinstance(part, str))


def _urls(written: object) -> list[str]:
    stated = written.get("@id") or written.get("url") if isinstance(written, dict) else written
    return [stated.strip()] if isinstance(stated, str) and stated.strip() else []


def _bare(url: str) -> str:
    """Reduce a URL to what tells one page from another in the same page's statements."""
    return re.sub(r"^https?://(?:www\.)?", "", url.partition("#")[0].partition("?")[0]).rstrip("/").casefold()


def _count(written: object) -> int | None:
    if isinstance(written, str) and written.strip().isdecimal() and len(written) < 10:
        written = int(written)
    return written if isinstance(written, int) and not isinstance(written, bool) and 0 < written < 10**9 else None


def _string(written: object) -> str | None:
    return written if isinstance(written, str) and written.strip() else None


def _line(written: object, limit_chars: int) -> str | None:
    string = _string(written)
    if string is None or len(string) > 2 * limit_chars:
        return None
    line = one_line(_TAG.sub(" ", unescape(string)))
    return line if line and len(line) <= limit_chars else None


def _plain(written: str) -> str:
    """Take the markup out of a text and give each of its blocks a line of its own."""
    text = unescape(written)
    if _TAG.search(text):
        try:
            block = fragment_fromstring(text, create_parent="div")
        except Exception:  # hostile markup trips lxml in more ways than it documents
            return ""
        for element in list(block.iter("script", "style")):
            element.drop_tree()
        for element in block.iter(*_BLOCK):
            element.tail = f"\n{element.tail or ''}"
            element.text = f"\n{element.text or ''}"
        text = str(block.text_content())
    return normal_text("\n\n".join(line for line in map(one_line, text.splitlines()) if line))
