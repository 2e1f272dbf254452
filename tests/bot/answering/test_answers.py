"""The values of answering write themselves as people read them."""

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Abstention, Answer, Claim, Evidence, Reason, claim_text
from bot.answering.questions import Question
from retrieval.passages import Findings, IndexSize

QUESTION = Question("Who left?", datetime(2020, 10, 1, tzinfo=UTC))
EVIDENCE = Evidence(QUESTION, Findings((), {}, IndexSize(0, 0, None)))


@pytest.mark.parametrize(
    ("claim", "written"),
    [
        (Claim("Forty left.", (1,), 1.0, is_quote=True), "“Forty left.” [1]"),
        (Claim("Forty left.", (1, 3), 0.8, is_quote=False), "Forty left. [1][3]"),
    ],
)
def test_only_the_publishers_own_words_stand_in_quotation_marks(claim, written):
    assert claim_text(claim) == written


def test_an_answer_is_its_claims_in_order_with_their_marks():
    claims = (Claim("Forty left.", (1,), 1.0, True), Claim("Guns went along.", (2,), 0.7, False))
    answer = Answer(EVIDENCE, claims, (), 0.9, "extractive")
    assert answer.text() == "“Forty left.” [1] Guns went along. [2]"


def test_timings_are_replaced_and_all_else_is_kept():
    abstention = Abstention(EVIDENCE, Reason.NOTHING_FOUND, (), 0.0, "extractive", "A notice.")
    timed = abstention.timed({"total": 3.0})
    assert timed.timings_ms == {"total": 3.0}
    assert abstention.timings_ms == {}
    assert timed.timed({}) == abstention
    answer = Answer(EVIDENCE, (), (), 0.9, "extractive")
    assert answer.timed({"total": 1.0}).timed({}) == answer
