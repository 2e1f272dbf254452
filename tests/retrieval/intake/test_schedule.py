"""A feed is fetched about as often as it publishes, one that fails ever more rarely, an article's page four times."""

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.intake.schedule import feed_retry_s, next_interval_s, next_revisit_at, page_retry, spread

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def interval(*ages, interval_s=3600, is_news=False, low_s=300, high_s=86_400):
    return next_interval_s(
        [NOW - age for age in ages], NOW, interval_s=interval_s, is_news=is_news, low_s=low_s, high_s=high_s
    )


def test_a_feed_of_an_entry_an_hour_is_fetched_every_half_hour():
    assert interval(*(n * HOUR for n in range(1, 6))) == 1800


def test_the_usual_distance_counts_and_not_one_long_night():
    assert interval(0.5 * HOUR, 1 * HOUR, 1.5 * HOUR, 10 * HOUR, 10.5 * HOUR) == 900


def test_a_feed_that_falls_silent_is_fetched_ever_more_rarely():
    silent = [interval(*(since + n * HOUR for n in range(5))) for since in (6 * HOUR, 12 * HOUR, 24 * HOUR)]
    assert silent == [3 * 3600, 6 * 3600, 12 * 3600]


def test_no_interval_leaves_its_bounds():
    assert interval(*(n * timedelta(seconds=10) for n in range(1, 6))) == 300
    assert interval(*(n * timedelta(days=30) for n in range(1, 6))) == 86_400


def test_a_date_in_the_future_counts_nothing():
    assert interval(-5 * HOUR, *(n * HOUR for n in range(1, 6))) == 1800


@pytest.mark.parametrize(("is_news", "wanted"), [(True, 1800), (False, 5400)])
def test_without_dates_news_brings_the_next_fetch_nearer_and_none_puts_it_off(is_news, wanted):
    assert interval(is_news=is_news) == interval(HOUR, is_news=is_news) == wanted


@pytest.mark.parametrize(("rolled", "wanted_s"), [(0.0, 90), (0.5, 100), (1.0, 110)])
def test_an_interval_is_spread_by_a_tenth_either_way(rolled, wanted_s):
    assert spread(100, lambda: rolled).total_seconds() == pytest.approx(wanted_s)


def test_a_feed_that_fails_is_left_alone_twice_as_long_each_time_and_a_day_at_most():
    assert [feed_retry_s(n, interval_s=300, high_s=86_400) for n in (1, 2, 3, 12, 99)] == [600, 1200, 2400] + [
        86_400
    ] * 2


def test_a_page_that_fails_is_tried_again_after_five_minutes_then_ten_and_within_a_day():
    waits = [page_retry(n, lambda: 0.5).total_seconds() for n in (1, 2, 3, 99)]
    assert waits == [300, 600, 1200, 86_400]


def test_a_page_is_looked_at_again_after_an_hour_six_a_day_and_a_week():
    moment, after = NOW, []
    while (moment := next_revisit_at(NOW, NOW, moment)) is not None:
        after.append(moment - NOW)
    assert after == [HOUR, 6 * HOUR, 24 * HOUR, timedelta(days=7)]


def test_what_was_missed_while_nothing_ran_is_not_made_up_for():
    assert next_revisit_at(NOW, None, NOW + 8 * HOUR) == NOW + 24 * HOUR


def test_old_news_is_not_looked_at_again():
    assert next_revisit_at(NOW, NOW - timedelta(days=8), NOW) is None
