"""Fit the support score on judged claims, and tell how well cross-validation tells sound ones from unsound ones.

.venv/bin/python tests/benchmarks/fit_support.py CLAIMS.jsonl --write bot/answering/support_weights.json

Each line of CLAIMS.jsonl: {"document", "claim", "supported"}. No document is learned from and judged in the same fold.
What the rules of grounding strike stays struck whatever the score, as in the writer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fitting import read_arguments, write_weights
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from bot.answering.grounding import is_grounded
from bot.answering.support import MIN_SCORE, compare, features
from bot.answering.testing import make_hit
from retrieval.evaluation.metrics import auroc
from retrieval.index.chunking import split_sentences
from retrieval.index.embedding import PACKAGED_MODEL, Embedder, load_embedder

FOLDS = 10
SEEDS = range(5)

Rows = NDArray[np.float64]


def read_claims(file: Path) -> list[dict[str, Any]]:
    """Read the judged claims."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def measure(claims: Sequence[Mapping[str, Any]], embedder: Embedder) -> list[dict[str, float]]:
    """Measure claims; the features of several sentences are averaged, since the writer is asked for one at a time."""
    parts = []
    for n, claim in enumerate(claims):
        hit, text = make_hit(claim["document"]), claim["claim"]
        for start, end in split_sentences(text, "en"):
            if comparison := compare(text[start:end], [hit]):
                parts.append((n, text[start:end], comparison))
    own = embedder.embed_queries([sentence for _, sentence, _ in parts])
    theirs = embedder.embed_queries([comparison.nearest for *_, comparison in parts])
    found: list[list[dict[str, float]]] = [[] for _ in claims]
    for (n, _, comparison), one, other in zip(parts, own, theirs, strict=True):
        found[n].append(features(comparison, float(one @ other)))
    return [{name: float(np.mean([row[name] for row in rows])) for name in rows[0]} for rows in found]


def fit(matrix: Rows, sound: NDArray[np.bool_]) -> LogisticRegression:
    """Fit a logistic regression in which both classes weigh the same."""
    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000).fit(matrix, sound)


def cross_validate(matrix: Rows, sound: NDArray[np.bool_], documents: list[str], seed: int) -> Rows:
    """Score each row by a fit that has not seen its document."""
    scores = np.zeros(len(sound))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, unseen in folds.split(matrix, sound, documents):
        scores[unseen] = fit(matrix[seen], sound[seen]).predict_proba(matrix[unseen])[:, 1]
    return scores


def told(kept: NDArray[np.bool_], sound: NDArray[np.bool_]) -> str:
    """Say how many sound claims are kept, how many unsound ones struck, and the mean of both shares."""
    balanced = (kept[sound].mean() + (~kept[~sound]).mean()) / 2
    right = f"kept {(kept & sound).sum()} of {sound.sum()}, struck {(~kept & ~sound).sum()} of {(~sound).sum()}"
    return f"{right}, balanced accuracy {balanced:.3f}"


def main() -> None:
    """Print balanced accuracy and AUROC, cross-validated and in-sample, and write the weights if asked to."""
    given = read_arguments(__doc__, ("claims",))
    claims, embedder = read_claims(given.claims), load_embedder(PACKAGED_MODEL)
    sound = np.array([bool(claim["supported"]) for claim in claims])
    documents = [claim["document"] for claim in claims]
    grounded = np.array([is_grounded(claim["claim"], [make_hit(claim["document"])]) for claim in claims])
    begun = time.perf_counter()
    rows = measure(claims, embedder)
    took = 1000 * (time.perf_counter() - begun) / len(claims)
    names, matrix = tuple(rows[0]), np.array([list(row.values()) for row in rows])
    said = [f"{took:.0f} ms a claim", f"rules alone: {told(grounded, sound)}"]
    everything = list(range(len(names)))
    for columns in [everything, *([c for c in everything if c != left_out] for left_out in everything)]:
        runs = [cross_validate(matrix[:, columns], sound, documents, seed) for seed in SEEDS]
        areas = [auroc(list(scores[sound]), list(scores[~sound])) or 0.0 for scores in runs]
        shares = [(k[sound].mean() + (~k[~sound]).mean()) / 2 for k in ((s >= MIN_SCORE) & grounded for s in runs)]
        left_out = set(names) - {names[c] for c in columns}
        said.append(
            f"{f'without {left_out.pop()}' if left_out else 'all features'}: balanced accuracy {np.mean(shares):.3f}"
            f" ({min(shares):.3f}-{max(shares):.3f}), AUROC {np.mean(areas):.3f};"
            f" seed 0: {told((runs[0] >= MIN_SCORE) & grounded, sound)}"
        )
    model = fit(matrix, sound)
    said.append(f"in-sample: {told((model.predict_proba(matrix)[:, 1] >= MIN_SCORE) & grounded, sound)}")
    print("\n".join(said))  # noqa: T201 - its output
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    write_weights(given, weights | {"intercept": float(model.intercept_[0])})


if __name__ == "__main__":
    main()
