"""Confidence says whether the evidence is enough to speak: in 0..1, lower where the articles lack what was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answering.answerability import confidence
from bot.answering.answers import Evidence
from bot.answering.questions import Question
from retrieval.articles import Article
from retrieval.index.terms import terms
from retrieval.passages import Findings, Hit, IndexSize, Passage, Variant

TEXT = "The convoy went to Brak al-Shati, north of Sabha. Two Pantsirs and five guns went along."


def evidence(asked: str, *, text: str = TEXT, cosine: float | None = 0.6, weight: float = 1.0) -> Evidence:
    article = Article("a-1", "Convoy leaves", None, None, None, None, (), "en", text)
    passage = Passage("p" * 32, "a-1", article.version, 0, len(text), text)
    hit = Hit(passage, article, 1.0, 1, cosine)
    findings = Findings((hit,), dict.fromkeys(terms(asked), weight), IndexSize(1, 1, None))
    return Evidence(Question(asked, datetime(2020, 10, 1, tzinfo=UTC)), findings)


def test_without_hits_it_is_nil():
    asked = evidence("Where did the convoy go?")
    assert confidence(replace(asked, findings=replace(asked.findings, hits=()))) == 0.0


@pytest.mark.parametrize("asked", ["Where did the convoy go?", "Who won in 1998?", "?", "a", "1998", "É É"])
@pytest.mark.parametrize("cosine", [None, -1.0, 0.0, 1.0])
@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_it_lies_between_nil_and_one_whatever_was_asked_and_found(asked, cosine, weight):
    assert 0.0 <= confidence(evidence(asked, cosine=cosine, weight=weight)) <= 1.0


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (evidence("Where did the convoy go?"), evidence("Who baked the sourdough bread?")),
        (evidence("Where did the convoy go?", cosine=0.9), evidence("Where did the convoy go?", cosine=0.1)),
        (evidence("How many guns went to Sabha?"), evidence("How many guns went to Tobruk?")),
    ],
    ids=["the words asked for", "closeness of meaning", "the name asked for"],
)
def test_it_rises_with(better, worse):
    assert confidence(better) > confidence(worse)


def test_a_name_spelled_otherwise_is_not_missing():
    asked = evidence("How many guns went to Sebha?")
    variant = Variant("sebha", "sebha", "sabha", "Sabha")
    understood = replace(asked, findings=replace(asked.findings, variants=(variant,)))
    assert confidence(asked) < confidence(understood) == confidence(evidence("How many guns went to Sabha?"))


def test_the_same_evidence_gives_the_same_confidence():
    assert confidence(evidence("Where did the convoy go?")) == confidence(evidence("Where did the convoy go?"))
