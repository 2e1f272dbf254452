"""The short answer: the name, names, place, date or number that answers, cut from a quote; none when unsure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.answers import Citation, Evidence, ShortAnswer
from bot.answering.candidates import Candidate
from bot.answering.cues import kind_of, wants_several
from bot.answering.lists import LIST
from bot.answering.spans import Span, shares
from bot.answering.stretches import Stretch

# Given only if its share among all that could answer is at least this, and its label answers this well.
MIN_SHARE = 0.48
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
    share, stretches = find_sure(evidence, ranking, spans)
    if not stretches or not citations:
        return None
    first = citations[0]
    if ranking[spans[0].candidate].hit.article.id != first.article.id:
        return None
    chosen = next((one for one in stretches if one.is_in(first)), None)
    return (
        None if chosen is None else ShortAnswer(trimmed(chosen.text), kind_of(evidence.question.text), first.n, share)
    )


def find_sure(
    evidence: Evidence, ranking: Sequence[Candidate], spans: Sequence[Span]
) -> tuple[float, Sequence[Stretch]]:
    """Find where the best answer stands, if it is sure enough, in all its forms: the fullest first.

    Where several names are wanted, a name alone is no answer.

    Args:
        evidence: what was asked and found.
        ranking: the candidates that the spans point into.
        spans: best first.

    Returns:
        Its share among all that could answer, 0..1, and the stretches; none if it is not sure.
    """
    if not spans or spans[0].fit < MIN_FIT:
        return 0.0, ()
    best = spans[0]
    if wants_several(evidence.question.text):
        lists = [one for one in ranking[best.candidate].possible if one.label == LIST]
        if not any((one.start, one.end) == (best.start, best.end) for one in lists):
            return 0.0, ()
    share = confidence(spans)
    if share < MIN_SHARE:
        return share, ()
    forms = [span for span in spans if f" {best.key} " in f" {span.key} " and span.fit >= MIN_FIT]
    forms.sort(key=lambda span: -len(span.key))
    return share, [Stretch(ranking[span.candidate].hit, span.start, span.end) for span in forms]


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
