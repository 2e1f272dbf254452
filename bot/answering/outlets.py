"""Which publishers a question names: those the index knows, and others by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

# "Harbour Post - Sport", "Globes English | Israel Business": people name what stands before the mark.
_SECTION = re.compile(r"\s+[|–—-]\s+|:\s+")
_TAIL = re.compile(r"(?:\s+(?:News|Online|Magazine)|\.(?:com|org|net|co\.uk))$", re.IGNORECASE)
_WRITTEN = r"(?:articles?|reports?|pieces?|stor(?:y|ies)|reviews?|coverage)"
_NAME = r"[A-Z][\w&.’'-]*(?:\s+(?:of|the|and(?=\s+[A-Z]\w+\s+Report)|&|[A-Z][\w&.’'-]*)){0,4}"
# What only a publisher can be: "a Harbour Post article", "an article from the Harbour Post", "as reported by ...". A
# plain "according to" is also said of people, so it names none that the index does not know.
_OTHERS = (
    re.compile(rf"\b(?:[Aa]n?|[Tt]he|[Aa]nother)\s+[\"'‘“]?(?P<name>{_NAME})[\"'’”]?\s+{_WRITTEN}\b"),
    re.compile(rf"\b{_WRITTEN}\s+(?:by|from|in)\s+[\"'‘“]?(?:the\s+)?(?P<name>{_NAME})"),
    re.compile(
        rf"\b(?:reported|covered|published)\s+(?:by|in)\s+[\"'‘“]?(?:the\s+)?(?P<name>{_NAME})|\b(?:as\s+)?per\s+(?:the\s+)?(?P<per>{_NAME})"
    ),
    # The second of a pair: "... by The Courier and another by Ledger", "a Courier article and a Ledger one".
    re.compile(
        rf"\b(?:another|one|a\s+piece|a\s+separate\s+{_WRITTEN})\s+(?:by|from|in)\s+(?:the\s+)?(?P<name>{_NAME})"
    ),
)
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)
# Capitals that begin a sentence or a month are no publisher.
_NEVER = re.compile(
    r"(?i:january|february|march|april|may|june|july|august|september|october|november|december|which|what|who|it|its"
    r"|his|her|their|this|that|these|those|he|she|they)\b"
)


class Outlet(NamedTuple):
    """A publisher named in a question: characters [start, end).

    `sources` are those of the index that go by this name, as written there; none if the index has no such publisher.
    """

    start: int
    end: int
    sources: tuple[str, ...]


def find_outlets(question: str, sources: Iterable[str]) -> list[Outlet]:
    """Find the publishers that a question names, in order, without overlap; often none.

    A name is known in any case of letters but for its first, which must be a capital: "fortune" is luck.

    Args:
        question: as typed.
        sources: the publishers that the index knows; "Harbour Post - Sport" also goes by "Harbour Post".
    """
    found: list[Outlet] = []
    form, by_alias = _aliases(tuple(sorted(set(sources))))
    for match in form.finditer(question) if form is not None else ():
        name = match[1]
        if _ARTICLE.sub("", name)[:1].isupper() or _ARTICLE.sub("", name)[:1].isdigit():
            found.append(Outlet(match.start(1), match.end(1), by_alias[_key(name)]))
    for form in _OTHERS:
        for match in form.finditer(question):
            group = "name" if match["name"] else "per"
            start, end = match.span(group)
            if not _NEVER.match(question[start:end]) and not _touches(found, start, end):
                found.append(Outlet(start, end, ()))
    return sorted(found)


def _touches(found: Sequence[Outlet], start: int, end: int) -> bool:
    return any(start < other.end and other.start < end for other in found)


@lru_cache(maxsize=8)
def _aliases(sources: tuple[str, ...]) -> tuple[re.Pattern[str] | None, dict[str, tuple[str, ...]]]:
    named: dict[str, list[str]] = {}
    for source in sources:
        short = _SECTION.split(source)[0].strip()
        for alias in {source, short, _TAIL.sub("", short)}:
            if len(key := _key(alias)) > 1 and source not in named.setdefault(key, []):
                named[key].append(source)
    if not named:
        return None, {}
    # The longest first, so that a section's own name wins over its publisher's. "Age" alone is no newspaper: a short
    # name keeps the "the" that its publisher gives it.
    with_article = {_key(source) for source in sources if _ARTICLE.match(source)}
    forms = []
    for key in sorted(named, key=lambda one: (-len(one), one)):
        words = r"\s+".join(map(re.escape, key.split()))
        needs_article = key in with_article and len(key.split()) == 1
        forms.append((r"the\s+" if needs_article else r"(?:the\s+)?") + words)
    return re.compile(rf"(?<!\w)({'|'.join(forms)})(?!\w)", re.IGNORECASE), {k: tuple(v) for k, v in named.items()}


def _key(name: str) -> str:
    return " ".join(_ARTICLE.sub("", name.strip()).casefold().split())
