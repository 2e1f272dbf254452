"""Scoring outcomes of the JSON contract: quotes that hold the answer, abstentions that were right, time taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.evaluation.risk import Answering, aurc, risk_coverage
from bot.evaluation.short_answers import is_right, short_answer
from retrieval.evaluation.judgements import Judgement, holds_answer
from retrieval.evaluation.metrics import auroc, bootstrap_interval, mean, percentile, recall_at_k

#: A judged question and what came of asking it, as the JSON contract has it.
Outcome = tuple[Judgement, Mapping[str, Any]]


def score_outcomes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Score outcomes.

    Returns:
        "answerable" and "unanswerable": how many there are of each.
        "quote@1", "quote@3": share of answerable questions whose first quote, or one of whose first three, holds an
            accepted answer as whole normalised words; an abstention counts as a miss.
        "short_given": share of answerable questions that got a short answer; "short_right": share of these that are
            right (`bot.evaluation.short_answers.is_right`).
        "abstention_precision": share of abstentions that were right to be; "abstention_recall": share of the
            unanswerable questions that were declined; "abstention_auroc": by confidence, at any threshold.
        "wrong@90": share of the unanswerable questions whose confidence reaches what nine of ten answerable ones reach.
        "coverage": share of all questions that were answered; "risk@1", "risk@3": share of these that were answered
            wrongly (see `is_wrong`); "aurc@1", "aurc@3": the area under the curve of `trace_risk`.
        "cited_source": share of the answers to answerable questions that cite an article of the evidence.
        "evidence_recall@10": share of the articles of the evidence among the first ten hits, the mean over questions.
        "p50_ms", "p95_ms": the total time of an outcome.
        "intervals": the 95 % bootstrap interval of each share that is a mean over questions.
        A share of nothing is None.
    """
    answerable = [(judged, outcome) for judged, outcome in outcomes if judged.is_answerable]
    unanswerable = [outcome for judged, outcome in outcomes if not judged.is_answerable]
    answered = [(judged, outcome) for judged, outcome in outcomes if _is_answered(outcome)]
    declined = [judged for judged, outcome in outcomes if not _is_answered(outcome)]
    totals = [float(outcome["timings_ms"]["total"]) for _, outcome in outcomes]
    confident = [float(outcome["confidence"]) for _, outcome in answerable]
    overconfident = [float(outcome["confidence"]) for outcome in unanswerable]
    reached = percentile(confident, 0.1)
    short = [(judged, short_answer(outcome)) for judged, outcome in answerable]
    each = {
        **{f"quote@{k}": [float(_quotes_answer(outcome, judged, k)) for judged, outcome in answerable] for k in (1, 3)},
        "short_given": [float(given is not None) for _, given in short],
        "short_right": [float(is_right(given, judged.answers)) for judged, given in short if given is not None],
        "abstention_precision": [float(not judged.is_answerable) for judged in declined],
        "abstention_recall": [float(not _is_answered(outcome)) for outcome in unanswerable],
        "wrong@90": [float(one >= reached) for one in overconfident] if reached is not None else [],
        "coverage": [float(_is_answered(outcome)) for _, outcome in outcomes],
        **{f"risk@{k}": [float(is_wrong(judged, outcome, k)) for judged, outcome in answered] for k in (1, 3)},
        "cited_source": [
            float(_cites_evidence(outcome, judged))
            for judged, outcome in answerable
            if _is_answered(outcome) and judged.evidence
        ],
        "evidence_recall@10": [_evidence_recall(outcome, judged) for judged, outcome in answerable if judged.evidence],
    }
    return {
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        **{name: mean(values) for name, values in each.items()},
        "abstention_auroc": auroc(confident, overconfident),
        **{f"aurc@{k}": aurc(_readiness(outcomes), _wrong(outcomes, k)) for k in (1, 3)},
        "p50_ms": percentile(totals, 0.5),
        "p95_ms": percentile(totals, 0.95),
        "intervals": {name: bootstrap_interval(values) for name, values in each.items()},
    }


def score_latency(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Give the median and the 95th percentile of each stage, in ms, over the outcomes that timed it.

    Returns:
        {stage: {"p50", "p95"}}, in the order of the first outcome that has a stage; "total" is the whole.
    """
    stages = dict.fromkeys(stage for outcome in outcomes for stage in outcome["timings_ms"])
    timed = [outcome["timings_ms"] for outcome in outcomes]
    taken = {stage: [float(one[stage]) for one in timed if stage in one] for stage in stages}
    return {stage: {"p50": percentile(ms, 0.5), "p95": percentile(ms, 0.95)} for stage, ms in taken.items()}


def trace_risk(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Trace the risk over the coverage from the most confident answer to the last abstention.

    What was declined comes after all that was answered: there the curve tells what answering it would have cost.

    Returns:
        Points by growing "coverage", each with the "confidence" that is reached there, and "risk@1" and "risk@3".
    """
    readiness = _readiness(outcomes)
    firsts, thirds = (risk_coverage(readiness, _wrong(outcomes, k)) for k in (1, 3))
    return [
        {"confidence": one.at.confidence, "coverage": one.coverage, "risk@1": one.risk, "risk@3": three.risk}
        for one, three in zip(firsts, thirds, strict=True)
    ]


def is_wrong(judged: Judgement, outcome: Mapping[str, Any], k: int) -> bool:
    """Tell whether an answer is wrong: the articles have none, or none of its first k quotes holds it.

    An abstention has no quotes, so it counts as wrong wherever it is taken for an answer.
    """
    return not (judged.is_answerable and _quotes_answer(outcome, judged, k))


def _wrong(outcomes: Sequence[Outcome], k: int) -> list[bool]:
    return [is_wrong(judged, outcome, k) for judged, outcome in outcomes]


def _readiness(outcomes: Sequence[Outcome]) -> list[Answering]:
    return [Answering(_is_answered(outcome), float(outcome["confidence"])) for _, outcome in outcomes]


def _is_answered(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["status"] == "answered")


def _quotes_answer(outcome: Mapping[str, Any], judged: Judgement, k: int) -> bool:
    return any(holds_answer(citation["quote"], judged.answers) for citation in outcome["citations"][:k])


def _cites_evidence(outcome: Mapping[str, Any], judged: Judgement) -> bool:
    named = {evidence.article_id for evidence in judged.evidence}
    return any(citation["article_id"] in named for citation in outcome["citations"])


def _evidence_recall(outcome: Mapping[str, Any], judged: Judgement) -> float:
    named = {evidence.article_id for evidence in judged.evidence}
    return recall_at_k([hit["article_id"] in named for hit in outcome["hits"]], len(named), 10)
