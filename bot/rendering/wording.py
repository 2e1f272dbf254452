"""The words that the card and the terminal share: dates, and why there is no answer."""

from __future__ import annotations

from datetime import datetime

from bot.answering.answers import Reason
from retrieval.articles import Precision
from retrieval.news.dates import parse_published

_MONTHS = (
    "January February March April May June July August September October November December".split()  # English, always
)

ABSTENTION_SENTENCES = {
    Reason.EMPTY_INDEX: "There are no articles to answer from yet.",
    Reason.NOTHING_FOUND: "I found nothing about this in the articles I have.",
    Reason.NOT_IN_ARTICLES: "The articles I have do not say.",
    Reason.PREMISE_NOT_FOUND: "The articles I have do not say that this is so.",
}


def abstention_sentence(reason: str) -> str:
    """Say why there is no answer; `reason` is the value of a `Reason`."""
    return ABSTENTION_SENTENCES[Reason(reason)]


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
