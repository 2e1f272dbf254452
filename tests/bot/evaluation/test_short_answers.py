"""Which short answers count as right."""

from __future__ import annotations

import pytest

from bot.evaluation.short_answers import is_right, short_answer


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("brak al shati", "Brak al-Shati"),  # the same words
        ("Brak al-Shati air base", "Brak al-Shati"),  # holds it
        ("to Brak al-Shati air base north of Sabha", "Brak al-Shati"),  # eight words for three
        ("Quist", "Mayor Lothar Quist"),  # stands in it
        ("6.7 million", "6.7 million euros"),  # with all its numbers
        ("Inarritu", "Iñárritu"),
    ],
)
def test_the_accepted_answer_or_a_little_more_or_a_part_of_it_is_right(given, answer):
    assert is_right(given, ["something else", answer])


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("Sabha", "Sukna"),
        ("Suknara", "Sukna"),  # no whole word
        ("near Sukna in Libya", "Sukna"),  # four words for one
        ("million", "6.7 million euros"),  # leaves the number out
        ("7 million", "6.7 million euros"),
        ("", "Sukna"),
        ("Sukna", ""),
        ("...", "..."),  # no words at all
    ],
)
def test_what_says_another_thing_or_too_much_or_leaves_the_number_out_is_wrong(given, answer):
    assert not is_right(given, [answer])


def test_without_an_accepted_answer_nothing_is_right():
    assert not is_right("Sukna", [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("Sukna", "Sukna"),
        ({"text": "Sukna", "citation": 1, "kind": "place"}, "Sukna"),
        ({"text": ""}, None),
        ({"kind": "place"}, None),
        ("-", None),
        (7, None),
    ],
)
def test_a_short_answer_is_read_as_an_object_or_plain_text_and_none_is_none(value, expected):
    assert short_answer({"short_answer": value}) == expected


def test_an_outcome_of_an_older_contract_has_no_short_answer():
    assert short_answer({}) is None
