"""When: what a question's words say about the time it asks about, and how new the news must be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from bot.answering.dates.spans import TICK, Span
from bot.answering.dates.words import Found, find_date_words

#: How much newer articles are preferred, 0..1, for a question that asks for the newest, and for any other.
FRESH, ANY_AGE = 1.0, 0.25

# Words of a question that is about these days.
_NEW = (
    r"\b(?:today|tonight|yesterday|tomorrow|now|recent(?:ly)?|latest|newest|newly|new|current(?:ly)?|just|upcoming)\b"
    r"|\b(?:this|last|past|next)\s+(?:morning|night|week(?:end)?|month|year|spring|summer|autumn|fall|winter)\b"
    r"|\bthis\s+(?:week|month|year)['\u2019]s\b"
    r"|\bon\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
_NEWS = re.compile(_NEW, re.IGNORECASE)
# The same, and words of one whose answer changes with time ("Who is the mayor?").
_THESE_DAYS = re.compile(rf"{_NEW}|^\W*(?:who|what)\s+(?:is|are)\b", re.IGNORECASE)


def freshness(question: str) -> float:
    """Tell how much an English question prefers newer articles: FRESH if it is about these days, else ANY_AGE."""
    return FRESH if _THESE_DAYS.search(question) else ANY_AGE


# Nothing is looked for in a question without one of these: 0.01 ms instead of 0.3.
_MAY_SAY_WHEN = re.compile(
    r"\d|\b(?:today|tonight|yesterday|tomorrow|this|last|past|next|previous|coming|current|ago|weekend|january|february"
    r"|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|spring|summer|autumn|fall|winter|christmas|boxing|year|halloween|valentine)",
    re.IGNORECASE,
)
# Titles of films, songs and papers: “Today”, '1989'. At most so long that no quoted sentence is taken for one.
_TITLE = re.compile(r"“[^”]{1,60}”|\"[^\"]{1,60}\"|(?<!\w)['‘][A-Z\d][^'’]{0,60}['’](?!\w)")
_PART = re.compile(
    r"\b(?P<part>early|mid|late|(?:beginning|start|middle|end|(?:first|second)\s+half)\s+of)[\s-]+(?:(?:in|of)\s+)?"
    r"(?:the\s+)?$",
    re.IGNORECASE,
)
_PARTS = {"early": (0, 3), "beginning": (0, 3), "start": (0, 3), "mid": (1, 3), "middle": (1, 3), "late": (2, 3)}
_PARTS |= {"end": (2, 3), "first": (0, 2), "second": (1, 2)}
# The early part of a day is the day.
_SHORTEST_IN_PARTS = timedelta(days=5)
_OPEN = re.compile(
    r"\b(?P<word>since|after|following|before|ahead\s+of|prior\s+to|until|till)\s+(?:(?:on|in)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
# "The first finals since 1999" are these finals, not those of 1999 and after.
_RECORD = re.compile(
    r"\b(?:first|last|only|record|most|least|fewest|best|worst|highest|lowest|biggest|largest|smallest|hottest|coldest"
    r"|warmest|deadliest|longest|shortest|strongest|never)\b[^.?!]*\s$",
    re.IGNORECASE,
)
_DAY, _WEEK, _FORTNIGHT, _MONTH, _QUARTER = (timedelta(days=days) for days in (1, 7, 14, 31, 91))
# Grains of date words, from days to decades; anything longer is one more.
_GRAINS = tuple(timedelta(days=days) for days in (2, 10, 32, 125, 370))


@dataclass(frozen=True, slots=True)
class Window:
    """When what a question asks about happened, or will.

    Attributes:
        since: its first moment, aware UTC; None if it has no beginning.
        until: its last moment, aware UTC, never before `since`; None if it has no end.
        words: the words of the question that say so; parts of it that stand apart are joined by " … ".
        in_name: they are a year in an event's name, "the 2024 election".
    """

    since: datetime | None
    until: datetime | None
    words: str
    in_name: bool = field(default=False, compare=False)


def find_window(question: str, asked_at: datetime) -> Window | None:
    """Infer from an English question's words when what it asks about happened: the time of the event, not of the news.

    A date without a year, a month and a weekday is the last one that has begun when it is asked, or the next one in a
    sentence about what will be. Of several dates the most precise counts; several of the same precision are taken
    together, from the first to the last. "Latest" and "now" name no window; they are freshness. A year in an event's
    name ("the 2024 election") counts if nothing else says when and it is not yet to come: people who name the US Open
    of 2024 ask for the news of 2024, but the World Cup of a coming year has been in the news for years.

    Args:
        question: as typed.
        asked_at: aware; a day is a day in UTC.

    Returns:
        The window; None if the words name none, or contradict each other.
    """
    if not _MAY_SAY_WHEN.search(question):
        return None
    plain = _blank_titles(question)
    found = [_with_words_before(one, plain) for one in find_date_words(plain, asked_at.astimezone(UTC))]
    dates = [one for one in found if one is not None]
    dates = [one for one in dates if not one.in_name] or dates
    if not dates:
        return None
    finest = min(_grain(one) for one in dates)
    dates = [one for one in dates if _grain(one) == finest]
    span = _together([one.span for one in dates])
    if span is None:
        return None
    said = " … ".join(question[one.start : one.end] for one in dates)
    return Window(span.since, span.until, said, in_name=all(one.in_name for one in dates))


def publication_window(window: Window, asked_at: datetime) -> Window:
    """Tell when the articles about an event were most likely published: a preference, not a limit.

    An event is written about after it, for as long again as it took, at least a fortnight and at most a quarter: a
    crash is investigated, a year is looked back on. It is also written about in the week before: the vote is expected,
    the storm is on its way, and the reader's day begins up to 14 hours off that in UTC. What is yet to begin when it
    is asked about has been announced in the quarter before the question. Of 198 articles that answer dated questions
    of a weekly quiz these windows hold 90 %, and of all articles 2 %; with a day before and a week after, 84 %.

    Args:
        window: when it happened, or will; where it is open, so is what comes back.
        asked_at: aware; later articles are not known to the question, so the end may lie ahead of it.
    """
    lead = _WEEK
    if window.since is not None and window.since > asked_at:
        lead = window.since - asked_at + _QUARTER
    follow_up = max(min(_length(window), _QUARTER), _FORTNIGHT) if window.since is not None else _FORTNIGHT
    return replace(
        window,
        since=window.since and _moved(window.since, -lead),
        until=window.until and _moved(window.until, follow_up),
    )


def _moved(moment: datetime, by: timedelta) -> datetime | None:
    try:
        return moment + by
    except OverflowError:  # open, where the years that Python knows end
        return None


def _with_words_before(found: Found, question: str) -> Found | None:
    """Apply what stands before date words: "early", "since", "before"; None if they are no date at all with it."""
    before, span, start = question[max(0, found.start - 200) : found.start], found.span, found.start
    if part := _PART.search(before):
        if span.length > _SHORTEST_IN_PARTS:
            span = span.part(*_PARTS[part["part"].casefold().split()[0]])
        start -= len(part.group())
        before = before[: part.start()]
    grain = span.length
    if limit := _OPEN.search(before):
        word = limit["word"].casefold().split()[0]
        if word == "since" and _RECORD.search(before[: limit.start()]):
            return None
        # "After last week's debate" is in that week or later, "after March" is not in March.
        of_event = question[found.end : found.end + 2] in ("'s", "’s")
        if word in ("after", "following") and not of_event:
            span = Span(span.until and span.until + TICK, None)
        elif word in ("since", "after", "following"):
            span = Span(span.since, None)
        elif word in ("until", "till") or of_event:
            span = Span(None, span.until)
        else:
            span = Span(None, span.since and span.since - TICK)
        start -= len(limit.group())
    return replace(found, start=start, span=span, grain=grain)


def _grain(found: Found) -> int:
    return next((n for n, longest in enumerate(_GRAINS) if found.grain <= longest), len(_GRAINS))


def _together(spans: list[Span]) -> Span | None:
    """Return the span from the first to the last; "after May and before July" is what lies between; None if nothing."""
    since = [span.since for span in spans if span.since is not None]
    until = [span.until for span in spans if span.until is not None]
    begins, ends = len(since) == len(spans), len(until) == len(spans)
    if begins or ends:
        return Span(min(since) if begins else None, max(until) if ends else None)
    return Span(max(since), min(until)) if max(since) <= min(until) else None


class Pace(Enum):
    """How fast the answer to a question grows old: the age in days at which an article about it is worth half."""

    #: "Right now", "tonight", "the score": six hours ago it was another one.
    LIVE = 0.25
    #: "Today", "the latest", "this week": news of a fortnight ago is worth a quarter, that of a month next to nothing.
    THESE_DAYS = 7.0
    #: Nothing says when: people ask about what is in the news, but an older article may be the only one that tells.
    UNSAID = 90.0
    #: "Who is the mayor?": the last article that says so is right, old as it may be, until a newer one says otherwise.
    OFFICE = 365.0
    #: "In the 1990s", "who founded": what has been does not change, and the newest article is no better than another.
    HISTORY = float("inf")

    @property
    def half_life_days(self) -> float:
        """Return the half-life in days; infinite if an article's age counts nothing: 0.5 ** (age / inf) is 1."""
        return self.value


