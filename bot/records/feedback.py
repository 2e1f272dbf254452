"""What people thought of answers, for whoever runs the bot; their words only where they agreed to that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.dialects.sqlite import insert

from bot.records.resting import without_hits
from bot.records.store import Store
from bot.records.tables import answers, feedback


class FeedbackReason(StrEnum):
    """Why an answer helped or not, to be chosen and not written."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    BESIDE_THE_POINT = "beside_the_point"
    INCOMPLETE = "incomplete"
    #: It answered what the articles do not say.
    SHOULD_HAVE_ABSTAINED = "should_have_abstained"
    #: It abstained where the articles do say.
    SHOULD_HAVE_ANSWERED = "should_have_answered"


@dataclass(frozen=True, slots=True)
class Thumb:
    """One person's judgement of one answer.

    Attributes:
        answer_number: of the answer, which may be gone.
        given_at: when, aware UTC.
        is_good: a thumb up.
        reason: chosen; None without one.
        status: "answered" or "abstained".
        words: written by the person; None without words or without consent.
        question: as it was understood; None unless it is the person's own, and there is consent.
        asked_at: when it was asked; None without the question.
        outcome: the answer's JSON contract; None without the question.
    """

    answer_number: int
    given_at: datetime
    is_good: bool
    reason: FeedbackReason | None
    status: str
    words: str | None
    question: str | None
    asked_at: datetime | None
    outcome: Mapping[str, Any] | None


class Feedback:
    """Takes thumbs and lists them. Owns nothing."""

    def __init__(self, store: Store) -> None:
        """Wire it."""
        self._store = store

    async def give(
        self,
        answer_number: int,
        user_id: int,
        *,
        is_good: bool,
        at: datetime,
        reason: FeedbackReason | None = None,
        words: str | None = None,
        consents: bool = False,
    ) -> bool:
        """Take one person's judgement of a kept answer, in place of an earlier one.

        Args:
            answer_number: of the kept answer.
            user_id: who judges.
            is_good: a thumb up.
            at: when, aware UTC.
            reason: chosen by the person.
            words: written by the person; dropped without consent.
            consents: the operator may have these words, and the question and answer if it is the person's own question.

        Returns:
            False if the answer is gone, so that nothing was taken.
        """
        given = {
            "answer_number": answer_number,
            "user_id": user_id,
            "given_at": at,
            "is_good": is_good,
            "reason": reason,
            "words": (words or "").strip() or None if consents else None,
        }
        return await self._store.run(_give, given, consents)

    async def list(self, limit: int | None = None) -> list[Thumb]:
        """List the latest judgements, newest first; all if `limit` is None."""
        return await self._store.run(_list, limit)

    async def withdraw(self, answer_number: int, user_id: int) -> bool:
        """Take a person's judgement of an answer back; False if there was none."""
        return await self._store.run(_withdraw, answer_number, user_id)


def _give(connection: Connection, given: dict[str, Any], consents: bool) -> bool:
    answer = connection.execute(select(answers).where(answers.c.number == given["answer_number"])).first()
    if answer is None:
        return False
    row = given | {"status": answer.outcome["status"], "question": None, "asked_at": None, "outcome": None}
    # Somebody else's question is not this person's to give away.
    if consents and answer.asker_id == given["user_id"]:
        row |= {
            "question": answer.understood_as or answer.question,
            "asked_at": answer.asked_at,
            "outcome": without_hits(answer.outcome),
        }
    put = insert(feedback).values(**row)
    connection.execute(put.on_conflict_do_update(index_elements=["answer_number", "user_id"], set_=row))
    return True


def _list(connection: Connection, limit: int | None) -> list[Thumb]:
    wanted = select(feedback).order_by(feedback.c.given_at.desc(), feedback.c.number.desc()).limit(limit)
    return [thumb_of(row) for row in connection.execute(wanted).mappings()]


def thumb_of(row: RowMapping) -> Thumb:
    """Make a judgement of its row."""
    names = ("answer_number", "given_at", "is_good", "status", "words", "question", "asked_at", "outcome")
    return Thumb(reason=FeedbackReason(row["reason"]) if row["reason"] else None, **{name: row[name] for name in names})


def _withdraw(connection: Connection, answer_number: int, user_id: int) -> bool:
    one = (feedback.c.answer_number == answer_number, feedback.c.user_id == user_id)
    return connection.execute(delete(feedback).where(*one)).rowcount > 0
