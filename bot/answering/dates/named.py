"""Dates that have a name: "3 March", "in 2023", "last summer", "the 1990s", "from May to July", "Christmas"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.answering.dates.counted import last_weekday
from bot.answering.dates.forms import DAY, MONTH_OF_YEAR, MONTHS, WEEKDAY, WEEKDAYS, YEAR, Asked, rule
from bot.answering.dates.spans import Span, Unit, around, between, read_date

_EDGE = rf"(?:{DAY}|{MONTH_OF_YEAR}|{YEAR}|(?:{MONTHS})\b|{WEEKDAY}\b)"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # of the northern half of the world
_NTH = ("first", "second", "third", "fourth")
_HOLIDAYS = {  # first day and number of days
    "christmas eve": (12, 24, 1),
    "christmas day": (12, 25, 1),
    "christmas": (12, 24, 3),
    "boxing day": (12, 26, 1),
    "new years eve": (12, 31, 1),
    "new years day": (1, 1, 1),
    "new year": (12, 31, 2),
    "halloween": (10, 31, 1),
    "valentines day": (2, 14, 1),
}
_LEADS_TO_YEAR = re.compile(
    r"\b(?:(?:in|during|since|before|after|until|till|from|through|throughout)\s+(?:the\s+)?(?:years?\s+)?(?:early\s+|late\s+"
    r"|mid[\s-]+)?|(?:of|for|late|early|mid|year)[\s-]+)$",
    re.IGNORECASE,
)
_LEADS_TO_MONTH = re.compile(
    r"\b(?:in|during|since|until|till|throughout|early|mid|late|(?:beginning|start|middle|end|weeks?|weekend|days?)\s+of"
    r"|(?P<not_may>before|after|from|through|of))[\s-]+$",
    re.IGNORECASE,
)
_LEADS_TO_SEASON = re.compile(
    r"\b(?:in|during|over|since|until|before|after|for|on|at|early|late|mid|(?:start|end)\s+of)[\s-]+(?P<the>the\s+)?$",
    re.IGNORECASE,
)
_LEADS_TO_DECADE = re.compile(r"\bthe\s+(?:early\s+|mid[\s-]|late\s+)?$", re.IGNORECASE)
_NAMED_BY_MONTH = re.compile(r"\s+(?:for life|on washington|madness|fools)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\s+(?:people|miles|km|kilometres|days|weeks|hours|times)\b", re.IGNORECASE)
# Days that stand for one event of their year: "the January 6 committee" is not about the last 6 January.
_STANDS_FOR_EVENT = re.compile(
    r"(?:jan\w*\.?\s+6|6\s+jan\w*|sep\w*\.?\s+11|11\s+sep\w*|oct\w*\.?\s+7|7\s+oct\w*)(?:th)?\W+(?:attacks?|riot\w*|committee"
    r"|hearings?|insurrection\w*|defendants?|massacre|pardons?|panel|terror\w*|capitol|hijack\w*)",
    re.IGNORECASE,
)
# What has a year in its name because it happened in it: "US Open 2024", "the 2020 presidential election". A name such
# as "Vision 2030", "Agenda 2063" or "Blade Runner 2049" tells no date.
_YEARLY = (
    r"(?:open|cups?|championships?|olympics|paralympics|games|oscars?|grammys?|emmys?|awards?|finals?|tour|festival"
    r"|season|elections?|primary|primaries|referendum|summit|conference|derby|marathon|grand prix|census|budget|coup"
    r"|earthquake|contest|draft|playoffs?|fiscal year|\w+ of the year)"
)


def _range(match: re.Match[str], asked: Asked) -> Span | None:
    first_words, last_words = match["a"], match["b"]
    year = re.search(r"\d{4}", last_words)
    if year and not re.search(r"\d{4}", first_words):
        first_words += f" {year.group()}"
    last = _edge(last_words, asked)
    if last is None or last.until is None:
        return None
    # "from November to March": the last November before that March.
    first = _edge(first_words, replace(asked, now=last.until, ahead=False))
    if first is None or first.since is None or first.since > last.until:
        return None
    return Span(first.since, last.until)


def _edge(words: str, asked: Asked) -> Span | None:
    name = words.split()[0].casefold()
    if name in ("today", "now"):
        return around(asked.now, Unit.DAY)
    if name in WEEKDAYS:
        return last_weekday(name, asked)
    return read_date(re.sub(r"\b(?:of|the)\b", " ", words), now=asked.now, ahead=asked.ahead)


def _years(match: re.Match[str], asked: Asked) -> Span | None:
    first, last = int(match["a"]), int((match["a"][:2] + match["b"])[-4:])
    return between(_first_of(first), _first_of(last + 1)) if first < last else None


def _day(match: re.Match[str], asked: Asked) -> Span | None:
    words = match.group()
    # "Who will march 10 miles?", "may 3 stay?", "May 3 stay?"
    is_may = re.search(r"\bmay\b", words) or (words.startswith("May") and not asked.before.strip())
    if _COUNTED.match(asked.after) or (is_may and not re.search(r"\d{4}|\d\s?(?:st|nd|rd|th)\b", words)):
        return None
    # "03/04/2020" is March to some and April to others.
    numbers = re.match(r"(\d{1,2})[./](\d{1,2})[./]", words)
    if numbers and numbers[1] != numbers[2] and int(numbers[1]) <= 12 and int(numbers[2]) <= 12:
        return None
    return None if _STANDS_FOR_EVENT.match(words + asked.after) else _edge(words, asked)


def _whole(match: re.Match[str], asked: Asked) -> Span | None:
    return _edge(match.group(), asked)


def _quarter(match: re.Match[str], asked: Asked) -> Span | None:
    n = int(match["n"]) if match["n"] else _NTH.index(match["nth"].casefold()) + 1
    year = match["year"] or match["year_of"]
    return _yearly(lambda y: around(_first_of(y, 3 * n - 2), Unit.QUARTER), "", year, asked)


def _season(match: re.Match[str], asked: Asked) -> Span | None:
    name, which, year = match["season"].casefold(), (match["which"] or "").casefold(), match["year"]
    month = _SEASONS[name]
    lead = _LEADS_TO_SEASON.search(asked.before)
    if not year and not which and (not lead or (name == "fall" and not lead["the"])):
        return None  # "did prices fall", "spring in his step"
    if year and name == "winter" and not match["next_year"]:
        # "winter 2022" is the one in which 2022 began or the one in which it ended.
        return between(_first_of(int(year) - 1, 12), _first_of(int(year) + 1, 3))
    return _yearly(lambda y: between(_first_of(y, month), _first_of(y, month + 3)), which, year, asked)


def _holiday(match: re.Match[str], asked: Asked) -> Span | None:
    name = re.sub(r"['’]", "", " ".join(match["name"].casefold().split()))
    month, day, days = _HOLIDAYS[re.sub(r"^(new year|valentine) ", r"\1s ", name)]

    def in_year(year: int) -> Span:
        first = _first_of(year, month).replace(day=day)
        return between(first, first + timedelta(days=days))

    which = (match["which"] or "").casefold()
    if not which and not match["year"] and not _LEADS_TO_SEASON.search(asked.before):
        return None  # "Christmas checks"
    return _yearly(in_year, which, match["year"], asked)


def _month(match: re.Match[str], asked: Asked) -> Span | None:
    month, which = match["month"], (match["which"] or "").casefold()
    lead = _LEADS_TO_MONTH.search(asked.before)
    if _NAMED_BY_MONTH.match(asked.after):
        return None
    if month.casefold() == "may":
        # Neither the verb ("this may be") nor the surname ("after May resigned", "May's deal").
        if not (which and (which != "this" or month == "May")) and not (lead and not lead["not_may"]):
            return None
    elif not which and not lead and (match["own"] is None or month[0].islower()):
        return None
    # "Who led the last march?"
    if which and month == "march" and re.search(r"\bthe\s+$", asked.before, re.IGNORECASE):
        return None
    n = MONTHS.split("|").index(month.casefold()) + 1
    return _yearly(lambda year: around(_first_of(year, n), Unit.MONTH), which, None, asked)


def _decade(match: re.Match[str], asked: Asked) -> Span | None:
    if match["short"] and not _LEADS_TO_DECADE.search(asked.before):
        return None
    return around(_first_of(int(match["year"] or f"19{match['short']}")), Unit.DECADE)


def _year(match: re.Match[str], asked: Asked) -> Span | None:
    if match["own"] is None and not _LEADS_TO_YEAR.search(asked.before):
        return None
    return around(_first_of(int(match["year"])), Unit.YEAR)


def year_in_name(match: re.Match[str], asked: Asked) -> Span | None:
    """Read the year of "US Open 2024"; None if it is still to come, as the name then says nothing about when."""
    year = int(match["year"] or match["year_after"])
    return None if year > asked.now.year or asked.ahead else around(_first_of(year), Unit.YEAR)


def _yearly(in_year: Callable[[int], Span], which: str, year: str | None, asked: Asked) -> Span:
    """Choose among the Marches or Christmases: the named year's, else as `which` says, else the last begun."""
    now, this_year = asked.now, asked.now.year
    if year:
        said = year.casefold().split()[0]
        return in_year(this_year if said == "this" else this_year - 1 if said == "last" else int(said))
    near = [in_year(this_year + n) for n in range(-2, 3)]
    begun = [span for span in near if span.since is not None and span.since <= now]
    over = [span for span in begun if span.until is not None and span.until < now]
    if which in ("next", "coming"):
        return near[len(begun)]
    if which in ("last", "past", "previous"):
        return over[-1]
    if which in ("this", "current"):
        # In February "this winter" is the one that began last year.
        return in_year(this_year) if begun == over else begun[-1]
    return near[len(over)] if asked.ahead else begun[-1]


