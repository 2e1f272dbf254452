"""A follow-up is searched twice: the story by its topic, the passage by what is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answering.following import retrieve_story
from bot.answering.questions import Question
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED_AT = datetime(2025, 6, 1, tzinfo=UTC)
PLAIN = Question("how many steps (the lighthouse)?", ASKED_AT)
FOLLOWING = replace(PLAIN, focus="how many steps?")


@pytest.fixture
def search(make_article):
    """Search a lighthouse's story of two passages and another story; keep the queries."""
    story = make_article("story", "The lighthouse was sold. It has 171 steps.", day="2025-05-02", source="Post")
    other = make_article("other", "The tower of Tolbury has 12 steps.", day="2025-01-01", source="Wire")
    sold, steps = hit_in(story, 0, 24, score=4.0, cosine=0.5), hit_in(story, 25, score=2.0, rank=2, cosine=0.2)
    elsewhere = hit_in(other, score=1.0, rank=3)
    weights = {"step": 0.9, "lighthous": 0.5}

    async def retrieve(query):
        retrieve.queries.append(query)
        if "lighthouse" in query.text:
            return Findings((sold, steps, elsewhere), weights, IndexSize(2, 3, None), {"total": 2.0})
        asked = replace(steps, score=9.0, rank=1, cosine=0.7), replace(elsewhere, score=8.0, rank=2)
        return Findings(asked, {"step": 0.9}, IndexSize(2, 3, None), {"total": 3.0})

    retrieve.queries = []
    return retrieve


async def test_a_question_without_a_topic_of_its_own_is_searched_once(search):
    found = await retrieve_story(search, PLAIN, 10)
    assert [hit.score for hit in found.hits] == [4.0, 2.0, 1.0]
    assert len(search.queries) == 1


async def test_within_the_story_the_passage_that_holds_what_is_asked_comes_first(search):
    """The passages score 4/4 + 0 and 2/4 + 9/9; the other story, below half of the best, is left out."""
    found = await retrieve_story(search, FOLLOWING, 10)
    assert [(hit.passage.text, hit.score, hit.rank) for hit in found.hits] == [
        ("It has 171 steps.", 1.5, 1),
        ("The lighthouse was sold.", 1.0, 2),
    ]
    assert found.hits[0].cosine == 0.7


async def test_the_second_search_keeps_to_the_publishers_and_days_of_the_story(search):
    await retrieve_story(search, FOLLOWING, 10)
    second = search.queries[1]
    assert (second.text, second.sources) == ("how many steps?", ("Post",))
    assert second.since == second.until == datetime(2025, 5, 2, tzinfo=UTC)


async def test_the_words_of_the_topic_weigh_less_than_those_of_what_is_asked(search):
    found = await retrieve_story(search, FOLLOWING, 10)
    assert found.term_weights == {"step": 0.9, "lighthous": pytest.approx(0.15 * 0.5)}
    assert found.timings_ms == {"total": 5.0}
