"""What a question takes for granted is looked for in the articles about its subject."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Evidence
from bot.answering.premise import has_premise
from bot.answering.questions import Question
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED_AT = datetime(2025, 6, 1, tzinfo=UTC)
STAYS = "Oda Lindqvarn stays in office. Her deputy, Ole Lindgarn, resigned on Tuesday."
REFUSES = "Oda Lindqvarn rejected calls to resign. She was not dismissed."
LEAVES = "Oda Lindqvarn resigned on Tuesday because she was tired."
MOVES = "Oda Lindqvarn will go. She resigned on Tuesday because she was tired."


@pytest.fixture
def evidence(make_article):
    def found(question, text, weight=0.8):
        article = make_article(text=text, title="News from the town hall")
        hit = hit_in(article)
        findings = Findings((hit,), dict.fromkeys(terms(question), weight), IndexSize(1, 1, None))
        return Evidence(Question(question, ASKED_AT), findings)

    return found


@pytest.mark.parametrize("text", [STAYS, REFUSES, "Oda Lindqvarn opened a school."])
@pytest.mark.parametrize("question", ["Why did Oda Lindqvarn resign?", "when did mayor oda lindqvarn resign"])
def test_what_is_said_of_somebody_else_or_denied_or_not_said_at_all_is_no_premise(evidence, question, text):
    assert not has_premise(evidence(question, text))


@pytest.mark.parametrize("text", [LEAVES, MOVES])
def test_what_is_said_of_the_subject_by_name_or_pronoun_is_one(evidence, text):
    assert has_premise(evidence("Why did Oda Lindqvarn resign?", text))


def test_who_died_did_die(evidence):
    assert has_premise(evidence("When did Oda Lindqvarn die?", "Oda Lindqvarn died in May."))


def test_who_led_a_band_did_not_ban_it(evidence):
    assert not has_premise(evidence("When did Oda Lindqvarn ban?", "Oda Lindqvarn plays in a band."))


@pytest.mark.parametrize(
    "question",
    [
        "Did Oda Lindqvarn resign?",
        "Who resigned?",
        "why did the council resign",
        "Why did Oda Lindqvarn not resign?",
        "Why was Oda Lindqvarn never dismissed?",
        "Why did Edwin Marsh resign?",
        "Why Oda Lindqvarn?",
        "Why did Oda Lindqvarn?",
    ],
)
def test_other_questions_are_given_the_benefit_of_the_doubt(evidence, question):
    assert has_premise(evidence(question, REFUSES))


def test_a_common_verb_tells_nothing_by_its_absence(evidence):
    assert has_premise(evidence("Why did Oda Lindqvarn make peace?", STAYS, weight=0.2))
