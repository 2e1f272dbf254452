"""Dates that are counted from now: "yesterday", "this week", "over the last 48 hours", "a year ago", "on Tuesday"."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.answering.dates.forms import WEEKDAY, WEEKDAYS, Asked, rule
from bot.answering.dates.spans import Span, Unit, around, between, day_before, shifted

_COUNTS = {"couple": 2, "few": 4, "several": 6, "a": 1, "an": 1}
# How far off a vague number may be.
_SPREAD = {"couple": 1, "few": 2, "several": 3}
_COUNTS |= {
    word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_COUNT = rf"(?P<count>\d{{1,3}}|(?:a\s+)?(?:couple(?:\s+of)?|few)|{'|'.join(list(_COUNTS)[2:])})"
_UNIT = r"(?P<unit>hour|h|day|week|month|quarter|year|decade)"

_LEADS_TO_WEEKDAY = re.compile(
    r"\b(?:on|since|before|after|until|till|by|from|through|of|late|early)\s+$", re.IGNORECASE
)
# "the Friday prayers", "every Tuesday", "Black Friday", "Sheffield Wednesday", "starred in Wednesday".
_NAMED_UP_TO_DAY = re.compile(
    r"\b(?:(?:the|an?|every|each|any|in|black|good|super|cyber|giving|ash|shrove|easter|palm|bloody|blue|freaky|big)"
    r"|(?<=\S\s)(?-i:[A-Z][\w'’]*))\s+$",
    re.IGNORECASE,
)
_NAMED_FROM_DAY = re.compile(
    r"\s+(?:(?-i:Times|Telegraph|Mirror|Express|Group|Club|Night\s+[A-Z])|night (?:live|lights|football))",
    re.IGNORECASE,
)
_ENDS_CLAUSE = re.compile(r"\s+(?:morning|afternoon|evening|night)\b|\s*(?:[?.!,;:]|$)")
_NAMED_UP_TO_TODAY = re.compile(r"\b(?:usa|russia|india|business|psychology)\s+$", re.IGNORECASE)
_NAMED_FROM_TODAY = re.compile(r"\s+(?:show|programme|program|anchor)\b", re.IGNORECASE)


def last_weekday(name: str, asked: Asked) -> Span:
    """Return the last day of this name, today included, or the next one, today included, if the event lies ahead."""
    past = (asked.now.weekday() - WEEKDAYS.index(name.casefold())) % 7
    return around(day_before(asked.now, past - 7 if asked.ahead and past else past), Unit.DAY)


def _weekday(match: re.Match[str], asked: Asked) -> Span | None:
    which = (match["which"] or "").casefold()
    if _NAMED_FROM_DAY.match(asked.after):
        return None
    if not which and not _LEADS_TO_WEEKDAY.search(asked.before):
        # "Tuesday's vote", "the mayor elected Tuesday?"
        if match["own"] is None and not _ENDS_CLAUSE.match(asked.after):
            return None
        if _NAMED_UP_TO_DAY.search(asked.before):
            return None
    day = last_weekday(match["day"], asked)
    since = day.since or asked.now
    if match["week"]:
        monday = day_before(asked.now, asked.now.weekday() + (7 if match["week"].casefold() == "last" else -7))
        return around(monday + timedelta(days=since.weekday()), Unit.DAY)
    if which in ("last", "past", "previous") and since >= day_before(asked.now, 0):
        return around(since - timedelta(days=7), Unit.DAY)
    if which in ("next", "coming") and since <= asked.now:
        return around(since + timedelta(days=7), Unit.DAY)
    if which == "this" and not re.search(r"\b(?:did|was|were|had|has|have)\b", asked.before, re.IGNORECASE):
        return around(day_before(asked.now, asked.now.weekday() - since.weekday()), Unit.DAY)
    return day


def _opens_sentence(asked: Asked) -> bool:
    return not asked.before.strip(" “\"'(")


def _today(match: re.Match[str], asked: Asked) -> Span | None:
    word = match.group()
    # "the Today show", "USA Today", "who wrote Yesterday": names.
    is_name = word[0].isupper() and not word.isupper() and not _opens_sentence(asked)
    if is_name or _NAMED_FROM_TODAY.match(asked.after) or _NAMED_UP_TO_TODAY.search(asked.before):
        return None
    words = " ".join(word.casefold().split()).removeprefix("the ")
    midnight = day_before(asked.now, 0)
    if words in _HOURS:
        first, end = _HOURS[words]
        return between(midnight + timedelta(hours=first), midnight + timedelta(hours=end))
    days = {"day before yesterday": 2, "yesterday": 1, "tomorrow": -1, "day after tomorrow": -2}.get(words, 0)
    return around(day_before(asked.now, days), Unit.DAY)


# From midnight at the start of today, in UTC: a morning elsewhere may be hours off.
_HOURS = {
    "last night": (-6, 6),
    "yesterday evening": (-6, 6),
    "this morning": (0, 12),
    "this afternoon": (12, 18),
    "this evening": (18, 24),
    "tonight": (18, 30),
}


def _this_week(match: re.Match[str], asked: Asked) -> Span | None:
    now, which, unit = asked.now, match["which"].casefold(), match["unit"].casefold()
    if unit == "weekend":
        # Asked on a Monday, "this weekend" is the one just over.
        back = {"last": 7, "past": 7, "next": -7}.get(which, 7 if now.weekday() < 4 and not asked.ahead else 0)
        saturday = day_before(now, now.weekday() - 5 + back)
        return between(saturday, saturday + timedelta(days=2))
    whole = Unit(unit)
    if which == "past" or (which == "last" and whole is Unit.DECADE):
        return Span(shifted(now, -1, whole), now)
    if which in ("last", "previous"):
        return around(shifted(now, -1, whole), whole)
    if which in ("next", "coming"):
        return around(shifted(now, 1, whole), whole)
    span = around(now, whole)
    if whole is Unit.WEEK:
        # Who asks on a Monday what happened this week has the days before in mind: of 108 articles that answer such
        # questions of a weekly quiz, which comes out on a Thursday or Friday, 33 were five days old or more.
        span = Span(day_before(now, 6), span.until)
    if re.search(r"\bearlier\s+$", asked.before, re.IGNORECASE):
        return Span(span.since, now)
    return Span(now, span.until) if re.search(r"\blater\s+$", asked.before, re.IGNORECASE) else span


def _past_weeks(match: re.Match[str], asked: Asked) -> Span | None:
    unit, (count, spread) = _unit(match), _count(match["count"])
    if match["which"].casefold() in ("next", "coming"):
        return Span(asked.now, shifted(asked.now, count + spread, unit))
    return Span(shifted(asked.now, -count - spread, unit), asked.now)


def _ago(match: re.Match[str], asked: Asked) -> Span | None:
    unit, (count, spread) = _unit(match), _count(match["count"])
    if spread:
        return Span(shifted(asked.now, -count - spread, unit), shifted(asked.now, spread - count, unit))
    moment = shifted(asked.now, -count, unit)
    if unit in (Unit.HOUR, Unit.DAY):
        return around(moment, unit)
    # Said in whole units, so the event lies within half a unit of it.
    half = around(moment, unit).length / 2
    return Span(day_before(moment - half, 0), min(around(moment + half, Unit.DAY).until or moment, asked.now))


def _unit(match: re.Match[str]) -> Unit:
    unit = match["unit"].casefold()
    return Unit.HOUR if unit == "h" else Unit(unit)


def _count(words: str) -> tuple[int, int]:
    if not words or words.isdecimal():
        return int(words or 1), 0
    name = [word for word in words.casefold().split() if word != "of"][-1]
    return _COUNTS[name], _SPREAD.get(name, 0)


_WHICH = r"(?P<which>this|last|next|past|previous|coming)"
RULES = (
    rule(
        r"\b(?:(?:the\s+)?day\s+(?:before\s+yesterday|after\s+tomorrow)|yesterday(?:\s+evening)?|last\s+night|today"
        r"|tonight|tomorrow|this\s+(?:morning|afternoon|evening))\b",
        _today,
    ),
    rule(rf"\b{_COUNT}[\s-]+{_UNIT}s?\s+ago\b", _ago),
    # "the last two weeks of March" belongs to March.
    rule(rf"\b(?P<which>past|last|previous|next|coming)\s+{_COUNT}[\s-]*{_UNIT}s?\b(?!\s+of\b)", _past_weeks),
    rule(r"\b(?<=the\s)(?P<which>past|last|next|coming)\s+(?P<count>)(?P<unit>hour)\b", _past_weeks),
    rule(
        rf"\b(?:{_WHICH}\s+)?(?P<day>{WEEKDAY})\b(?:\s+(?:of\s+)?(?P<week>last|next)\s+week\b)?(?P<own>(?=['’]s\b))?",
        _weekday,
    ),
    rule(
        r"\b(?P<which>this|last|next|past|previous|coming|current|(?<=over\s)the)\s+(?P<unit>weekend|week|month|quarter|year|decade)\b(?!\s+of\b|-)",
        _this_week,
    ),
)
