"""Dates are read as people write them, and one that cannot be read is named."""

from datetime import UTC, datetime

import pytest

from bot.answering.errors import LimitsReversed, LimitUnreadable
from bot.answering.said_limits import read_limits

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2020", "2020-01-01", "2020-12-31"),
        ("2020-09", "2020-09-01", "2020-09-30"),
        ("2020-09-29", "2020-09-29", "2020-09-29"),
        ("29 September 2020", "2020-09-29", "2020-09-29"),
        ("  september 29,  2020 ", "2020-09-29", "2020-09-29"),
        ("29 Sep", "2026-09-29", "2026-09-29"),
        ("29.9.2020", "2020-09-29", "2020-09-29"),
        ("29 septembre 2020", "2020-09-29", "2020-09-29"),
        ("on 29 September 2020", "2020-09-29", "2020-09-29"),
        ("yesterday", "2026-11-28", "2026-11-28"),
        ("Last Week", "2026-11-16", "2026-11-22"),
        ("3 days ago", "2026-11-26", "2026-11-26"),
        ("March", "2026-03-01", "2026-03-31"),
        ("march", "2026-03-01", "2026-03-31"),
        ("March 2020", "2020-03-01", "2020-03-31"),
        ("Monday", "2026-11-23", "2026-11-23"),
    ],
)
def test_a_date_is_taken_from_its_first_moment_and_to_its_last(written, first, last):
    since, until = read_limits(written, written, now=NOW)
    assert since == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert until.date().isoformat() == last
    assert (until.hour, until.minute) == (23, 59)


def test_what_is_not_given_is_no_limit_and_now_is_now():
    assert read_limits(None, None, now=NOW) == (None, None)
    assert read_limits(None, "now", now=NOW) == (None, NOW)


def test_words_that_open_a_span_limit_the_end_that_they_name():
    assert read_limits("since March", None, now=NOW)[0] == datetime(2026, 3, 1, tzinfo=UTC)
    assert read_limits(None, "before March 2020", now=NOW)[1].date().isoformat() == "2020-02-29"
    with pytest.raises(LimitUnreadable):
        read_limits(None, "since March", now=NOW)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "03/04/2020", "2020-13-01", "the storm yesterday", "99999", "yesterday " * 20, "\ud800", "0000-00-00"],
)
def test_what_is_no_date_is_named(written):
    for limit in ("since", "until"):
        with pytest.raises(LimitUnreadable) as refused:
            read_limits(**{"since": None, "until": None, limit: written}, now=NOW)
        assert refused.value.limit == limit
        assert refused.value.written[:50] == " ".join(written.split())[:50]
        assert len(refused.value.written) <= 60


def test_limits_the_wrong_way_round_are_refused_as_they_were_written():
    with pytest.raises(LimitsReversed) as refused:
        read_limits("yesterday", "last week", now=NOW)
    assert (refused.value.since, refused.value.until) == ("yesterday", "last week")
