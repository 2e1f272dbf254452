"""The risk-coverage curve and its area, with the arithmetic done by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.risk import Answering, aurc, risk_coverage


def sure(*confidences: float) -> list[Answering]:
    return [Answering(True, confidence) for confidence in confidences]


def test_the_curve_answers_the_readiest_question_first_then_one_more_at_each_point():
    points = risk_coverage(sure(0.2, 0.9, 0.5, 0.7), [True, False, True, False])
    assert [point.at.confidence for point in points] == [0.9, 0.7, 0.5, 0.2]
    assert [point.coverage for point in points] == [0.25, 0.5, 0.75, 1.0]
    assert [point.risk for point in points] == [0, 0, pytest.approx(1 / 3), 0.5]


def test_equally_ready_questions_are_one_point():
    points = risk_coverage(sure(0.9, 0.5, 0.5), [False, True, False])
    assert points == [
        (Answering(True, 0.9), pytest.approx(1 / 3), 0.0),
        (Answering(True, 0.5), 1.0, pytest.approx(1 / 3)),
    ]


def test_what_was_declined_comes_last_however_sure():
    readiness = [Answering(False, 0.99), Answering(True, 0.1)]
    assert [point.risk for point in risk_coverage(readiness, [True, False])] == [0.0, 0.5]


def test_the_area_is_the_mean_of_the_risks():
    # Risks 0, 0, 1/3, 1/2 as above; with the order reversed 1, 1, 2/3, 1/2.
    assert aurc(sure(0.9, 0.7, 0.5, 0.2), [False, False, True, True]) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert aurc(sure(0.2, 0.5, 0.7, 0.9), [False, False, True, True]) == pytest.approx((1 + 1 + 2 / 3 + 1 / 2) / 4)


def test_without_questions_there_is_neither():
    assert risk_coverage([], []) == []
    assert aurc([], []) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=12), st.randoms())
def test_the_order_in_which_questions_come_does_not_count(questions, dice):
    shuffled = dice.sample(questions, len(questions))
    first, second = (
        (sure(*(one for one, _ in group)), [wrong for _, wrong in group]) for group in (questions, shuffled)
    )
    assert aurc(*first) == pytest.approx(aurc(*second))
    assert risk_coverage(*first) == risk_coverage(*second)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_an_order_that_tells_nothing_has_the_share_of_wrong_answers_as_its_area(wrong):
    assert aurc(sure(*[0.5] * len(wrong)), wrong) == pytest.approx(sum(wrong) / len(wrong))
