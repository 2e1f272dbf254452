"""What is kept of an outcome: enough to draw its card again, and the id of every article that it names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import convoy
import pytest

from bot.answering.kept import AROUND_CHARS, cut_after, cut_before, kept_fields
from bot.answering.questions import Question
from bot.records.resting import rests_on
from retrieval.articles import CopyOf, Precision
from retrieval.passages import Published


def found_besides():
    plain = convoy.convoy_answer()
    third = replace(convoy.article("Else."), id="third", title="Something else", source="Third Paper")
    copy = CopyOf("copy", "v", "A copy", "Copyist", "https://copyist.example/1", None, None)
    copied = replace(convoy.article("Copied."), id="copy")
    findings = convoy.evidence("?", (convoy.WIRE, copied, third, third, convoy.LEDGER)).findings
    findings = replace(findings, copies={convoy.WIRE.id: (copy,)})
    return replace(plain, evidence=replace(plain.evidence, findings=findings))


def test_what_is_kept_is_plain_json_without_the_hits():
    kept = kept_fields(found_besides())
    assert json.loads(json.dumps(kept)) == kept
    assert not {"hits", "timings_ms"} & kept.keys()


def test_articles_found_and_neither_quoted_nor_copies_are_kept_once_with_their_ids():
    kept = kept_fields(found_besides())
    assert kept["found"] == [
        {"article_id": "third", "title": "Something else", "source": "Third Paper", "url": None, "published_at": None}
    ]


def test_no_more_than_eight_articles_that_are_not_quoted_are_kept():
    many = [replace(convoy.article("Else."), id=f"a{n}") for n in range(20)]
    plain = convoy.convoy_answer()
    assert len(kept_fields(replace(plain, evidence=convoy.evidence("?", many)))["found"]) == 8


def test_every_article_that_a_kept_outcome_names_can_be_forgotten_by_its_id():
    assert rests_on(kept_fields(found_besides())).article_ids == {convoy.WIRE.id, convoy.LEDGER.id, "copy", "third"}
    assert rests_on(kept_fields(convoy.abstention())).article_ids == {convoy.WIRE.id, convoy.LEDGER.id}


def test_a_citation_keeps_the_passage_around_its_quote_cut_at_words():
    of = convoy.article("before " * 200 + "The quote." + " after" * 200)
    (cited,) = kept_fields(convoy.answer_quoting(convoy.citation(1, of, "The quote.")))["citations"]
    assert cited["before"].startswith("… before before")
    assert cited["after"].endswith("after …")
    assert len(cited["before"]) <= AROUND_CHARS + 2


def test_a_quote_that_runs_over_the_edge_of_its_passage_has_nothing_around_it():
    cited = convoy.citation(1, convoy.WIRE, convoy.GUNS)
    cited = replace(cited, passage=replace(cited.passage, text=cited.passage.text[:50]))
    (fields,) = kept_fields(convoy.answer_quoting(cited))["citations"]
    assert (fields["before"], fields["after"]) == ("", "")


def test_what_was_cut_once_is_cut_again_without_a_second_ellipsis():
    assert cut_before("… one two three", 9) == "… three"
    assert cut_after("one two three …", 9) == "one two …"
    assert cut_before("one two ", 10) == "one two "


@pytest.mark.parametrize(
    ("asked", "newest_day", "is_behind"),
    [
        (Question("What is the latest on the convoy?", convoy.ASKED_AT), 22, True),
        (Question("What is the latest on the convoy?", convoy.ASKED_AT), 30, False),
        (Question("What weapons were in the convoy?", convoy.ASKED_AT), 22, False),
        (Question("What is the latest on the convoy?", convoy.ASKED_AT, any_time=True), 22, False),
        (Question("What is the latest on the convoy?", convoy.ASKED_AT, until=convoy.ASKED_AT), 22, False),
    ],
)
def test_the_index_is_behind_where_the_latest_is_asked_for_and_nothing_came_for_a_day(asked, newest_day, is_behind):
    plain = convoy.convoy_answer()
    newest = Published(datetime(2020, 9, newest_day, tzinfo=UTC), Precision.DAY)
    evidence = replace(plain.evidence, question=asked)
    evidence = replace(evidence, findings=replace(evidence.findings, newest_known=newest))
    assert kept_fields(replace(plain, evidence=evidence))["is_behind"] is is_behind
