"""A timeline tells a story by one quoted sentence a day, oldest first, and repeats nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bot.answering.errors import QuestionEmpty, QuestionTooLong
from bot.answering.questions import Question
from bot.answering.timeline import MOST_STEPS, build_timeline
from config.settings import load_settings
from retrieval.articles import Article, Precision
from retrieval.build import open_engine
from retrieval.news.files import read_articles
from retrieval.testing import HashingEmbedder

ASKED_AT = datetime(2026, 11, 1, tzinfo=UTC)
EVALS = Path(__file__).parents[2] / "evals" / "articles.jsonl"
SCHEMA = Draft202012Validator(json.loads(files("bot").joinpath("schemas/timeline.schema.json").read_text("utf-8")))


@pytest.fixture
def tell(tmp_path):
    """Tell a story out of these articles, with the shipped embedding double."""
    settings = load_settings()
    embedding = settings.embedding.model_copy(update={"tagger": "rules"})

    async def told(articles, topic, limit_chars=100, **limits):
        async with open_engine(tmp_path, settings.retrieval, embedding, load=HashingEmbedder) as engine:
            await engine.indexer.open()
            await engine.indexer.add(articles)
            await engine.indexer.embed_pending()
            question = Question(topic, ASKED_AT, **limits)
            timeline = await build_timeline(engine.retriever, question, question_limit_chars=limit_chars)
            await engine.indexer.close()
            return timeline

    return told


def article(id, day, text):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Article(id, f"Bridge, {id}", "Harbour Post", None, at, Precision.DAY, (), "en", text)


def rejects(problem):
    raise problem


async def test_a_story_of_the_pinned_corpus_is_told_in_order_by_verbatim_quotes(tell):
    stories = ("linnet", "sennick", "quarne")
    corpus = [one for one in read_articles([EVALS], reject=rejects) if one.id.startswith(stories)]
    timeline = await tell(corpus, "Linnet Bridge")
    cited = [step.citation.article.id for step in timeline.steps]
    assert cited == ["linnet-bridge-1", "linnet-bridge-2", "linnet-bridge-3", "linnet-bridge-4"]
    days = [step.day for step in timeline.steps]
    assert days == sorted(days)
    for n, step in enumerate(timeline.steps, start=1):
        assert step.citation.n == n
        assert step.citation.article.text[step.citation.start : step.citation.end] == step.citation.quote
    SCHEMA.validate(timeline.as_fields())


async def test_a_sentence_that_names_a_day_is_told_on_that_day(tell):
    (step,) = (await tell([article("a", "2024-03-14", "The old bridge fell on Tuesday night.")], "bridge")).steps
    assert (step.day, step.is_event_day) == (date(2024, 3, 12), True)


async def test_a_sentence_about_a_day_to_come_is_told_on_the_day_of_publication(tell):
    written = article("a", "2024-03-14", "The new bridge will be opened on 2 May 2024.")
    (step,) = (await tell([written], "bridge")).steps
    assert (step.day, step.is_event_day) == (date(2024, 3, 14), False)


async def test_what_another_article_says_in_nearly_the_same_words_is_told_once(tell):
    timeline = await tell(
        [
            article("a", "2024-03-12", "The old bridge at Sennick fell into the river."),
            article("b", "2024-03-13", "The old bridge at Sennick fell into the river Orr."),
        ],
        "bridge",
    )
    assert len(timeline.steps) == 1


async def test_a_long_story_is_told_in_twelve_steps_of_twelve_days(tell):
    words = "piers arches cables rails paint lamps stones tolls boats cranes winds floods crowds songs votes".split()
    written = [
        article(f"a-{n}", f"2024-01-{n + 1:02}", f"Bridge {word} {word[::-1]} {word}ville {word}ton {word}land.")
        for n, word in enumerate(words)
    ]
    days = [step.day for step in (await tell(written, "bridge")).steps]
    assert len(days) == len(set(days)) == MOST_STEPS


async def test_only_what_was_published_within_the_limits_is_told(tell):
    written = [
        article("a", "2024-03-12", "The old bridge at Sennick fell into the river."),
        article("b", "2024-05-13", "Divers found the keystone of the bridge."),
    ]
    (step,) = (await tell(written, "bridge", since=datetime(2024, 4, 1, tzinfo=UTC))).steps
    assert step.citation.article.id == "b"


async def test_a_topic_of_which_the_articles_tell_nothing_has_no_steps(tell):
    timeline = await tell([article("a", "2024-03-12", "The old bridge at Sennick fell into the river.")], "sourdough")
    assert timeline.steps == ()
    SCHEMA.validate(timeline.as_fields())


async def test_an_empty_or_a_long_topic_is_refused(tell):
    with pytest.raises(QuestionEmpty):
        await tell([], "  ")
    with pytest.raises(QuestionTooLong):
        await tell([], "x" * 101)
