"""The forms of English dates, as pieces of regular expressions, and what a rule for reading one is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.answering.dates.spans import Span

MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
MONTH = rf"\b(?:{MONTHS}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
# No price, no share, no part of a longer number ("$2024", "2024%", "1,950.5", "2024-25"), and no count of things.
YEAR = (
    r"(?:(?<=mid-)|(?<![$£€\d.,/–-]))(?:1[5-9]|20|21)\d\d(?![\d%]|[.,/–-]\d|\s+(?:people|men|women|children|others|homes|schools|cities"
    r"|countries|places|miles|km|metres|dollars|euros|pounds|times)\b)"
)
_DAY_OF_MONTH = r"(?<![$£€\d.,:])(?:[12]\d|3[01]|0?[1-9])(?!\d|[.,:]\d)(?:\s?(?:st|nd|rd|th)\b)?"
DAY = (
    rf"(?:{_DAY_OF_MONTH}(?:\s+of)?\s+{MONTH}(?:,?\s+{YEAR})?|{MONTH}\s+(?:the\s+)?{_DAY_OF_MONTH}(?:,?\s+{YEAR})?"
    r"|(?<![\d./-])(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})(?![\d./-]*\d))"
)
MONTH_OF_YEAR = rf"{MONTH},?\s+(?:of\s+)?{YEAR}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What date words are read against.

    Attributes:
        now: the time of asking, aware UTC.
        ahead: the sentence is about what is to come.
        before: the last characters before the date words.
        after: the next characters after them.
    """

    now: datetime
    ahead: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A form of date, and how one that matches is read: None if these words are no date here."""

    form: re.Pattern[str]
    read: Callable[[re.Match[str], Asked], Span | None]


def rule(form: str, read: Callable[[re.Match[str], Asked], Span | None]) -> Rule:
    """Make a rule of a regular expression, whatever the case of the letters."""
    return Rule(re.compile(form, re.IGNORECASE), read)
