"""Which of the names and numbers found is the short answer, and what speaks for each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answering.answers import Evidence
from bot.answering.candidates import find_candidates
from bot.answering.questions import Question
from bot.answering.spans import FEATURES, WEIGHTS, find_spans, in_full, shares
from retrieval.articles import Article
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED_AT = datetime(2020, 10, 1, tzinfo=UTC)


def found(asked, *texts, titles=()):
    """Find articles of these texts, best first."""
    titles = [*titles, *["News"] * (len(texts) - len(titles))]
    articles = [
        Article(f"a-{n}", title, None, None, None, None, (), "en", text)
        for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    hits = tuple(hit_in(of, rank=n, query=asked) for n, of in enumerate(articles, start=1))
    findings = Findings(hits, dict.fromkeys(terms(asked), 1.0), IndexSize(len(hits), len(hits), None))
    return Evidence(Question(asked, ASKED_AT), findings)


def spans(asked, *texts, **options):
    evidence = found(asked, *texts, **options)
    return {one.key: one for one in find_spans(evidence, find_candidates(evidence))}


def test_what_more_articles_tell_has_more_votes():
    asked = "Where did the convoy go?"
    held = spans(
        asked,
        "The convoy went to Sabha on Monday night.",
        "Witnesses saw that the convoy reached Sabha from the north, not Waddan.",
        "It was in Waddan.",
    )
    assert held["sabha"].votes > held["waddan"].votes > 0
    assert held["sabha"].votes <= 1.0


def test_a_person_is_known_by_the_last_name():
    asked = "Who leads the inquiry into the fire?"
    texts = ("The inquiry into the fire is led by inspector Dagny Malloran.", "Malloran leads the inquiry, they said.")
    both, one = spans(asked, *texts)["dagny malloran"], spans(asked, texts[0], "Nobody leads the inquiry, they said.")
    assert both.votes >= one["dagny malloran"].votes


def test_a_headline_that_has_it_speaks_for_it():
    asked = "Where did the convoy go?"
    text = "The convoy went to Sabha or to Waddan on Monday night."
    held = spans(asked, text, titles=["Convoy seen in Waddan"])
    assert (held["waddan"].headlines, held["sabha"].headlines) == (1.0, 0.0)


def test_what_stands_nearer_to_the_words_of_the_question_is_nearer():
    asked = "How many vehicles left the base?"
    held = spans(asked, "Some 40 vehicles left the base, while far away in the hills, other people counted 17 goats.")
    assert held["40"].nearness > held["17"].nearness
    assert (held["40"].beside, held["17"].beside) == (1.0, 0.0)


def test_the_first_span_names_somebody_in_full_if_that_comes_close():
    held = spans("Who leads the inquiry?", "Dagny Malloran leads the inquiry, and Malloran says so.")
    full = held["dagny malloran"]
    last = replace(full, key="malloran", score=full.score + 1.0)
    assert in_full([last, full]) == [full, last]
    assert in_full([last, replace(full, score=last.score - 2.1)])[0] == last
    assert in_full([last, replace(full, nearness=0.2 * last.nearness)])[0] == last
    assert in_full([last, replace(full, key="malloran fire brigade")])[0] == last
    assert in_full([]) == []


def test_the_score_is_the_weighted_sum_of_the_features():
    one = spans("Where did the convoy go?", "The convoy went to Sabha on Monday night.")["sabha"]
    assert one.score == pytest.approx(sum(WEIGHTS[name] * getattr(one, name) for name in FEATURES))


def test_shares_sum_to_one_and_follow_the_scores():
    asked = "Where did the convoy go?"
    evidence = found(asked, "The convoy went to Sabha on Monday night.", "It was not in Waddan, they say.")
    shared = shares(find_spans(evidence, find_candidates(evidence)))
    assert sum(shared.values()) == pytest.approx(1.0)
    assert shared["sabha"] > shared["waddan"]
    assert shares([]) == {}


@pytest.mark.parametrize("asked", ["Tell me about the convoy", "Why did the convoy go?", "Did the convoy go?", "???"])
def test_a_question_that_wants_no_entity_has_no_spans(asked):
    assert spans(asked, "The convoy went to Sabha on Monday night.") == {}


def test_a_number_far_from_the_words_of_the_question_counts_something_else():
    asked = "How many people died in the helicopter near Sukna?"
    text = (
        "A source said that about 40 vehicles with fighters had left the base, probably for another one in the far "
        "south-west of the country, and that nothing else had been seen there before the helicopter fell."
    )
    assert spans(asked, text) == {}
