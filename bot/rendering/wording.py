"""The words that the card and the terminal share: dates, why there is no answer, and how to ask better."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.answering.answers import Reason
from retrieval.articles import Precision
from retrieval.news.dates import parse_published

_MONTHS = (
    "January February March April May June July August September October November December".split()  # English, always
)

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
