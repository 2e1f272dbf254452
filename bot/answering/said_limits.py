"""Reading the dates by which people limit what they want: as machines write them, or in words."""

from __future__ import annotations

import re
from datetime import datetime

from bot.answering.asking import read_moment
from bot.answering.errors import LimitsReversed, LimitUnreadable
from bot.answering.timeframe import find_window
from retrieval.news.dates import parse_published

_MOST_CHARS = 100
# What may stand beside date words without saying anything else.
_BESIDE = frozenset("on in at the of from since after until till before by to and between about around".split())
# Read as the year alone where month or day make no sense.
_YEAR_FIRST = re.compile(r"\d{4}\W\d", re.ASCII)
_WORD = re.compile(r"[^\W_]+")


def read_limits(since: str | None, until: str | None, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Read from when and until when articles are wanted; None stays None.

    Args:
        since: such as "2020-09-29", "29 September 2020", "March" or "last week": taken from its first moment on.
        until: the same, taken to its last moment.
        now: when it is asked, aware UTC; what names no year is the last one that has begun by then.

    Raises:
        LimitUnreadable: it is no date, or has no such end ("since March" as `until`).
        LimitsReversed: `since` lies after `until`.
    """
    first = None if since is None else _read("since", since, now)
    last = None if until is None else _read("until", until, now)
    if first is not None and last is not None and first > last:
        raise LimitsReversed(_short(since or ""), _short(until or ""))
    return first, last


def _read(limit: str, written: str, now: datetime) -> datetime:
    end = limit == "until"
    text = " ".join(written.split())
    if text.casefold() == "now":
        return now
    if len(text) <= _MOST_CHARS:
        try:
            return read_moment(text, end=end)
        except ValueError:
            pass
        # "March" alone may be a name; "in March" is the month.
        for said in () if _YEAR_FIRST.match(text) else (text, f"in {text}", f"in {text.capitalize()}"):
            window = find_window(said, now)
            moment = None if window is None else window.until if end else window.since
            if window is not None and moment is not None and _is_all(said, window.words):
                return moment
        try:
            # Other languages, and what names a day as feeds do.
            start, _ = parse_published(text)
            return read_moment(start.date().isoformat(), end=end)
        except ValueError:
            pass
    raise LimitUnreadable(limit, _short(text))


def _is_all(said: str, words: str) -> bool:
    """Whether date words are all that is said: "yesterday", but not "the day yesterday's storm came"."""
    beside = said.casefold()
    for part in words.casefold().split(" … "):
        beside = beside.replace(part, " ", 1)
    return all(word in _BESIDE for word in _WORD.findall(beside))


def _short(written: str) -> str:
    return written if len(written) <= 60 else written[:59] + "…"
