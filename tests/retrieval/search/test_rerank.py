"""What both searches found is ordered anew by features that can be told one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.articles import Precision
from retrieval.passages import Hit, Passage, Query, Variant
from retrieval.search.rerank import FeatureReranker, coverage, features, rerank
from retrieval.search.weights import read_weights

NOON = datetime(2020, 9, 29, 12, tzinfo=UTC)
QUERY = Query("Where did the ferry sink?", known_by=NOON, freshness=1.0)
TERMS = {"ferri": 0.6, "sink": 0.2}


@pytest.fixture
def make_hit(make_article):
    """Make a hit on the whole text of an article, or from `start` on."""

    def make(text="The ferry left.", *, start=0, score=0.5, cosine=None, **fields):
        article = make_article(text=text, **fields)
        passage = Passage(f"{text}{start}", article.id, article.version, start, len(text), text[start:])
        return Hit(passage, article, score, 1, cosine)

    return make


def test_coverage_is_the_share_of_term_weights_held():
    assert coverage(TERMS, "Ferries at sea.") == pytest.approx(0.6 / 0.8)
    assert coverage(TERMS, "It sinks; the ferry is lost.") == pytest.approx(1.0)
    assert coverage(TERMS, "") == coverage({}, "The ferry.") == 0.0


def test_a_variant_of_a_term_counts_as_the_term():
    variant = Variant("firry", "ferri", "fairi", "Fairy")
    assert coverage({"ferri": 0.6, "sink": 0.2}, "The fairy left.", [variant]) == pytest.approx(0.6 / 0.8)
    assert coverage({"ferri": 0.6, "sink": 0.2}, "The fairy left.") == 0.0


def test_the_headline_counts_for_coverage(make_hit):
    assert features(QUERY, TERMS, make_hit("Nobody was hurt.", title="Ferry sinks"))["coverage"] == pytest.approx(1.0)


def test_an_articles_first_passage_leads_as_far_as_it_covers_the_query_even_after_white_space(make_hit):
    text = "\n\n The ferry left.\n\nNo ferry sinks."
    assert features(QUERY, TERMS, make_hit(text, start=3, title="Untitled"))["lead"] == 1.0
    assert features(QUERY, TERMS, make_hit(text, start=20, title="Untitled"))["lead"] == 0.0
    assert features(QUERY, TERMS, make_hit("Nobody was hurt.", title="Untitled"))["lead"] == 0.0


@pytest.mark.parametrize(("days", "month", "year"), [(0, 1.0, 1.0), (30, 0.5, 0.5 ** (30 / 365)), (730, 0.0, 0.25)])
def test_recency_halves_with_each_half_life(make_hit, days, month, year):
    at = NOON - timedelta(days=days)
    found = features(QUERY, TERMS, make_hit(published_at=at, published_precision=Precision.TIME))
    assert found["month"] == pytest.approx(month, abs=1e-6)
    assert found["year"] == pytest.approx(year)


def test_an_article_of_the_day_of_asking_is_as_recent_as_can_be(make_hit):
    at = NOON + timedelta(hours=3)
    assert features(QUERY, TERMS, make_hit(published_at=at, published_precision=Precision.TIME))["month"] == 1.0


def test_without_a_date_on_either_side_nothing_is_recent(make_hit):
    undated = features(QUERY, TERMS, make_hit(published_at=None, published_precision=None))
    only_year = features(QUERY, TERMS, make_hit(published_at=NOON, published_precision=Precision.YEAR))
    timeless = features(
        replace(QUERY, known_by=None), TERMS, make_hit(published_at=NOON, published_precision=Precision.TIME)
    )
    for found in (undated, only_year, timeless):
        assert (found["month"], found["year"]) == (0.0, 0.0)


def test_a_cosine_that_is_negative_or_unknown_is_no_closeness(make_hit):
    assert [features(QUERY, TERMS, make_hit(cosine=c))["closeness"] for c in (None, -0.3, 0.4)] == [0.0, 0.0, 0.4]


def test_candidates_are_ordered_by_the_weighted_mean_of_their_features(make_hit):
    first, second = make_hit("The ferry left.", score=0.8), make_hit("The ferry sank at sea.", score=0.6)
    by_score = rerank(FeatureReranker({"fused": 2.0}), QUERY, TERMS, [first, second])
    assert [(hit.score, hit.rank) for hit in by_score] == [(0.8, 1), (0.6, 2)]
    weighed = rerank(FeatureReranker({"fused": 1.0, "coverage": 3.0}), QUERY, {"sank": 1.0}, [first, second])
    assert [hit.passage for hit in weighed] == [second.passage, first.passage]
    assert [hit.score for hit in weighed] == [pytest.approx((0.6 + 3.0) / 4), pytest.approx(0.8 / 4)]
    assert [hit.rank for hit in weighed] == [1, 2]


def test_candidates_that_score_alike_keep_their_order(make_hit):
    hits = [make_hit(f"Text {n}.") for n in range(5)]
    assert [hit.passage for hit in rerank(FeatureReranker({"lead": 1.0}), QUERY, TERMS, hits)] == [
        hit.passage for hit in hits
    ]
    assert rerank(FeatureReranker({"lead": 1.0}), QUERY, TERMS, []) == []


@pytest.mark.parametrize("weights", [{}, {"fused": 0.0}, {"fused": 2.0, "lead": -0.1}])
def test_weights_that_weigh_nothing_or_less_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        FeatureReranker(weights)


def test_the_packaged_weights_name_features_and_are_usable(make_hit):
    weights = read_weights("retrieval.search", "rerank_weights.json")
    assert weights.keys() == features(QUERY, TERMS, make_hit()).keys()
    assert FeatureReranker(weights).score(QUERY, TERMS, []) == []
