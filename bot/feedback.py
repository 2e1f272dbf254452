"""What people thought of answers, as streams of plain events: to be read, and to be asked again as judged questions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from bot.answering.contract import moment
from bot.records.feedback import Feedback, FeedbackReason, Thumb

Event = dict[str, Any]


class FeedbackOperations:
    """Lists and exports thumbs. Owns nothing."""

    def __init__(self, feedback: Feedback) -> None:
        """Wire it."""
        self._feedback = feedback

    async def list(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Tell the latest "limit" thumbs, newest first, one an event; then how many there are in all."""
        thumbs = await self._feedback.list()
        for thumb in thumbs[: arguments.get("limit")]:
            yield {"thumb": thumb_fields(thumb)}
        yield {"report": {"thumbs": len(thumbs), "up": sum(thumb.is_good for thumb in thumbs)}}

    async def export(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Write each thumb that judges a question, oldest first, as `retrieval.evaluation.judgements` reads it."""
        thumbs = await self._feedback.list()
        judged = [one for thumb in reversed(thumbs) if (one := judged_question(thumb)) is not None]
        for one in judged:
            yield {"judged": one}
        yield {"report": {"judged": len(judged), "left_out": len(thumbs) - len(judged)}}


def thumb_fields(thumb: Thumb) -> dict[str, Any]:
    """Write a thumb; question, answer and words are null without consent."""
    return {
        "answer": str(thumb.answer_number),
        "given_at": moment(thumb.given_at),
        "thumb": "up" if thumb.is_good else "down",
        "reason": thumb.reason,
        "status": thumb.status,
        "question": thumb.question,
        "answered": None if thumb.outcome is None else thumb.outcome.get("answer"),
        "words": thumb.words,
    }


def judged_question(thumb: Thumb) -> dict[str, Any] | None:
    """Make a judged question of a thumb; None where it does not tell what would have been right.

    A thumb up says that the answer is right: its short answer, or else its first sentence, and where that stands; of an
    abstention, that the articles do not answer. A thumb down says so only of an answer that should have been none.
    """
    if thumb.question is None or thumb.outcome is None:
        return None
    should_abstain = thumb.reason is FeedbackReason.SHOULD_HAVE_ABSTAINED
    if not thumb.is_good and not should_abstain:
        return None
    outcome, answers, evidence = thumb.outcome, list[str](), list[dict[str, str]]()
    if thumb.is_good and thumb.status == "answered":
        answers, evidence = _answers(outcome), _evidence(outcome.get("citations") or ())
        if not answers:
            return None
    judged = {
        "id": f"feedback-{thumb.answer_number}",
        "question": thumb.question,
        "asked_at": moment(thumb.asked_at),
        "answers": answers,
        "evidence": evidence,
    }
    window = outcome.get("window")
    if window and not window["inferred"]:
        judged |= {key: window[key] for key in ("since", "until") if window[key]}
    return judged


def _answers(outcome: Mapping[str, Any]) -> list[str]:
    # Of several questions each part has its own; where sources differ, each of what they say was accepted.
    short = outcome.get("short_answer")
    if short:
        return [short["text"]]
    differs = ((outcome.get("agreement") or {}).get("differs")) or []
    told = [value["text"] for one in differs for value in one["values"]]
    told += [part["short_answer"]["text"] for part in outcome.get("parts") or () if part["short_answer"]]
    return told or [claim["text"] for claim in (outcome.get("claims") or ())[:1]]


def _evidence(citations: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"article_id": one["article_id"], "text": one["quote"]} for one in citations]