def _first_of(year: int, month: int = 1) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


_WHICH = r"(?P<which>this|last|next|past|coming)"
RULES = (
    rule(
        rf"\b(?:between|from)\s+(?:the\s+)?(?P<a>{_EDGE})\s*(?:\b(?:and|to|until|till|through)\b|[–-])\s*(?:the\s+)?(?P<b>{_EDGE}|(?:today|now)\b)",
        _range,
    ),
    rule(
        rf"\b(?:{_WHICH}\s+)?(?P<season>spring|summer|autumn|fall|winter)\b(?!\s+(?:olympics|games))"
        r"(?:\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)(?P<next_year>[–/-]\d\d)?(?!\d))?",
        _season,
    ),
    rule(r"(?<![$£€\d.,/–-])(?P<a>(?:1[5-9]|20)\d\d)\s?[–/-]\s?(?P<b>(?:1[5-9]|20)\d\d|\d\d)(?![\d./–-]*\d)", _years),
    rule(DAY, _day),
    rule(
        rf"\b(?P<nth>{'|'.join(_NTH)})[\s-]quarter\s+(?:of\s+)?(?P<year_of>{YEAR}|(?:this|last)\s+year)"
        rf"|\bQ(?P<n>[1-4])\b(?:\s+(?:of\s+)?(?P<year>{YEAR}))?",
        _quarter,
    ),
    rule(MONTH_OF_YEAR, _whole),
    rule(
        rf"\b(?:{_WHICH}\s+)?(?P<name>christmas(?:\s+(?:eve|day))?|boxing\s+day|new\s+year['’]?s?\s+(?:eve|day)"
        rf"|new\s+year|halloween|valentine['’]?s?\s+day)(?:,?\s+(?P<year>{YEAR}))?"
        r"(?=\s*(?:[?.!,;:]|$)|\s+(?:in|at|on|by|for|and|or|did|was|were|will)\b)",
        _holiday,
    ),
    rule(rf"\b(?:{_WHICH}\s+)?(?P<month>{MONTHS})\b(?P<own>(?=['’]s\b))?", _month),
    rule(r"\b(?P<year>(?:1[5-9]|20)\d0)['’]?s\b|(?<![\d$£€.,])['’]?(?P<short>[3-9]0)s\b", _decade),
    rule(rf"(?P<year>{YEAR})(?P<own>(?=['’]s\b))?", _year),
)
RULE_OF_NAMES = rule(
    rf"\b{_YEARLY}\s+(?P<year>{YEAR})|(?P<year_after>{YEAR})(?=(?:\s+[\w'’.&-]+){{0,4}}?\s+{_YEARLY}\b)", year_in_name
)
