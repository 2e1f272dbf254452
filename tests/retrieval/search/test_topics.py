"""An article is about a topic if its headline and opening are."""

from retrieval.passages import Findings, IndexSize
from retrieval.search.topics import on_topic
from retrieval.testing import hit_in

WEIGHTS = {"bridg": 0.6, "velmar": 0.4}


def found(*hits, weights=WEIGHTS):
    return [hit.article.id for hit in on_topic(Findings(hits, weights, IndexSize(9, 9, None)))]


def test_an_article_that_mentions_the_topic_further_down_is_left_out(make_article):
    about = hit_in(make_article("about", "The bridge of Velmar opens.", title="Bridge"))
    half = hit_in(make_article("half", "A bridge opens.", title="News"))
    passing = hit_in(make_article("passing", "Runners came. " * 50 + "They crossed the bridge of Velmar.", title="Run"))
    assert found(passing, about, half) == ["about", "half"]


def test_half_of_the_topics_weight_is_the_least_and_six_tenths_of_what_the_best_has(make_article):
    some = hit_in(make_article("some", "Velmar.", title="News"))
    assert found(some) == []  # 0.4 of the weight
    most = hit_in(make_article("most", "A bridge.", title="News"))
    assert found(most) == ["most"]  # 0.6, and 0.6 of the best's 1.0 still
    assert found(most, hit_in(make_article("all", "The bridge of Velmar.", title="News"))) == ["most", "all"]
    assert found(most, weights={"bridg": 0.5, "velmar": 0.5, "tram": 0.0}) == ["most"]
    assert found() == []
