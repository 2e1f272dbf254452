"""Several answers in one stretch: "Chad, Niger and Mali" for a question that wants more than one name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.answering.possible import Possible, is_asked, key_of
from retrieval.passages import Entity

#: The label of names that one sentence lists together.
LIST = "LIST"
_SMALL = r"(?:(?:in|to|from|with|between|its?|the|of|by|for)\s+){0,2}"
_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*(?:\s+(?:(?:of|the|al|de|del|van|von|bin)\s+)?[A-ZÀ-ÖØ-Þ][\w'’-]*){0,4}"
# Names that only a comma joins, without an "and" before the last, are no list: "Veldmere, Lisgard" is in Lisgard.
_LISTED = re.compile(
    rf"(?<![\w'’.-]){_NAME}(?:,\s+{_SMALL}{_NAME}){{0,8}},?\s+(?:and|as\s+well\s+as|&)\s+{_SMALL}{_NAME}"
)
_SPLIT = re.compile(r"\s*,?\s+(?:and|as\s+well\s+as|&)\s+|\s*,\s+")
# One name alone answers a question for several half as well.
_ALONE = 0.5
_LEAST_FIT = 0.4


def with_lists(
    text: str,
    start: int,
    possible: Sequence[Possible],
    entities: Sequence[Entity],
    asked: frozenset[str],
    count: int | None,
    fits: Callable[[Entity], float],
) -> tuple[Possible, ...]:
    """Put the names that one sentence coordinates before those that stand alone, which then answer half as well.

    A list answers as well as the best of its names: where the tagger knows one of them, it is wrong about the others.
    The question may name some of them, but not all. "Grane and Daughter" is one organisation, and no list.

    Args:
        text: the sentence.
        start: its first code point in the article.
        possible: what in it could answer alone.
        entities: those in it, in code points of the article.
        asked: the stems of the question's words.
        count: how many names the question wants; None for any number from two.
        fits: tells how well an entity answers by its label and place, 0..1.

    Returns:
        The lists, labelled `LIST`, in order; then what could answer alone.
    """
    found = []
    for match in _LISTED.finditer(text):
        low, high = start + match.start(), start + match.start() + len(match.group().rstrip("."))
        inside = [one for one in entities if low < one.end and one.start < high]
        if not inside or any(one.label == "ORG" and one.start <= low and high <= one.end for one in inside):
            continue
        # A sentence's first word may be no part of the name: "But Chad and Niger".
        first_end = low + len(_SPLIT.split(match.group())[0])
        if match.start() == 0 and low < inside[0].start < first_end:
            low = inside[0].start
        names = [key_of(name) for name in _SPLIT.split(text[low - start : high - start])]
        best = max(map(fits, inside))
        is_whole = len(names) > 1 if count is None else len(names) == count
        if is_whole and best >= _LEAST_FIT and not all(is_asked("NAME", name, asked) for name in names if name):
            found.append(Possible(low, high, LIST, key_of(text[low - start : high - start]), best))
    return (*found, *(one._replace(fit=_ALONE * one.fit) for one in possible))
