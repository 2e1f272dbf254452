"""Why what people asked of their own answers and records is not done; a part of the table in problems.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.locales.speaking import marked


class RecordsRefused(Exception):
    """Something was asked of kept answers or records that cannot be done, now or for this person."""


class AnswerNotKept(RecordsRefused):
    """Its answer is gone: deleted, forgotten, or kept long enough."""


class NotYourAnswer(RecordsRefused):
    """Somebody wanted to delete an answer that another had asked for."""


class ExportTooLarge(RecordsRefused):
    """What is kept of somebody is more than Discord takes as a file.

    Attributes:
        size_bytes: how much it is.
    """

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes")
        self.size_bytes = size_bytes


#: Exception type -> what a person is told, and the operator; all of them are everyday.
RECORDS_PROBLEMS: dict[type[BaseException], tuple[str | Callable[[Any], str], str | Callable[[Any], str]]] = {
    AnswerNotKept: (
        marked("This answer is no longer kept, so its buttons do nothing any more; please ask again."),
        "A button was pressed whose answer is no longer kept.",
    ),
    NotYourAnswer: (
        marked("Only whoever asked can delete this answer."),
        "Somebody wanted to delete an answer that another had asked for.",
    ),
    ExportTooLarge: (
        marked(
            "What I keep of you is more than Discord takes as a file; ask whoever runs this bot for it, or have it "
            "erased."
        ),
        lambda e: f"An export of {e.size_bytes:,} bytes is more than Discord takes as a file.",
    ),
}
