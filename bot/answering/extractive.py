"""The default writer: picks the one to three sentences that answer the question and quotes them; no language model."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.answering.answers import Citation, Claim, Draft, Evidence
from bot.answering.cues import Kind, find_answers, holds_answer, kind_of
from retrieval.index.chunking import split_sentences
from retrieval.index.terms import stems, words
from retrieval.passages import Hit
from retrieval.search.rerank import coverage
from retrieval.search.weights import read_weights

log = logging.getLogger(__name__)

NAME = "extractive"
# Only the most promising sentences are embedded: on two cores a sentence costs about 4 ms.
_EMBEDDED_AT_MOST = 24
# A further sentence is quoted if its score is at least this share of the best one's.
_FURTHER_SHARE = 0.8
# The next sentence, or the one before where this one leans on it, joins a quote if its score is at least this share of
# the quoted one's, and both together are no longer than this. On 105 quiz questions: first quotes that hold the answer
# .57 -> .63, one of the first three .77 -> .82.
_NEIGHBOUR_SHARE = 0.5
_LONGEST_PAIR_CHARS = 420
_LEANS = re.compile(r"^\W*(?:he|she|it|they|his|her|its|their|this|that|these|those|but|and|however)\b", re.IGNORECASE)
# An article whose hit scores less than this share of the best one's tells another story, and echoes nothing.
_SAME_STORY = 0.5
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
        cue: 1 if it holds something of the wanted kind that the question does not name.
        standing: the hit's score over the best hit's.
        echo: share of the other articles found that hold something which answers here, the one held most; articles
            far below the best do not count.
        closeness: cosine similarity to the question.
        score: the weighted sum, see `WEIGHTS`.
    """

    hit: Hit
    start: int
    end: int
    text: str
    coverage: float
    cue: float
    standing: float
    echo: float
    closeness: float = 0.0
    score: float = 0.0


#: What each feature counts; the file says what made the weights.
WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "chooser_weights.json")
#: The features of a candidate.
FEATURES = tuple(WEIGHTS)


class Quoted(NamedTuple):
    """What is quoted: code points `start` to `end` of the article of a hit."""

    hit: Hit
    start: int
    end: int


class ExtractiveWriter:
    """Quotes the sentences that answer. Holds nothing to close."""

    def __init__(self, embed: Embed, *, max_quotes: int) -> None:
        """Make a writer of up to `max_quotes` (>= 1) quotes of one or two sentences, which are compared by `embed`."""
        self._embed = embed
        self._max_quotes = max_quotes

    @property
    def name(self) -> str:
        """The writer's name in answers."""
        return NAME

    async def write(self, evidence: Evidence) -> Draft:
        """Quote the best sentences of the hits, best first; each quote its own claim and its own citation.

        A quote may take in a neighbouring sentence (see `widen`). Further quotes follow only if they come
        close to the best and do not repeat it. No hits, no claims.
        """
        ranking = await self.rank(evidence)
        chosen = choose(ranking, self._max_quotes)
        log.info("write writer=%s candidates=%d chosen=%d", NAME, len(ranking), len(chosen))
        citations = tuple(
            Citation(n, hit.article, hit.passage.version, start, end, hit.article.text[start:end], hit.passage)
            for n, (hit, start, end) in enumerate(chosen, start=1)
        )
        claims = tuple(Claim(one.quote, (one.n,), 1.0, is_quote=True) for one in citations)
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
    told = _told_by_article([hit for hit in evidence.findings.hits if hit.score >= _SAME_STORY * best])
    found: dict[str, Candidate] = {}
    for hit in evidence.findings.hits:
        passage = hit.passage
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
                _cue(kind, text, question),
                hit.score / best if best > 0 else 0.0,
                _echo(find_answers(kind, text, question), hit.article.id, told),
            )
    return list(found.values())


def choose(ranking: Sequence[Candidate], limit: int) -> list[Quoted]:
    """Take the best sentence and up to `limit - 1` further ones that come close to it and repeat none taken.

    Each takes a neighbour along (see `widen`).
    """
    chosen: list[tuple[Candidate, Quoted]] = []
    for one in ranking:
        if len(chosen) == limit or (chosen and one.score < _FURTHER_SHARE * chosen[0][0].score):
            break
        if not any(_overlap(one, quoted) or _say_the_same(one.text, other.text) for other, quoted in chosen):
            quoted = widen(one, ranking)
            if any(_overlap(quoted, taken) for _, taken in chosen):
                quoted = Quoted(one.hit, one.start, one.end)
            chosen.append((one, quoted))
    return [quoted for _, quoted in chosen]


def widen(one: Candidate, ranking: Sequence[Candidate]) -> Quoted:
    """Take in the next sentence of the passage, or the one before if this one begins with a word that leans on it.

    Only one that comes close, the better of two, and nothing that makes the quote long.
    """
    text, alone = one.hit.article.text, Quoted(one.hit, one.start, one.end)
    close = [
        other
        for other in ranking
        if other.hit.passage.id == one.hit.passage.id and other.score >= _NEIGHBOUR_SHARE * one.score
    ]
    around = [other for other in close if one.end <= other.start and not text[one.end : other.start].strip()]
    if _LEANS.match(one.text):
        around += [other for other in close if other.end <= one.start and not text[other.end : one.start].strip()]
    if not around:
        return alone
    best = max(around, key=lambda other: other.score)
    pair = Quoted(one.hit, min(one.start, best.start), max(one.end, best.end))
    return pair if pair.end - pair.start <= _LONGEST_PAIR_CHARS else alone


def _overlap(one: Candidate | Quoted, other: Quoted) -> bool:
    is_same = (one.hit.article.id, one.hit.passage.version) == (other.hit.article.id, other.hit.passage.version)
    return is_same and one.start < other.end and other.start < one.end


def _told_by_article(hits: Sequence[Hit]) -> dict[str, str]:
    """Join the words of each article's headline and found passages, with a space around every word."""
    told: dict[str, str] = {}
    for hit in hits:
        spoken = " ".join(words(f"{hit.article.title} {hit.passage.text}"))
        told[hit.article.id] = f"{told.get(hit.article.id, ' ')}{spoken} "
    return told


def _echo(answers: Sequence[str], article_id: str, told: Mapping[str, str]) -> float:
    others = [text for other, text in told.items() if other != article_id]
    spoken = {f" {' '.join(words(answer))} " for answer in answers}
    return max((sum(one in text for text in others) / len(others) for one in spoken), default=0.0) if others else 0.0


def _cue(kind: Kind, text: str, question: str) -> float:
    # Nothing tells apart the sentences for a yes/no question; all of them get the middle.
    if kind in (Kind.YES_NO, Kind.OTHER):
        return 0.5
    return float(holds_answer(kind, text, question))


def _score(one: Candidate) -> float:
    return sum(weight * float(getattr(one, feature)) for feature, weight in WEIGHTS.items())


def _with_closeness(one: Candidate, closeness: float) -> Candidate:
    close = replace(one, closeness=closeness)
    return replace(close, score=_score(close))


def _say_the_same(one: str, other: str) -> bool:
    first, second = stems(one), stems(other)
    return len(first & second) >= _SAME_WORDS * len(first | second)
