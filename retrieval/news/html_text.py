"""HTML as it stands inside feeds to plain text: paragraphs for texts, one line for headlines."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import defs  # type: ignore[import-untyped]

from retrieval.articles import clean_text
from retrieval.news.fields import MAX_TEXT_CHARS, one_line

# Markup is rarely more than three quarters of a page; a longer one is dropped rather than cut within a tag.
MAX_HTML_CHARS = 4 * MAX_TEXT_CHARS

# Not seen or not read: instructions hide there, what is in forms or players is no text of the article, and what is
# struck out is no longer said.
_UNSEEN = frozenset(
    "script style template noscript iframe object embed svg math head title button select textarea audio video "
    "canvas del s strike".split()
)
_CELLS = frozenset(("td", "th"))
_BLOCKS = (defs.block_tags - _CELLS) | frozenset(
    "article aside figure figcaption footer header main nav section tr caption dt dd li body html".split()
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)\b[^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAK, _PARAGRAPH = "\n", "\n\n"


def html_paragraphs(markup: str) -> str:
    """Turn HTML into what a reader sees of it: paragraphs with a blank line between them.

    Block elements and double line breaks part paragraphs; a single break stays a line break; entries of lists begin
    with "- ". Hidden and struck-out elements, scripts, forms, comments and pictures are left out, and so is what is
    more than 256 elements deep. Nothing is fetched, and no markup raises: what is too long or too broken is "".
    """
    if not markup.strip() or len(markup) > MAX_HTML_CHARS:
        return ""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(b"<html><body>" + markup.replace("\0", "").encode("utf-8", "ignore"), parser)
    except (etree.LxmlError, ValueError):
        return ""
    return "" if root is None else _tidy(_words(root))


def plain_paragraphs(written: str) -> str:
    """Give plain text with its paragraphs; what is marked as plain but written as HTML is read as HTML."""
    return html_paragraphs(written) if looks_like_html(written) else _tidy(clean_text(written)[:MAX_HTML_CHARS])


def headline(written: str) -> str:
    """Give a headline as one line: tags of HTML and its entities are read, anything else in "<>" stays."""
    return one_line(html_paragraphs(written) if looks_like_html(written) else written)


def looks_like_html(written: str) -> bool:
    """Whether text has HTML's tags or entities and no other tags: "<b>", "&amp;" but not "<Ctrl> & <Alt>"."""
    names = {name.lower() for name in _TAG.findall(written)}
    return names <= defs.tags and bool(names or _ENTITY.search(written))


def _words(root: etree._Element) -> str:
    words: list[str] = []
    preformatted = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _UNSEEN or element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or ""):
                walk.skip_subtree()
                continue
            preformatted += tag == "pre"
            if tag == "br":
                words.append(_BREAK)
            elif tag in _BLOCKS:
                words.append(_PARAGRAPH + "- " * (tag == "li"))
            elif tag in _CELLS:
                words.append(" ")
            words.append(_text(element.text, preformatted))
        else:
            preformatted -= tag == "pre" and preformatted > 0
            if tag in _BLOCKS:
                words.append(_PARAGRAPH)
            words.append(_text(element.tail, preformatted))
    return "".join(words)


def _text(text: str | None, preformatted: int) -> str:
    return text or "" if preformatted else re.sub(r"\s+", " ", text or "")


def _tidy(text: str) -> str:
    """Collapse white space in lines, drop empty list entries, and part paragraphs by exactly one blank line."""
    lines = [" ".join(line.split()) for line in clean_text(text).split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join("" if line == "-" else line for line in lines))
    # A list entry that begins with a paragraph of its own: its dash belongs to that.
    return "\n\n".join(filter(None, (paragraph.strip("\n") for paragraph in paragraphs)))
