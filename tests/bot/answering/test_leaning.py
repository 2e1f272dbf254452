"""Whether a question leans on the one before it."""

from __future__ import annotations

import pytest

from bot.answering.leaning import leans, open_part, strip_lead


@pytest.mark.parametrize("question", ["why?", "was it damaged?", "how many died?", "who won?", "what happened then?"])
def test_what_names_nothing_leans(question):
    assert leans(question)


@pytest.mark.parametrize("question", ["Was Akkerby hurt when he fell?", "who is akkerby", "when is easter", "?!", ""])
def test_what_names_its_own_subject_and_what_asks_nothing_does_not_lean(question):
    assert not leans(question)


def test_what_only_asks_has_no_open_part():
    assert open_part("and when exactly?") == []
    assert open_part("was it damaged?") == ["damaged"]


def test_the_words_that_go_on_with_a_conversation_are_taken_off_the_front_only():
    assert strip_lead("and so, when and where?") == "when and where?"
