"""Spans are whole units of the calendar in UTC; dates in words are read against the time of asking."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.dates.spans import TICK, Span, Unit, around, read_date, shifted

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("unit", "first", "after"),
    [
        (Unit.HOUR, datetime(2026, 11, 18, 12), datetime(2026, 11, 18, 13)),
        (Unit.DAY, datetime(2026, 11, 18), datetime(2026, 11, 19)),
        (Unit.WEEK, datetime(2026, 11, 16), datetime(2026, 11, 23)),
        (Unit.MONTH, datetime(2026, 11, 1), datetime(2026, 12, 1)),
        (Unit.QUARTER, datetime(2026, 10, 1), datetime(2027, 1, 1)),
        (Unit.YEAR, datetime(2026, 1, 1), datetime(2027, 1, 1)),
        (Unit.DECADE, datetime(2020, 1, 1), datetime(2030, 1, 1)),
    ],
)
def test_the_unit_around_a_moment_ends_a_tick_before_the_next(unit, first, after):
    assert around(NOON, unit) == Span(first.replace(tzinfo=UTC), after.replace(tzinfo=UTC) - TICK)


@given(MOMENTS, st.sampled_from(Unit))
def test_units_follow_each_other_without_a_gap(moment, unit):
    span = around(moment, unit)
    assert span.since <= moment <= span.until
    assert around(span.until + TICK, unit).since == span.until + TICK


@pytest.mark.parametrize(
    ("count", "unit", "moved"),
    [
        (-48, Unit.HOUR, datetime(2026, 11, 16, 12)),
        (2, Unit.WEEK, datetime(2026, 12, 2, 12)),
        (-9, Unit.MONTH, datetime(2026, 2, 18, 12)),
        (-1, Unit.QUARTER, datetime(2026, 8, 18, 12)),
        (-1, Unit.YEAR, datetime(2025, 11, 18, 12)),
        (-1, Unit.DECADE, datetime(2016, 11, 18, 12)),
    ],
)
def test_a_moment_moves_by_whole_units(count, unit, moved):
    assert shifted(NOON, count, unit) == moved.replace(tzinfo=UTC)


def test_a_day_that_the_month_lacks_becomes_its_last():
    assert shifted(datetime(2026, 3, 31, tzinfo=UTC), -1, Unit.MONTH) == datetime(2026, 2, 28, tzinfo=UTC)


def test_leaving_the_years_that_there_are_is_an_overflow():
    with pytest.raises(OverflowError):
        shifted(NOON, -999, Unit.DECADE)


@pytest.mark.parametrize(
    ("words", "ahead", "first"),
    [
        ("3 March", False, datetime(2026, 3, 3)),
        ("3 March", True, datetime(2027, 3, 3)),
        ("18 November", False, datetime(2026, 11, 18)),
        ("18 November", True, datetime(2026, 11, 18)),
        ("19 November", False, datetime(2025, 11, 19)),
        ("November", True, datetime(2026, 11, 1)),
        ("December", False, datetime(2025, 12, 1)),
        ("Feb 29", False, datetime(2024, 2, 29)),
        ("March 3rd, 2024", True, datetime(2024, 3, 3)),
        ("2024-03-05", False, datetime(2024, 3, 5)),
    ],
)
def test_a_date_without_a_year_is_the_last_that_has_begun_or_the_next_that_is_not_over(words, ahead, first):
    assert read_date(words, now=NOON, ahead=ahead).since == first.replace(tzinfo=UTC)


@pytest.mark.parametrize("words", ["30 February", "29 February 2023", "soon", ""])
def test_no_such_date_is_none(words):
    assert read_date(words, now=NOON, ahead=False) is None


def test_the_parts_of_a_span_are_whole_days_and_make_up_the_span():
    year = around(NOON, Unit.YEAR)
    early, mid, late = (year.part(n, 3) for n in range(3))
    assert (early.since, late.until) == (year.since, year.until)
    assert (mid.since, late.since) == (early.until + TICK, mid.until + TICK)
    assert mid.since == datetime(2026, 5, 2, tzinfo=UTC)


def test_an_open_span_is_endless_and_has_no_parts():
    assert Span(NOON, None).length == timedelta.max
    assert Span(NOON, None).part(1, 3) == Span(NOON, None)
