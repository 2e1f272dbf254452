"""A place and the people named after it are known to be the same."""

import pytest

from bot.answering.places import are_same_place, countries_of


@pytest.mark.parametrize(
    ("one", "other"), [("libyan", "libya"), ("israel", "israeli"), ("british", "uk"), ("french", "france")]
)
def test_people_are_of_their_place(one, other):
    assert are_same_place(one, other)
    assert are_same_place(other, one)


@pytest.mark.parametrize(("one", "other"), [("libya", "lebanon"), ("marsh", "marshal"), ("mali", "malian republic")])
def test_words_that_only_begin_alike_are_not(one, other):
    assert not are_same_place(one, other)


def test_people_name_their_country_and_other_words_none():
    assert "israel" in countries_of("israeli")
    assert countries_of("convoy") == frozenset()
    assert "libya" not in countries_of("libya")


def test_people_name_the_country_that_they_resemble_most():
    assert countries_of("nigerian") == {"nigeria"}
    assert {"uk", "britain"} <= countries_of("british")
