"""Every outcome is written as the object that `schemas/answer.schema.json` describes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

import convoy
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bot.answering.answers import Abstention, Agreement, AnswerPart, Claim, Evidence, Reason, ShortAnswer, Told
from bot.answering.contract import to_contract
from bot.answering.hints import AskBefore, NameSomething, NotMentioned, WithoutLimits
from bot.answering.questions import Question
from retrieval.articles import Precision
from retrieval.passages import Findings, Hit, IndexSize

SCHEMA = json.loads(files("bot").joinpath("schemas/answer.schema.json").read_text("utf-8"))


@pytest.fixture
def check():
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA).validate


@pytest.mark.parametrize(
    "outcome",
    [
        convoy.convoy_answer(),
        convoy.answer_quoting(convoy.citation(1, convoy.article("Words."), "Words."), notice="By rules alone."),
        *(convoy.abstention(reason=reason) for reason in Reason),
    ],
    ids=["answer", "article without date, source and address", *Reason],
)
def test_every_kind_of_outcome_keeps_the_schema(check, outcome):
    written = to_contract(outcome.timed({"total": 12.345}))
    check(written)
    assert json.loads(json.dumps(written)) == written


def test_an_answer_is_written_with_its_claims_and_the_places_of_its_quotes():
    written = to_contract(convoy.convoy_answer())
    assert (written["status"], written["abstention"]) == ("answered", None)
    assert written["answer"] == f"“{convoy.GUNS}” [1] “{convoy.GUNS_TOO}” [2]"
    assert written["claims"][0] == {"text": convoy.GUNS, "citations": [1], "support": 1.0}
    first, second = written["citations"]
    assert convoy.WIRE.text[first["start"] : first["end"]] == first["quote"] == convoy.GUNS
    assert first["version"] == convoy.WIRE.version
    assert (first["published_at"], second["published_at"]) == ("2020-09-29T08:15:00Z", "2020-09-30")
    assert written["index"] == {"articles": 20, "passages": 61, "newest_published_at": "2020-09-30"}


def test_a_citation_says_whether_its_article_is_an_excerpt_and_what_its_publisher_allows(check):
    of = replace(convoy.WIRE, is_excerpt=True, usage_terms="Not for resale.")
    answer = convoy.answer_quoting(
        convoy.citation(1, of, convoy.GUNS), convoy.citation(2, convoy.LEDGER, convoy.GUNS_TOO)
    )
    written = to_contract(answer.timed({"total": 1.0}))
    check(written)
    assert [(one["is_excerpt"], one["usage_terms"]) for one in written["citations"]] == [
        (True, "Not for resale."),
        (False, None),
    ]


def test_an_abstention_is_written_with_its_reason_and_the_nearest_articles():
    written = to_contract(convoy.abstention())
    assert (written["status"], written["answer"]) == ("abstained", None)
    assert (written["claims"], written["citations"]) == ([], [])
    assert written["abstention"]["reason"] == "not_in_articles"
    assert [one["title"] for one in written["abstention"]["nearest"]] == [convoy.WIRE.title, convoy.LEDGER.title]
    assert (written["abstention"]["index_ends"], written["abstention"]["hints"]) == ("2020-09-30", [])


@pytest.mark.parametrize(
    ("hint", "fields"),
    [
        (AskBefore("2020-09-30"), {"kind": "ask_before", "date": "2020-09-30"}),
        (WithoutLimits(("until", "sources")), {"kind": "without_limits", "limits": ["until", "sources"]}),
        (NotMentioned(("Oda Zorblatt",)), {"kind": "not_mentioned", "names": ["Oda Zorblatt"]}),
        (NameSomething(), {"kind": "name_something"}),
    ],
)
def test_each_way_to_ask_better_is_written_with_what_belongs_to_it(check, hint, fields):
    written = to_contract(replace(convoy.abstention().timed({"total": 1.0}), hints=(hint,)))
    check(written)
    assert written["abstention"]["hints"] == [fields]
    for spoilt in (fields | {"kind": "guess"}, fields | {"more": 1}):
        with pytest.raises(ValidationError):
            check(written | {"abstention": written["abstention"] | {"hints": [spoilt]}})


def test_an_article_found_twice_is_one_hit_at_its_best_rank():
    found = convoy.evidence("Who left?", [convoy.WIRE, convoy.LEDGER, convoy.WIRE])
    abstention = Abstention(found, Reason.NOT_IN_ARTICLES, (), 0.1, "extractive")
    assert to_contract(abstention)["hits"] == [
        {"article_id": convoy.WIRE.id, "rank": 1, "score": 1.0},
        {"article_id": convoy.LEDGER.id, "rank": 2, "score": 0.5},
    ]


def test_an_id_is_there_only_if_one_was_given_and_a_window_only_if_it_was_bounded():
    bare = to_contract(convoy.abstention())
    assert "id" not in bare
    assert bare["window"] is None
    since = datetime(2020, 9, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    question = Question("Who?", convoy.ASKED_AT, id="7", since=since)
    evidence = Evidence(question, convoy.evidence("Who?").findings)
    written = to_contract(replace(convoy.abstention(), evidence=evidence))
    assert written["id"] == "7"
    assert written["window"] == {"since": "2020-09-01T00:00:00Z", "until": None, "inferred": False}


def test_dates_are_written_to_no_more_than_their_precision():
    year = replace(convoy.WIRE, published_at=datetime(1741, 1, 1, tzinfo=UTC), published_precision=Precision.YEAR)
    evidence = convoy.evidence("Who?")
    findings = Findings((Hit(evidence.findings.hits[0].passage, year, 1.0, 1),), {}, IndexSize(1, 1, None))
    abstention = Abstention(Evidence(evidence.question, findings), Reason.NOT_IN_ARTICLES, (year,), 0.1, "extractive")
    written = to_contract(abstention.timed({"total": 1.0}))
    assert written["abstention"]["nearest"][0]["published_at"] == "1741"
    assert written["index"]["newest_published_at"] is None


@pytest.mark.parametrize(
    "spoilt",
    [
        {"answer": "No mark at all."},
        {"answer": None},
        {"citations": []},
        {"claims": []},
        {"status": "abstained"},
        {"status": "unsure"},
        {"confidence": 1.5},
        {"asked_at": "2020-10-01"},
        {"writer": "somebody"},
        {"timings_ms": {}},
        {"more": 1},
    ],
    ids=lambda spoilt: next(iter(spoilt)) + " " + json.dumps(next(iter(spoilt.values()))),
)
def test_the_schema_refuses_an_answer_that_breaks_its_promises(check, spoilt):
    written = to_contract(convoy.convoy_answer().timed({"total": 1.0}))
    check(written)
    with pytest.raises(ValidationError):
        check(written | spoilt)


def test_a_claim_without_a_citation_breaks_the_schema(check):
    answer = replace(convoy.convoy_answer(), claims=(Claim("Nothing behind it [1].", (), 1.0, False),))
    with pytest.raises(ValidationError):
        check(to_contract(answer.timed({"total": 1.0})))


def test_a_follow_up_is_written_as_typed_and_as_understood(check):
    plain = convoy.abstention("and when?").timed({"total": 1.0})
    question = plain.evidence.question.reworded("when did it go?")
    written = to_contract(replace(plain, evidence=replace(plain.evidence, question=question)))
    check(written)
    assert (written["question"], written["understood_as"]) == ("and when?", "when did it go?")
    assert to_contract(plain)["understood_as"] is None


def test_what_each_of_several_questions_came_to_is_written_in_their_order(check):
    short = ShortAnswer("five guns", "number", 1, 0.87654)
    agreement = Agreement(2, "number", (Told("five", (1,)), Told("Five", (2,))))
    parts = (
        AnswerPart("What weapons?", True, 0, short),
        AnswerPart("Who won?", False, 1),
        AnswerPart("How many guns?", True, 1, None, agreement),
    )
    written = to_contract(replace(convoy.convoy_answer(), parts=parts).timed({"total": 1.0}))
    check(written)
    assert [part["status"] for part in written["parts"]] == ["answered", "abstained", "answered"]
    assert written["parts"][0] == {
        "question": "What weapons?",
        "status": "answered",
        "short_answer": {"text": "five guns", "kind": "number", "citations": [1], "confidence": 0.8765},
        "agreement": None,
    }
    second = written["parts"][2]["agreement"]["differs"][0]["values"][1]
    assert second == {"text": "Five", "citations": [2], "sources": 1}
    assert to_contract(convoy.convoy_answer())["parts"] is None
    assert to_contract(convoy.abstention())["parts"] is None
