"""Measuring a home: every judged question searched and asked, every quote compared with the archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from bot.answering.asking import read_moment
from bot.evaluation.scoring import Outcome, score_latency, score_outcomes, trace_risk
from retrieval.evaluation.judgements import Evidence, Judgement
from retrieval.evaluation.metrics import mean
from retrieval.evaluation.run import (
    Ranking,
    Search,
    rank_articles,
    rank_passages,
    rank_telling,
    score_rankings,
    search_judged,
)

#: Runs an operation on a home by name and yields its events, as `bot.app.Performs.perform` does.
Perform = Callable[[str, dict[str, Any]], AsyncIterator[dict[str, Any]]]

# What is told of each type of question.
_MAIN = ("quote@1", "quote@3", "short_given", "short_right", "coverage", "abstention_recall", "evidence_recall@10")


async def evaluate(judgements: Sequence[Judgement], perform: Perform) -> dict[str, Any]:
    """Measure a home over judged questions.

    Returns:
        "retrieval": `score_rankings` over all questions with evidence, a hit being a passage of the evidence.
        "telling": the same, a hit being any passage that holds an accepted answer.
        "articles": the same over articles, a hit being one of the evidence.
        "knowable": the same without the questions whose evidence was all published after they were asked, which no
            search may find ("left_out"); "partly_later" counts those kept of whose evidence a part was.
        "answers": `score_outcomes`, and "verbatim", the share of citations whose quote stands letter for letter where
            they say in the archive; None without citations.
        "latency_ms": `score_latency`.
        "types": for each "type" that questions name, how many they are, and their main figures.
        "risk_coverage": `trace_risk`.
    """
    outcomes = [(judged, await perform_once(perform, "ask", judged.fields, "outcome")) for judged in judgements]
    found = await search_judged(judgements, search_with(perform))
    rankings = rank_passages(found)
    asked = {id(judged): outcome["asked_at"] for judged, outcome in outcomes}
    later = [await _later(judged, asked[id(judged)], perform) for judged, _ in rankings]
    knowable = [ranking for ranking, is_later in zip(rankings, later, strict=True) if not all(is_later)]
    counts = {"left_out": len(rankings) - len(knowable), "partly_later": sum(map(any, later)) - sum(map(all, later))}
    return {
        "retrieval": score_rankings(rankings),
        "telling": score_rankings(rank_telling(found)),
        "articles": score_rankings(rank_articles(found)),
        "knowable": counts | score_rankings(knowable),
        "answers": score_outcomes(outcomes) | {"verbatim": await verbatim_share(outcomes, perform)},
        "latency_ms": score_latency([outcome for _, outcome in outcomes]),
        "types": _by_type(outcomes, rankings),
        "risk_coverage": trace_risk(outcomes),
    }


async def perform_once(perform: Perform, operation: str, fields: Mapping[str, Any], wanted: str) -> Any:
    """Run an operation of one event and return what that event holds under `wanted`."""
    async with aclosing(perform(operation, dict(fields))) as events:  # type: ignore[type-var]
        async for event in events:
            return event[wanted]
    raise AssertionError(f"the operation `{operation}` ended without {wanted}")


async def resolve_evidence(judgements: Sequence[Judgement], perform: Perform) -> list[Judgement]:
    """Name the evidence of each question by the ids under which the home keeps its articles.

    Two articles of the questions may be one in the home, where they tell the same story; what it does not hold keeps
    its name.
    """
    kept: dict[str, str] = {}
    for name in dict.fromkeys(evidence.article_id for judged in judgements for evidence in judged.evidence):
        article = await perform_once(perform, "read", {"article_id": name, "end": 0}, "article")
        kept[name] = article["id"] if article else name
    return [
        replace(judged, evidence=tuple(Evidence(kept[one.article_id], one.text) for one in judged.evidence))
        for judged in judgements
    ]


def search_with(perform: Perform, dense_weight: float | None = None) -> Search:
    """Search a home for the ten best passages, with the weights it has or another weight of the dense search."""

    async def search(judged: Judgement) -> list[tuple[str, str]]:
        fields = {**judged.fields, "limit": 10, "dense_weight": dense_weight}
        hits = await perform_once(perform, "search", fields, "hits")
        return [(hit["article_id"], hit["text"]) for hit in hits]

    return search


async def verbatim_share(outcomes: Sequence[Outcome], perform: Perform) -> float | None:
    """Return the share of citations whose quote is the stored version's text from start to end; None for none."""
    cited = [citation for _, outcome in outcomes for citation in outcome["citations"]]
    stored = [await perform_once(perform, "read", _place(citation), "article") for citation in cited]
    return mean(
        [
            float(article is not None and article["text"] == citation["quote"])
            for citation, article in zip(cited, stored, strict=True)
        ]
    )


def _place(citation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: citation[name] for name in ("article_id", "version", "start", "end")}


async def _later(judged: Judgement, asked_at: str, perform: Perform) -> list[bool]:
    """Tell of each evidence whether it was published later than asked; not so if it has no date or is not stored."""
    moment, later = read_moment(asked_at, end=True), []
    for evidence in judged.evidence:
        article = await perform_once(perform, "read", {"article_id": evidence.article_id, "end": 0}, "article")
        published = article and article["published_at"]
        later.append(bool(published) and read_moment(published, end=False) > moment)
    return later


def _by_type(outcomes: Sequence[Outcome], rankings: Sequence[Ranking]) -> dict[str, dict[str, Any]]:
    types = dict.fromkeys(judged.fields.get("type") for judged, _ in outcomes)
    told = {}
    for name in (one for one in types if isinstance(one, str)):
        own = [(judged, outcome) for judged, outcome in outcomes if judged.fields.get("type") == name]
        ranked = [(judged, relevant) for judged, relevant in rankings if judged.fields.get("type") == name]
        answers, found = score_outcomes(own), score_rankings(ranked)
        figures = {measure: answers[measure] for measure in _MAIN} | {"hit@10": found["hit@10"]}
        intervals = answers["intervals"] | found["intervals"]
        known = {measure: value for measure, value in figures.items() if value is not None}
        told[name] = {"questions": len(own), **known, "intervals": {measure: intervals[measure] for measure in known}}
    return told
