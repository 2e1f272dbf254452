"""A question that asks what several articles say is taken apart; any other is left whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.decompose import decompose
from bot.answering.outlets import find_outlets

ASKED_AT = datetime(2024, 3, 1, tzinfo=UTC)
SOURCES = ("Harbour Post", "The Ledgerline", "Meridale Dispatch | Sport", "The Age")


def parts_of(question):
    return decompose(question, ASKED_AT, SOURCES)


def test_each_clause_of_a_comparison_is_a_part_with_its_publisher_and_without_the_words_that_frame_a_report():
    first, second = parts_of(
        "Does the article from Harbour Post suggest that the ferry fleet is too old, while the Ledgerline article "
        "indicates that three new ships were ordered in spring?"
    )
    assert (first.sources, second.sources) == (("Harbour Post",), ("The Ledgerline",))
    assert {"ferry", "fleet", "old"} <= set(first.text.split())
    assert not {"article", "suggest", "indicates", "Harbour", "Ledgerline"} & set(f"{first.text} {second.text}".split())


def test_what_two_dated_reports_have_in_common_is_asked_of_each():
    first, second = parts_of(
        "Between the report from the Harbour Post on 2023-11-24 and the report from the Ledgerline on 2023-11-27, "
        "is there agreement about the number of cancelled ferries?"
    )
    assert (first.sources, second.sources) == (("Harbour Post",), ("The Ledgerline",))
    assert "cancelled ferries" in first.text and "cancelled ferries" in second.text
    days = [(part.published[0].day, part.published[1].day) for part in (first, second)]
    assert days == [(23, 25), (26, 28)]


def test_publishers_named_at_the_end_report_every_part():
    parts = parts_of(
        "Which company ordered three new ships in spring, lost its licence for the northern line, and is owned by a "
        "bank in Sennick, as reported by Harbour Post and The Ledgerline?"
    )
    assert len(parts) >= 2
    assert {part.sources for part in parts} == {("Harbour Post", "The Ledgerline")}


def test_a_publisher_that_the_index_does_not_know_is_noticed():
    parts = parts_of(
        "Considering a Bluewater Gazette article about the ferry fleet and a Harbour Post report on the new harbour "
        "master, which town do both of them name as the place of the inquiry?"
    )
    assert [part.is_unheard for part in parts].count(True) == 1


@pytest.mark.parametrize(
    "question",
    [
        "Where did the convoy go?",
        "",
        "What did the report say about the ferry?",
        "Why did the council vote against the new ferry terminal in Sennick, and who was in favour of it at first?",
        "How many people were hurt when the ferry struck the pier, and which of them reported sore necks a day after?",
    ],
)
def test_a_question_that_names_no_publisher_of_reports_is_left_whole(question):
    assert parts_of(question) == ()


def test_a_question_has_no_more_than_six_parts():
    clauses = ", ".join(f"the new ship number {n} left harbour {n} late" for n in range(20))
    assert len(parts_of(f"Is it true, according to Harbour Post and The Ledgerline, that {clauses}?")) == 6


def test_a_section_goes_by_its_publishers_name_and_a_common_word_is_no_publisher():
    (dispatch, age) = find_outlets("The Meridale Dispatch report on old age and The Age on the golden age.", SOURCES)
    assert (dispatch.sources, age.sources) == (("Meridale Dispatch | Sport",), ("The Age",))
