"""Sentences about news articles, labelled supported or not: does the support check agree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from news_home import Figure, read_lines, share

from bot.answering.grounding import is_grounded
from bot.answering.support import MIN_SCORE, SupportCheck
from bot.answering.testing import make_hit
from config.settings import load_settings
from retrieval.evaluation.metrics import bootstrap_interval
from retrieval.index.chunking import split_sentences
from retrieval.index.embedding import Vectors, load_embedder


async def judge(claims: Sequence[Mapping[str, Any]]) -> tuple[list[bool], list[bool]]:
    """Tell of each claim whether the rules let it stand on its document, and whether the whole check does.

    The whole check is that of a chat model's sentences: the rules, and a support score of at least `MIN_SCORE`, the
    mean over the sentences of a claim.
    """
    embedding = load_settings().embedding
    embedder = load_embedder(embedding.model, device=embedding.device)

    async def embed(texts: Sequence[str]) -> Vectors:
        return embedder.embed_passages(texts)

    grounds = [(claim["claim"], [make_hit(claim["document"])]) for claim in claims]
    by_rules = [is_grounded(sentence, passages) for sentence, passages in grounds]
    parts = [
        (n, (claim[start:end], passages))
        for n, (claim, passages) in enumerate(grounds)
        for start, end in split_sentences(claim, "en")
    ]
    scores = await SupportCheck(embed).score([part for _, part in parts])
    of_claim: list[list[float]] = [[] for _ in claims]
    for (n, _), score in zip(parts, scores, strict=True):
        of_claim[n].append(score)
    return by_rules, [
        stands and sum(own) >= MIN_SCORE * max(len(own), 1) for stands, own in zip(by_rules, of_claim, strict=True)
    ]


async def measure_groundedness(data: Path, homes: Path) -> list[Figure]:
    """Check every claim against its document; `fit_support.py` tells what cross-validation makes of the score."""
    claims = read_lines(data / "groundedness" / "claims.jsonl")
    by_rules, by_all = await judge(claims)
    figures = _balanced("rules alone", list(zip(claims, by_rules, strict=True)))
    judged = list(zip(claims, by_all, strict=True))
    figures += _balanced("rules and score", judged)
    for origin in sorted({claim["origin"].rsplit("-", 1)[1] for claim in claims}):
        figures += _balanced(f"rules and score, {origin}", [one for one in judged if one[0]["origin"].endswith(origin)])
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
