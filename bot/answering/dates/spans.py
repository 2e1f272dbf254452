"""Calendar spans: the day, month or quarter around a moment, and what dateparser makes of a date in words."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dateparser.date import DateDataParser

#: The smallest step of time there is: the last moment of a day is a tick before the next.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, both moments inclusive and in aware UTC; None where it is open.

    Attributes:
        since: its first moment.
        until: its last moment, never before `since`.
    """

    since: datetime | None
    until: datetime | None

    @property
    def length(self) -> timedelta:
        """Return how long it lasts; the longest that there is if it is open."""
        return timedelta.max if self.since is None or self.until is None else self.until - self.since

    def part(self, n: int, of: int) -> Span:
        """Return its n-th part of so many, from 0, in whole days; an open span, which has none, whole."""
        if self.since is None or self.until is None:
            return self
        days = (self.until + TICK - self.since).days
        return between(self.since + timedelta(days=days * n // of), self.since + timedelta(days=days * (n + 1) // of))


class Unit(StrEnum):
    """A unit of the calendar, by the name that dateparser knows; it has no quarter, which is counted in months."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"


def around(moment: datetime, unit: Unit) -> Span:
    """Return the whole hour, day, week (from Monday), month, quarter, year or decade that holds a moment.

    Raises:
        OverflowError: it reaches past the year 9999; so does ValueError.
    """
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    if unit is Unit.HOUR:
        return between(hour, hour + timedelta(hours=1))
    if unit is Unit.DAY:
        return between(day, day + timedelta(days=1))
    if unit is Unit.WEEK:
        monday = day - timedelta(days=day.weekday())
        return between(monday, monday + timedelta(days=7))
    if unit in (Unit.MONTH, Unit.QUARTER):
        months = 1 if unit is Unit.MONTH else 3
        first = day.replace(day=1, month=day.month - (day.month - 1) % months)
        # 31 days from the 1st always end in the next month, and 31 more in the one after that.
        after = first
        for _ in range(months):
            after = (after + timedelta(days=31)).replace(day=1)
        return between(first, after)
    years = 1 if unit is Unit.YEAR else 10
    first = day.replace(day=1, month=1, year=day.year - day.year % years)
    return between(first, first.replace(year=first.year + years))


def between(since: datetime, end: datetime) -> Span:
    """Make a span from its first moment and the first moment after it."""
    return Span(since, end - TICK)


def day_before(moment: datetime, days: int) -> datetime:
    """Return midnight of the day so many days before a moment; after it if negative."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def shifted(moment: datetime, count: int, unit: Unit) -> datetime:
    """Move a moment by so many units, back if negative; a day that the month lacks becomes its last.

    Raises:
        OverflowError: it leaves the years that Python knows.
    """
    if unit is Unit.QUARTER:
        count, unit = 3 * count, Unit.MONTH
    words = f"{-count} {unit}s ago" if count < 0 else f"in {count} {unit}s"
    found = _parser(moment.replace(tzinfo=None), None).get_date_data(words).date_obj
    if found is None:
        raise OverflowError(words)
    return found.replace(tzinfo=UTC)


def read_date(words: str, *, now: datetime, ahead: bool) -> Span | None:
    """Read "3 March", "March 3rd, 2024", "March 2024", "March" or "2024-03-05"; None if there is no such date.

    Args:
        words: nothing but the date, in English.
        now: aware UTC; a date without a year is the last one that has begun by then.
        ahead: take the first one instead that is not over.
    """
    midnight = day_before(now, 0).replace(tzinfo=None)
    found = None
    # The past first: in June, "future" would read "June" as the next year's.
    for prefer in ("past", "future") if ahead else ("past",):
        try:
            read = _parser(midnight, prefer).get_date_data(words)
            if read.date_obj is None or read.period not in ("day", "month", "year"):
                return None
            found = around(read.date_obj.replace(tzinfo=UTC), Unit(read.period))
        except Exception:  # it trips over odd text in more ways than it documents
            return None
        if found.until is None or found.until >= now:
            break
    return found


# One costs 1 ms to make, and a question needs one or two.
@functools.lru_cache(maxsize=8)
def _parser(base: datetime, prefer: str | None) -> DateDataParser:
    settings: dict[str, object] = {"RELATIVE_BASE": base, "PARSERS": ["relative-time"]}
    if prefer is not None:
        # With these two, "a year ago" would be the 1st of January.
        first = {"PREFER_DAY_OF_MONTH": "first", "PREFER_MONTH_OF_YEAR": "first"}
        settings = {"RELATIVE_BASE": base, "PARSERS": ["absolute-time"], "PREFER_DATES_FROM": prefer, **first}
    return DateDataParser(languages=["en"], settings=settings)
