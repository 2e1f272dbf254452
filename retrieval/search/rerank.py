"""Reranking: the candidates of both searches ordered anew, by what neither search's own score sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from retrieval.articles import Article, Precision
from retrieval.index.terms import stems
from retrieval.passages import Hit, Query, Variant

# Half-lives of the two features of recency: news of a month matters another way than news of a year.
MONTH_DAYS, YEAR_DAYS = 30.0, 365.0


class Reranker(Protocol):
    """Gives each candidate a score; runs on the worker."""

    def score(self, query: Query, term_weights: Mapping[str, float], candidates: Sequence[Hit]) -> list[float]:
        """Score candidates, >= 0 and higher for better; one score each, same order."""
        ...


class FeatureReranker:
    """A linear model over a few transparent features of a candidate, see `features`. Holds nothing to close."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Take the weight of each feature, >= 0; those not named count nothing."""
        total = sum(weights.values())
        if min(weights.values(), default=0.0) < 0 or total <= 0:
            raise ValueError(f"need weights >= 0, not all 0, got {dict(weights)}")
        self._weights = {name: weight / total for name, weight in weights.items()}

    def score(self, query: Query, term_weights: Mapping[str, float], candidates: Sequence[Hit]) -> list[float]:
        """Score each candidate in 0..1 by the weighted mean of its features."""
        return [
            sum(weight * found[name] for name, weight in self._weights.items())
            for found in (features(query, term_weights, hit) for hit in candidates)
        ]


def rerank(reranker: Reranker, query: Query, term_weights: Mapping[str, float], candidates: Sequence[Hit]) -> list[Hit]:
    """Order candidates by a reranker's score, best first, with scores and ranks to match; the old order breaks ties."""
    scores = reranker.score(query, term_weights, candidates)
    order = sorted(range(len(candidates)), key=lambda i: -scores[i])
    return [replace(candidates[i], score=scores[i], rank=rank) for rank, i in enumerate(order, start=1)]


def features(query: Query, term_weights: Mapping[str, float], hit: Hit) -> dict[str, float]:
    """Measure a candidate; each feature is in 0..1.

    Returns:
        fused: its score from the fusion of both searches.
        closeness: cosine similarity to the query, 0 if negative or unknown.
        coverage: share of the query's term weights that the passage with its headline holds.
        lead: the coverage for an article's first passage, which sums the news up, else 0.
        month, year: query.freshness * coverage * 0.5 ** (age / half-life) for half-lives of 30 and 365 days, with age
            counted from the article's publication to `query.known_by`; 0 without either date. Times the coverage,
            so that being new helps nothing that is about something else.
        recent: coverage * 0.5 ** (age / query.half_life_days).
        window: the coverage for an article published when `query.preferred` says, else 0.
    """
    covered = coverage(term_weights, f"{hit.article.title}\n{hit.passage.text}", query.variants or ())
    age_days = _age_days(query, hit)
    fresh = 0.0 if age_days is None else query.freshness * covered
    return {
        "fused": min(max(hit.score, 0.0), 1.0),
        "closeness": max(hit.cosine or 0.0, 0.0),
        "coverage": covered,
        "lead": 0.0 if hit.article.text[: hit.passage.start].strip() else covered,
        "month": fresh * 0.5 ** ((age_days or 0.0) / MONTH_DAYS),
        "year": fresh * 0.5 ** ((age_days or 0.0) / YEAR_DAYS),
        "recent": 0.0 if age_days is None else covered * 0.5 ** (age_days / query.half_life_days),
        "window": covered * is_preferred(query, hit.article),
    }


def is_preferred(query: Query, article: Article) -> bool:
    """Tell whether an article was published when a query prefers; False without a preference or a date."""
    published = article.published_at
    if query.preferred is None or published is None:
        return False
    since, until = query.preferred
    return (since is None or since <= published) and (until is None or published <= until)


def coverage(term_weights: Mapping[str, float], text: str, variants: Iterable[Variant] = ()) -> float:
    """Sum the weights of the query's terms that a text holds, as a share of them all; 0 without terms.

    A text that holds a variant of a term holds the term.
    """
    total = sum(term_weights.values())
    if total <= 0:
        return 0.0
    held = stems(text)
    held |= {one.term for one in variants if one.stem in held}
    return sum(weight for term, weight in term_weights.items() if term in held) / total


def _age_days(query: Query, hit: Hit) -> float | None:
    published = hit.article.published_at
    if published is None or query.known_by is None or hit.article.published_precision is Precision.YEAR:
        return None
    return max((query.known_by - published) / timedelta(days=1), 0.0)
