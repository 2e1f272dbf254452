"""What to say of an exception: it and its causes are looked up in the one table of problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import discord

from bot.locales.speaking import say
from bot.rendering.asking_problems import ShuttingDown
from bot.rendering.problem_table import PROBLEMS, Problem

__all__ = ["Audience", "ShuttingDown", "is_expected", "is_known", "lacks_permission", "sentence_for"]

Audience = Literal["person", "operator"]
"""A person in Discord, who must not see paths and settings, or the operator at the terminal and in the log."""

# Discord's codes for what a bot may not do in a channel; 160002 comes with status 400, not 403.
# (missing access, missing permissions, cannot reply without permission to read the message history)
_NO_ACCESS_CODES = (50001, 50013, 160002)

_SECRET = re.compile(r"\b(sk|key|token|bearer)([-_ =:]+)(?=\S*\d)\S{12,}", re.IGNORECASE)


def sentence_for(exc: BaseException, audience: Audience = "person", *, question_id: str | None = None) -> str:
    """Say in one plain sentence what went wrong and what to do about it.

    The exception is looked up by its class and the classes above it, then what it wraps (`original`) and what caused
    it (`__cause__`). One that the table does not know gets a sentence that says it has been logged.

    Args:
        exc: what was raised.
        audience: a person is told no path, setting or exception name, in the language spoken; the operator English.
        question_id: under which the log has it.
    """
    known = _lookup(exc)
    if known is not None:
        problem, found = known
        words = problem.person if audience == "person" else problem.operator
        if not isinstance(words, str):
            return _tidy(words(found))
        return say(words) if audience == "person" else words
    if audience == "person":
        if question_id:
            return say("Something went wrong on our side; it has been logged (question id {id}).", id=question_id)
        return say("Something went wrong on our side; it has been logged.")
    where = f" (question id {question_id})" if question_id else ""
    return f"Something went wrong that Dateline does not know ({type(exc).__name__}); the log has the details{where}."


def is_expected(exc: BaseException) -> bool:
    """Say whether this is everyday (a question too long, a full queue), so that one line in the log is enough."""
    known = _lookup(exc)
    return known is not None and known[0].expected


def is_known(exc: BaseException) -> bool:
    """Say whether the table has a sentence for it; what is unknown belongs into the log with its trace."""
    return _lookup(exc) is not None


def lacks_permission(exc: BaseException) -> bool:
    """Say whether the bot may not see, write or reply in a channel, so that telling people there would fail too."""
    return any(isinstance(e, discord.HTTPException) and e.code in _NO_ACCESS_CODES for e in _unwrapped(exc))


def _lookup(exc: BaseException) -> tuple[Problem, BaseException] | None:
    for candidate in _unwrapped(exc):
        if isinstance(candidate, discord.HTTPException) and candidate.code in _NO_ACCESS_CODES:
            return PROBLEMS[discord.Forbidden], candidate
        for kind in type(candidate).__mro__:
            if kind in PROBLEMS:
                return PROBLEMS[kind], candidate
    return None


def _unwrapped(exc: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes, outermost first, each replaced by what discord.py wrapped in it."""
    current: BaseException | None = exc
    for _ in range(20):  # a chain of causes can be a ring
        if current is None:
            return
        wrapped = getattr(current, "original", None)
        if isinstance(wrapped, BaseException):
            current = wrapped
        else:
            yield current
            current = current.__cause__


def _tidy(sentence: str) -> str:
    """Set a sentence that quotes another program on one line, without credentials, of at most 500 characters."""
    sentence = re.sub(r"//[^/\s@]+@", "//", " ".join(sentence.split()))
    sentence = _SECRET.sub(r"\1\2(removed)", sentence)
    return sentence if len(sentence) <= 500 else sentence[:499] + "…"
