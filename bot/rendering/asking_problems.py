"""Why a question is not taken, and what to say of it; a part of the table in problems.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bot.locales.speaking import marked, say_counted


class QuestionNotTaken(Exception):
    """The question is not looked at: its asker is told to try again, or nothing at all."""


class CoolingDown(QuestionNotTaken):
    """One person asked as much as one person may.

    Attributes:
        limit: questions a minute.
        wait_s: until the next one is taken, in seconds.
        is_first: whether the person has not been told since the limit was reached.
    """

    def __init__(self, limit: int, wait_s: float, *, is_first: bool = True) -> None:
        super().__init__(f"{limit} a minute, {wait_s:.0f} s to go")
        self.limit = limit
        self.wait_s = wait_s
        self.is_first = is_first


class LineFull(QuestionNotTaken):
    """As many questions are in flight as may be."""

    def __init__(self, in_flight: int) -> None:
        super().__init__(f"{in_flight} in flight")
        self.in_flight = in_flight


class ShuttingDown(QuestionNotTaken):
    """The process is stopping, and the answer was not ready in time."""


class AnswerPostponed(QuestionNotTaken):
    """The process is stopping, and the answer is given by the next one."""


def _wait(cooling: CoolingDown) -> str:
    seconds = max(1, math.ceil(cooling.wait_s))
    return say_counted("{count} second", "{count} seconds", seconds)


#: Exception type -> what a person is told, and the operator; all of them are everyday.
ASKING_PROBLEMS: dict[type[BaseException], tuple[str | Callable[[Any], str], str | Callable[[Any], str]]] = {
    CoolingDown: (
        lambda e: say_counted(
            "You can ask {count} question a minute, so that everybody gets an answer; please ask again in {wait}.",
            "You can ask {count} questions a minute, so that everybody gets an answer; please ask again in {wait}.",
            e.limit,
            wait=_wait(e),
        ),
        lambda e: f"Somebody asked more than {e.limit} questions in a minute (`discord.questions_per_minute`).",
    ),
    LineFull: (
        lambda e: say_counted(
            "I am busy with {count} question and cannot take another now; please ask again in a minute.",
            "I am busy with {count} questions and cannot take another now; please ask again in a minute.",
            e.in_flight,
        ),
        lambda e: f"{e.in_flight} questions are in flight, as many as `discord.max_questions` allows.",
    ),
    AnswerPostponed: (
        marked("I am being restarted; your answer will stand here in a minute. If it does not, please ask again."),
        "Dateline was stopped before this answer was ready; the next start gives it.",
    ),
    ShuttingDown: (
        marked("I am being restarted and could not finish your answer; please ask again in a minute."),
        "Dateline was stopped before this answer was ready; ask again once it runs.",
    ),
}
