"""Fusing two rankings into one by weighted, normalised scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrieval.index.keyword_tables import ScoredPassage


def fuse(rankings: Sequence[tuple[Sequence[ScoredPassage], float, float]]) -> list[ScoredPassage]:
    """Fuse rankings by a convex combination of normalised scores.

        fused(p) = sum_i w_i (s_i(p) - floor_i) / (max_i - floor_i)

    after S. Bruch, S. Gai and A. Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (ACM TOIS, 2023),
    who normalise by each score's theoretical minimum. A passage that a ranking lacks gets 0 from it.

    Args:
        rankings: (scored passages, weight w_i >= 0, floor_i: the lowest score that ranking can give). A ranking
            whose best score does not exceed its floor gives every passage 0.

    Returns:
        Each passage once, with its fused score in 0..sum(w), best first; ties by id.
    """
    fused: dict[str, float] = {}
    for scored, weight, floor in rankings:
        top = max((one.score for one in scored), default=floor)
        for one in scored:
            share = (one.score - floor) / (top - floor) if top > floor else 0.0
            fused[one.id] = fused.get(one.id, 0.0) + weight * max(share, 0.0)
    return ranked(fused)


def ranked(scores: Mapping[str, float]) -> list[ScoredPassage]:
    """Sort passages by score, best first, ties by id."""
    return [ScoredPassage(i, s) for i, s in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))]
