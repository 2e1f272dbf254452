"""Sentences about news articles, labelled supported or not: does the support check agree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from news_home import Figure, read_lines, share

from bot.answering.grounding import is_grounded
from bot.answering.testing import make_hit
from retrieval.evaluation.metrics import bootstrap_interval


def supports(document: str, claim: str) -> bool:
    """Tell whether a document supports a claim; the one place that says which check is measured."""
    return is_grounded(claim, [make_hit(document)])


async def measure_groundedness(data: Path, homes: Path) -> list[Figure]:
    """Check every claim against its document."""
    claims = read_lines(data / "groundedness" / "claims.jsonl")
    judged = [(claim, supports(claim["document"], claim["claim"])) for claim in claims]
    figures = [*_balanced("all", judged)]
    for origin in sorted({claim["origin"].rsplit("-", 1)[1] for claim in claims}):
        figures += _balanced(origin, [one for one in judged if one[0]["origin"].endswith(origin)])
    return figures


def _balanced(name: str, judged: Sequence[tuple[Mapping[str, Any], bool]]) -> list[Figure]:
    kept = [float(stands) for claim, stands in judged if claim["supported"]]
    struck = [float(not stands) for claim, stands in judged if not claim["supported"]]
    # Each side weighs half, so that its mean over all cases is the balanced accuracy, which has an interval.
    halves = [one * len(judged) / (2 * len(side)) for side in (kept, struck) for one in side]
    accuracy = sum(halves) / len(halves)
    return [
        Figure(f"{name}: balanced accuracy", accuracy, bootstrap_interval(halves), len(judged)),
        share(f"{name}: supported sentences kept", kept),
        share(f"{name}: unsupported sentences struck", struck),
    ]
