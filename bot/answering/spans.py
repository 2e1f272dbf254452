"""Spans that might be the short answer: entities of the wanted kind, and what speaks for each."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answering.answers import Evidence
from bot.answering.candidates import Candidate
from bot.answering.cues import Kind, kind_of
from bot.answering.possible import Possible, asked_stems
from retrieval.index.terms import stem, words
from retrieval.search.weights import read_weights

_WORD = re.compile(r"\w+")
# A term this many words away counts half of one that stands beside the span.
_NEAR_WORDS = 6.0
_LONG_WORDS = 6
#: Kinds of which a sentence may hold many that count something else.
NUMERIC = (Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.MEASURE)
# A name in full is preferred to its last words if its score is at most this far below, its label fits nearly as well,
# and it stands no further from the question's words than that. On 105 quiz questions, cross-validated: first quotes
# hold the accepted answer .69 without, .72 with a gap of 1, .74 with 2, .72 with 3.
_FULL_GAP, _FULL_FIT, _FULL_NEARNESS = 2.0, 0.8, 0.3
# A number further from the question's words counts something else ("about 40 vehicles ... a helicopter fell").
_NEAREST_NUMBER = 0.12


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a sentence that might be the short answer; each feature in 0..1 (`closeness` in -1..1).

    Attributes:
        candidate: the sentence's place in the list of candidates.
        start: first code point in the article.
        end: one past its last.
        key: its words, folded and without small ones; equal keys are the same answer.
        fit: how well its label answers the question's kind.
        standing, closeness, newness: the sentence's.
        votes: share of the articles' weight that tells it, each article weighing as much as its best sentence (E. Brill
            et al., "An Analysis of the AskMSR Question-Answering System", EMNLP 2002).
        headlines: share of the articles whose headline has it.
        nearness: share of the question's term weights around it in the sentence, less the further away.
        length: words of the key, of six.
        beside: 1 if a number is followed by a word of the question ("48 teams").
        score: the weighted sum, see `WEIGHTS`.
    """

    candidate: int
    start: int
    end: int
    key: str
    fit: float
    standing: float
    closeness: float
    newness: float
    votes: float
    headlines: float
    nearness: float
    length: float
    beside: float
    score: float = 0.0


#: What each feature counts; the file says what made the weights.
WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "span_weights.json")
#: The features of a span.
FEATURES = tuple(WEIGHTS)


def find_spans(
    evidence: Evidence, candidates: Sequence[Candidate], possible: Mapping[int, Sequence[Possible]] | None = None
) -> list[Span]:
    """List what could be the short answer in each candidate sentence, best first.

    Nothing for a question that wants no name, place, date or number; no number that stands far from its words.

    Args:
        evidence: what was asked and found.
        candidates: the sentences.
        possible: what could answer in each, by its place in the list, however far from the question's words; None
            takes `Candidate.possible`.
    """
    question = evidence.question.text
    kind = kind_of(question)
    asked = asked_stems(question) | {one.stem for one in evidence.findings.variants}
    told = _Told(candidates, evidence)
    weights = evidence.findings.term_weights
    meant = {variant.stem: variant.term for variant in evidence.findings.variants}
    found = []
    for number, one in enumerate(candidates):
        stretches = one.possible if possible is None else possible.get(number, ())
        if not stretches:
            continue
        read = ((match.start() + one.start, stem(match.group().casefold())) for match in _WORD.finditer(one.text))
        stemmed = [(start, meant.get(word, word)) for start, word in read]
        for entity in stretches:
            nearness = _nearness(entity, stemmed, weights)
            if kind in NUMERIC and weights and nearness < _NEAREST_NUMBER and possible is None:
                continue
            votes, headlines = told.by(entity.key, entity.label)
            span = Span(
                number,
                entity.start,
                entity.end,
                entity.key,
                entity.fit,
                one.standing,
                one.closeness,
                one.newness,
                votes,
                headlines,
                nearness,
                min(len(entity.key.split()), _LONG_WORDS) / _LONG_WORDS,
                float(kind in NUMERIC and _is_followed(entity, stemmed, asked)),
            )
            found.append(span)
    scored = [_scored(span) for span in found]
    return in_full(sorted(scored, key=lambda span: (-span.score, span.candidate, span.start)))


