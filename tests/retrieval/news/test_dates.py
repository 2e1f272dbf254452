"""Publication dates keep exactly the precision with which they were written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import Precision, published_text
from retrieval.news.dates import is_read_at_once, parse_published

EXAMPLES = {
    "2020": ("2020", Precision.YEAR),
    "2020-09": ("2020-09", Precision.MONTH),
    "2020-09-29": ("2020-09-29", Precision.DAY),
    "20200929": ("2020-09-29", Precision.DAY),
    "2020/9/5": ("2020-09-05", Precision.DAY),
    "2020-09-29T08:15:00+02:00": ("2020-09-29T06:15:00Z", Precision.TIME),
    "2020-09-29T08:15:00Z": ("2020-09-29T08:15:00Z", Precision.TIME),
    "2020-09-29t08:15:00.75z": ("2020-09-29T08:15:00Z", Precision.TIME),
    "2020-09-29 08:15": ("2020-09-29T08:15:00Z", Precision.TIME),
    "Tue, 29 Sep 2020 08:15:00 GMT": ("2020-09-29T08:15:00Z", Precision.TIME),
    "Ter, 29 Set 2020 08:15:00 -0300": ("2020-09-29T11:15:00Z", Precision.TIME),
    "29 Sep 2020 08:15 -0400": ("2020-09-29T12:15:00Z", Precision.TIME),
    "29 Sep 2020 08:15:00 CEST": ("2020-09-29T06:15:00Z", Precision.TIME),
    "September 2020": ("2020-09", Precision.MONTH),
    "Sept. 29, 2020": ("2020-09-29", Precision.DAY),
    "29 de septiembre de 2020": ("2020-09-29", Precision.DAY),
    "29 сентября 2020": ("2020-09-29", Precision.DAY),
    "29/09/2020": ("2020-09-29", Precision.DAY),
    "09/29/2020": ("2020-09-29", Precision.DAY),
    "04/04/2020": ("2020-04-04", Precision.DAY),
    # east of Greenwich the day begins earlier in UTC; it is still the day that was named
    "5 March 2020 BST": ("2020-03-05", Precision.DAY),
    # EST or EDT?
    "September 29, 2020 at 8:15 PM ET": ("2020-09-29", Precision.DAY),
}

REFUSED = [
    "",
    "soon",
    "yesterday",
    "2 days ago",
    "in 2020 days",
    "in 2000 seconds",
    "May",
    "12",
    "29 September",
    "29 Sep 20",
    "20:20 29 September",
    "2020-13",
    "2020-13-01",
    "2020/13/01",
    "2020-31-12 10:00",
    "2020-02-30",
    "2020-09-29-10",
    "Tue, 31 Sep 2020 08:15:00 GMT",
    "2020-09-29T25:00:00",
    "03/04/2020",
    "03.04.2020 10:00",
    "Q3 2020",
    "1601366400",
    "9999-12-31T23:59:59-05:00",
    "0001-01-01T00:00:00Z",
    "29 September 2020 " * 10,
]


@pytest.mark.parametrize(("written", "expected"), EXAMPLES.items())
def test_a_date_is_read_to_the_precision_it_states(written, expected):
    at, precision = parse_published(written)
    assert (published_text(at, precision), precision) == expected
    assert at.tzinfo is UTC


@pytest.mark.parametrize("written", REFUSED)
def test_what_needs_a_guess_or_names_no_plausible_year_is_refused(written):
    with pytest.raises(ValueError, match="is not"):
        parse_published(written)


def test_the_refusal_names_the_value_and_the_forms_wanted():
    with pytest.raises(ValueError, match=r"'soon' is not a date .* \"2020-09-29\""):
        parse_published("soon")


def test_a_number_is_a_year_and_never_seconds():
    assert parse_published(2020) == (datetime(2020, 1, 1, tzinfo=UTC), Precision.YEAR)
    with pytest.raises(ValueError, match="is not a date"):
        parse_published(1_601_366_400)


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1601, 1, 2), datetime(2199, 12, 30), timezones=ZONES)


@given(MOMENTS, st.sampled_from(Precision))
def test_a_date_survives_being_written_and_read(moment, precision):
    at, found = parse_published(moment.isoformat())
    assert at == moment.replace(microsecond=0)
    assert found is Precision.TIME
    written = published_text(at, precision)
    assert written is not None
    again, found = parse_published(written)
    assert found is precision
    assert published_text(again, found) == written


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_value_error(written):
    try:
        at, precision = parse_published(written)
    except ValueError:
        return
    assert parse_published(published_text(at, precision) or "") == (at, precision)


def test_only_dates_in_words_are_not_read_at_once():
    assert all(map(is_read_at_once, ["2020", "2020-09-29T08:15:00+02:00", "Tue, 29 Sep 2020 08:15:00 GMT"]))
    assert not any(map(is_read_at_once, ["29 de septiembre de 2020", "soon", "x" * 1000]))
