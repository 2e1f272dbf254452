"""The default writer: picks the one to three sentences that answer the question and quotes them; no language model."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.answering.answers import Citation, Claim, Draft, Evidence
from bot.answering.cues import Kind, holds_answer, kind_of
from retrieval.index.chunking import split_sentences
from retrieval.index.terms import stems
from retrieval.passages import Hit

log = logging.getLogger(__name__)

NAME = "extractive"
# Only the most promising sentences are embedded: on two cores a sentence costs about 4 ms.
_EMBEDDED_AT_MOST = 24
# A further sentence is quoted if its score is at least this share of the best one's.
_FURTHER_SHARE = 0.6
# Two sentences that share this much of their words (Jaccard) say the same.
_SAME_WORDS = 0.7
# Shorter sentences ("Read more.", bylines, captions) do not answer. A Chinese or Japanese character, which says about
# as much as three Latin letters, counts as three.
_SHORTEST_CHARS = 25
_WIDE = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")

#: Embeds texts: shape (n, d), unit rows.
Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that might be quoted, with what speaks for it; each feature in 0..1 (`closeness` in -1..1).

    Attributes:
        hit: where it stands.
        start: its first code point in the article.
        end: one past its last.
        text: the sentence.
        coverage: share of the question's term weights that it holds.
        surroundings: the same for its passage with the headline: what "it" and "he" stand for.
        cue: 1 if it holds something of the wanted kind that the question does not name.
        standing: the hit's fused score over the best hit's.
        closeness: cosine similarity to the question.
        score: the weighted sum, see `WEIGHTS`.
    """

    hit: Hit
    start: int
    end: int
    text: str
    coverage: float
    surroundings: float
    cue: float
    standing: float
    closeness: float = 0.0
    score: float = 0.0


#: What each feature counts.
WEIGHTS: Mapping[str, float] = {
    "coverage": 0.30,
    "surroundings": 0.20,
    "cue": 0.20,
    "standing": 0.15,
    "closeness": 0.35,
}


class ExtractiveWriter:
    """Quotes the sentences that answer. Holds nothing to close."""

    def __init__(self, embed: Embed, *, max_sentences: int) -> None:
        """Make a writer that quotes up to `max_sentences` (>= 1) sentences, compared by `embed`."""
        self._embed = embed
        self._max_sentences = max_sentences

    @property
    def name(self) -> str:
        """The writer's name in answers."""
        return NAME

    async def write(self, evidence: Evidence) -> Draft:
        """Quote the best sentences of the hits, best first; each its own claim and its own citation.

        Further sentences follow only if they come close to the best and do not repeat it. No hits, no claims.
        """
        ranking = await self.rank(evidence)
        chosen = choose(ranking, self._max_sentences)
        log.info("write writer=%s candidates=%d chosen=%d", NAME, len(ranking), len(chosen))
        claims = tuple(Claim(one.text, (n,), 1.0, is_quote=True) for n, one in enumerate(chosen, start=1))
        citations = tuple(
            Citation(n, one.hit.article, one.hit.passage.version, one.start, one.end, one.text, one.hit.passage)
            for n, one in enumerate(chosen, start=1)
        )
        return Draft(claims, citations, NAME)

    async def rank(self, evidence: Evidence) -> list[Candidate]:
        """Score the sentences of the hits, best first; at most `_EMBEDDED_AT_MOST`."""
        question = evidence.question.text
        candidates = sorted(find_candidates(evidence), key=lambda one: -_score(one))[:_EMBEDDED_AT_MOST]
        if not candidates:
            return []
        vectors = await self._embed([question, *(one.text for one in candidates)])
        closeness = vectors[1:] @ vectors[0]
        scored = [_with_closeness(one, float(c)) for one, c in zip(candidates, closeness, strict=True)]
        return sorted(scored, key=lambda one: (-one.score, one.hit.rank, one.start))


def find_candidates(evidence: Evidence) -> list[Candidate]:
    """List the sentences of all hits with every feature but closeness; a sentence found twice is listed once."""
    question = evidence.question.text
    kind = kind_of(question)
    weights = evidence.findings.term_weights
    best = max((hit.score for hit in evidence.findings.hits), default=0.0)
    found: dict[str, Candidate] = {}
    for hit in evidence.findings.hits:
        passage = hit.passage
        surroundings = coverage(weights, f"{hit.article.title}\n{passage.text}")
        for span in split_sentences(passage.text, hit.article.language):
            text = passage.text[span.start : span.end]
            # A question quoted from an article is no answer, and neither is a caption.
            if (
                len(text) + 2 * len(_WIDE.findall(text)) < _SHORTEST_CHARS
                or text.endswith(("?", "？"))
                or text in found
            ):
                continue
            found[text] = Candidate(
                hit,
                passage.start + span.start,
                passage.start + span.end,
                text,
                coverage(weights, text),
                surroundings,
                _cue(kind, text, question),
                hit.score / best if best > 0 else 0.0,
            )
    return list(found.values())


def choose(ranking: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Take the best sentence and up to `limit - 1` further ones that come close to it and repeat none taken."""
    chosen: list[Candidate] = []
    for one in ranking:
        if len(chosen) == limit or (chosen and one.score < _FURTHER_SHARE * chosen[0].score):
            break
        if not any(_say_the_same(one.text, other.text) for other in chosen):
            chosen.append(one)
    return chosen


def coverage(weights: Mapping[str, float], text: str) -> float:
    """Sum the weights of the question's terms that a text holds, as a share of them all; 0 without terms."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    held = stems(text)
    return sum(weight for term, weight in weights.items() if term in held) / total


def _cue(kind: Kind, text: str, question: str) -> float:
    # Nothing tells apart the sentences for a yes/no question; all of them get the middle.
    if kind in (Kind.YES_NO, Kind.OTHER):
        return 0.5
    return 1.0 if holds_answer(kind, text, question) else 0.0


def _score(one: Candidate) -> float:
    return sum(weight * float(getattr(one, feature)) for feature, weight in WEIGHTS.items())


def _with_closeness(one: Candidate, closeness: float) -> Candidate:
    close = replace(one, closeness=closeness)
    return replace(close, score=_score(close))


def _say_the_same(one: str, other: str) -> bool:
    first, second = stems(one), stems(other)
    return len(first & second) >= _SAME_WORDS * len(first | second)
