"""The text of a page's article: what readers see of it, without the page around it."""

from __future__ import annotations

import re
from copy import copy
from itertools import islice

from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura import bare_extraction
from trafilatura.metadata import Document

from retrieval.news.json_ld import StatedArticle

# What readers do not see is not what the publisher said to them; instructions hide there.
_HIDDEN = (
    "//*[@hidden]",
    "//*[contains(translate(@style, ' ', ''), 'display:none')]",
    "//*[contains(translate(@style, ' ', ''), 'visibility:hidden')]",
)
# Shorter texts are often a notice beside the article: "This copy is for your personal use only", 260 characters.
SHORT_TEXT_CHARS = 500
# A container with less running text than a long paragraph is a box.
_CHUNK_CHARS = 300
# By how much of its beginning a chunk is known in the text.
_KNOWN_BY_CHARS = 60
_KEPT_SHARE = 0.95
# Bounds the time on pages with thousands of nested containers.
_MAX_DEPTH = 50
_MAX_CHUNKS = 200
_NOT_THE_BODY = re.compile(r"comment|disqus|repl(?:y|ies)|related|recirc|teaser|promo|sidebar|newsletter|card", re.I)


def visible_tree(tree: HtmlElement) -> HtmlElement:
    """Copy a page with what its own markup hides from readers, and its JSON-LD, emptied."""
    visible = copy(tree)
    hidden = [element for path in _HIDDEN for element in visible.xpath(path)]
    stated = [one for one in visible.iter("script") if one.get("type", "").strip().lower().endswith("ld+json")]
    for element in hidden + stated:
        # A page that hides itself shows itself by a script.
        if element.getparent() is not None and element.tag != "body":
            element.clear(keep_tail=True)  # dropping it would copy the text beside it each time
    return visible


def article_text(visible: HtmlElement, stated: StatedArticle | None, url: str | None) -> str:
    """Extract the text of the article with trafilatura; each line is a paragraph.

    Precision is preferred over completeness, unless it finds a few lines only and completeness more than twice
    as many. A body that stands in several equal containers with advertisements between them, of which trafilatura
    took some, is extracted anew with the containers joined. Where both find a few lines only, the body that the
    publisher states of this article is taken if it is more than twice as long and the publisher does not state that
    not everybody may read it.

    Args:
        visible: the page as `visible_tree` gives it.
        stated: what the page states of this article in JSON-LD.
        url: where the page was fetched, if it was.

    Returns:
        The text; empty if there is none.
    """
    text = _run(visible, url, favor_precision=True)
    if len(text) >= SHORT_TEXT_CHARS:
        return _with_missing_chunks(visible, text, url)
    balanced = _run(visible, url, favor_precision=False)
    if len(balanced) > 2 * len(text):
        text = balanced
    if len(text) < SHORT_TEXT_CHARS and stated is not None and stated.body and stated.is_free is not False:
        return stated.body if len(stated.body) > 2 * len(text) else text
    return text


def _run(visible: HtmlElement, url: str | None, *, favor_precision: bool) -> str:
    found = bare_extraction(visible, url=url, include_comments=False, favor_precision=favor_precision)
    return (found.text or "").strip() if isinstance(found, Document) else ""


def _with_missing_chunks(visible: HtmlElement, text: str, url: str | None) -> str:
    """Extract anew with chunks joined if the text has some of them; a text that loses what it had is not taken."""
    squeezed = _squeezed(text)
    for chunks in _chunk_groups(visible):
        is_there = [_squeezed(chunk.text_content())[:_KNOWN_BY_CHARS] in squeezed for chunk in chunks]
        if any(is_there) and not all(is_there):
            for chunk in chunks[1:]:
                chunks[0].extend(list(chunk))
            joined = _run(visible, url, favor_precision=True)
            kept = _squeezed(joined)
            return joined if len(kept) > len(squeezed) and _has_lines_of(kept, text) else text
    return text


def _chunk_groups(visible: HtmlElement) -> list[list[HtmlElement]]:
    """Containers of running text in one `article` that have the same class and are not in each other."""
    groups: dict[tuple[HtmlElement, str, str], list[HtmlElement]] = {}
    for element in visible.iter("div", "section"):
        name = element.get("class", "").strip()
        if not name or sum(len(p.text_content()) for p in element.findall("p")) < _CHUNK_CHARS:
            continue
        above = list(islice(element.iterancestors(), _MAX_DEPTH))
        article = next((one for one in above if one.tag == "article"), None)
        names = " ".join(f"{one.get('class', '')} {one.get('id', '')}" for one in [element, *above])
        if article is not None and not _NOT_THE_BODY.search(names):
            groups.setdefault((article, element.tag, name), []).append(element)
    return [group for group in groups.values() if 1 < len(group) <= _MAX_CHUNKS and not _are_nested(group)]


def _are_nested(group: list[HtmlElement]) -> bool:
    return any(one in members for members in [set(group)] for chunk in group for one in chunk.iterancestors())


def _has_lines_of(squeezed: str, text: str) -> bool:
    lines = [_squeezed(line) for line in text.splitlines()]
    return sum(len(line) for line in lines if line in squeezed) >= _KEPT_SHARE * sum(map(len, lines))


def _squeezed(text: str) -> str:
    return "".join(text.split())
