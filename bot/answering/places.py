"""Places and the people named after them: "Russian" is of Russia."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile

from bot.answering.cues import country_names

_PEOPLE_ENDINGS = frozenset(["n", "an", "ian", "ean", "ese", "ish", "i", "ns", "ans", "ians"])
_PLACE_ENDINGS = _PEOPLE_ENDINGS | frozenset(["", "a", "e", "o", "y", "ey", "ia", "and", "any"])
_SAME_PLACE = {"us": "american", "uk": "british", "britain": "british", "france": "french", "spain": "spanish"}


def are_same_place(one: str, other: str) -> bool:
    """Tell whether one of two folded words is the other's people: "russian", "russia"."""
    if other == _SAME_PLACE.get(one) or one == _SAME_PLACE.get(other):
        return True
    if one[:4] != other[:4]:
        return False
    cuts = ((one[n:], other[n:]) for n in range(4, 1 + min(len(one), len(other))) if one[:n] == other[:n])
    return any({a, b} <= _PLACE_ENDINGS and {a, b} & _PEOPLE_ENDINGS for a, b in cuts)


@lru_cache(maxsize=4096)
def countries_of(word: str) -> frozenset[str]:
    """Name the countries of one folded word whose people a folded word names; empty for most words.

    Those that it resembles most: "Nigerian" is of Nigeria, not of Niger.
    """
    named = [name for name in country_names() if name != word and are_same_place(name, word)]
    alike = {name: _letters_alike(name, word) for name in named}
    return frozenset(name for name in named if alike[name] == max(alike.values()) or word == _SAME_PLACE.get(name))


def _letters_alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
