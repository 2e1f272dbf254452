"""Measures of a ranking, as the literature defines them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2

import numpy as np

# Resamples of a bootstrap; 2,000 settle an interval of a mean to about a hundredth of its width.
ROUNDS = 2_000


def hit_at_k(relevant: Sequence[bool], k: int) -> float:
    """Return 1 if a relevant passage is among the first k, else 0; 0 for an empty ranking.

    Args:
        relevant: relevance in order of rank.
        k: how far to look, >= 1.
    """
    return float(any(relevant[:k]))


def recall_at_k(relevant: Sequence[bool], total: int, k: int) -> float:
    """Return the share of everything relevant that is among the first k; 0 if nothing is relevant.

    Args:
        relevant: relevance in order of rank.
        total: how many are relevant, found or not.
        k: how far to look, >= 1.
    """
    return sum(relevant[:k]) / total if total else 0.0


def reciprocal_rank(relevant: Sequence[bool], k: int) -> float:
    """Return 1 / rank of the first relevant passage among the first k, 0 if there is none.

    Its mean over questions is MRR@k (E. M. Voorhees, "The TREC-8 Question Answering Track Report", 1999).
    """
    return next((1.0 / rank for rank, is_relevant in enumerate(relevant[:k], start=1) if is_relevant), 0.0)


def ndcg_at_k(relevant: Sequence[bool], k: int) -> float:
    """Return the discounted cumulative gain of the first k over that of the best order of the same passages.

        DCG@k = sum_{i=1..k} rel_i / log2(i + 1)

    K. Järvelin and J. Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques" (ACM TOIS, 2002), with relevance 0
    or 1. What was not found at all is not known here and does not count. 0 without a relevant passage.
    """
    gained = _discounted(relevant[:k])
    best = _discounted(sorted(relevant, reverse=True)[:k])
    return gained / best if best else 0.0


def _discounted(relevant: Sequence[bool]) -> float:
    return sum(1.0 / log2(rank + 1) for rank, is_relevant in enumerate(relevant, start=1) if is_relevant)


def bootstrap_interval(values: Sequence[float], share: float = 0.95) -> tuple[float, float] | None:
    """Return the percentile bootstrap interval of a mean, or None for no values.

    B. Efron, "Bootstrap Methods: Another Look at the Jackknife" (Annals of Statistics, 1979). The same values always
    give the same interval.

    Args:
        values: one for each question.
        share: of the resampled means that lie within, in 0..1.
    """
    if not values:
        return None
    observed = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(len(observed), size=(ROUNDS, len(observed)))
    low, high = np.quantile(observed[drawn].mean(axis=1), [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean, or None for no values."""
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile, the ceil(share n)-th smallest of n values, or None for no values.

    Args:
        values: in any order.
        share: in 0..1, such as 0.95; 0 gives the smallest value.
    """
    if not values:
        return None
    ordered = sorted(values)
    # Rounded first: 0.07 * 100 is a little more than 7 in floating point.
    return ordered[max(1, ceil(round(share * len(ordered), 6))) - 1]


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the probability that a positive scores above a negative, ties counting half; None without both.

    The area under the receiver operating characteristic (J. A. Hanley and B. J. McNeil, Radiology 143, 1982).
    """
    if not positives or not negatives:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return wins / (len(positives) * len(negatives))
