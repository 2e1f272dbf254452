"""The outcomes of several questions become one, each citation once."""

from __future__ import annotations

from dataclasses import replace

import convoy

from bot.answering.answers import Agreement, Answer, Reason, ShortAnswer, Told
from bot.answering.joining import join_outcomes
from bot.answering.questions import Question

BOTH = Question("What weapons were there and who won the cup?", convoy.ASKED_AT)


def test_a_single_outcome_is_given_as_it_is():
    answer = convoy.convoy_answer()
    assert join_outcomes(BOTH, [answer]) is answer


def test_claims_follow_each_other_and_an_equal_quote_is_cited_once():
    first = convoy.answer_quoting(convoy.citation(1, convoy.WIRE, convoy.GUNS))
    second = convoy.answer_quoting(
        convoy.citation(1, convoy.LEDGER, convoy.GUNS_TOO), convoy.citation(2, convoy.WIRE, convoy.GUNS)
    )
    joined = join_outcomes(BOTH, [replace(first, confidence=0.6), second])
    assert isinstance(joined, Answer)
    assert [(one.n, one.quote) for one in joined.citations] == [(1, convoy.GUNS), (2, convoy.GUNS_TOO)]
    assert [(claim.text, claim.citations) for claim in joined.claims] == [(convoy.GUNS, (1,)), (convoy.GUNS_TOO, (2,))]
    assert (joined.confidence, joined.short_answer, joined.evidence.question) == (0.6, None, BOTH)


def test_a_question_that_the_articles_do_not_answer_is_named_beside_the_answers():
    joined = join_outcomes(BOTH, [convoy.convoy_answer(), convoy.abstention("Who won the cup?")])
    assert isinstance(joined, Answer)
    assert joined.notice == "The articles do not answer: “Who won the cup?”"


def test_if_none_is_answered_the_first_reason_counts_and_the_nearest_articles_are_listed_once():
    none = [convoy.abstention(reason=Reason.PREMISE_NOT_FOUND), convoy.abstention(reason=Reason.NOTHING_FOUND)]
    joined = join_outcomes(BOTH, none)
    assert joined == replace(
        none[0], evidence=joined.evidence, nearest=(convoy.WIRE, convoy.LEDGER), timings_ms=joined.timings_ms
    )


def test_each_question_keeps_its_short_answer_and_what_differs_with_the_marks_of_the_whole():
    wire, ledger = convoy.citation(1, convoy.WIRE, convoy.GUNS), convoy.citation(1, convoy.LEDGER, convoy.GUNS_TOO)
    first = replace(convoy.answer_quoting(ledger), short_answer=ShortAnswer("Al-Jufra", "place", 1, 0.9))
    told = (Told("five", (2,)), Told("Five", (1,)))
    second = convoy.answer_quoting(replace(ledger, n=1), replace(wire, n=2))
    second = replace(second, agreement=Agreement(2, "number", told))
    joined = join_outcomes(BOTH, [first, convoy.abstention("Who won the cup?"), second])
    assert isinstance(joined, Answer)
    assert [one.n for one in joined.citations] == [1, 2]
    assert [(part.is_answered, part.begins) for part in joined.parts] == [(True, 0), (False, 1), (True, 1)]
    assert joined.parts[0].short_answer == first.short_answer
    assert joined.parts[1].question == "Who won the cup?"
    assert joined.parts[2].agreement == second.agreement
    assert (joined.short_answer, joined.agreement) == (None, None)


def test_a_quote_that_answers_two_questions_stands_with_the_first():
    quote = convoy.citation(1, convoy.WIRE, convoy.GUNS)
    shorts = ShortAnswer("five guns", "number", 1, 0.9), ShortAnswer("Al-Jufra", "place", 1, 0.9)
    joined = join_outcomes(BOTH, [replace(convoy.answer_quoting(quote), short_answer=short) for short in shorts])
    assert isinstance(joined, Answer)
    assert joined.text() == f"five guns [1]: “{convoy.GUNS}” [1] Al-Jufra [1]."


def test_the_text_has_what_stands_first_of_each_question_before_its_claims():
    shorts = ShortAnswer("five guns", "number", 1, 0.9), ShortAnswer("Al-Jufra", "place", 1, 0.9)
    quotes = convoy.citation(1, convoy.WIRE, convoy.GUNS), convoy.citation(1, convoy.LEDGER, convoy.GUNS_TOO)
    answers = [
        replace(convoy.answer_quoting(quote), short_answer=short) for quote, short in zip(quotes, shorts, strict=True)
    ]
    joined = join_outcomes(BOTH, answers)
    assert isinstance(joined, Answer)
    assert joined.text() == f"five guns [1]: “{convoy.GUNS}” [1] Al-Jufra [2]: “{convoy.GUNS_TOO}” [2]"
