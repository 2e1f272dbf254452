"""Fit the confidence on judged questions, and tell how well cross-validation knows what not to answer.

.venv/bin/python tests/benchmarks/fit_confidence.py HOME QUESTIONS.jsonl --write bot/answering/confidence_weights.json

Beside the questions that are not answerable, every answerable one is asked with its source removed (no hit of an
article of the evidence, none that holds an accepted answer) and with one of its names swapped for another question's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.answering.answerability import features
from bot.answering.answers import Evidence, Question
from bot.answering.asking import read_question
from bot.answering.details import find_names
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import Judgement, holds_answer, read_judgements
from retrieval.evaluation.metrics import auroc
from retrieval.passages import Findings
from retrieval.search.retriever import Retriever

FOLDS = 10
HITS = 10
ANSWERABLE, UNANSWERABLE, REMOVED, SWAPPED = "answerable", "unanswerable", "source removed", "entity swapped"


def swap_name(text: str, others: Sequence[str], dice: random.Random) -> str | None:
    """Put another question's name in the place of the longest of this one; None if it has none."""
    names = [name.written for name in find_names(text) if name.start > 0]
    foreign = [name for name in others if name not in text]
    if not names or not foreign:
        return None
    return text.replace(max(names, key=len), dice.choice(foreign), 1)


def without_source(findings: Findings, judged: Judgement) -> Findings:
    """Take away every hit that could answer, and keep the ten best of the others."""
    named = {evidence.article_id for evidence in judged.evidence}
    kept = [
        hit
        for hit in findings.hits
        if hit.article.id not in named and not holds_answer(hit.passage.text, judged.answers)
    ]
    return replace(findings, hits=tuple(replace(hit, rank=n) for n, hit in enumerate(kept[:HITS], start=1)))


async def read_rows(home: Path, file: Path) -> list[tuple[int, str, dict[str, float]]]:
    """Measure the evidence of every question, whole and spoiled: (number of the question, kind, features)."""
    settings, dice = load_settings(), random.Random(1)
    judgements = list(read_judgements(file))
    questions = [read_question(judged.fields, now=datetime.now(UTC)) for judged in judgements]
    names = sorted({name.written for one in questions for name in find_names(one.text) if name.start > 0})
    rows = []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        for number, (judged, question) in enumerate(zip(judgements, questions, strict=True)):
            findings = await find(engine.retriever, question, 200)
            best = replace(findings, hits=findings.hits[:HITS])
            kind = ANSWERABLE if judged.is_answerable else UNANSWERABLE
            rows.append((number, kind, features(Evidence(question, best))))
            if not judged.is_answerable:
                continue
            spoiled = without_source(findings, judged)
            if spoiled.hits:
                rows.append((number, REMOVED, features(Evidence(question, spoiled))))
            if swapped := swap_name(question.text, names, dice):
                other = replace(question, text=swapped)
                rows.append((number, SWAPPED, features(Evidence(other, await find(engine.retriever, other, HITS)))))
        await engine.indexer.close()
    return rows


async def find(retriever: Retriever, question: Question, limit: int) -> Findings:
    """Retrieve for a question."""
    return await retriever.retrieve(question.as_query(limit=limit))


def fit(matrix: NDArray[np.float64], kinds: NDArray[np.str_]) -> LogisticRegression:
    """Fit a logistic regression in which both classes weigh the same.

    Questions with their source removed are measured and not learned from: what is left tells the same story, and no
    feature of the evidence sees that the one wanted detail is missing.
    """
    learned = kinds != REMOVED
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
    return model.fit(matrix[learned], kinds[learned] == ANSWERABLE)


def main() -> None:
    """Cross-validate by question, print AUROC for each kind of unanswerable one, and write the weights if asked to."""
    given = read_arguments(__doc__)
    rows = asyncio.run(read_rows(given.home, given.questions))
    names = tuple(rows[0][2])
    matrix = np.array([list(found.values()) for _, _, found in rows])
    kinds = np.array([kind for _, kind, _ in rows])
    folds = np.random.default_rng(1).permutation(max(number for number, _, _ in rows) + 1) % FOLDS
    fold_of = np.array([folds[number] for number, _, _ in rows])
    everything = list(range(len(names)))
    for columns in [everything, *([c for c in everything if c != left_out] for left_out in everything)]:
        scores = np.zeros(len(rows))
        for fold in range(FOLDS):
            seen = fold_of != fold
            scores[~seen] = fit(matrix[seen][:, columns], kinds[seen]).predict_proba(matrix[~seen][:, columns])[:, 1]
        right = scores[kinds == ANSWERABLE]
        cut = np.quantile(right, 0.1)  # nine of ten answerable questions are answered
        said = []
        for kind in (UNANSWERABLE, REMOVED, SWAPPED):
            wrong = scores[kinds == kind]
            said.append(
                f"{kind} AUROC {auroc(list(right), list(wrong)):.3f}, answered at 90 % {np.mean(wrong >= cut):.3f}"
            )
        left_out = set(names) - {names[c] for c in columns}
        print(f"without {left_out.pop()}:" if left_out else "all features:", "; ".join(said))  # noqa: T201 - its output
    model = fit(matrix, kinds)
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    write_weights(given, weights | {"intercept": float(model.intercept_[0])})


if __name__ == "__main__":
    main()
