"""What people see who wait."""

from __future__ import annotations

import pytest

from bot.rendering.waiting_card import waiting_card, waiting_words


@pytest.mark.parametrize(
    ("before", "articles", "words"),
    [
        (1, None, "1 question is before yours."),
        (3, None, "3 questions are before yours."),
        (1200, 6, "1,200 questions are before yours."),
        (0, None, "Looking for articles …"),
        (0, 0, "Looking for articles …"),
        (0, 1, "Reading 1 article …"),
        (0, 6, "Reading 6 articles …"),
    ],
)
def test_it_says_what_a_question_waits_for(before: int, articles: int | None, words: str) -> None:
    assert waiting_words(before, articles) == words


def test_it_is_a_card_as_the_answer_is_since_a_message_that_became_one_stays_one() -> None:
    card = waiting_card("3 questions are before yours.")

    assert card.timeout is None
    (container,) = card.to_components()
    assert [part["content"] for part in container["components"]] == ["-# 3 questions are before yours."]
