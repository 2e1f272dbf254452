"""Scoring a ranking for every judged question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from retrieval.evaluation.judgements import Judgement, is_of_evidence, is_relevant, tells_answer
from retrieval.evaluation.metrics import bootstrap_interval, hit_at_k, mean, ndcg_at_k, reciprocal_rank

#: Finds passages for a judged question, best first: (article id, passage text).
Search = Callable[[Judgement], Awaitable[Sequence[tuple[str, str]]]]
#: A judged question and what was found for it, best first.
Found = tuple[Judgement, Sequence[tuple[str, str]]]
#: A judged question and the relevance of what was found for it, best first.
Ranking = tuple[Judgement, Sequence[bool]]


async def evaluate_retrieval(judgements: Sequence[Judgement], search: Search) -> dict[str, Any]:
    """Score a search over the judged questions that have evidence; see `score_rankings`."""
    return score_rankings(rank_passages(await search_judged(judgements, search)))


async def search_judged(judgements: Sequence[Judgement], search: Search) -> list[Found]:
    """Search for every judged question that is answerable and has evidence, in order; the others are left out."""
    wanted = [judgement for judgement in judgements if judgement.evidence and judgement.is_answerable]
    return [(judgement, await search(judgement)) for judgement in wanted]


def rank_passages(found: Sequence[Found]) -> list[Ranking]:
    """Judge passages by `is_relevant`."""
    return [(judgement, [is_relevant(*one, judgement) for one in passages]) for judgement, passages in found]


def rank_telling(found: Sequence[Found]) -> list[Ranking]:
    """Judge passages by `tells_answer`: whichever article says it."""
    return [(judgement, [tells_answer(*one, judgement) for one in passages]) for judgement, passages in found]


def rank_articles(found: Sequence[Found]) -> list[Ranking]:
    """Judge articles by `is_of_evidence`, each once, at its best passage's place among the articles."""
    rankings: list[Ranking] = []
    for judgement, passages in found:
        articles = dict.fromkeys(article_id for article_id, _ in passages)
        rankings.append((judgement, [is_of_evidence(article_id, "", judgement) for article_id in articles]))
    return rankings


def score_rankings(rankings: Sequence[Ranking]) -> dict[str, Any]:
    """Score rankings.

    Returns:
        "questions", "hit@1", "hit@5", "hit@10", "mrr@10" and "ndcg@10"; the means are None without rankings.
        "intervals": the 95 % bootstrap interval of each mean.
    """
    found = [relevant for _, relevant in rankings]
    each = {
        **{f"hit@{k}": [hit_at_k(relevant, k) for relevant in found] for k in (1, 5, 10)},
        "mrr@10": [reciprocal_rank(relevant, 10) for relevant in found],
        "ndcg@10": [ndcg_at_k(relevant, 10) for relevant in found],
    }
    return {
        "questions": len(found),
        **{name: mean(values) for name, values in each.items()},
        "intervals": {name: bootstrap_interval(values) for name, values in each.items()},
    }
