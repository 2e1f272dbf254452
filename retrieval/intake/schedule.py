"""When to fetch again: as often as a feed publishes, later after failures, ever more rarely for an article's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import median

Dice = Callable[[], float]

#: An article's page is looked at again this long after it was first seen, for corrections and withdrawals.
REVISITS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
#: An article older than this when first seen is news no more: its page is not looked at again.
NEWS_AGE = timedelta(days=7)
# The last so many entries tell how often a feed publishes.
_ENTRIES = 10
# A feed is fetched this many times between two entries, so that one waits for half their distance at most.
_FETCHES_PER_ENTRY = 2
# Without dates to go by: this much sooner after something new, this much later after nothing.
_SOONER, _LATER = 0.5, 1.5
# Intervals are spread by up to this share, so that feeds that were added together are not fetched together.
_JITTER = 0.1
# A page that failed is tried again after this, then after twice as long, and so on, at most after a day.
_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(days=1)


def next_interval_s(
    published: Sequence[datetime], now: datetime, *, interval_s: float, is_news: bool, low_s: int, high_s: int
) -> int:
    """Choose the time until a feed is fetched next: half the median distance of its last ten entries.

    The time since its newest entry counts as one distance more, so that a feed that falls silent is fetched ever more
    rarely. With fewer than three dates it is the last interval halved if there was something new, else half as long
    again.

    Args:
        published: when its entries were published, in any order; later moments than `now` are left out.
        now: aware UTC.
        interval_s: the last interval.
        is_news: whether this fetch brought anything new.
        low_s: the shortest interval.
        high_s: the longest.
    """
    past = sorted({moment for moment in published if moment <= now}, reverse=True)[:_ENTRIES]
    if len(past) >= 3:
        gaps = [(later - earlier).total_seconds() for later, earlier in zip([now, *past], past, strict=False)]
        # A silence counts only once it is longer than usual; just after an entry it says nothing.
        usual = median(gaps[1:])
        wanted = max(usual, gaps[0]) / _FETCHES_PER_ENTRY
    else:
        wanted = interval_s * (_SOONER if is_news else _LATER)
    return round(min(max(wanted, low_s), high_s))


def spread(interval_s: float, dice: Dice) -> timedelta:
    """Spread an interval by up to a tenth either way; `dice` is uniform in 0..1."""
    return timedelta(seconds=interval_s * (1 + _JITTER * (2 * dice() - 1)))


def feed_retry_s(failures: int, *, interval_s: float, high_s: float) -> float:
    """Say how long to leave a feed alone after the n-th failure in a row (>= 1): interval x 2^n, at most `high_s`."""
    return min(interval_s * 2.0 ** min(failures, 30), high_s)


def page_retry(failures: int, dice: Dice) -> timedelta:
    """Say how long to leave a page alone after the n-th failure in a row (>= 1): 5 min x 2^(n-1), at most a day."""
    wait = min(_FIRST_RETRY * 2 ** min(failures - 1, 30), _LAST_RETRY)
    return spread(wait.total_seconds(), dice)


def next_revisit_at(seen_at: datetime, published_at: datetime | None, now: datetime) -> datetime | None:
    """Say when an article's page is looked at again; None once it is old news, or was when it was first seen."""
    if published_at is not None and published_at < seen_at - NEWS_AGE:
        return None
    return next((seen_at + after for after in REVISITS if seen_at + after > now), None)
