"""Fit the confidence for questions of several parts, and tell how well cross-validation knows what not to answer.

.venv/bin/python tests/benchmarks/fit_parts.py HOME QUESTIONS.jsonl --write bot/answering/part_confidence_weights.json

Every question is also learned from as if the index knew each publisher: whether it does depends on the home.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from sklearn.linear_model import LogisticRegression

from bot.answering.answerability import part_features
from bot.answering.asking import read_question
from bot.answering.gathering import gather_evidence
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import read_judgements
from retrieval.evaluation.metrics import auroc

FOLDS = 10


async def read_rows(home: Path, file: Path) -> list[tuple[bool, dict[str, float]]]:
    """Measure the evidence of every question that has parts: (is it answerable, features)."""
    settings, rows = load_settings(), []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        for judged in read_judgements(file):
            question = read_question(judged.fields, now=datetime.now(UTC))
            evidence = await gather_evidence(engine.retriever, question, settings.retrieval.hits)
            if evidence.parts:
                rows.append((judged.is_answerable, part_features(evidence)))
        await engine.indexer.close()
    return rows


def main() -> None:
    """Cross-validate, print AUROC and the shares at 0.5, and write the weights if asked to."""
    given = read_arguments(__doc__)
    rows = asyncio.run(read_rows(given.home, given.questions))
    names = tuple(rows[0][1])
    right = np.array([is_answerable for is_answerable, _ in rows])
    matrix = np.array([list(found.values()) for _, found in rows])
    known = matrix.copy()
    known[:, names.index("unheard")] = 0.0
    fold_of = np.random.default_rng(1).permutation(len(rows)) % FOLDS

    def fit(rows_seen: np.ndarray) -> LogisticRegression:
        model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
        return model.fit(np.vstack([matrix[rows_seen], known[rows_seen]]), np.tile(right[rows_seen], 2))

    for said, asked in (("as it is", matrix), ("every publisher known", known)):
        scores = np.zeros(len(rows))
        for fold in range(FOLDS):
            scores[fold_of == fold] = fit(fold_of != fold).predict_proba(asked[fold_of == fold])[:, 1]
        area = auroc(list(scores[right]), list(scores[~right]))
        answered, declined = np.mean(scores[right] >= 0.5), np.mean(scores[~right] < 0.5)
        print(f"{said}: AUROC {area:.3f}, answered {answered:.3f}, declined {declined:.3f}")  # noqa: T201 - its output
    model = fit(np.ones(len(rows), dtype=bool))
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    write_weights(given, weights | {"intercept": float(model.intercept_[0])})


if __name__ == "__main__":
    main()
