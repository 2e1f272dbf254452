"""Scoring outcomes of the JSON contract: quotes that hold the answer, abstentions that were right, time taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.evaluation.judgements import Judgement, holds_answer
from retrieval.evaluation.metrics import auroc, bootstrap_interval, mean, percentile


def score_outcomes(outcomes: Sequence[tuple[Judgement, Mapping[str, Any]]]) -> dict[str, Any]:
    """Score outcomes.

    Returns:
        "answerable" and "unanswerable": how many there are of each.
        "quote@1", "quote@3": share of answerable questions whose first quote, or one of whose first three, holds an
            accepted answer as whole normalised words; an abstention counts as a miss.
        "abstention_precision": share of abstentions that were right to be; "abstention_recall": share of the
            unanswerable questions that were declined; "abstention_auroc": by confidence, at any threshold.
        "wrong@90": share of the unanswerable questions whose confidence reaches what nine of ten answerable ones reach.
        "cited_source": share of the answers to answerable questions that cite an article of the evidence.
        "p50_ms", "p95_ms": the total time of an outcome.
        "intervals": the 95 % bootstrap interval of each share that is a mean over questions.
        A share of nothing is None.
    """
    answerable = [(judged, outcome) for judged, outcome in outcomes if judged.is_answerable]
    unanswerable = [outcome for judged, outcome in outcomes if not judged.is_answerable]
    declined = [judged for judged, outcome in outcomes if outcome["status"] == "abstained"]
    totals = [float(outcome["timings_ms"]["total"]) for _, outcome in outcomes]
    confident = [float(outcome["confidence"]) for _, outcome in answerable]
    overconfident = [float(outcome["confidence"]) for outcome in unanswerable]
    reached = percentile(confident, 0.1)
    each = {
        **{f"quote@{k}": [float(_quotes_answer(outcome, judged, k)) for judged, outcome in answerable] for k in (1, 3)},
        "abstention_precision": [float(not judged.is_answerable) for judged in declined],
        "abstention_recall": [float(outcome["status"] == "abstained") for outcome in unanswerable],
        "wrong@90": [float(one >= reached) for one in overconfident] if reached is not None else [],
        "cited_source": [
            float(_cites_evidence(outcome, judged))
            for judged, outcome in answerable
            if outcome["status"] == "answered" and judged.evidence
        ],
    }
    return {
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        **{name: mean(values) for name, values in each.items()},
        "abstention_auroc": auroc(confident, overconfident),
        "p50_ms": percentile(totals, 0.5),
        "p95_ms": percentile(totals, 0.95),
        "intervals": {name: bootstrap_interval(values) for name, values in each.items()},
    }


def _quotes_answer(outcome: Mapping[str, Any], judged: Judgement, k: int) -> bool:
    return any(holds_answer(citation["quote"], judged.answers) for citation in outcome["citations"][:k])


def _cites_evidence(outcome: Mapping[str, Any], judged: Judgement) -> bool:
    named = {evidence.article_id for evidence in judged.evidence}
    return any(citation["article_id"] in named for citation in outcome["citations"])
