"""Measures of answers and abstentions, with the arithmetic done by hand."""

from __future__ import annotations

import pytest

from bot.evaluation.scoring import score_latency, score_outcomes, trace_risk
from retrieval.evaluation.judgements import Evidence, Judgement


def judged(*answers: str, evidence: tuple[str, ...] = ()) -> Judgement:
    return Judgement("q", {"question": "?"}, answers, tuple(Evidence(article_id, "") for article_id in evidence))


def answered(
    *quotes: str, confidence: float = 0.9, ms: float = 100.0, article: str = "a-1", short: object = None
) -> dict:
    citations = [{"quote": quote, "article_id": article} for quote in quotes]
    return abstained(confidence, ms) | {"status": "answered", "citations": citations, "short_answer": short}


def abstained(confidence: float = 0.1, ms: float = 100.0, hits: tuple[str, ...] = ()) -> dict:
    return {
        "status": "abstained",
        "citations": [],
        "short_answer": None,
        "hits": [{"article_id": article_id} for article_id in hits],
        "confidence": confidence,
        "timings_ms": {"total": ms},
    }


def test_quotes_are_scored_over_the_answerable_questions_and_an_abstention_is_a_miss():
    scores = score_outcomes(
        [
            (judged("forty", "40"), answered("Around 40 vehicles left.")),  # at 1
            (judged("Hariga"), answered("It left.", "It came.", "It is in Hariga now.")),  # at 3
            (judged("Sukna"), answered("a", "b", "c", "It fell near Sukna.")),  # the fourth does not count
            (judged("Sabha"), abstained()),
            (judged(), answered("Sabha")),  # unanswerable: not counted here
        ]
    )
    assert (scores["answerable"], scores["unanswerable"]) == (4, 1)
    assert scores["quote@1"] == pytest.approx(1 / 4)
    assert scores["quote@3"] == pytest.approx(2 / 4)


def test_an_answer_counts_as_whole_words_whatever_their_case_and_marks():
    outcomes = [
        (judged("brak al shati"), answered("It went to BRAK al-Shati.")),
        (judged("40"), answered("It was founded in 1940.")),
        (judged("Iñárritu"), answered("inarritu won.")),
    ]
    assert score_outcomes(outcomes)["quote@1"] == pytest.approx(2 / 3)


def test_abstentions_have_a_precision_and_a_recall():
    scores = score_outcomes(
        [
            (judged(), abstained()),
            (judged(), abstained()),
            (judged(), answered("Something.")),
            (judged("x"), abstained()),
            (judged("x"), answered("x")),
        ]
    )
    assert scores["abstention_precision"] == pytest.approx(2 / 3)  # two of three abstentions were right to be
    assert scores["abstention_recall"] == pytest.approx(2 / 3)  # two of three unanswerable questions were declined


def test_the_area_under_the_curve_compares_every_answerable_with_every_unanswerable_question():
    scores = score_outcomes(
        [
            (judged("x"), answered("x", confidence=0.9)),
            (judged("x"), abstained(confidence=0.4)),
            (judged(), abstained(confidence=0.4)),
            (judged(), abstained(confidence=0.1)),
        ]
    )
    # 0.9 > 0.4, 0.9 > 0.1, 0.4 = 0.4 (half), 0.4 > 0.1
    assert scores["abstention_auroc"] == pytest.approx(3.5 / 4)


def test_wrong_answers_are_counted_where_nine_of_ten_answerable_questions_are_answered():
    right = [(judged("x"), answered("x", confidence=tenths / 10)) for tenths in range(1, 11)]
    wrong = [(judged(), abstained(confidence=one)) for one in (0.05, 0.15, 0.2, 0.95)]
    # The smallest of the ten, 0.1, is the tenth percentile by nearest rank; all but 0.05 reach it.
    assert score_outcomes(right + wrong)["wrong@90"] == pytest.approx(3 / 4)


def test_shares_have_the_interval_that_their_number_of_questions_allows():
    few = [(judged("x"), answered("x")), (judged("x"), abstained())]
    low, high = score_outcomes(few)["intervals"]["quote@1"]
    narrow_low, narrow_high = score_outcomes(few * 50)["intervals"]["quote@1"]
    assert (low, high) == (0.0, 1.0)
    assert 0.35 < narrow_low < 0.5 < narrow_high < 0.65


