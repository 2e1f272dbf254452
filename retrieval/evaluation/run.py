"""Scoring a ranking for every judged question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from retrieval.evaluation.judgements import Judgement, is_relevant
from retrieval.evaluation.metrics import bootstrap_interval, hit_at_k, mean, ndcg_at_k, reciprocal_rank

#: Finds passages for a judged question, best first: (article id, passage text).
Search = Callable[[Judgement], Awaitable[Sequence[tuple[str, str]]]]


async def evaluate_retrieval(judgements: Sequence[Judgement], search: Search) -> dict[str, Any]:
    """Score a search over the judged questions that have evidence.

    Returns:
        "questions", "hit@1", "hit@5", "hit@10", "mrr@10" and "ndcg@10"; the means are None without such questions.
        "intervals": the 95 % bootstrap interval of each mean.
    """
    rankings: list[list[bool]] = []
    for judgement in judgements:
        if judgement.evidence and judgement.is_answerable:
            found = await search(judgement)
            rankings.append([is_relevant(article_id, text, judgement) for article_id, text in found])
    each = {
        **{f"hit@{k}": [hit_at_k(ranking, k) for ranking in rankings] for k in (1, 5, 10)},
        "mrr@10": [reciprocal_rank(ranking, 10) for ranking in rankings],
        "ndcg@10": [ndcg_at_k(ranking, 10) for ranking in rankings],
    }
    return {
        "questions": len(rankings),
        **{name: mean(values) for name, values in each.items()},
        "intervals": {name: bootstrap_interval(values) for name, values in each.items()},
    }
