"""The risk of answering: what share of the answers is wrong, the more questions are answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple


class Answering(NamedTuple):
    """How readily a question is answered; larger is sooner. What was answered comes before what was declined."""

    answered: bool
    confidence: float


class Point(NamedTuple):
    """A point of the curve.

    Attributes:
        at: the least ready question that is answered here.
        coverage: share of all questions that are answered, in (0, 1].
        risk: share of these that are answered wrongly, in 0..1.
    """

    at: Answering
    coverage: float
    risk: float


def risk_coverage(readiness: Sequence[Answering], wrong: Sequence[bool]) -> list[Point]:
    """Draw the risk-coverage curve: answer the readiest question, then one more, until all are answered.

    R. El-Yaniv and Y. Wiener, "On the Foundations of Noise-free Selective Classification" (JMLR 11, 2010).

    Args:
        readiness: one for each question, in any order.
        wrong: whether the answer to each is wrong, or would be.

    Returns:
        A point for each different readiness, by growing coverage; the last has coverage 1. Empty without questions.
    """
    points, answered, failed = [], 0, 0
    for at, count, errors in _ties(readiness, wrong):
        answered, failed = answered + count, failed + errors
        points.append(Point(at, answered / len(wrong), failed / answered))
    return points


def aurc(readiness: Sequence[Answering], wrong: Sequence[bool]) -> float | None:
    """Return the area under the risk-coverage curve, the mean of the risks at 1, 2, ..., n answers, or None for none.

    0 is best; at most the share of wrong answers is what a useful order comes to. Among questions that are equally
    ready the errors are spread evenly, so that no order of theirs counts.
    """
    risks: list[float] = []
    failed = 0.0
    for _, count, errors in _ties(readiness, wrong):
        for _ in range(count):
            failed += errors / count
            risks.append(failed / (len(risks) + 1))
    return sum(risks) / len(risks) if risks else None


def _ties(readiness: Sequence[Answering], wrong: Sequence[bool]) -> list[tuple[Answering, int, int]]:
    """Group equally ready questions, readiest first: (readiness, how many, how many of them wrong)."""
    ordered = sorted(zip(readiness, wrong, strict=True), reverse=True)
    groups = ((at, [is_wrong for _, is_wrong in group]) for at, group in groupby(ordered, key=lambda one: one[0]))
    return [(at, len(found), sum(found)) for at, found in groups]