def in_full(spans: Sequence[Span]) -> list[Span]:
    """Move the best span that names the first one in full to the front, if it comes close.

    "Alan Greenspan" for "Greenspan": articles name somebody in full once, and a quote that stands alone should, too.
    The order of the others stays.

    Args:
        spans: best first.
    """
    if not spans:
        return []
    best = spans[0]
    fuller = [
        one
        for one in spans
        if one.key.endswith(f" {best.key}")
        and len(one.key.split()) <= _LONG_WORDS
        and one.fit >= _FULL_FIT * best.fit
        and one.nearness >= _FULL_NEARNESS * best.nearness
    ]
    first = next((one for one in fuller if one.score >= best.score - _FULL_GAP), best)
    return [first, *(one for one in spans if one is not first)]


def shares(spans: Sequence[Span]) -> dict[str, float]:
    """Share out 1 among the keys by the softmax of their spans' scores; empty for none."""
    if not spans:
        return {}
    best = max(span.score for span in spans)
    weighed: dict[str, float] = {}
    for span in spans:
        weighed[span.key] = weighed.get(span.key, 0.0) + math.exp(span.score - best)
    total = sum(weighed.values())
    return {key: weight / total for key, weight in weighed.items()}


class _Told:
    """Who tells a key: sentences and headlines."""

    def __init__(self, candidates: Sequence[Candidate], evidence: Evidence) -> None:
        best = max((one.score for one in candidates), default=0.0)
        self._weights = [math.exp(one.score - best) for one in candidates]
        self._spoken = [f" {' '.join(words(one.text))} " for one in candidates]
        self._articles = [one.hit.article.id for one in candidates]
        titles = {hit.article.id: hit.article.title for hit in evidence.findings.hits}
        self._headlines = [f" {' '.join(words(title))} " for title in titles.values()]
        self._all = self._weigh(range(len(candidates)))
        self._known: dict[str, tuple[float, float]] = {}

    def by(self, key: str, label: str) -> tuple[float, float]:
        """Give the votes for a key and the share of the headlines that have it; a person is known by the last name."""
        name = key.split()[-1] if label == "PERSON" and len(key.split()[-1]) > 3 else key
        if name not in self._known:
            spoken = f" {name} "
            holding = [number for number, text in enumerate(self._spoken) if spoken in text]
            votes = self._weigh(holding) / self._all if self._all else 0.0
            headlines = sum(spoken in title for title in self._headlines) / max(len(self._headlines), 1)
            self._known[name] = votes, headlines
        return self._known[name]

    def _weigh(self, numbers: Iterable[int]) -> float:
        best: dict[str, float] = {}
        for number in numbers:
            article = self._articles[number]
            best[article] = max(best.get(article, 0.0), self._weights[number])
        return sum(best.values())


def _nearness(entity: Possible, stemmed: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    if total <= 0.0:
        return 0.0
    first = next((i for i, (start, _) in enumerate(stemmed) if start >= entity.start), 0)
    last = max(first, next((i for i, (start, _) in enumerate(stemmed) if start >= entity.end), len(stemmed)) - 1)
    nearest: dict[str, int] = {}
    for i, (_, term) in enumerate(stemmed):
        if term in weights and not first <= i <= last:
            nearest[term] = min(nearest.get(term, len(stemmed)), max(first - i, i - last))
    return sum(weights[term] / (1.0 + away / _NEAR_WORDS) for term, away in nearest.items()) / total


def _is_followed(entity: Possible, stemmed: Sequence[tuple[int, str]], asked: frozenset[str]) -> bool:
    after = [term for start, term in stemmed if start >= entity.end][:2]
    return any(term in asked for term in after)


def _scored(span: Span) -> Span:
    return replace(span, score=sum(weight * float(getattr(span, name)) for name, weight in WEIGHTS.items()))
