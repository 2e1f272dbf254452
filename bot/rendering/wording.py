"""The words that the card and the terminal share: dates, why there is no answer, and how to ask better."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.answering.answers import Reason
from bot.answering.rereading import Since
from retrieval.articles import Precision, published_text
from retrieval.news.dates import parse_published

_MONTHS = (
    "January February March April May June July August September October November December".split()  # English, always
)

# An age is told in days up to the first, in weeks up to the second, in months up to the third of these.
_DAYS, _WEEKS_DAYS, _MONTHS_COUNT = 13, 60, 23

_LIMITS = {"since": "from", "until": "to"}

_ABSTENTIONS = {
    Reason.EMPTY_INDEX: "There are no articles to answer from yet.",
    Reason.NOTHING_FOUND: "I found nothing about this in the articles I have.",
    Reason.NOT_IN_ARTICLES: "The articles I have do not say.",
    Reason.PREMISE_NOT_FOUND: "The articles I have do not say that this is so.",
    Reason.AFTER_INDEX: "The articles I have end {when}.",
    Reason.STALE: "The articles I have end {when}; that is too long ago to tell the latest.",
}


def abstention_sentence(reason: str, index_ends: str | None = None) -> str:
    """Say why there is no answer.

    Args:
        reason: the value of a `Reason`.
        index_ends: the date of the newest article, as the JSON contract has it; named where it is the reason.
    """
    when = f"{'on' if (index_ends or '').count('-') == 2 else 'in'} {published_words(index_ends)}"
    return _ABSTENTIONS[Reason(reason)].format(when=when if index_ends else "before that")


def counted(count: int, noun: str) -> str:
    """Write a number of things: "1 article", "1,234 articles"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def looked_at(kept: Mapping[str, Any]) -> str | None:
    """Say what was looked at before abstaining: how many articles, of whom and of when; None for an empty index.

    Args:
        kept: an abstention as `bot.answering.kept` keeps it.
    """
    count = kept["index"]["articles"]
    if not count:
        return None
    said = f"I looked at {counted(count, 'article')}"
    if kept["sources"]:
        said += f", of them at those by {' and '.join(kept['sources'])}"
    window = kept["window"]
    if window is None:
        return f"{said}."
    limits = [f"{word} {published_words(window[name])}" for name, word in _LIMITS.items() if window[name]]
    if window["inferred"]:
        return f"{said}, and took “{window['words']}” to mean {' '.join(limits)}."
    return f"{said}, published {' and '.join(limits)}."


def since_sentence(since: Since, changed_at: datetime | None, reason: str, now: datetime) -> str | None:
    """Say what became of a quoted article since; None where nothing did.

    Args:
        since: what became of it.
        changed_at: when, or None.
        reason: why it was taken back, in its publisher's words; may be empty.
        now: the moment, for the age of the change.
    """
    when = f" on {dated(published_text(changed_at, Precision.DAY), now)}" if changed_at is not None else ""
    match since:
        case Since.UNCHANGED:
            return None
        case Since.CHANGED_AROUND:
            return f"The article was changed{when}; these words still stand in it."
        case Since.CHANGED:
            return f"The article was changed{when}; these words no longer stand in it."
        case Since.WITHDRAWN:
            return f"Its publisher took this article back{when}{f': {reason}' if reason else '.'}"
        case Since.HELD:
            return "Its publisher holds this article back for now."
        case Since.GONE:
            return "This article is no longer in my archive."


def hint_sentence(hint: Mapping[str, Any]) -> str:
    """Say how to ask better; `hint` is one of the JSON contract (`bot.answering.contract.hint_fields`)."""
    match hint["kind"]:
        case "ask_before":
            return f"Ask about what happened up to {published_words(hint['date'])}."
        case "without_limits":
            on = {"since": "dates", "until": "dates", "sources": "publishers"}
            return f"Ask without the limit on {' and '.join(dict.fromkeys(on[one] for one in hint['limits']))}."
        case "not_mentioned":
            return f"No article mentions {' or '.join(f'“{name}”' for name in hint['names'])}."
        case "name_something":
            return "Name a person, a place or an event."
    raise ValueError(f"no hint is of the kind {hint['kind']}")


def date_words(at: datetime | None, precision: Precision | None) -> str:
    """Write a date in words to no more than its precision, in UTC: "29 September 2020, 08:15 UTC", "2020"."""
    if at is None or precision is None:
        return "date not given"
    month = _MONTHS[at.month - 1]
    match precision:
        case Precision.YEAR:
            return f"{at.year}"
        case Precision.MONTH:
            return f"{month} {at.year}"
        case Precision.DAY:
            return f"{at.day} {month} {at.year}"
        case Precision.TIME:
            return f"{at.day} {month} {at.year}, {at:%H:%M} UTC"


def published_words(published: str | None) -> str:
    """Write a date of the JSON contract (`retrieval.articles.published_text`) in words."""
    return date_words(*parse_published(published)) if published else date_words(None, None)


def age_words(published: str | None, at: datetime) -> str | None:
    """Say how old something was at a moment, to no more than its date's precision: "3 hours ago", "3 days ago".

    Args:
        published: a date of the JSON contract.
        at: the moment, aware.

    Returns:
        None without a date, for one after the moment, and for a year that has not ended.
    """
    if not published:
        return None
    began, precision = parse_published(published)
    at = at.astimezone(UTC)
    if began > at:
        return None
    months = 12 * (at.year - began.year) + at.month - began.month
    match precision:
        case Precision.YEAR:
            return _ago(at.year - began.year, "year", "last year") if at.year > began.year else None
        case Precision.MONTH:
            return _months(months) if months else "this month"
        case Precision.TIME if at - began < timedelta(days=1):
            minutes = int((at - began).total_seconds() // 60)
            return _ago(minutes // 60, "hour") if minutes >= 60 else _ago(max(minutes, 1), "minute")
    days = (at.date() - began.date()).days
    if days == 0:
        return "today"
    if days <= _DAYS:
        return _ago(days, "day", "yesterday")
    if days <= _WEEKS_DAYS:
        return _ago(days // 7, "week")
    return _months(max(2, months - (at.day < began.day)))


def _months(count: int) -> str:
    return _ago(count, "month", "last month") if count <= _MONTHS_COUNT else _ago(count // 12, "year")


def _ago(count: int, unit: str, one: str | None = None) -> str:
    return (one or f"1 {unit} ago") if count == 1 else f"{count} {unit}s ago"


def dated(published: str | None, at: datetime) -> str:
    """Write a date of the JSON contract in words, with its age: "29 September 2020, 08:15 UTC (2 days ago)"."""
    age = age_words(published, at)
    return f"{published_words(published)} ({age})" if age else published_words(published)
