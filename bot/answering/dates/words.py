"""Date words: where a question says when, and the span of the calendar that these words name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.answering.dates import counted, named
from bot.answering.dates.forms import Asked
from bot.answering.dates.spans import Span

# A date may lie ahead if one of these comes before it in its sentence ("What will she sign on Friday?") or it opens the
# sentence, but not in "Who did she say on Friday will sign?" and "Will the judge who quit on Friday return?".
_AHEAD = re.compile(
    r"\b(?:(?-i:will)|won['’]t|shall|going to|set to|to be held|could be|upcoming|scheduled|plans?|planned|due(?!\s+to)"
    r"|deadline|how (?:long|many days) until)\b"
    # Will the Fed cut rates, or Will Smith?
    r"|(?-i:^\W*Will\b(?!\s+[A-Z][\w'’]+\s+(?:was|is|has|had|won|said|\w+ed)\b))",
    re.IGNORECASE,
)
_BACK_AGAIN = re.compile(
    r"(?:,|\b(?:who|which|that|after|since))\s+(?:\w+\s+){0,2}?(?:was|were|had|quit|won|\w{3,}ed)\b", re.IGNORECASE
)
_OPENS = re.compile(r"\W*(?:(?:on|in|at|from|by|this|next|early|late)\s+)?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.?!]\s+(?=[A-Z“\"])")
# Dates read of one question: each may take dateparser 1 ms, and 2,000 characters hold two hundred of them.
_MOST = 12
# The first that matches takes the words, so "3 March 2024" is no bare year; names come last.
_RULES = (*named.RULES[:1], *counted.RULES, *named.RULES[1:], named.RULE_OF_NAMES)


@dataclass(frozen=True, slots=True)
class Found:
    """Date words in a question.

    Attributes:
        start: where they begin.
        end: one past their last character.
        span: what they name.
        grain: how precise they are: the length of what they name, before "since" or "before" opens it.
        in_name: they are a year in an event's name, "the US Open 2024".
    """

    start: int
    end: int
    span: Span
    grain: timedelta
    in_name: bool


def find_date_words(question: str, now: datetime) -> list[Found]:
    """Find all date words of an English question and what they name, in order, without overlap; often none, at most 12.

    Args:
        question: as typed, but for titles in quotation marks, which are better blanked out.
        now: when it is asked, aware UTC.
    """
    found: list[Found] = []
    for rule in _RULES:
        for match in rule.form.finditer(question):
            start, end = match.span()
            if len(found) == _MOST or any(start < other.end and other.start < end for other in found):
                continue
            try:
                span = rule.read(match, _asked(question, start, end, now))
            except (OverflowError, ValueError):  # "the past 999 decades" leads out of the years that Python knows
                span = None
            if span is not None:
                found.append(Found(start, end, span, span.length, in_name=rule is named.RULE_OF_NAMES))
    return sorted(found, key=lambda one: one.start)


def _asked(question: str, start: int, end: int, now: datetime) -> Asked:
    # 200 characters hold any sentence's verb, and keep a very long question from costing its square.
    before, after = question[max(0, start - 200) : start], question[end : end + 200]
    sentence = _SENTENCE_END.split(before)[-1]
    said = list(_AHEAD.finditer(sentence))
    if said:
        ahead = not _BACK_AGAIN.search(sentence, said[-1].end())
    else:
        ahead = bool(_OPENS.fullmatch(sentence) and _AHEAD.search(after))
    return Asked(now, ahead, before, after)
