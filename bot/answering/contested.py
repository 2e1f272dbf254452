"""What two sources contest: the stretches at which their otherwise equal wording differs, of whatever kind they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations

from bot.answering.agreement import is_comparable, numbers_in, publisher_of, say_the_same
from bot.answering.answers import Evidence
from bot.answering.candidates import Candidate, find_candidates
from bot.answering.corrected import find_retractions, without_retracted
from bot.answering.cues import Kind, kind_of
from bot.answering.possible import Possible, asked_stems, find_possible, key_of
from bot.answering.spans import NUMERIC, Span, find_spans
from bot.answering.stretches import Stretch
from retrieval.index.terms import content_words, stem, words
from retrieval.passages import Hit

_WORD = re.compile(r"\w+")
# Two passages are laid side by side if they share this many runs of three words; by chance they share one or two.
_SHINGLE_WORDS = 3
_FEWEST_SHARED = 4
# A stretch of up to so many words on both sides is contested if of the words around it, so many on either side, at
# least this many are equal.
_LONGEST_WORDS = 8
_AROUND_WORDS = 10
_FEWEST_EQUAL = 7

# What two sources contest word for word need not come as close as what they tell each in its own words: one of the two
# within this of the best span. Of 78 cases with a right and a wrong source both were named in .74 with 6, .71 with 3.
_RIVAL_GAP = 6.0
# One of the two at least must be of the wanted kind, and not a year where people are counted.
_LEAST_FIT = 0.4
# What answers these need not be a name, place, date or number.
_OPEN = (Kind.OTHER, Kind.NAME, Kind.TITLE, Kind.ORGANISATION)
# A stretch that is no name or number must stand in a sentence whose score is at least this share of the best one's:
# two reports of one event have different words for the same ("injured", "hurt").
_OPEN_SHARE = 0.75
# How well a stretch answers that is nothing of the wanted kind.
_OPEN_FIT = 0.5


def find_contested(hits: Sequence[Hit], asked: frozenset[str]) -> list[tuple[Stretch, Stretch]]:
    """Lay the passages of different publishers side by side and list where they say the same in other words.

    "About 40 vehicles left the base" and "about 60 vehicles left the base" contest the number. What one leaves out, or
    tells more exactly, is not contested, and neither is what the question names.

    Args:
        hits: best first.
        asked: the stems of the question's words.

    Returns:
        Pairs of stretches in the order of the hits, then of the text; each whole words, and neither part of the other.
    """
    read = [(_Read(hit), publisher_of(hit.article)) for hit in hits]
    return [
        pair
        for (one, publisher), (other, another) in combinations(read, 2)
        if publisher != another and len(one.shingles & other.shingles) >= _FEWEST_SHARED
        for pair in _differing(one, other, asked)
    ]


def find_rivals(
    evidence: Evidence,
    ranking: Sequence[Candidate],
    spans: Sequence[Span],
    contested: Sequence[tuple[Stretch, Stretch]],
) -> list[Span]:
    """List what sources contest and what could answer, those of the best pair first, in pairs.

    Of a stretch counts the name, place, date or number in it that is of the wanted kind. Where none is and the question
    does not ask for one, the stretch itself: "what sport does she play?" is answered by a common noun, which nothing
    tells from its neighbours but that two sources have different ones there.

    Args:
        evidence: what was asked and found.
        ranking: the candidates.
        spans: best first; a pair of which no part comes close to the best span is about something else.
        contested: see `find_contested`.
    """
    kind, asked = kind_of(evidence.question.text), asked_stems(evidence.question.text)
    close = _OPEN_SHARE * max((one.score for one in ranking), default=0.0)
    possible: dict[int, list[Possible]] = {}
    places: dict[Stretch, int] = {}
    for stretch in dict.fromkeys(stretch for pair in contested for stretch in pair):
        number = next((n for n, one in enumerate(ranking) if _is_in(stretch, one)), None)
        if number is not None:
            places[stretch] = number
            possible.setdefault(number, []).extend(_answers_in(stretch, ranking[number], kind, asked, close))
    found = find_spans(evidence, ranking, possible)
    least = spans[0].score - _RIVAL_GAP if spans else -math.inf
    is_count, pairs = kind in NUMERIC and bool(spans), []
    for one, other in contested:
        sides = [_best_in(stretch, places.get(stretch), found) for stretch in (one, other)]
        first, second = sides
        if first is None or second is None or say_the_same(first.key, second.key):
            continue
        if max(first.fit, second.fit) < _LEAST_FIT or (is_count and _is_beside(spans[0], one, other, first, second)):
            continue
        if max(first.score, second.score) >= least and is_comparable(first.key, second.key):
            pairs.append(sorted((first, second), key=lambda span: -span.score))
    pairs.sort(key=lambda pair: -pair[0].score)
    return list(dict.fromkeys(span for pair in pairs for span in pair))


def _is_beside(best: Span, one: Stretch, other: Stretch, first: Span, second: Span) -> bool:
    """Tell whether two sources that differ both tell the best answer: then what they differ in is something else."""
    if say_the_same(best.key, first.key) or say_the_same(best.key, second.key):
        return False
    told = [f" {' '.join(words(stretch.hit.passage.text))} " for stretch in (one, other)]
    return all(f" {best.key} " in text for text in told)


def _answers_in(stretch: Stretch, one: Candidate, kind: Kind, asked: frozenset[str], least: float) -> list[Possible]:
    sentence = next((s for s in one.hit.sentences if (s.start, s.end) == (one.start, one.end)), None)
    entities = sentence.entities if sentence is not None else ()
    of_kind = find_possible(kind, one.text, one.start, entities, asked)
    touched = [entity for entity in of_kind if entity.start < stretch.end and stretch.start < entity.end]
    key = key_of(stretch.text)
    is_noun = key and not numbers_in(key) and set(words(stretch.text)) == set(content_words(stretch.text))
    if kind in _OPEN and one.score >= least and is_noun:
        # Unlike a name or a number, a word may only be another word for the same: it must stand in what answers best,
        # and without small words ("maker of").
        touched.append(Possible(stretch.start, stretch.end, "", key, _OPEN_FIT))
    return touched


def _is_in(stretch: Stretch, one: Candidate) -> bool:
    is_same = stretch.hit.passage.id == one.hit.passage.id
    return is_same and one.start <= stretch.start and stretch.end <= one.end


def _best_in(stretch: Stretch, number: int | None, spans: Sequence[Span]) -> Span | None:
    touching = (one for one in spans if one.start < stretch.end and stretch.start < one.end)
    return next((one for one in touching if one.candidate == number), None)


def rivals_of(evidence: Evidence, ranking: Sequence[Candidate], spans: Sequence[Span]) -> list[Span]:
    """List what could answer where sources contest each other word for word, see `find_rivals`.

    Nothing that its publisher took back; none for a question of parts.
    """
    if evidence.parts:
        return []
    return without_retracted(
        find_rivals(evidence, ranking, spans, _contested(evidence)), ranking, find_retractions(evidence)
    )


def is_contested(evidence: Evidence) -> bool:
    """Tell whether two sources contest word for word what could answer; not looked at for a question of parts."""
    ranking = find_candidates(evidence)
    spans = without_retracted(find_spans(evidence, ranking), ranking, find_retractions(evidence))
    return bool(rivals_of(evidence, ranking, spans))


# Asked for to tell whether to answer, and again to answer.
@lru_cache(maxsize=4)
def _contested(evidence: Evidence) -> tuple[tuple[Stretch, Stretch], ...]:
    return tuple(find_contested(evidence.findings.hits, asked_stems(evidence.question.text)))


class _Read:
    """A passage as words with their places in the article."""

    def __init__(self, hit: Hit) -> None:
        self.hit = hit
        found = list(_WORD.finditer(hit.passage.text))
        self.words = [" ".join(words(match.group())) for match in found]
        self.places = [(hit.passage.start + match.start(), hit.passage.start + match.end()) for match in found]
        self.stems = {word: stem(word) for word in content_words(hit.passage.text, hit.article.language)}
        self.shingles = set(zip(*(self.words[n:] for n in range(_SHINGLE_WORDS)), strict=False))

    def meaning(self, first: int, last: int) -> frozenset[str]:
        """Stem the words of [first, last) that carry meaning."""
        spoken = (part for word in self.words[first:last] for part in word.split())
        return frozenset(self.stems[word] for word in spoken if word in self.stems)

    def stretch(self, first: int, last: int) -> Stretch:
        return Stretch(self.hit, self.places[first][0], self.places[last - 1][1])


def _differing(one: _Read, other: _Read, asked: frozenset[str]) -> Iterator[tuple[Stretch, Stretch]]:
    gaps = _gaps(one, other)
    for n, (i, i_end, j, j_end) in enumerate(gaps):
        if not (0 < i_end - i <= _LONGEST_WORDS and 0 < j_end - j <= _LONGEST_WORDS):
            continue
        before = sum(end - max(start, i - _AROUND_WORDS) for start, end, _, _ in gaps[:n] if end > i - _AROUND_WORDS)
        after = sum(
            min(end, i_end + _AROUND_WORDS) - start
            for start, end, _, _ in gaps[n + 1 :]
            if start < i_end + _AROUND_WORDS
        )
        around = min(i, _AROUND_WORDS) - before + min(len(one.words) - i_end, _AROUND_WORDS) - after
        if around < _FEWEST_EQUAL:
            continue
        first, second = one.meaning(i, i_end), other.meaning(j, j_end)
        if not (first <= second or second <= first or first <= asked or second <= asked):
            yield one.stretch(i, i_end), other.stretch(j, j_end)


def _gaps(one: _Read, other: _Read) -> list[tuple[int, int, int, int]]:
    """List where two texts differ; a single small word between two such places joins them."""
    gaps: list[tuple[int, int, int, int]] = []
    for what, i, i_end, j, j_end in SequenceMatcher(None, one.words, other.words, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        if gaps and i - gaps[-1][1] == 1 and not one.meaning(gaps[-1][1], i):
            i, _, j, _ = gaps.pop()
        gaps.append((i, i_end, j, j_end))
    return gaps
