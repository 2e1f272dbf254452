"""Quiz questions about the news: what `dateline evaluate` tells, spoiled evidence, and the time of each stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from news_home import Figure, open_home, share, take_in
from spoiling import ANSWERABLE, REMOVED, SWAPPED, UNANSWERABLE, read_evidence

from bot.answering.answerability import confidence
from bot.evaluation.run import evaluate, perform_once
from bot.evaluation.scoring import score_latency
from retrieval.evaluation.judgements import read_judgements
from retrieval.evaluation.metrics import auroc, percentile

# What is told of `dateline evaluate`.
PARTS = ("retrieval", "telling", "articles", "knowable", "answers")
# Asked before anything is timed: the first questions load what is loaded late.
_WARMING = 5


async def measure_quiz(data: Path, homes: Path) -> list[Figure]:
    """Tell the figures of `dateline evaluate`, then how well the confidence knows spoiled evidence."""
    file = data / "newsquiz" / "questions.jsonl"
    home = take_in(data / "newsquiz" / "articles.jsonl", homes / "newsquiz")
    async with open_home(home) as perform:
        scores = await evaluate(list(read_judgements(file)), perform)
    figures = [one for part in PARTS for one in _figures(part, scores[part])]
    for name, measures in scores["types"].items():
        figures += _figures(f"type {name}", measures)
    return figures + await _measure_spoiled(home, file)


async def _measure_spoiled(home: Path, file: Path) -> list[Figure]:
    sure: dict[str, list[float]] = {kind: [] for kind in (ANSWERABLE, UNANSWERABLE, REMOVED, SWAPPED)}
    for _, kind, evidence in await read_evidence(home, file):
        sure[kind].append(confidence(evidence))
    reached = percentile(sure[ANSWERABLE], 0.1)
    assert reached is not None
    figures = []
    for kind in (UNANSWERABLE, REMOVED, SWAPPED):
        figures.append(Figure(f"{kind}: AUROC", auroc(sure[ANSWERABLE], sure[kind]), cases=len(sure[kind])))
        figures.append(share(f"{kind}: answered where nine of ten are", [one >= reached for one in sure[kind]]))
    return figures


async def measure_latency(data: Path, homes: Path) -> list[Figure]:
    """Ask one question at a time and tell the median and the 95th percentile of each stage, in ms."""
    home = take_in(data / "newsquiz" / "articles.jsonl", homes / "newsquiz")
    judgements = list(read_judgements(data / "newsquiz" / "questions.jsonl"))
    async with open_home(home) as perform:
        for judged in judgements[:_WARMING]:
            await perform_once(perform, "ask", judged.fields, "outcome")
        outcomes = [await perform_once(perform, "ask", judged.fields, "outcome") for judged in judgements]
    return [
        Figure(f"{stage} {name}, ms", value, cases=len(outcomes))
        for stage, times in score_latency(outcomes).items()
        for name, value in times.items()
    ]


def _figures(part: str, measures: dict[str, Any]) -> list[Figure]:
    intervals = measures["intervals"]
    return [
        Figure(f"{part}: {name}", value, intervals.get(name)) for name, value in measures.items() if name != "intervals"
    ]
