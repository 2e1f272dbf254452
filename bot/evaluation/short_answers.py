"""Judging short answers: the few words that an outcome puts before its quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.index.terms import words

# A short answer of more words than this many times the accepted one's no longer says which of them answers.
LONGEST_TIMES = 3


def short_answer(outcome: Mapping[str, Any]) -> str | None:
    """Read the short answer of an outcome: its text, or None if it has none or one without a word."""
    given = outcome.get("short_answer")
    text = given.get("text") if isinstance(given, Mapping) else given
    return text if isinstance(text, str) and words(text) else None


def is_right(given: str, answers: Sequence[str]) -> bool:
    """Tell whether a short answer is one of the accepted ones.

    Case, diacritics and punctuation aside, it is if both have the same words, if it holds the accepted one's words in
    a row and is at most `LONGEST_TIMES` as long, or if it stands in the accepted one and has all of its numbers
    ("Macron" for "President Emmanuel Macron", but not "million" for "134 million").
    """
    return any(_agree(words(given), words(answer)) for answer in answers)


def _agree(given: list[str], answer: list[str]) -> bool:
    if not given or not answer:
        return False
    if _holds(given, answer):
        return len(given) <= LONGEST_TIMES * len(answer)
    numbers = {word for word in answer if any(c.isdigit() for c in word)}
    return _holds(answer, given) and numbers <= set(given)


def _holds(long: list[str], short: list[str]) -> bool:
    return f" {' '.join(short)} " in f" {' '.join(long)} "
