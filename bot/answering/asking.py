"""Reading a question from plain fields: the batch contract of `dateline ask --batch` and of the local socket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.answering.errors import QuestionMalformed
from bot.answering.questions import Exchange, Question
from retrieval.articles import Precision
from retrieval.news.dates import FORMS_WANTED, parse_published

_YEAR_OR_MONTH = re.compile(r"\d{4}(-\d{2})?", re.ASCII)


def read_question(fields: Mapping[str, Any], *, now: datetime, scope: str | None = None) -> Question:
    """Make a question from plain fields; unknown fields are ignored, so that judged questions can be asked as they are.

    Who asks is no field: it decides what is seen.

    Args:
        fields: "question" (text) and optionally "id" (text or number), "asked_at", "since", "until" (dates as
            `read_moment` takes them), "sources" (a list of publishers), "history" (a list of
            {"question", "answer"}, oldest first), "any_time" (true infers no window from the words).
        now: the time of asking where `asked_at` is missing.
        scope: who asks, see `Question.scope`.

    Raises:
        QuestionMalformed: a field has the wrong type or cannot be read, or `since` lies after `until`.
    """
    text = fields.get("question")
    if not isinstance(text, str):
        raise QuestionMalformed("question", f"expected text, got {_kind(text)}")
    _check_characters("question", text)
    given_id = fields.get("id")
    if given_id is not None and not isinstance(given_id, str | int):
        raise QuestionMalformed("id", f"expected text or a number, got {_kind(given_id)}")
    sources = fields.get("sources") or []
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise QuestionMalformed("sources", 'expected a list of publishers, such as ["Harbour Post"]')
    for name, one in (("id", str(given_id)), *(("sources", source) for source in sources)):
        _check_characters(name, one)
    any_time = fields.get("any_time") or False
    if not isinstance(any_time, bool):
        raise QuestionMalformed("any_time", f"expected true or false, got {_kind(any_time)}")
    since, until = _moment(fields, "since", end=False), _moment(fields, "until", end=True)
    if since is not None and until is not None and since > until:
        raise QuestionMalformed("since", f"{fields['since']} lies after until, {fields['until']}: swap the two")
    return Question(
        text=text,
        asked_at=_moment(fields, "asked_at", end=True) or now,
        id=None if given_id is None else str(given_id),
        since=since,
        until=until,
        sources=tuple(sources),
        history=_history(fields.get("history") or []),
        any_time=any_time,
        scope=scope,
    )


def read_moment(text: str, *, end: bool) -> datetime:
    """Read a moment: "2020", "2020-09", "2020-09-29" or "2020-09-29T08:15:00+02:00".

    Args:
        text: the date; without a zone it is UTC.
        end: take the last moment of the span that a date without a time names, not its first: someone who asks
            "on 29 September" knows what was published that day.

    Raises:
        ValueError: it is no such date; the message says which forms are wanted.
    """
    if not _YEAR_OR_MONTH.fullmatch(text):
        # Checked first: `parse_published` also reads dates in words.
        try:
            datetime.fromisoformat(text.upper())
        except ValueError as problem:
            raise ValueError(f"{text[:60]!r} is not a date; write {FORMS_WANTED}") from problem
    start, precision = parse_published(text)
    if not end or precision is Precision.TIME:
        return start
    if precision is Precision.DAY:
        following = start + timedelta(days=1)
    elif precision is Precision.MONTH:
        following = (start + timedelta(days=31)).replace(day=1)
    else:
        following = start.replace(year=start.year + 1)
    return following.astimezone(UTC) - timedelta(microseconds=1)


def _moment(fields: Mapping[str, Any], name: str, *, end: bool) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str | int):
        raise QuestionMalformed(name, f"expected a date such as 2020-09-29, got {_kind(value)}")
    try:
        return read_moment(str(value), end=end)
    except ValueError as problem:
        raise QuestionMalformed(name, str(problem)) from problem


def _history(given: Any) -> tuple[Exchange, ...]:
    if not isinstance(given, list):
        raise QuestionMalformed("history", f"expected a list of earlier exchanges, got {_kind(given)}")
    exchanges = []
    for one in given:
        question, answer = (one.get("question"), one.get("answer")) if isinstance(one, dict) else (None, None)
        if not isinstance(question, str) or not isinstance(answer, str):
            raise QuestionMalformed("history", 'expected objects such as {"question": "...", "answer": "..."}')
        _check_characters("history", question + answer)
        exchanges.append(Exchange(question, answer))
    return tuple(exchanges)


def _check_characters(name: str, text: str) -> None:
    """Refuse what no database and no tokenizer takes: bytes that are not UTF-8, and half of an escaped pair."""
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        raise QuestionMalformed(name, f"character {problem.start + 1} is not valid Unicode: write it anew") from problem


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
