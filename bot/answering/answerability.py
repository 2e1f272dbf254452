"""Is there enough in the evidence to speak at all? A small logistic model over transparent features."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.answering import candidates
from bot.answering.answers import Evidence
from bot.answering.candidates import find_candidates
from bot.answering.named import named_terms
from bot.answering.timeframe import FRESH
from retrieval.passages import Hit, Query
from retrieval.search.rerank import coverage, is_preferred
from retrieval.search.rerank import features as rerank_features
from retrieval.search.weights import read_weights

# How many of the best hits are looked at.
_HITS = 10
# How old what answers a question about these days mostly is, if its words name no time: of 41 articles that answer such
# questions of a quiz .78 were no older when it was asked, .59 no older than a week.
_THESE_DAYS = timedelta(days=30)

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


def features(evidence: Evidence) -> dict[str, float]:
    """Measure the evidence.

    Returns:
        names_missing: weighted share of the question's names and numbers that the whole article of the hit with the
            best coverage lacks; for a follow-up, that all the articles found lack.
        first_cosine, first_coverage, first_lead: cosine of the hit that stands first, its coverage (share of the
            question's term weights that passage and headline have), and its coverage if it is its article's first
            passage.
        first_names: weighted share of the question's names and numbers that the first hit's whole article has.
        names_together: largest share of these names and numbers, each counting the same, that one passage with its
            headline has.
        timely_cosine, timely_coverage: cosine of the nearest hit and coverage of the best one among those of the time
            asked about: published when the question prefers, within 30 days before it if it is about these days, or
            at any time if it does not say. An article without a date may be of any time.
        best_sentence: score of the best sentence, as a share of the most that one can have.
        best_cue: its `Candidate.cue`: whether it has something of the wanted kind at all.
        best_article: coverage of its whole article.
    """
    hits, weights, variants = evidence.findings.hits[:_HITS], evidence.findings.term_weights, evidence.findings.variants
    named, first = named_terms(evidence.question.text, weights), hits[0]
    query = replace(evidence.question.as_query(limit=1), variants=variants)
    ranked = rerank_features(query, weights, first)
    timely = [hit for hit in hits if _is_timely(query, hit)]
    sentences = find_candidates(evidence)
    return {
        "names_missing": _names_missing(evidence, named),
        "first_cosine": ranked["closeness"],
        "first_coverage": ranked["coverage"],
        "first_lead": ranked["lead"],
        "first_names": coverage(named, _whole(first), variants) if named else 1.0,
        "names_together": max(coverage(dict.fromkeys(named, 1.0), _told(hit), variants) for hit in hits)
        if named
        else 1.0,
        "timely_cosine": _nearest(timely),
        "timely_coverage": _best_coverage(evidence, timely),
        "best_sentence": sentences[0].score / sum(candidates.WEIGHTS.values()) if sentences else 0.0,
        "best_cue": sentences[0].cue if sentences else 0.0,
        "best_article": coverage(weights, _whole(sentences[0].hit), variants) if sentences else 0.0,
    }


def part_features(evidence: Evidence) -> dict[str, float]:
    """Measure the evidence of a question with parts: all of them have to be there.

    Returns:
        cosine, coverage, names_missing: means over the parts: cosine of the nearest hit, 0 if the dense search found
            none, coverage of the best hit, and names_missing as in `features`; a part without hits counts 0, 0 and 1.
        weakest: the least coverage of a part.
        unheard: 1 if a part names a publisher of which the index has nothing.
    """
    found = [_part(evidence.of_part(one)) for one in evidence.parts]
    means = {name: sum(one[name] for one in found) / len(found) for name in found[0]}
    return means | {
        "weakest": min(one["coverage"] for one in found),
        "unheard": float(any(one.part.is_unheard for one in evidence.parts)),
    }


def _part(evidence: Evidence) -> dict[str, float]:
    hits = evidence.findings.hits[:_HITS]
    if not hits:
        return {"cosine": 0.0, "coverage": 0.0, "names_missing": 1.0}
    named = named_terms(evidence.question.text, evidence.findings.term_weights)
    return {
        "cosine": _nearest(hits),
        "coverage": _best_coverage(evidence, hits),
        "names_missing": _names_missing(evidence, named),
    }


def _names_missing(evidence: Evidence, named: Mapping[str, float]) -> float:
    if not named:
        return 0.0
    hits, weights, variants = evidence.findings.hits[:_HITS], evidence.findings.term_weights, evidence.findings.variants
    best = max(hits, key=lambda hit: coverage(weights, _told(hit), variants))
    # All hits of a follow-up are of one story (`retrieve_story`), and its names need not stand in each report of it.
    told = hits if evidence.question.focus is not None else (best,)
    return 1.0 - coverage(named, "\n".join(map(_whole, told)), variants)


def _best_coverage(evidence: Evidence, hits: Sequence[Hit]) -> float:
    weights, variants = evidence.findings.term_weights, evidence.findings.variants
    return max((coverage(weights, _told(hit), variants) for hit in hits), default=0.0)


def _is_timely(query: Query, hit: Hit) -> bool:
    published = hit.article.published_at
    if published is None:
        return True
    if query.preferred is not None:
        return is_preferred(query, hit.article)
    return query.freshness < FRESH or query.known_by is None or query.known_by - published <= _THESE_DAYS


def _nearest(hits: Sequence[Hit]) -> float:
    return max((hit.cosine for hit in hits if hit.cosine is not None), default=0.0)


def _told(hit: Hit) -> str:
    return f"{hit.article.title}\n{hit.passage.text}"


def _whole(hit: Hit) -> str:
    return f"{hit.article.title}\n{hit.article.text}"
