"""Fit the confidence on judged questions, and tell how well cross-validation knows what not to answer.

.venv/bin/python tests/benchmarks/fit_confidence.py HOME QUESTIONS.jsonl --write bot/answering/confidence_weights.json

Beside the questions that are not answerable, every answerable one is asked with its source removed (no article of the
evidence, none that holds an accepted answer) and with one of its names swapped for another question's.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from spoiling import ANSWERABLE, REMOVED, SWAPPED, UNANSWERABLE, read_evidence

from bot.answering.answerability import features
from retrieval.evaluation.metrics import auroc

FOLDS = 10


async def read_rows(home: Path, file: Path) -> list[tuple[int, str, dict[str, float]]]:
    """Measure the evidence of every question, whole and spoiled: (number of the question, kind, features)."""
    return [(number, kind, features(evidence)) for number, kind, evidence in await read_evidence(home, file)]


def fit(matrix: NDArray[np.float64], kinds: NDArray[np.str_]) -> LogisticRegression:
    """Fit a logistic regression in which both classes weigh the same."""
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=5000)
    return model.fit(matrix, kinds == ANSWERABLE)


def main() -> None:
    """Cross-validate by question, print AUROC for each kind of unanswerable one, and write the weights if asked to."""
    given = read_arguments(__doc__)
    rows: list[tuple[int, str, dict[str, float]]] = []
    set_of: list[int] = []
    for home, questions in given.sets:
        offset = max((number for number, _, _ in rows), default=-1) + 1
        rows += [(number + offset, kind, found) for number, kind, found in asyncio.run(read_rows(home, questions))]
        set_of += [len(set(set_of))] * (len(rows) - len(set_of))
    names = tuple(rows[0][2])
    matrix = np.array([list(found.values()) for _, _, found in rows])
    kinds, sets = np.array([kind for _, kind, _ in rows]), np.array(set_of)
    folds = np.random.default_rng(1).permutation(max(number for number, _, _ in rows) + 1) % FOLDS
    fold_of = np.array([folds[number] for number, _, _ in rows])
    everything = list(range(len(names)))
    for columns in [everything, *([c for c in everything if c != left_out] for left_out in everything)]:
        scores = np.zeros(len(rows))
        for fold in range(FOLDS):
            seen = fold_of != fold
            scores[~seen] = fit(matrix[seen][:, columns], kinds[seen]).predict_proba(matrix[~seen][:, columns])[:, 1]
        left_out = set(names) - {names[c] for c in columns}
        print(f"without {left_out.pop()}:" if left_out else "all features:")  # noqa: T201 - its output
        for number, (_, questions) in enumerate(given.sets):
            print(f"  {questions.parent.name}: {told(scores[sets == number], kinds[sets == number])}")  # noqa: T201
    model = fit(matrix, kinds)
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    write_weights(given, weights | {"intercept": float(model.intercept_[0])})


def told(scores: NDArray[np.float64], kinds: NDArray[np.str_]) -> str:
    """Say how well scores tell answerable questions from other kinds, and how many of that pass with nine in ten."""
    right = scores[kinds == ANSWERABLE]
    cut = np.quantile(right, 0.1)
    said = []
    for kind in (UNANSWERABLE, REMOVED, SWAPPED):
        wrong = scores[kinds == kind]
        said.append(f"{kind} AUROC {auroc(list(right), list(wrong)):.3f}, answered at 90 % {np.mean(wrong >= cut):.3f}")
    return "; ".join(said)


if __name__ == "__main__":
    main()
