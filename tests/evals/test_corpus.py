"""The pinned corpus is sound: every answer stands where its judgement says, and was known by then."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from retrieval.articles import Precision
from retrieval.evaluation.judgements import holds_answer, read_judgements
from retrieval.index.terms import words
from retrieval.news.files import read_articles

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "bot" / "samples"

LEAST = {
    "place": 16,
    "person": 16,
    "date": 14,
    "number": 18,
    "why_how": 14,
    "yes_no": 12,
    "comparison": 8,
    "latest": 12,
    "list": 6,
    "quote": 6,
    "follow_up": 12,
    "not_answerable": 20,
    "entity_swapped": 12,
    "false_premise": 10,
}
DECLINED = {"not_answerable", "entity_swapped", "false_premise"}
#: The pairs that tell the same in nearly the same words on purpose.
WIRE_COPIES = {("hestrand-ferry-1", "hestrand-ferry-2"), ("quarne-glass-3", "quarne-glass-4")}


def take_in(path):
    """Read articles as intake does; one that it rejects ends the test."""

    def reject(rejected):
        raise rejected

    return list(read_articles([path], reject=reject))


@pytest.fixture(scope="module")
def written():
    return take_in(HERE / "articles.jsonl")


@pytest.fixture(scope="module")
def articles(written):
    return {article.id: article for article in written}


@pytest.fixture(scope="module")
def judged():
    return list(read_judgements(HERE / "questions.jsonl"))


def failing(judged, is_sound):
    """Name the judgements that are not sound: the list is the failure's message."""
    return [judgement.id for judgement in judged if not is_sound(judgement)]


def phrases(article, length=5):
    """Collect the runs of so many words of a text."""
    spoken = words(article.text)
    return {tuple(spoken[start : start + length]) for start in range(len(spoken) - length + 1)}


def shared(one, other):
    """Tell which share of the shorter text's phrases stands in the other text."""
    return len(one & other) / min(len(one), len(other))


def test_ids_of_articles_and_questions_are_unique(written, judged):
    for ids in ([article.id for article in written], [judgement.id for judgement in judged]):
        assert [id for id, times in Counter(ids).items() if times > 1] == []


def test_every_article_is_whole_and_of_an_invented_address(written):
    assert len(written) >= 64
    for article in written:
        assert article.title and article.source and article.authors, article.id
        assert article.language == "en"
        assert (urlsplit(article.url).hostname or "").endswith(".example"), article.id
        assert 120 <= len(article.text.split()) <= 350, article.id
        assert article.text.count("\n\n") >= 3, article.id
    assert len({article.url for article in written}) == len(written)


def test_an_outlet_has_one_address_and_there_are_at_least_ten(written):
    pairs = {(article.source, urlsplit(article.url).hostname) for article in written}
    assert len(pairs) == len({source for source, _ in pairs}) == len({host for _, host in pairs}) >= 10


def test_articles_are_dated_from_2023_to_autumn_2026_some_by_the_day_alone(written):
    assert all(article.published_at for article in written)
    days = [article.published_at.date() for article in written]
    assert date(2023, 1, 1) <= min(days) < date(2023, 2, 1)
    assert date(2026, 10, 1) <= max(days) <= date(2026, 10, 31)
    assert {article.published_precision for article in written} == {Precision.DAY, Precision.TIME}


def test_the_day_in_an_address_is_the_day_of_publication(written):
    for article in written:
        year, month, day = re.search(r"/(\d{4})/(\d\d)/(\d\d)/", article.url).groups()
        assert article.published_at.date() == date(int(year), int(month), int(day)), article.id


def test_each_type_has_the_questions_it_needs(judged):
    counts = Counter(judgement.fields["type"] for judgement in judged)
    assert counts.keys() == LEAST.keys()
    assert {kind: count for kind, count in counts.items() if count < LEAST[kind]} == {}


def test_no_question_is_asked_twice_of_the_same_day(judged):
    asked = Counter(
        (
            judgement.fields["question"],
            judgement.fields["asked_at"],
            str(judgement.fields.get("history")),
        )
        for judgement in judged
    )
    assert [question for question, times in asked.items() if times > 1] == []


def test_what_is_to_be_declined_has_no_answers_and_says_why_and_all_else_has_both_answers_and_evidence(judged):
    def is_sound(judgement):
        if judgement.fields["type"] in DECLINED:
            return not judgement.answers and not judgement.evidence and judgement.fields["note"]
        return judgement.answers and judgement.evidence

    assert failing(judged, is_sound) == []


def test_all_evidence_stands_word_for_word_in_its_article(judged, articles):
    def is_sound(judgement):
        return all(evidence.text in articles[evidence.article_id].text for evidence in judgement.evidence)

    assert failing(judged, is_sound) == []


def test_every_accepted_answer_stands_in_a_piece_of_evidence(judged):
    def is_sound(judgement):
        return all(any(holds_answer(e.text, (answer,)) for e in judgement.evidence) for answer in judgement.answers)

    assert failing(judged, is_sound) == []


def test_every_piece_of_evidence_holds_an_accepted_answer(judged):
    """Except in a comparison, where one part may decide."""

    def is_sound(judgement):
        if judgement.fields["type"] == "comparison":
            return True
        return all(holds_answer(evidence.text, judgement.answers) for evidence in judgement.evidence)

    assert failing(judged, is_sound) == []


def test_all_evidence_was_published_by_the_day_of_the_question(judged, articles):
    def is_sound(judgement):
        asked_at = datetime.combine(date.fromisoformat(judgement.fields["asked_at"]), time.max, UTC)
        return all(articles[evidence.article_id].published_at <= asked_at for evidence in judgement.evidence)

    assert failing(judged, is_sound) == []


def test_a_comparison_needs_two_articles(judged):
    compared = [judgement for judgement in judged if judgement.fields["type"] == "comparison"]
    assert failing(compared, lambda judgement: len({e.article_id for e in judgement.evidence}) >= 2) == []


def test_follow_ups_and_only_they_have_a_history_whose_answers_quote_an_article(judged, articles):
    def is_sound(judgement):
        history = judgement.fields.get("history", [])
        quotes = [re.fullmatch(r"“(.+)” \[1\]", exchange["answer"]) for exchange in history]
        quoted = all(quote and any(quote[1] in article.text for article in articles.values()) for quote in quotes)
        return bool(history) == (judgement.fields["type"] == "follow_up") and quoted

    assert failing(judged, is_sound) == []


def test_many_questions_are_typed_without_care_and_many_with(judged):
    """In lower case at the start, or without a question mark."""
    questions = [judgement.fields["question"] for judgement in judged]
    careless = [question for question in questions if question[0].islower() or not question.endswith("?")]
    assert 0.5 <= len(careless) / len(questions) <= 0.75


def test_only_the_wire_copies_repeat_another_article(written):
    told = {article.id: phrases(article) for article in written}
    assert {pair for pair in combinations(sorted(told), 2) if shared(told[pair[0]], told[pair[1]]) > 0.5} == WIRE_COPIES


def test_no_article_repeats_a_packaged_sample(written):
    samples = [phrases(sample) for sample in take_in(SAMPLES)]
    assert len(samples) >= 20
    assert [article.id for article in written if any(shared(phrases(article), one) > 0.05 for one in samples)] == []
