"""A follow-up becomes a question that stands alone; a question that stands alone already is left as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.conversation import stand_alone, understood
from bot.answering.cues import kind_of
from bot.answering.questions import Exchange, Question

ASKED_AT = datetime(2025, 6, 1, tzinfo=UTC)
CUP = Exchange("Who won the cup final on Sunday?", "“Sennick Town beat Veldmere United 2-1 in the cup final.” [1]")
COACH = Exchange("Who will coach Sennick Town now?", "“Beatriz Coimbral is the new coach of Sennick Town.” [1]")


@pytest.mark.parametrize(
    ("earlier", "follow_up", "expected"),
    [
        ("how many died in Orvale?", "what about Kessing?", "how many died in Kessing?"),
        ("how many died in orvale", "and in kessing?", "how many died in kessing?"),
        ("What is Akkerby's best time?", "what about Prusk?", "What is Prusk's best time?"),
        ("Who won the Veldmere Prize in 2024?", "what about this year?", "Who won the Veldmere Prize this year?"),
        ("Who won the Veldmere Prize in 2024?", "and in 2023?", "Who won the Veldmere Prize in 2023?"),
        ("did it rain in Kessing yesterday", "and today?", "did it rain in Kessing today?"),
        ("Who won the race in Sennick?", "and the women?", "Who won the race in Sennick (the women)?"),
    ],
)
def test_a_name_or_a_time_asked_about_anew_takes_the_place_of_the_earlier_one(earlier, follow_up, expected):
    assert stand_alone(follow_up, [Exchange(earlier, "")]) == expected


@pytest.mark.parametrize(
    ("earlier", "follow_up", "expected"),
    [
        ("Did Oda Lindqvarn resign?", "why?", "why did Oda Lindqvarn resign?"),
        ("When does the Linnet Bridge open?", "where exactly", "where does the Linnet Bridge open?"),
        ("Who won the cup final on Sunday?", "and when?", "when (the cup final on Sunday)?"),
    ],
)
def test_a_bare_question_word_asks_about_the_earlier_clause(earlier, follow_up, expected):
    assert stand_alone(follow_up, [Exchange(earlier, "")]) == expected


@pytest.mark.parametrize(
    ("follow_up", "expected"),
    [
        ("was it on television?", "was it on television (the cup final on Sunday)?"),
        ("and how many people were there?", "how many people were there (the cup final on Sunday)?"),
        ("how many were hurt?", "how many were hurt (the cup final on Sunday)?"),
        ("what time was that?", "what time was that (the cup final on Sunday)?"),
    ],
)
def test_a_pronoun_or_a_missing_subject_takes_the_topic_along_and_keeps_the_kind_of_question(follow_up, expected):
    assert stand_alone(follow_up, [CUP]) == expected
    assert kind_of(expected) is kind_of(follow_up)


def test_she_is_who_was_answered():
    assert stand_alone("where was she born?", [COACH]) == "where was Beatriz Coimbral born?"
    assert stand_alone("what is her age?", [COACH]) == "what is Beatriz Coimbral’s age?"


def test_he_is_the_short_answer_where_one_was_given():
    won = Exchange("who won the race", "Joren Akkerby [1]: “Daniel Moss lost to Joren Akkerby.” [1]")
    assert stand_alone("how old is he?", [won]) == "how old is Joren Akkerby?"


def test_he_is_not_a_woman_who_was_answered():
    case = Exchange("who brought the case in Lisgard", "“Theodora Munk said the machine frightened her ducks.” [1]")
    assert "Munk" not in str(stand_alone("what does he pay?", [case]))


def test_a_follow_up_to_a_follow_up_reaches_the_topic_of_the_first():
    asked = [CUP, Exchange("was it on television?", ""), Exchange("how many people were there?", "")]
    assert stand_alone("why?", asked) == "why (the cup final on Sunday)?"
    assert stand_alone("why?", asked[:2]) == "why was it on television (the cup final on Sunday)?"


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor of Brackwater?",
        "who is akkerby",
        "and who won the Sennick marathon?",
        "why did the mayor say she would stay?",
        "where did they find the stolen salt gatherers painting",
        "is it true that the bridge is closed?",
        "how many wagons came off the rails yesterday",
        "what is inflation?",
        "thanks",
        "ferry crash hestrand",
    ],
)
def test_a_question_that_stands_alone_is_not_changed(question):
    assert stand_alone(question, [CUP]) is None
    asked = Question(question, ASKED_AT, history=(CUP,))
    assert understood(asked) is asked


def test_without_history_nothing_is_understood_otherwise():
    assert stand_alone("why?", []) is None


def test_a_question_understood_keeps_the_words_typed_and_what_is_asked_apart_from_the_topic():
    question = understood(Question("was it on television?", ASKED_AT, history=(CUP,)))
    assert question.as_typed == "was it on television?"
    assert question.text == question.understood_as == "was it on television (the cup final on Sunday)?"
    assert question.focus == "was it on television?"