# The answer is another one tomorrow.
_AT_ONCE = (
    r"\b(?:right now|as we speak|breaking news|happening now|live (?:updates?|blog)"
    r"|(?:latest|current|live) (?:score|result)s?|what(?:['’]s| is) the score|who(?:['’]s| is) (?:winning|ahead))\b"
)
_LIVE = re.compile(rf"{_AT_ONCE}|\bat the moment\b|\bnow\W*$", re.IGNORECASE)
_LATEST = re.compile(rf"{_LIVE.pattern}|\b(?:latest|newest|these days)\b", re.IGNORECASE)
_OFFICE = re.compile(
    r"^\W*who(?:['’]s|['’]re|\s+is|\s+are)\s+(?:(?:now|currently)\s+)?(?:the\s|[\w.&-]+['’]s?\s)"
    r"|\b(?:current|incumbent|sitting)\s+(?:president|prime minister|minister|mayor|governor|king|queen|pope|chancellor"
    r"|ceo|head|leader|speaker|chair\w*|secretary|senator|ambassador|champions?|holders?|owner)\b"
    r"|^\W*who\s+(?:(?:now|currently)\s+)?(?:leads|heads|runs|owns|chairs|governs|rules)\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"\b(?:centur(?:y|ies)|founded|invented|originally|history of|world war|ancient|medieval|(?:what|which) year)\b",
    re.IGNORECASE,
)


