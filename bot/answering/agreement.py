"""What several sources say: how many independent ones tell an answer, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.answering.candidates import Candidate
from bot.answering.details import details
from bot.answering.spans import Span
from retrieval.articles import Article, CopyOf
from retrieval.index.terms import words

# A source's span is another answer to the question, and not something else that its article names, if its score and
# its sentence's come this close to the best ones (both scores are sums of weighted features; see `WEIGHTS`), and its
# label answers the question.
_SPAN_GAP = 2.0
_SENTENCE_SHARE = 0.75
_FIT = 0.5
# It stands as near to the question's words as the best one, nearly, and its label answers as well.
_NEAR_SHARE, _FIT_SHARE = 0.5, 0.8
# Nobody compares more.
MAX_VALUES = 4


@dataclass(frozen=True, slots=True)
class Value:
    """One of several answers that differ: its best span, and the origins that tell it."""

    span: Span
    origins: frozenset[str]


def publisher_of(article: Article) -> str:
    """Name an article's publisher without regard to case; one that names none is a publisher of its own."""
    return article.source.casefold() if article.source else article.id


def origin_of(article: Article, copies: Mapping[str, Sequence[CopyOf]]) -> str:
    """Name the independent source of an article: its publisher, or for one that is copied the first of the publishers.

    Publishers are compared without regard to case; an article that names none is a source of its own.
    """
    sources = [article.source, *(copy.source for copy in copies.get(article.id, ()))]
    return min((source.casefold() for source in sources if source), default=article.id)


def find_values(
    ranking: Sequence[Candidate],
    spans: Sequence[Span],
    copies: Mapping[str, Sequence[CopyOf]],
    rivals: Sequence[Span] = (),
) -> list[Value]:
    """Group what independent sources answer into values that differ; newest first, undated ones last.

    Each source speaks by what it contests with another one, else by its best span. Values that say the same in other
    words, or one less exactly, are one.

    Args:
        ranking: the candidates.
        spans: best first.
        copies: see `Findings.copies`; those that say the same count as one source, those that differ do not.
        rivals: see `bot.answering.contested.find_rivals`.

    Returns:
        Up to `MAX_VALUES` values, the best span's among them; at most one for neither spans nor rivals or if all agree.
    """
    if not spans and not rivals:
        return []
    best = spans[0] if spans else rivals[0]
    speaking: dict[str, Span] = {}
    for span in (*rivals, *_close(ranking, spans)):
        speaking.setdefault(publisher_of(ranking[span.candidate].hit.article), span)
    values: list[Value] = []
    for span in speaking.values():
        origin = origin_of(ranking[span.candidate].hit.article, copies)
        agreeing = [i for i, value in enumerate(values) if _agree(value.span, span, ranking, rivals)]
        if not agreeing:
            values.append(Value(span, frozenset([origin])))
        # "In November" tells neither of two days of November.
        elif len(agreeing) == 1 and say_the_same(values[agreeing[0]].span.key, span.key):
            said = values[agreeing[0]]
            # The more exact speaks for both: "17 November" is neither that of 2014 nor that of 2019.
            exact = said.span if said.span in rivals else max(said.span, span, key=lambda one: len(one.key.split()))
            values[agreeing[0]] = Value(exact, said.origins | {origin})
    kept = values[:MAX_VALUES]
    if len(values) > MAX_VALUES and not any(_agree(value.span, best, ranking, rivals) for value in kept):
        kept[-1:] = [value for value in values if _agree(value.span, best, ranking, rivals)][:1] or kept[-1:]
    return sorted(kept, key=lambda value: _age(ranking[value.span.candidate].hit.article))


def _close(ranking: Sequence[Candidate], spans: Sequence[Span]) -> list[Span]:
    """Take the spans that are another answer to the question, and not something else that an article names."""
    if not spans:
        return []
    best = spans[0]
    least = _SENTENCE_SHARE * ranking[best.candidate].score
    return [
        span
        for span in spans
        if span.score >= best.score - _SPAN_GAP
        and ranking[span.candidate].score >= least
        and span.nearness >= _NEAR_SHARE * best.nearness
        and span.fit >= max(_FIT, _FIT_SHARE * best.fit)
        and is_comparable(best.key, span.key)
    ]


def _agree(one: Span, other: Span, ranking: Sequence[Candidate], rivals: Sequence[Span] = ()) -> bool:
    """Tell whether two sources' spans go together: the same, or names of which one source's article has both.

    An article that places the base in Libya and north of Sabha does not contradict one that says Sabha. A number that
    stands beside another in one article may still be the old one.
    """
    if say_the_same(one.key, other.key):
        return True
    if numbers_in(one.key) or numbers_in(other.key) or (one in rivals and other in rivals):
        return False
    texts = (ranking[span.candidate].hit.article.text for span in (one, other))
    first, second = (f" {' '.join(words(text))} " for text in texts)
    return f" {other.key} " in first or f" {one.key} " in second


def say_the_same(one: str, other: str) -> bool:
    """Tell whether two keys name the same: equal, one part of the other, or the same numbers and dates."""
    first, second = one.split(), other.split()
    if set(first) <= set(second) or set(second) <= set(first):
        return True
    numbers, others = numbers_in(one), numbers_in(other)
    return bool(numbers and others) and (numbers <= others or others <= numbers)


def is_comparable(one: str, other: str) -> bool:
    """Tell whether two keys are of one grain: a year differs from a year, and not from a weekday."""
    grains = [sorted({_grain(kind, value) for kind, value in numbers_in(key)}) for key in (one, other)]
    return grains[0] == grains[1] or not all(grains) or ("number" in grains[0] and "number" in grains[1])


def _grain(kind: str, value: str) -> str:
    if kind != "date":
        return "year" if kind == "number" and len(value) == 4 and value[:2] in ("18", "19", "20") else kind
    return "weekday" if value.endswith("day") else "day" if "-" in value else "month"


def numbers_in(key: str) -> set[tuple[str, str]]:
    """Read the numbers, units and dates of a key as (kind, value)."""
    return {(detail.kind, detail.value) for detail in details(key.title()) if detail.kind != "name"}


def _age(article: Article) -> tuple[bool, float]:
    published = article.published_at
    return published is None, -published.timestamp() if published is not None else 0.0
