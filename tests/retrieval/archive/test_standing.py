"""An article that was taken back or is held is shown to nobody, until it is shown again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from retrieval.archive.database import open_archive
from retrieval.archive.standing import (
    IS_SHOWN,
    Standing,
    due,
    hidden,
    lift_withdrawal,
    show_again,
    standing_of,
    withdraw,
)
from retrieval.archive.tables import articles

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def connection(tmp_path, make_article):
    with open_archive(tmp_path) as archive, archive.writing() as opened:
        for one, until in [("a", None), ("b", None), ("held", NOW + HOUR)]:
            article = make_article(one, embargoed_until=until)
            (change,) = archive.changes(opened, [article])
            archive.put(opened, article, change, generation=1, now=NOW)
        yield opened


def shown(connection):
    return set(connection.scalars(select(articles.c.id).where(*IS_SHOWN)))


def test_an_article_is_taken_back_once(connection):
    assert withdraw(connection, "a", "its page is gone", NOW)
    assert not withdraw(connection, "a", "again", NOW + HOUR)
    assert not withdraw(connection, "unknown", "gone", NOW)
    assert connection.scalar(select(articles.c.withdrawn_reason).where(articles.c.id == "a")) == "its page is gone"
    assert shown(connection) == {"b"}
    assert hidden(connection, ["a", "b", "held", "unknown"]) == {"a", "held"}
    assert [one for one, _ in lift_withdrawal(connection, ["a", "b", "held"], NOW)] == ["a"]


def test_how_one_article_stands_is_told_with_the_reason_and_when(connection):
    withdraw(connection, "a", "its page is gone", NOW)
    assert standing_of(connection, "a") == Standing(NOW, "its page is gone", None)
    assert standing_of(connection, "b") == Standing()
    assert standing_of(connection, "held") == Standing(None, None, NOW + HOUR)
    assert standing_of(connection, "unknown") is None


def test_an_embargo_ends_in_its_time_but_not_for_what_was_taken_back(connection):
    assert due(connection, NOW, limit=9) == []
    assert [one for one, _ in due(connection, NOW + HOUR, limit=9)] == ["held"]
    assert due(connection, NOW + HOUR, limit=0) == []
    withdraw(connection, "held", "canceled", NOW)
    assert due(connection, NOW + HOUR, limit=9) == []


def test_what_is_shown_again_is_as_if_it_had_never_gone(connection):
    withdraw(connection, "a", "gone", NOW)
    show_again(connection, ["a", "held"])
    assert shown(connection) == {"a", "b", "held"}
    assert withdraw(connection, "a", "gone again", NOW)


def test_more_articles_than_a_statement_takes_can_be_asked_for(connection):
    withdraw(connection, "a", "gone", NOW)
    many = [f"x{n}" for n in range(700)]
    assert hidden(connection, [*many, "a"]) == {"a"}
    show_again(connection, [*many, "a"])
    assert hidden(connection, [*many, "a"]) == set()
