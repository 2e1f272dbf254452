"""Every judged question of a home is searched, asked and compared with the archive."""

from __future__ import annotations

import pytest

from bot.evaluation.run import evaluate, perform_once
from retrieval.evaluation.judgements import Evidence, Judgement

TEXTS = {"ferry": "The ferry sank off Marrow Bay.", "mayor": "Lothar Quist is mayor.", "late": "It was raised."}
PUBLISHED = {"ferry": "2020-09-29", "mayor": None, "late": "2020-10-02"}


class Home:
    """The operations of a home that holds TEXTS; `altered` articles are misquoted."""

    def __init__(self, *altered):
        self.altered = altered

    async def perform(self, operation, arguments):
        article_id = arguments.get("article_id", arguments.get("about"))
        text = TEXTS.get(article_id)
        if operation == "search":
            yield {"hits": [{"article_id": article_id, "text": text}] if text else []}
        elif operation == "read":
            stored = {
                "published_at": PUBLISHED[article_id],
                "text": text[arguments.get("start") : arguments["end"]],
            }
            yield {"article": stored}
        elif text and article_id != "late":
            quote = text.upper() if article_id in self.altered else text
            yield {"outcome": self.outcome(article_id, quote)}
        else:
            yield {"outcome": self.outcome()}

    def outcome(self, *cited):
        citations = [
            {"article_id": article_id, "version": "0", "start": 0, "end": len(quote), "quote": quote}
            for article_id, quote in zip(cited[::2], cited[1::2], strict=True)
        ]
        return {
            "asked_at": "2020-10-01T23:59:59Z",
            "status": "answered" if citations else "abstained",
            "confidence": 0.9 if citations else 0.1,
            "short_answer": None,
            "citations": citations,
            "hits": [{"article_id": citation["article_id"]} for citation in citations],
            "timings_ms": {"total": 2.0},
        }


def judged(about, *answers, evidence=(), type=None):
    fields = {"question": "?", "about": about} | ({"type": type} if type else {})
    return Judgement(about, fields, answers, tuple(Evidence(one, TEXTS[one]) for one in evidence))


FERRY = judged("ferry", "Marrow Bay", evidence=("ferry", "late"), type="place")
MAYOR = judged("mayor", "Quist", evidence=("mayor",), type="person")
LATE = judged("late", "raised", evidence=("late",), type="place")
NOBODY = judged("nobody", type="person")


async def test_evidence_of_after_the_asking_is_counted_and_left_out_of_the_second_figures():
    scores = await evaluate([FERRY, MAYOR, LATE, NOBODY], Home().perform)
    assert scores["retrieval"]["questions"] == 3
    knowable = scores["knowable"]
    # The ferry has other evidence, the mayor's has no date.
    assert (knowable["left_out"], knowable["partly_later"], knowable["questions"]) == (1, 1, 2)


async def test_quotes_are_compared_with_what_the_archive_holds_there():
    assert (await evaluate([FERRY, MAYOR, LATE], Home().perform))["answers"]["verbatim"] == 1.0
    assert (await evaluate([FERRY, MAYOR, LATE], Home("mayor").perform))["answers"]["verbatim"] == 0.5
    assert (await evaluate([LATE], Home().perform))["answers"]["verbatim"] is None


async def test_each_type_of_question_has_its_main_figures_and_leaves_out_what_does_not_apply():
    types = (await evaluate([FERRY, MAYOR, LATE, NOBODY, judged("nobody")], Home().perform))["types"]
    assert types["place"] | {"intervals": ...} == {
        "questions": 2,
        "quote@1": 0.5,
        "quote@3": 0.5,
        "short_given": 0.0,
        "coverage": 0.5,
        "evidence_recall@10": pytest.approx((1 / 2 + 0) / 2),
        "hit@10": 1.0,
        "intervals": ...,
    }
    assert (types["person"]["quote@1"], types["person"]["abstention_recall"]) == (1.0, 1.0)
    assert types["person"]["intervals"].keys() == types["person"].keys() - {"questions", "intervals"}
    assert types.keys() == {"place", "person"}


async def test_times_and_the_curve_are_told_beside_the_shares():
    scores = await evaluate([FERRY, NOBODY], Home().perform)
    assert scores["latency_ms"] == {"total": {"p50": 2.0, "p95": 2.0}}
    assert [point["coverage"] for point in scores["risk_coverage"]] == [0.5, 1.0]


async def test_an_operation_that_says_nothing_is_a_mistake():
    async def perform(operation, arguments):
        for nothing in ():
            yield nothing

    with pytest.raises(AssertionError, match="`ask` ended without outcome"):
        await perform_once(perform, "ask", {}, "outcome")
