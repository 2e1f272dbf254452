"""The short answer: the name, place, date or number that answers, cut from the first quote; none when unsure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.answers import Citation, Evidence, ShortAnswer
from bot.answering.candidates import Candidate
from bot.answering.cues import kind_of
from bot.answering.spans import Span, shares

# Given only if its share among all that could answer is at least this, and its label answers this well.
MIN_SHARE = 0.45
MIN_FIT = 0.5


def choose_short_answer(
    evidence: Evidence, ranking: Sequence[Candidate], spans: Sequence[Span], citations: Sequence[Citation]
) -> ShortAnswer | None:
    """Cut the best span from the first quote, in its fullest form there ("Ines Corvallan", not "Corvallan").

    Args:
        evidence: what was asked and found.
        ranking: the candidates that the spans point into.
        spans: best first.
        citations: what is quoted, best first.

    Returns:
        None if no span is sure enough, or the best one's sentence is not quoted first.
    """
    if not spans or not citations:
        return None
    best, first = spans[0], citations[0]
    share = confidence(spans)
    hit = ranking[best.candidate].hit
    if (
        share < MIN_SHARE
        or best.fit < MIN_FIT
        or (hit.article.id, hit.passage.version)
        != (
            first.article.id,
            first.version,
        )
    ):
        return None
    fuller = (
        one
        for one in spans
        if ranking[one.candidate].hit.article.id == hit.article.id
        and first.start <= one.start
        and one.end <= first.end
        and f" {best.key} " in f" {one.key} "
        and one.fit >= MIN_FIT
    )
    chosen = max(fuller, key=lambda one: len(one.key), default=best)
    if not (first.start <= chosen.start and chosen.end <= first.end):
        return None
    text = trimmed(hit.article.text[chosen.start : chosen.end])
    return ShortAnswer(text, kind_of(evidence.question.text), first.n, share)


def confidence(spans: Sequence[Span]) -> float:
    """Sum the shares of the best span's key and of those that hold it or that it holds; 0 for no spans."""
    if not spans:
        return 0.0
    best = spans[0].key
    return sum(share for key, share in shares(spans).items() if f" {best} " in f" {key} " or f" {key} " in f" {best} ")


def trimmed(text: str) -> str:
    """Leave out what is not part of a name: a possessive, punctuation at the end, "the" before it."""
    text = re.sub(r"(?:['’]s|['’])$", "", text.strip(' ,.;:!?\n"“”'))
    return re.sub(r"^(?:the|a|an)\s+(?=\S)", "", text, flags=re.IGNORECASE)