def test_the_cited_source_is_scored_over_answers_whose_evidence_is_known():
    scores = score_outcomes(
        [
            (judged("x", evidence=("a-1",)), answered("y", article="a-1")),
            (judged("x", evidence=("a-1", "a-2")), answered("x", article="a-3")),
            (judged("x"), answered("x")),  # no evidence given
            (judged("x", evidence=("a-1",)), abstained()),  # no answer given
        ]
    )
    assert scores["cited_source"] == pytest.approx(1 / 2)


def test_times_are_those_of_all_outcomes_by_nearest_rank():
    outcomes = [(judged(), abstained(ms=float(ms))) for ms in range(1, 21)]
    scores = score_outcomes(outcomes)
    assert (scores["p50_ms"], scores["p95_ms"]) == (10.0, 19.0)


def test_stages_are_timed_over_the_outcomes_that_have_them():
    timings = [{"gather": 3.0, "total": 5.0}, {"gather": 1.0, "rerank": 9.0, "total": 2.0}, {"gather": 2.0}]
    assert score_latency([{"timings_ms": one} for one in timings]) == {
        "gather": {"p50": 2.0, "p95": 3.0},
        "total": {"p50": 2.0, "p95": 5.0},
        "rerank": {"p50": 9.0, "p95": 9.0},
    }


def test_short_answers_are_right_over_the_answerable_questions_that_got_one():
    scores = score_outcomes(
        [
            (judged("Hariga"), answered("q", short={"text": "Hariga", "citation": 1, "kind": "place"})),
            (judged("Sukna"), answered("q", short="Sabha")),
            (judged("Sabha"), answered("q")),
            (judged("Sabha"), abstained()),
            (judged(), answered("q", short="Sabha")),  # unanswerable: not counted here
        ]
    )
    assert scores["short_given"] == pytest.approx(2 / 4)
    assert scores["short_right"] == pytest.approx(1 / 2)
    assert scores["intervals"]["short_right"] == (0.0, 1.0)


def test_an_answer_is_at_risk_if_its_quotes_lack_the_answer_or_there_is_none():
    scores = score_outcomes(
        [
            (judged("x"), answered("x")),
            (judged("x"), answered("y", "x")),  # wrong by its first quote only
            (judged(), answered("x")),
            (judged(), abstained()),
        ]
    )
    assert scores["coverage"] == pytest.approx(3 / 4)
    assert scores["risk@1"] == pytest.approx(2 / 3)
    assert scores["risk@3"] == pytest.approx(1 / 3)


def test_the_risk_is_traced_from_the_surest_answer_to_the_last_abstention_whatever_its_confidence():
    outcomes = [
        (judged("x"), abstained(confidence=0.95)),
        (judged("x"), answered("x", confidence=0.9)),
        (judged("x"), answered("y", "x", confidence=0.6)),
        (judged(), abstained(confidence=0.1)),
    ]
    assert trace_risk(outcomes) == [
        {"confidence": 0.9, "coverage": 0.25, "risk@1": 0.0, "risk@3": 0.0},
        {"confidence": 0.6, "coverage": 0.5, "risk@1": 0.5, "risk@3": 0.0},
        {"confidence": 0.95, "coverage": 0.75, "risk@1": pytest.approx(2 / 3), "risk@3": pytest.approx(1 / 3)},
        {"confidence": 0.1, "coverage": 1.0, "risk@1": 0.75, "risk@3": 0.5},
    ]
    scores = score_outcomes(outcomes)
    assert scores["aurc@1"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert scores["aurc@3"] == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_the_evidence_recalled_is_the_share_of_its_articles_among_ten_hits():
    scores = score_outcomes(
        [
            (judged("x", evidence=("a-1", "a-2", "a-2")), abstained(hits=("a-9", "a-2"))),
            (judged("x", evidence=("a-1",)), abstained(hits=(*"bcdefghijk", "a-1"))),  # the eleventh
            (judged("x"), abstained(hits=("a-1",))),  # no evidence given
        ]
    )
    assert scores["evidence_recall@10"] == pytest.approx((1 / 2 + 0) / 2)


def test_shares_of_nothing_are_none():
    scores = score_outcomes([])
    assert (scores.pop("answerable"), scores.pop("unanswerable")) == (0, 0)
    assert set(scores.pop("intervals").values()) == {None}
    assert set(scores.values()) == {None}
    only_answerable = score_outcomes([(judged("x"), answered("x"))])
    assert only_answerable["abstention_precision"] is None
    assert only_answerable["abstention_recall"] is None
    assert only_answerable["abstention_auroc"] is None