def pace(question: str, asked_at: datetime) -> Pace:
    """Tell how fast the answer to an English question grows old; UNSAID if nothing in its words says so.

    Args:
        question: as typed.
        asked_at: aware; "in 2023" is history in 2026, but not in January 2024.
    """
    if _LIVE.search(question):
        return Pace.LIVE
    window = find_window(question, asked_at)
    if window is not None:
        return _pace_of(window, asked_at)
    if _OFFICE.search(question):
        return Pace.OFFICE
    if _NEWS.search(question):
        return Pace.THESE_DAYS
    return Pace.HISTORY if _HISTORY.search(question) else Pace.UNSAID


def stale_after(question: str, asked_at: datetime) -> timedelta | None:
    """Tell how old the newest of all articles may be for a question that asks for the latest; None if any age will do.

    "Right now" and the score of a game ask for what is known within two days. "The latest" and a plain "now" ask for
    the last state of a story, and a story rests for days: of our own questions that end in "now" the last article is up
    to four days older; after a fortnight without any article at all an archive tells of another time. Who holds an
    office, what has been, and what a date in the words tells (see `find_window`) is not refused for age; neither is
    "current", for what an article calls so usually is for longer.

    Args:
        question: as typed.
        asked_at: aware.
    """
    plain = _blank_titles(question)
    if not _LATEST.search(plain) or _OFFICE.search(plain) or _HISTORY.search(plain):
        return None
    if find_window(question, asked_at) is not None:
        return None
    return timedelta(days=2) if re.search(_AT_ONCE, plain, re.IGNORECASE) else _FORTNIGHT


def _blank_titles(question: str) -> str:
    """Blank out, not take out, what is a title in quotation marks, so that places stay."""
    return _TITLE.sub(lambda title: " " * len(title.group()), question)


def _pace_of(window: Window, asked_at: datetime) -> Pace:
    # What is over for a month: being within the window counts then, not being new.
    if window.until is not None and window.until < asked_at - _MONTH:
        return Pace.HISTORY
    if window.since is not None and window.since < asked_at - 2 * _MONTH:
        return Pace.UNSAID
    is_hours = _length(window) <= _DAY / 2 and window.since is not None and window.since <= asked_at + _DAY
    return Pace.LIVE if is_hours else Pace.THESE_DAYS


def _length(window: Window) -> timedelta:
    return Span(window.since, window.until).length
