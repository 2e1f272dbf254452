"""Is there enough in the evidence to speak at all? A small logistic model over transparent features."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from bot.answering.answers import Evidence
from retrieval.index.terms import stem, words
from retrieval.search.rerank import coverage, is_preferred
from retrieval.search.rerank import features as rerank_features
from retrieval.search.weights import read_weights

# How many of the best hits are looked at.
_HITS = 10
_NAMED = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-ZÀ-ÖØ-Þ][\w'’-]*|\b\d[\d.,]*")

#: Weights of the features and the intercept of a logistic model; the file says what made them.
WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "confidence_weights.json")
#: The same for a question of several parts, over `part_features`.
PART_WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "part_confidence_weights.json")


def confidence(evidence: Evidence) -> float:
    """Estimate in 0..1 how likely the evidence answers the question; 0 without hits."""
    if not evidence.findings.hits:
        return 0.0
    weights, found = (PART_WEIGHTS, part_features(evidence)) if evidence.parts else (WEIGHTS, features(evidence))
    logit = weights["intercept"] + sum(weights[name] * value for name, value in found.items())
    return 1.0 / (1.0 + math.exp(-logit))


def named_terms(question: str, weights: Mapping[str, float]) -> dict[str, float]:
    """Take those of the term weights that belong to a question's names and numbers; its first word is none."""
    names = {stem(word) for name, _ in find_names_and_numbers(question) for word in words(name)}
    return {term: weight for term, weight in weights.items() if term in names}


def find_names_and_numbers(question: str) -> list[tuple[str, int]]:
    """Find a question's words that begin with a capital or a digit, each with its place; its first word is none."""
    return [(match.group(), match.start()) for match in _NAMED.finditer(question)]


def features(evidence: Evidence) -> dict[str, float]:
    """Measure the evidence.

    Returns:
        cosine: of the nearest hit, 0 if the dense search found none.
        coverage: share of the question's term weights held by the best hit's passage with its headline.
        names_missing: weighted share of the question's names and numbers that this hit's whole article lacks; for a
            follow-up, that all the articles found lack.
        first_cosine, first_coverage, first_lead: cosine of the hit that stands first, its coverage, and its coverage if
            it is its article's first passage.
        sentence: cosine of the nearest sentence of all hits.
        outdated: 1 if the question says when, and the first hit was published at another time.
    """
    hits = evidence.findings.hits[:_HITS]
    weights = evidence.findings.term_weights
    variants = evidence.findings.variants
    best = max(hits, key=lambda hit: coverage(weights, f"{hit.article.title}\n{hit.passage.text}", variants))
    passage = f"{best.article.title}\n{best.passage.text}"
    named = named_terms(evidence.question.text, weights)
    # All hits of a follow-up are of one story (`retrieve_story`), and its names need not stand in each report of it.
    told = hits if evidence.question.focus is not None else (best,)
    whole = "\n".join(f"{hit.article.title}\n{hit.article.text}" for hit in told)
    first = hits[0]
    query = replace(evidence.question.as_query(limit=1), variants=variants)
    ranked = rerank_features(query, weights, first)
    return {
        "cosine": max((hit.cosine for hit in hits if hit.cosine is not None), default=0.0),
        "coverage": coverage(weights, passage, variants),
        "names_missing": 1.0 - coverage(named, whole, variants) if named else 0.0,
        "first_cosine": ranked["closeness"],
        "first_coverage": ranked["coverage"],
        "first_lead": ranked["lead"],
        "sentence": max((one.closeness for hit in hits for one in hit.sentences), default=0.0),
        "outdated": float(query.preferred is not None and not is_preferred(query, first.article)),
    }


def part_features(evidence: Evidence) -> dict[str, float]:
    """Measure the evidence of a question with parts: all of them have to be there.

    Returns:
        cosine, coverage, names_missing: means over the parts of what `features` measures; a part without hits counts
            0, 0 and 1.
        weakest: the least coverage of a part.
        unheard: 1 if a part names a publisher of which the index has nothing.
    """
    lacking = {"cosine": 0.0, "coverage": 0.0, "names_missing": 1.0}
    found = [features(evidence.of_part(one)) if one.findings.hits else lacking for one in evidence.parts]
    means = {name: sum(one[name] for one in found) / len(found) for name in lacking}
    return means | {
        "weakest": min(one["coverage"] for one in found),
        "unheard": float(any(one.part.is_unheard for one in evidence.parts)),
    }
