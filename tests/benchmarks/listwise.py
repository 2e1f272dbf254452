"""Fitting a linear ranking on a few questions, cross-validated; what the scripts that fit weights share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.evaluation.metrics import hit_at_k, reciprocal_rank

# Pulls the weights towards 0, so that two features that say the same share what they count.
PENALTY = 0.002
FOLDS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """The candidates of one question: features (n, d), whether each is relevant, whether it holds an answer."""

    names: tuple[str, ...]
    features: NDArray[np.float64]
    relevant: NDArray[np.bool_]
    holding: NDArray[np.bool_]


def fit(cases: Sequence[Case], columns: Sequence[int]) -> NDArray[np.float64]:
    """Fit weights >= 0 that give the relevant candidates the largest share of the softmax over all candidates.

    ListNet's top-one loss (Z. Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", ICML 2007).
    """
    raw = torch.full((len(columns),), 0.5, requires_grad=True)
    learning = [
        (torch.tensor(case.features[:, columns], dtype=torch.float32), torch.tensor(case.relevant | case.holding))
        for case in cases
        if case.relevant.any()
    ]
    optimiser = torch.optim.LBFGS([raw], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        weights = torch.nn.functional.softplus(raw)
        scored = [(matrix @ weights, wanted) for matrix, wanted in learning]
        missed = [torch.logsumexp(s, 0) - torch.logsumexp(s[wanted], 0) for s, wanted in scored]
        total = torch.stack(missed).mean() + PENALTY * (weights**2).sum()
        total.backward()
        return total

    optimiser.step(loss)
    return np.asarray(torch.nn.functional.softplus(raw).detach().numpy(), dtype=np.float64)


def measure(cases: Sequence[Case], orders: Sequence[NDArray[np.int64]]) -> str:
    """Score rankings by relevance and by answers held."""
    said = []
    for name in ("relevant", "holding"):
        ranked = [list(getattr(case, name)[order]) for case, order in zip(cases, orders, strict=True)]
        mrr = np.mean([reciprocal_rank(one, 10) for one in ranked])
        hits = " ".join(f"{np.mean([hit_at_k(one, k) for one in ranked]):.3f}" for k in (1, 5, 10))
        said.append(f"{name}: MRR@10 {mrr:.3f}, hit@1/5/10 {hits}")
    return "; ".join(said)


def rank_unseen(cases: Sequence[Case], columns: Sequence[int]) -> list[NDArray[np.int64]]:
    """Rank every question's candidates by weights that were fitted without it."""
    order = np.random.default_rng(1).permutation(len(cases))
    ranked: dict[int, NDArray[np.int64]] = {}
    for fold in range(FOLDS):
        left_out = set(order[fold::FOLDS].tolist())
        weights = fit([case for i, case in enumerate(cases) if i not in left_out], columns)
        ranked |= {i: np.argsort(-(cases[i].features[:, columns] @ weights), kind="stable") for i in left_out}
    return [ranked[i] for i in range(len(cases))]


def report(cases: Sequence[Case]) -> dict[str, float]:
    """Print what all features and all but one make of questions left out; return the weights of all questions."""
    names, everything = cases[0].names, list(range(len(cases[0].names)))
    print("fusion      ", measure(cases, [np.arange(len(case.features)) for case in cases]))  # noqa: T201 - its output
    print("all features", measure(cases, rank_unseen(cases, everything)))  # noqa: T201
    for left_out in everything:
        columns = [column for column in everything if column != left_out]
        print(f"without {names[left_out]:10}", measure(cases, rank_unseen(cases, columns)))  # noqa: T201
    return dict(zip(names, fit(cases, everything).tolist(), strict=True))
