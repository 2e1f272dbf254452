"""The words that the card and the terminal share: dates, why there is no answer, and how to ask better."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.answering.answers import Reason
from bot.answering.rereading import Since
from bot.locales.speaking import day_words, list_words, marked, month_words, say, say_counted
from retrieval.articles import Precision, published_text
from retrieval.news.dates import parse_published

# An age is told in days up to the first, in weeks up to the second, in months up to the third of these.
_DAYS, _WEEKS_DAYS, _MONTHS_COUNT = 13, 60, 23

_ABSTENTIONS = {
    Reason.EMPTY_INDEX: marked("There are no articles to answer from yet."),
    Reason.NOTHING_FOUND: marked("I found nothing about this in the articles I have."),
    Reason.NOT_IN_ARTICLES: marked("The articles I have do not say."),
    Reason.PREMISE_NOT_FOUND: marked("The articles I have do not say that this is so."),
    Reason.AFTER_INDEX: marked("The articles I have end {when}."),
    Reason.STALE: marked("The articles I have end {when}; that is too long ago to tell the latest."),
}

# What a question was limited by.
_LIMITED_BY = {"since": marked("dates"), "until": marked("dates"), "sources": marked("publishers")}


def abstention_sentence(reason: str, index_ends: str | None = None) -> str:
    """Say why there is no answer.

    Args:
        reason: the value of a `Reason`.
        index_ends: the date of the newest article, as the JSON contract has it; named where it is the reason.
    """
    return say(_ABSTENTIONS[Reason(reason)], when=_when(index_ends))


def _when(published: str | None) -> str:
    if not published:
        return say("before that")
    at, precision = parse_published(published)
    match precision:
        case Precision.YEAR:
            return say("in {year}", year=date_words(at, precision))
        case Precision.MONTH:
            return say("in {month}", month=date_words(at, precision))
    return say("on {date}", date=date_words(at, precision))


def counted_articles(count: int) -> str:
    """Write a number of articles: "1 article", "1,234 articles"."""
    return say_counted("{count} article", "{count} articles", count)


def indexed(articles: int, newest: str | None, at: datetime) -> str:
    """Say how many articles are in the index, and of when the newest of them is, by a date of the JSON contract."""
    said = say_counted("{count} article in the index", "{count} articles in the index", articles)
    return say("{indexed}, the newest of {date}", indexed=said, date=dated(newest, at)) if newest else said


def with_more(names: str, unnamed: int) -> str:
    """End a list of names with how many there are besides, if any: "The Ledger, The Bugle and 3 more"."""
    if unnamed <= 0:
        return names
    return say_counted("{names} and {count} more", "{names} and {count} more", unnamed, names=names)


def and_more(unshown: int) -> str:
    """Say how many lines of a list are not shown."""
    return say_counted("and {count} more", "and {count} more", unshown)


def looked_at(kept: Mapping[str, Any]) -> str | None:
    """Say what was looked at before abstaining: how many articles, of whom and of when; None for an empty index.

    Args:
        kept: an abstention as `bot.answering.kept` keeps it.
    """
    count = kept["index"]["articles"]
    if not count:
        return None
    said = say_counted("I looked at {count} article", "I looked at {count} articles", count)
    if kept["sources"]:
        said = say("{looked}, of them at those by {publishers}", looked=said, publishers=list_words(kept["sources"]))
    window = kept["window"]
    if window is None:
        return f"{said}."
    since, until = (published_words(window[name]) if window[name] else None for name in ("since", "until"))
    if since is not None and until is not None:
        limits = say("from {since} to {until}", since=since, until=until)
    else:
        limits = say("from {since}", since=since) if until is None else say("to {until}", until=until)
    if window["inferred"]:
        return say("{looked}, and took “{words}” to mean {limits}.", looked=said, words=window["words"], limits=limits)
    return say("{looked}, published {limits}.", looked=said, limits=limits)


def since_sentence(since: Since, changed_at: datetime | None, reason: str, now: datetime) -> str | None:
    """Say what became of a quoted article since; None where nothing did.

    Args:
        since: what became of it.
        changed_at: when, or None.
        reason: why it was taken back, in its publisher's words; may be empty.
        now: the moment, for the age of the change.
    """
    when = "" if changed_at is None else dated(published_text(changed_at, Precision.DAY), now)
    match since:
        case Since.UNCHANGED:
            return None
        case Since.CHANGED_AROUND if when:
            return say("The article was changed on {date}; these words still stand in it.", date=when)
        case Since.CHANGED_AROUND:
            return say("The article was changed; these words still stand in it.")
        case Since.CHANGED if when:
            return say("The article was changed on {date}; these words no longer stand in it.", date=when)
        case Since.CHANGED:
            return say("The article was changed; these words no longer stand in it.")
        case Since.WITHDRAWN:
            said = say("Its publisher took this article back")
            if when:
                said = say("Its publisher took this article back on {date}", date=when)
            return f"{said}: {reason}" if reason else f"{said}."
        case Since.HELD:
            return say("Its publisher holds this article back for now.")
        case Since.GONE:
            return say("This article is no longer in my archive.")


def hint_sentence(hint: Mapping[str, Any]) -> str:
    """Say how to ask better; `hint` is one of the JSON contract (`bot.answering.contract.hint_fields`)."""
    match hint["kind"]:
        case "ask_before":
            return say("Ask about what happened up to {date}.", date=published_words(hint["date"]))
        case "without_limits":
            limits = list_words(dict.fromkeys(say(_LIMITED_BY[one]) for one in hint["limits"]))
            return say("Ask without the limit on {limits}.", limits=limits)
        case "not_mentioned":
            names = list_words((f"“{name}”" for name in hint["names"]), "or")
            return say("No article mentions {names}.", names=names)
        case "name_something":
            return say("Name a person, a place or an event.")
    raise ValueError(f"no hint is of the kind {hint['kind']}")


def date_words(at: datetime | None, precision: Precision | None) -> str:
    """Write a date in words to no more than its precision, in UTC: "29 September 2020, 08:15 UTC", "2020"."""
    if at is None or precision is None:
        return say("date not given")
    match precision:
        case Precision.YEAR:
            return f"{at.year}"
        case Precision.MONTH:
            return month_words(at)
        case Precision.DAY:
            return day_words(at)
        case Precision.TIME:
            return f"{day_words(at)}, {at:%H:%M} UTC"


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
            return _years(at.year - began.year) if at.year > began.year else None
        case Precision.MONTH:
            return _months(months) if months else say("this month")
        case Precision.TIME if at - began < timedelta(days=1):
            minutes = max(1, int((at - began).total_seconds() // 60))
            if minutes < 60:
                return say_counted("{count} minute ago", "{count} minutes ago", minutes)
            return say_counted("{count} hour ago", "{count} hours ago", minutes // 60)
    days = (at.date() - began.date()).days
    if days == 0:
        return say("today")
    if days == 1:
        return say("yesterday")
    if days <= _DAYS:
        return say_counted("{count} day ago", "{count} days ago", days)
    if days <= _WEEKS_DAYS:
        return say_counted("{count} week ago", "{count} weeks ago", days // 7)
    return _months(max(2, months - (at.day < began.day)))


def _months(count: int) -> str:
    if count == 1:
        return say("last month")
    if count > _MONTHS_COUNT:
        return _years(count // 12)
    return say_counted("{count} month ago", "{count} months ago", count)


def _years(count: int) -> str:
    return say("last year") if count == 1 else say_counted("{count} year ago", "{count} years ago", count)


def dated(published: str | None, at: datetime) -> str:
    """Write a date of the JSON contract in words, with its age: "29 September 2020, 08:15 UTC (2 days ago)"."""
    age = age_words(published, at)
    return f"{published_words(published)} ({age})" if age else published_words(published)
