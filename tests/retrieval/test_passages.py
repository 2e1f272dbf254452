"""A passage's id names one span of one version of one article."""

import dataclasses
from datetime import UTC, datetime

import pytest

from retrieval.articles import Precision
from retrieval.passages import Passage, Published, Query

WHOLE = {"article_id": "a-1", "version": "v" * 64, "start": 0, "end": 30}


def test_the_same_span_of_the_same_version_has_the_same_id_of_32_hexadecimal_digits():
    made = Passage.make_id(**WHOLE)
    assert made == Passage.make_id(**WHOLE)
    assert len(made) == 32
    assert set(made) <= set("0123456789abcdef")


@pytest.mark.parametrize(("part", "value"), [("article_id", "a-2"), ("version", "w" * 64), ("start", 1), ("end", 31)])
def test_another_article_version_or_span_has_another_id(part, value):
    assert Passage.make_id(**WHOLE | {part: value}) != Passage.make_id(**WHOLE)


def test_digits_do_not_move_between_start_and_end_unnoticed():
    assert Passage.make_id("a", "v", 1, 23) != Passage.make_id("a", "v", 12, 3)


def test_a_query_asks_for_ten_hits_and_limits_nothing_unless_told():
    query = Query("ferry")
    assert query.limit == 10
    assert (query.known_by, query.since, query.until, query.sources) == (None, None, None, ())


def test_a_query_cannot_be_changed_on_its_way():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Query("ferry").limit = 3


@pytest.mark.parametrize(
    ("at", "precision", "until", "text"),
    [
        ("2020-01-01", Precision.YEAR, "2020-12-31T23:59:59", "2020"),
        ("2020-12-01", Precision.MONTH, "2020-12-31T23:59:59", "2020-12"),
        ("2020-02-01", Precision.MONTH, "2020-02-29T23:59:59", "2020-02"),
        ("2020-09-29", Precision.DAY, "2020-09-29T23:59:59", "2020-09-29"),
        ("2020-09-29T08:15:00", Precision.TIME, "2020-09-29T08:15:00", "2020-09-29"),
    ],
)
def test_a_publication_lasts_until_the_end_of_what_its_publisher_names(at, precision, until, text):
    published = Published(datetime.fromisoformat(at).replace(tzinfo=UTC), precision)
    assert (published.until, published.day_text) == (datetime.fromisoformat(until).replace(tzinfo=UTC), text)
