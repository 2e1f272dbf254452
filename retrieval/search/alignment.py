"""Aligning words: where in a text a quote stands with the fewest words changed, added or left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# At either end of an alignment one changed word stands against another; more are two texts that part ways.
_MOST_CHANGED_AT_ENDS = 1

# What a change costs; a word that is the same costs -1, so that of two alignments with as many changes the one with
# more words in common wins: a quote that leaves out two words would else do as well without its last two.
_CHANGE = 4096

_Costs = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Alignment:
    """A quote against the stretch of a text that it comes closest to.

    Attributes:
        changes: how many words are changed, added or left out (P. H. Sellers, 1980): 0 where the quote stands there as
            it is, at most as many as it has words.
        pairs: in order, a word of the quote against one of the text, both by number from 0; None on the one side is a
            word that the quote adds, on the other one that it leaves out. The first and the last have a word of both.
    """

    changes: int
    pairs: tuple[tuple[int | None, int | None], ...]


def align(quote: Sequence[str], text: Sequence[str], *, most_changes: int) -> Alignment | None:
    """Align a quote with the stretch of a text that it comes closest to, the first of several.

    Args:
        quote: n words, fewer than 4,096.
        text: m words; time and memory go with n * m.
        most_changes: more are too many.

    Returns:
        None if it takes more changes.
    """
    if len(quote) - (Counter(quote) & Counter(text)).total() > most_changes:
        return None  # so many words of the quote stand nowhere in the text
    costs = _costs(quote, text)
    i, j = len(quote), int(costs[-1].argmin())
    changes = -(-int(costs[i, j]) // _CHANGE)
    if changes > most_changes:
        return None
    pairs: list[tuple[int | None, int | None]] = []
    while i > 0:
        here = costs[i, j]
        if j > 0 and here == costs[i - 1, j - 1] + (-1 if quote[i - 1] == text[j - 1] else _CHANGE):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif here == costs[i - 1, j] + _CHANGE:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    pairs.reverse()
    return Alignment(changes, tuple(_without_foreign_ends(pairs, quote, text)))


def _costs(quote: Sequence[str], text: Sequence[str]) -> _Costs:
    """Fill the table of costs: row i, column j is that of the first i words against a stretch that ends at j.

    The first row is 0 throughout, so that the stretch may begin anywhere.
    """
    numbers: dict[str, int] = {}
    given = [numbers.setdefault(word, len(numbers)) for word in quote]
    against = np.array([numbers.setdefault(word, len(numbers)) for word in text], dtype=np.int32)
    places = _CHANGE * np.arange(len(text) + 1, dtype=np.int32)
    costs = np.zeros((len(quote) + 1, len(text) + 1), dtype=np.int32)
    for i, word in enumerate(given, start=1):
        row, above = costs[i], costs[i - 1]
        row[0] = i * _CHANGE
        np.minimum(above[:-1] + np.where(against == word, -1, _CHANGE), above[1:] + _CHANGE, out=row[1:])
        # A word of the text that the quote leaves out costs one change more than the place before it.
        row[:] = np.minimum.accumulate(row - places) + places
    return costs


def _without_foreign_ends(
    pairs: list[tuple[int | None, int | None]], quote: Sequence[str], text: Sequence[str]
) -> list[tuple[int | None, int | None]]:
    same = [n for n, (i, j) in enumerate(pairs) if i is not None and j is not None and quote[i] == text[j]]
    if not same:
        return pairs
    first, last = same[0], same[-1]
    return [*_end(pairs[:first]), *pairs[first : last + 1], *_end(pairs[last + 1 :])]


def _end(pairs: list[tuple[int | None, int | None]]) -> list[tuple[int | None, int | None]]:
    if sum(j is not None for _, j in pairs) <= _MOST_CHANGED_AT_ENDS:
        return pairs
    return [(i, None) for i, _ in pairs if i is not None]
