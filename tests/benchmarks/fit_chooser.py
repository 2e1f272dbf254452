"""Fit how sentences and short answers are chosen on judged questions, and tell what cross-validation makes of it.

    .venv/bin/python tests/benchmarks/fit_chooser.py HOME QUESTIONS.jsonl [--also HOME QUESTIONS.jsonl] \\
      --write bot/answering

writes chooser_weights.json (sentences) and span_weights.json (short answers) into that folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from listwise import FOLDS, Case, fit, report
from numpy.typing import NDArray

from bot.answering import candidates, spans
from bot.answering.answers import Citation, Evidence
from bot.answering.asking import read_question
from bot.answering.candidates import Candidate, find_candidates
from bot.answering.extractive import choose
from bot.answering.possible import key_of
from bot.answering.short_answer import choose_short_answer
from bot.answering.spans import Span, find_spans, in_full
from bot.answering.stretches import Stretch
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import Judgement, holds_answer, read_judgements

QUOTES = 3


async def read_evidence(home: Path, file: Path) -> list[tuple[Judgement, Evidence]]:
    """Find the evidence of every answerable question."""
    settings = load_settings()
    found = []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        for judged in read_judgements(file):
            if judged.is_answerable:
                question = read_question(judged.fields, now=datetime.now(UTC))
                findings = await engine.retriever.retrieve(question.as_query(limit=settings.retrieval.hits))
                found.append((judged, Evidence(question, findings)))
        await engine.indexer.close()
    return found


def sentence_case(judged: Judgement, ranking: Sequence[Candidate]) -> Case:
    """Sentences that hold an accepted answer are right."""
    named = {evidence.article_id for evidence in judged.evidence}
    holding = np.array([holds_answer(one.text, judged.answers) for one in ranking])
    return Case(
        candidates.FEATURES,
        np.array([[getattr(one, name) for name in candidates.FEATURES] for one in ranking]),
        holding & np.array([one.hit.article.id in named for one in ranking]),
        holding,
    )


def span_case(judged: Judgement, found: Sequence[Span]) -> Case:
    """Spans that are an accepted answer, or at least half of its words, or have it and little else, are right."""
    right = np.array([is_right(one.key, judged.answers) for one in found])
    return Case(spans.FEATURES, np.array([[getattr(one, n) for n in spans.FEATURES] for one in found]), right, right)


def is_right(key: str, answers: tuple[str, ...]) -> bool:
    """Compare a span's key with the accepted answers."""
    for wanted in map(key_of, answers):
        if not wanted:
            continue
        many, few = len(wanted.split()), len(key.split())
        if f" {wanted} " in f" {key} " and few <= 3 * many + 1:
            return True
        if f" {key} " in f" {wanted} " and 2 * few >= many:
            return True
    return False


def report_unseen(
    found: Sequence[tuple[Judgement, Evidence]], rankings: Sequence[list[Candidate]], set_of: Sequence[str]
) -> None:
    """Choose quotes and short answers by span weights that were fitted without the question, and score them.

    Args:
        found: the questions.
        rankings: the sentences for each.
        set_of: the name of the set that each belongs to; quotes are told of each set by itself.
    """
    listed = [find_spans(evidence, ranking) for (_, evidence), ranking in zip(found, rankings, strict=True)]
    cases = [span_case(judged, one) if one else None for (judged, _), one in zip(found, listed, strict=True)]
    order = np.random.default_rng(1).permutation(len(found))
    columns = list(range(len(spans.FEATURES)))
    scored: dict[int, list[Span]] = {}
    for fold in range(FOLDS):
        left_out = set(order[fold::FOLDS].tolist())
        weights = fit([case for i, case in enumerate(cases) if case and i not in left_out], columns)
        for i in left_out:
            scored[i] = rescored(listed[i], cases[i], weights)
    first, among, short = [], [], []
    for i, ((judged, evidence), ranking) in enumerate(zip(found, rankings, strict=True)):
        quoted = [one.hit.article.text[one.start : one.end] for one in choose(ranking, scored[i], QUOTES)]
        holds = [holds_answer(text, judged.answers) for text in quoted]
        first.append(any(holds[:1]))
        among.append(any(holds))
        given = choose_short_answer(evidence, ranking, scored[i], citing(choose(ranking, scored[i], QUOTES)))
        if given is not None:
            short.append((given.confidence, is_right(key_of(given.text), judged.answers)))
    short.sort(reverse=True)
    for name in dict.fromkeys(set_of):
        own = np.array([one == name for one in set_of])
        quotes = f"first {np.mean(np.array(first)[own]):.3f}, first three {np.mean(np.array(among)[own]):.3f}"
        print(f"quotes, {name}: {quotes}")  # noqa: T201 - its output
    for count in (len(short), *(round(share * len(found)) for share in (0.7, 0.65, 0.6, 0.5, 0.4))):
        kept = short[:count]
        right = np.mean([is_good for _, is_good in kept])
        print(f"short answers: {len(kept) / len(found):.2f} given from share {kept[-1][0]:.2f}, right {right:.3f}")  # noqa: T201


def citing(quoted: Sequence[Stretch]) -> list[Citation]:
    """Cite what is quoted, as the writer does."""
    return [
        Citation(n, hit.article, hit.passage.version, start, end, hit.article.text[start:end], hit.passage)
        for n, (hit, start, end) in enumerate(quoted, start=1)
    ]


def rescored(found: Sequence[Span], case: Case | None, weights: NDArray[np.float64]) -> list[Span]:
    """Order spans by other weights, as `find_spans` does."""
    if case is None:
        return []
    scores = case.features @ weights
    scored = [replace(one, score=float(score)) for one, score in zip(found, scores, strict=True)]
    return in_full(sorted(scored, key=lambda one: (-one.score, one.candidate, one.start)))


def main() -> None:
    """Fit with all features and without each, and write the weights if asked to."""
    given = read_arguments(__doc__)
    sets = [(questions, asyncio.run(read_evidence(home, questions))) for home, questions in given.sets]
    found = [pair for _, pairs in sets for pair in pairs]
    set_of = [questions.parent.name for questions, pairs in sets for _ in pairs]
    rankings = [find_candidates(evidence) for _, evidence in found]
    folder = given.write
    given.write = folder and folder / "chooser_weights.json"
    write_weights(given, report([sentence_case(j, ranking) for (j, _), ranking in zip(found, rankings, strict=True)]))
    listed = [
        (judged, find_spans(evidence, ranking)) for (judged, evidence), ranking in zip(found, rankings, strict=True)
    ]
    report_unseen(found, rankings, set_of)
    given.write = folder and folder / "span_weights.json"
    write_weights(given, report([span_case(judged, one) for judged, one in listed if one]))


if __name__ == "__main__":
    main()
