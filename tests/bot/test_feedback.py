"""Thumbs become judged questions where they tell what would have been right, and only with consent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.feedback import judged_question, thumb_fields
from bot.records.answers import KeptAnswer
from bot.records.feedback import FeedbackReason, Thumb
from retrieval.evaluation.judgements import Evidence, read_judgements

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
QUOTE = "The ferry sank off Marrow Bay."
SHORT = {"text": "Marrow Bay", "kind": "place", "citations": [1], "confidence": 0.9}
OUTCOME = {
    "answer": f"Marrow Bay [1]: “{QUOTE}” [1]",
    "status": "answered",
    "short_answer": SHORT,
    "claims": [{"text": QUOTE, "citations": [1], "support": 1.0}],
    "citations": [{"n": 1, "article_id": "ferry", "quote": QUOTE}],
    "agreement": None,
    "parts": None,
    "window": None,
}
UP = Thumb(5, NOW, True, None, "answered", None, "Where did the ferry sink?", NOW, OUTCOME)


def test_a_thumb_up_judges_the_short_answer_right_and_its_quote_the_evidence():
    assert judged_question(UP) == {
        "id": "feedback-5",
        "question": "Where did the ferry sink?",
        "asked_at": "2026-11-29T12:00:00Z",
        "answers": ["Marrow Bay"],
        "evidence": [{"article_id": "ferry", "text": QUOTE}],
    }


def test_without_a_short_answer_the_first_sentence_is_the_accepted_one_and_where_sources_differ_each():
    values = [{"text": "seven", "citations": [1], "sources": 1}, {"text": "nine", "citations": [2], "sources": 1}]
    differing = {"independent_sources": 1, "differs": [{"kind": "number", "values": values}]}
    parts = [{"question": "a", "status": "answered", "short_answer": SHORT, "agreement": None}]

    def answers(**changed):
        return judged_question(replace(UP, outcome={**OUTCOME, "short_answer": None, **changed}))["answers"]

    assert answers() == [QUOTE]
    assert answers(agreement=differing) == ["seven", "nine"]
    assert answers(parts=parts) == ["Marrow Bay"]


def test_limits_that_were_given_are_part_of_the_question_and_inferred_ones_are_not():
    window = {"since": "2026-11-01T00:00:00Z", "until": None, "inferred": False}
    judged = judged_question(replace(UP, outcome={**OUTCOME, "window": window}))
    assert (judged["since"], "until" in judged) == ("2026-11-01T00:00:00Z", False)
    inferred = {**window, "inferred": True, "words": "in November"}
    assert "since" not in judged_question(replace(UP, outcome={**OUTCOME, "window": inferred}))


@pytest.mark.parametrize(
    ("changed", "answers"),
    [
        ({"status": "abstained"}, []),
        ({"is_good": False, "reason": FeedbackReason.SHOULD_HAVE_ABSTAINED}, []),
        ({"is_good": False, "reason": FeedbackReason.WRONG}, None),
        ({"is_good": False}, None),
        ({"question": None, "asked_at": None, "outcome": None}, None),
    ],
)
def test_only_what_tells_the_right_outcome_judges_a_question(changed, answers):
    judged = judged_question(replace(UP, **changed))
    assert (judged and judged["answers"]) == answers
    assert judged is None or judged["evidence"] == []


def test_a_thumb_without_consent_tells_no_words():
    told = thumb_fields(replace(UP, question=None, asked_at=None, outcome=None))
    assert (told["thumb"], told["status"], told["question"], told["answered"], told["words"]) == (
        "up",
        "answered",
        None,
        None,
        None,
    )


async def test_thumbs_are_listed_and_exported_as_judged_questions_that_evaluation_reads(tmp_path, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        records = operations.records
        for user_id, is_good in ((11, True), (12, False)):
            kept = KeptAnswer(user_id, None, 7, NOW, "Where did it sink?", "Where did it?", None, OUTCOME)
            number = await records.answers.keep(kept)
            await records.feedback.give(number, user_id, is_good=is_good, at=NOW, words="Hm", consents=True)
        listed = [event async for event in operations.perform("feedback list", {"limit": 1})]
        assert listed[0]["thumb"]["thumb"] == "down"
        assert listed[1:] == [{"report": {"thumbs": 2, "up": 1}}]
        exported = [event async for event in operations.perform("feedback export", {})]
        assert exported[-1] == {"report": {"judged": 1, "left_out": 1}}
    file = tmp_path / "judged.jsonl"
    file.write_text("".join(json.dumps(event["judged"]) + "\n" for event in exported[:-1]))
    (judgement,) = read_judgements(file)
    assert (judgement.fields["question"], judgement.answers) == ("Where did it?", ("Marrow Bay",))
    assert judgement.evidence == (Evidence("ferry", QUOTE),)
