"""Pages that stand where an article should: paywall stubs, consent walls, log-ins, bot checks and pages not found.

The aim is that no stub is ever kept as the article, and that no free article is lost for a wall's script, a button
"Subscribe" or a newsletter's box, which most news pages carry. So every rule but one needs two things: words or marks
of a wall, and a text too short to be the article, or cut off.

An article whose whole text stands in the page although its publisher states that it is not free is kept. Publishers
with meters send the whole text to everybody and count by a script; they ask search engines to read it so, and state
"not free" for that very purpose. What stands there was sent to a reader who neither logged in nor paid. Whether the
publisher wants it kept at all is what robots.txt and its opt-outs say. But the statement turns the burden of proof: of
a page that is stated as not free a short text is a stub, even if no wall is seen, unless the publisher's own count of
words, or the body that it states, says that this is all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from retrieval.news.fields import one_line
from retrieval.news.json_ld import StatedArticle
from retrieval.news.wall_words import (
    BOT_CHECK,
    BOT_CHECK_TITLE,
    CONSENT,
    LOG_IN,
    NEEDS_SCRIPTS,
    NOT_FOUND_TITLE,
    SUBSCRIBING,
    WALL,
    WALL_MARK,
)

# The beginnings that walls leave are two or three paragraphs: 369 and 536 characters on two of 91 real pages, 1,000
# elsewhere. Three of those 91 whole articles are shorter than 450, so length alone proves nothing.
STUB_CHARS = 1000
# The longest beginning with a wall under it that is believed to be one.
LONG_STUB_CHARS = 4000
# Whatever else stands on a page that only asks for consent, proof or a log-in; an article about such pages is longer.
NOTICE_CHARS = 1500
# Where in the text a wall's words count as its end.
_END_CHARS = 400
# Of the stated number of words; extraction seldom loses as many.
_SHARE_OF_WORDS = 0.5
_SHARE_THAT_IS_ALL = 0.8
# How much of a page is searched for words, and how much text a wall's element has at most.
_SEARCHED_CHARS = 100_000
_WALL_CHARS = 1500
# By so much of its end a text is found in the page; so far below it a wall's words stand.
_LAST_CHARS, _BELOW_CHARS = 60, 250
# Reading the words of each of thousands of nested ones would take quadratic time.
_MAX_WALLS = 50
_NOT_SHOWN = ("script", "style", "noscript", "template", "svg", "iframe", "select", "textarea", "option")


class StubKind(StrEnum):
    """What stands in the place of the article."""

    PAYWALL = "paywall"
    CONSENT = "consent wall"
    BOT_CHECK = "bot check"
    NEEDS_SCRIPTS = "page that shows itself by a script"
    NOT_FOUND = "page not found"


@dataclass(frozen=True, slots=True)
class Stub:
    """The verdict that a page does not hold its article.

    Attributes:
        kind: what it holds instead.
        evidence: what says so, in words that can follow "because".
    """

    kind: StubKind
    evidence: str


def find_stub(visible: HtmlElement, *, text: str, stated: StatedArticle | None = None) -> Stub | None:
    """Judge whether what was extracted from a page is a stub, not an article; None if it may be one.

    Args:
        visible: the page as readers see it, without hidden elements.
        text: the text that was extracted; may be empty.
        stated: what the page states of its article in JSON-LD.
    """
    if len(text) > LONG_STUB_CHARS:
        return _missing_words(visible, text, stated)
    shown = _shown(visible)
    title = one_line(visible.findtext(".//title") or "")[:_WALL_CHARS]
    return _notice(title, shown, text) or _paywall(visible, shown, text, stated)


def _notice(title: str, shown: str, text: str) -> Stub | None:
    """A page that asks for something, or says that there is nothing, and has little else."""
    if len(text) > NOTICE_CHARS:
        return None
    headline = re.split(r" [|·•:–—-] ", title, maxsplit=1)[0].strip()
    for kind, words in ((StubKind.NOT_FOUND, NOT_FOUND_TITLE), (StubKind.BOT_CHECK, BOT_CHECK_TITLE)):
        if words.fullmatch(headline):
            return Stub(kind, f'its title is "{title}"')
    about = f"{title}\n{shown}" if len(shown) <= 2 * NOTICE_CHARS else f"{title}\n{text}"
    if found := BOT_CHECK.search(about):
        return Stub(StubKind.BOT_CHECK, f'it says "{found[0]}"')
    said = dict.fromkeys(found[0].casefold() for found in CONSENT.finditer(text or about))
    if len(said) >= 2 and len(text) <= STUB_CHARS:
        return Stub(StubKind.CONSENT, f"it says {_quoted(list(said)[:3])}")
    if len(text) <= STUB_CHARS // 2 and (found := NEEDS_SCRIPTS.search(text or about)):
        return Stub(StubKind.NEEDS_SCRIPTS, f'it says "{found[0]}"')
    return None


def _paywall(visible: HtmlElement, shown: str, text: str, stated: StatedArticle | None) -> Stub | None:
    if _is_all(text, stated):
        return None
    if found := WALL.search(text[-_END_CHARS:]):
        return Stub(StubKind.PAYWALL, f'its text ends in "{found[0]}"')
    not_free = stated is not None and stated.is_free is False
    if not_free and _is_cut(text):
        return Stub(StubKind.PAYWALL, "the publisher states that it is not free, and its text breaks off")
    if not_free and len(text) < STUB_CHARS:
        return Stub(StubKind.PAYWALL, f"the publisher states that it is not free, and it has {len(text)} characters")
    if missing := _missing_words(visible, text, stated):
        return missing
    if len(text) >= STUB_CHARS or (stated is not None and stated.is_free):
        return None
    mark = _wall_mark(visible)
    # Comments ask people to log in, and teasers say that other articles are for subscribers: one sign is not enough.
    found = WALL.search(_after(text, shown))
    if found is None and (mark or _is_cut(text) or not text.strip()):
        found = WALL.search(shown) or LOG_IN.search(shown)
    if found:
        return Stub(StubKind.PAYWALL, f'it says "{found[0]}" and has {len(text)} characters of text')
    if mark and _is_cut(text):
        return Stub(StubKind.PAYWALL, f'it has an element "{mark}", and its text breaks off')
    return None


def _after(text: str, shown: str) -> str:
    """What readers see where the text ends and right below it; "" if its end is not found."""
    last = one_line(text)[-_LAST_CHARS:]
    at = shown.rfind(last) if last else -1
    return shown[at : at + len(last) + _BELOW_CHARS] if at >= 0 else ""


def _is_all(text: str, stated: StatedArticle | None) -> bool:
    """Whether the publisher's own count of words, or the body that it states, says that the text is whole."""
    words = len(text.split())
    if stated is None:
        return False
    if stated.words is not None:
        return words >= _SHARE_THAT_IS_ALL * stated.words and not _is_cut(text)
    return bool(stated.body) and words >= _SHARE_THAT_IS_ALL * len((stated.body or "").split()) and not _is_cut(text)


