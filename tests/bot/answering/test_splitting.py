"""Several questions in one message are told apart, and one question is never torn."""

from __future__ import annotations

import pytest

from bot.answering.splitting import split_questions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who won and how many people were there?", ("who won?", "how many people were there?")),
        ("Who won? How old is he?", ("Who won?", "How old is he?")),
        ("where did it go, and when does it return", ("where did it go?", "when does it return")),
        ("What happened? Why? Who is to blame?", ("What happened?", "Why?", "Who is to blame?")),
    ],
)
def test_questions_beside_each_other_are_told_apart(text, expected):
    assert split_questions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "did both Oda and Ole resign?",
        "which is older, A or B?",
        "when and where did it happen?",
        "I read about the ferry. Who was hurt?",
        "who said what he saw and who he met?",
        "what did the mayor and what did the deputy say?",
        "Who? What? Where?",
        "who won? who lost? who came? who left?",
        "",
    ],
)
def test_one_question_stays_whole_and_so_does_what_is_more_than_three(text):
    assert split_questions(f" {text} ") == (text,)
