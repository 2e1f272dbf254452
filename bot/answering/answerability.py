"""Is there enough in the evidence to speak at all? A small logistic model over transparent features."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from bot.answering.answers import Evidence
from bot.answering.extractive import coverage
from retrieval.index.terms import stem, stems, words

# How many of the best hits are looked at.
_HITS = 10
_CAPITALISED = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-ZÀ-ÖØ-Þ][\w'’-]*|\b\d[\d.,]*")

#: Weights of the features and the intercept, of a logistic model. They began as a regression on 225 quiz questions over
#: 3,327 news articles (November 2026) and lean further towards answering, since people paraphrase more than quizzes do;
#: `dateline evaluate` measures what they do.
WEIGHTS: Mapping[str, float] = {
    "cosine": 5.0,
    "coverage": 4.5,
    "heaviest_missing": -1.0,
    "names_missing": -2.2,
    "intercept": -4.4,
}


def confidence(evidence: Evidence) -> float:
    """Estimate in 0..1 how likely the evidence answers the question; 0 without hits."""
    if not evidence.findings.hits:
        return 0.0
    found = features(evidence)
    logit = WEIGHTS["intercept"] + sum(WEIGHTS[name] * value for name, value in found.items())
    return 1.0 / (1.0 + math.exp(-logit))


def features(evidence: Evidence) -> dict[str, float]:
    """Measure the evidence.

    Returns:
        cosine: of the nearest hit, 0 if the dense search found none.
        coverage: share of the question's term weights held by the best hit's passage with its headline.
        heaviest_missing: the weight of the heaviest question term that this passage lacks.
        names_missing: weighted share of the question's names and numbers that this hit's whole article lacks.
    """
    hits = evidence.findings.hits[:_HITS]
    weights = evidence.findings.term_weights
    best = max(hits, key=lambda hit: coverage(weights, f"{hit.article.title}\n{hit.passage.text}"))
    passage = f"{best.article.title}\n{best.passage.text}"
    held = stems(passage)
    names = {stem(word) for name in _CAPITALISED.findall(evidence.question.text) for word in words(name)}
    named = {term: weight for term, weight in weights.items() if term in names}
    missing = [weight for term, weight in weights.items() if term not in held]
    whole = f"{best.article.title}\n{best.article.text}"
    return {
        "cosine": max((hit.cosine for hit in hits if hit.cosine is not None), default=0.0),
        "coverage": coverage(weights, passage),
        "heaviest_missing": max(missing, default=0.0),
        "names_missing": 1.0 - coverage(named, whole) if named else 0.0,
    }