def _missing_words(visible: HtmlElement, text: str, stated: StatedArticle | None) -> Stub | None:
    """Less than half of the stated words, on a page with a wall; without one it is the extraction that missed them."""
    words = len(text.split())
    if stated is None or stated.words is None or words >= _SHARE_OF_WORDS * stated.words:
        return None
    if stated.is_free is not False and _wall_mark(visible) is None:
        return None
    return Stub(StubKind.PAYWALL, f"the publisher states {stated.words} words, and {words} are here")


def _is_cut(text: str) -> bool:
    return text.rstrip().endswith(("...", "…", "[…]", "[...]"))


def _wall_mark(visible: HtmlElement) -> str | None:
    """The class or id of an element that readers see, is named as a wall, and asks for a subscription."""
    looked_at = 0
    for element in visible.iter():
        if looked_at == _MAX_WALLS:
            break
        if not isinstance(element.tag, str) or element.tag in (*_NOT_SHOWN, "html", "body"):
            continue
        found = WALL_MARK.search(f"{element.get('class', '')} {element.get('id', '')}"[:_WALL_CHARS])
        if found:
            looked_at += 1
            words = element.text_content()
            if len(words) <= _WALL_CHARS and SUBSCRIBING.search(words):
                return found[0]
    return None


def _shown(visible: HtmlElement) -> str:
    """The words of a page that readers see, on one line, at most 100,000 characters."""
    body = visible.find(".//body")
    parts: list[str] = []
    length = 0
    for element in (visible if body is None else body).iter():
        is_shown = isinstance(element.tag, str) and element.tag not in _NOT_SHOWN
        for part in ((element.text or "") if is_shown else "", element.tail or ""):
            parts.append(part)
            length += len(part)
        if length > _SEARCHED_CHARS:
            break
    return one_line(" ".join(parts)[:_SEARCHED_CHARS])


def _quoted(sayings: list[str]) -> str:
    return " and ".join(f'"{one}"' for one in sayings)
