"""Why a button of a card does nothing, and what to say of it; a part of the table in problems.py."""

from __future__ import annotations


class ButtonRefused(Exception):
    """A button was pressed that does nothing now, or nothing for whoever pressed it."""


class AnswerNotKept(ButtonRefused):
    """Its answer is gone: deleted, forgotten, or kept long enough."""


class NotYourAnswer(ButtonRefused):
    """Somebody wanted to delete an answer that another had asked for."""


#: Exception type -> what a person is told, and the operator; all of them are everyday.
BUTTON_PROBLEMS: dict[type[BaseException], tuple[str, str]] = {
    AnswerNotKept: (
        "This answer is no longer kept, so its buttons do nothing any more; please ask again.",
        "A button was pressed whose answer is no longer kept.",
    ),
    NotYourAnswer: (
        "Only whoever asked can delete this answer.",
        "Somebody wanted to delete an answer that another had asked for.",
    ),
}
