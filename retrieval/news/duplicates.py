"""Near-copies: where an article stands so that its copies are found, and whether two articles say the same.

A text is the set of its shingles, runs of `SHINGLE_WORDS` words. Two texts are alike by their resemblance
r = |A ∩ B| / |A ∪ B|, and one stands in the other by its containment c = |A ∩ B| / min(|A|, |B|)
(A. Z. Broder, "On the resemblance and containment of documents", 1997). The smallest value of a random permutation
over A and B is the same with probability r; articles that agree in three such values in one of 32 bands share a
bucket, which happens with probability 1 - (1 - r^3)^32: .58 at r = .3, .88 at .4, .99 at .5. Articles that share
one are then compared exactly.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.archive.copies import UNDATED, Signature
from retrieval.articles import Article, Precision

if TYPE_CHECKING:
    from datasketch import MinHash

#: Raise with any change to what a signature is or to what counts as a copy: each article is then compared anew.
SCHEME = 1

# Measured on 18,316 wire stories and 3,327 articles of newspapers and broadcasters (tests/benchmarks/find_copies.py).
SHINGLE_WORDS = 3
#: From this resemblance on, two articles are copies: 26 of 30 pairs read from .6 to .7 were, 18 of 20 from .7 to .95.
MIN_RESEMBLANCE = 0.6
#: Below it too, if so much of the shorter one stands in the longer one: a story that was cut or went on, 14 of 15 read.
MIN_CONTAINMENT = 0.8
MIN_RESEMBLANCE_OF_PART = 0.3
#: Shorter texts are what their template makes them: prices, dividends, the ships in a port.
MIN_WORDS = 40
#: What recurs recurs weekly or daily; wire copy was printed again within three days, the weekend's on Monday.
WINDOW_DAYS = 3
#: Reports made by a template differ in their figures. More than this share of the fewer figures must be the same ...
SHARED_FIGURES = 0.5
#: ... unless the whole text stands in the other but for some words: then a figure was corrected.
CORRECTED_CONTAINMENT = 0.95
#: The words of a headline of which fewer than this share stand in the text are not about it.
TITLE_SHARE = 0.3

# Comparing takes time with the length, and the longest of the articles measured has 12,060 words.
_MAX_WORDS = 10_000
_ROWS, _BANDS = 3, 32
# 96 values of four bytes for each: 400 KB, instead of 4 MB for 10,000.
_SHINGLES_AT_ONCE = 1024
# Chinese and Japanese set no spaces: there, each sign is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
_FIGURE = re.compile(r"\d+(?:[.,/:]\d+)*")
# Words of three letters and fewer are mostly "the", "of" and "to", which stand in any text.
_MIN_TITLE_WORD_CHARS = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """What two articles are compared by.

    Attributes:
        day: as in `Signature`.
        word_count: words of the text, at most 10,000.
        shingles: every run of `SHINGLE_WORDS` words.
        figures: every number in the text, as it is written.
        title_words: the words of the headline that could be about something.
        tells_its_title: at least `TITLE_SHARE` of them stand in the text; a footer or an empty page does not.
    """

    day: int
    word_count: int
    shingles: frozenset[str]
    figures: frozenset[str]
    title_words: frozenset[str]
    tells_its_title: bool


def read_wording(article: Article) -> Wording:
    """Read off an article what it is compared by; only its first 10,000 words count."""
    text = _folded(article.text)
    words = _WORD.findall(text)[:_MAX_WORDS]
    title_words = frozenset(_title_words(article.title))
    told = title_words.intersection(words)
    return Wording(
        day=_day(article),
        word_count=len(words),
        shingles=frozenset(map(" ".join, zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False))),
        figures=frozenset(_FIGURE.findall(text)),
        title_words=title_words,
        tells_its_title=len(told) >= TITLE_SHARE * len(title_words),
    )


def sign(wording: Wording) -> Signature | None:
    """Make the signature by which an article's copies are found; None for a text too short to be a copy.

    The same wording gives the same signature on every machine.
    """
    if wording.word_count < MIN_WORDS:
        return None
    values = _smallest_values(list(wording.shingles)).astype("<u4")
    buckets = []
    for band in range(_BANDS):
        content = bytes([SCHEME, band]) + values[band * _ROWS : (band + 1) * _ROWS].tobytes()
        buckets.append(int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "big", signed=True))
    return Signature(wording.day, tuple(buckets))


def are_copies(one: Wording, other: Wording) -> bool:
    """Tell whether two articles say the same; the order of the two does not matter.

    Copies are at least `MIN_WORDS` long, no more than `WINDOW_DAYS` apart where both are dated to the day, alike
    in wording, and agree in most of their figures. Not copies, however equal, are two texts under headlines that
    share no word if one of them does not speak of its headline: that is boilerplate, such as a page's footer.
    """
    if min(one.word_count, other.word_count) < MIN_WORDS:
        return False
    if UNDATED not in (one.day, other.day) and abs(one.day - other.day) > WINDOW_DAYS:
        return False
    resemblance, containment = compare(one, other)
    if resemblance < MIN_RESEMBLANCE and (containment < MIN_CONTAINMENT or resemblance < MIN_RESEMBLANCE_OF_PART):
        return False
    if containment < CORRECTED_CONTAINMENT and not _agree_in_figures(one, other):
        return False
    return bool(one.title_words & other.title_words) or (one.tells_its_title and other.tells_its_title)


def compare(one: Wording, other: Wording) -> tuple[float, float]:
    """Give the resemblance and the containment of two texts, each 0..1 (A. Z. Broder, 1997); 0 without shingles."""
    if not one.shingles or not other.shingles:
        return 0.0, 0.0
    common = len(one.shingles & other.shingles)
    union = len(one.shingles) + len(other.shingles) - common
    return common / union, common / min(len(one.shingles), len(other.shingles))


def _agree_in_figures(one: Wording, other: Wording) -> bool:
    fewer = min(len(one.figures), len(other.figures))
    return fewer == 0 or len(one.figures & other.figures) > SHARED_FIGURES * fewer


def _day(article: Article) -> int:
    """Give the day of publication, or `UNDATED` where only the month or year is known."""
    if article.published_at is None or article.published_precision not in (Precision.DAY, Precision.TIME):
        return UNDATED
    return article.published_at.astimezone(UTC).toordinal()


def _title_words(title: str) -> list[str]:
    words = _WORD.findall(_folded(title))
    return [word for word in words if len(word) >= _MIN_TITLE_WORD_CHARS or not word.isascii() or word.isdigit()]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _smallest_values(shingles: Sequence[str]) -> NDArray[np.uint32]:
    """Give the smallest value over the shingles of each of 96 permutations."""
    minhash = _without_shingles().copy()
    for start in range(0, len(shingles), _SHINGLES_AT_ONCE):
        minhash.update_batch([shingle.encode() for shingle in shingles[start : start + _SHINGLES_AT_ONCE]])
    values: NDArray[np.uint32] = minhash.hashvalues
    return values


@cache
def _without_shingles() -> MinHash:
    """Draw the permutations, once: drawing them anew for each article took a third of the time of signing it."""
    from datasketch import MinHash  # 0.5 s, most of it SciPy

    # Both are named: what a signature means must not change with the library's defaults, as it did in its 2.0.
    return MinHash(num_perm=_ROWS * _BANDS, seed=1, scheme="affine32")
