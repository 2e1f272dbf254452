"""Independent sources are counted, copies as one, and where they differ each is named, newest first."""

from datetime import UTC, datetime

import pytest

from bot.answering.agreement import find_values, origin_of, say_the_same
from bot.answering.answers import Evidence
from bot.answering.candidates import find_candidates
from bot.answering.extractive import ExtractiveWriter
from bot.answering.questions import Question
from bot.answering.spans import find_spans
from retrieval.articles import Article, CopyOf, Precision
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED = "How many vehicles left the base?"
ASKED_AT = datetime(2020, 10, 1, tzinfo=UTC)


def told(source, day, text):
    """Make an article that a source published on a day of September 2020."""
    published = datetime(2020, 9, day, tzinfo=UTC)
    return Article(f"{source}-{day}", "A convoy", source, None, published, Precision.DAY, (), "en", text)


def found(*articles, copies=None, asked=ASKED):
    hits = tuple(hit_in(of, rank=n, query=asked, score=1.0) for n, of in enumerate(articles, start=1))
    weights = dict.fromkeys(terms(asked), 1.0)
    size = IndexSize(len(hits), len(hits), None)
    return Evidence(Question(asked, ASKED_AT), Findings(hits, weights, size, {}, copies or {}))


async def written(evidence):
    return await ExtractiveWriter(max_quotes=3).write(evidence)


FORTY = told("Aldenmoor Ledger", 29, "About 40 vehicles left the base on Tuesday, the ministry said.")
SIXTY = told("Harbour Post", 30, "About 60 vehicles left the base on Tuesday, a witness said.")
FORTY_TOO = told("Tidewater Lantern", 28, "Some 40 vehicles left the base, according to a shepherd.")


async def test_sources_that_differ_are_each_quoted_and_named_newest_first():
    draft = await written(found(FORTY, SIXTY))
    assert draft.agreement is not None
    assert [told.text for told in draft.agreement.differs] == ["60", "40"]
    for told_value in draft.agreement.differs:
        for n in told_value.citations:
            assert told_value.text in draft.citations[n - 1].quote


async def test_sources_that_agree_are_counted():
    draft = await written(found(FORTY, FORTY_TOO))
    assert draft.agreement is not None
    assert (draft.agreement.independent_sources, draft.agreement.differs) == (2, ())


async def test_a_copy_counts_with_its_original_as_one_source():
    def copy_of(of):
        return CopyOf(of.id, of.version, of.title, of.source, None, of.published_at, of.published_precision)

    copies = {FORTY.id: (copy_of(FORTY_TOO),), FORTY_TOO.id: (copy_of(FORTY),)}
    draft = await written(found(FORTY, FORTY_TOO, copies=copies))
    assert draft.agreement is not None
    assert draft.agreement.independent_sources == 1


async def test_one_source_that_repeats_itself_is_one_voice():
    again = told("harbour post", 27, "About 60 vehicles left the base, it was said again.")
    evidence = found(SIXTY, again, FORTY)
    ranking = find_candidates(evidence)
    values = find_values(ranking, find_spans(evidence, ranking), {})
    assert sorted(len(value.origins) for value in values) == [1, 1]


def test_the_origin_is_the_publisher_or_the_article_where_none_is_named():
    assert origin_of(FORTY, {}) == "aldenmoor ledger"
    unnamed = Article("a-1", "News", None, None, None, None, (), "en", "It rained.")
    assert origin_of(unnamed, {}) == "a-1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("40", "40", True),
        ("40", "forty", True),
        ("corvallan", "ines corvallan", True),
        ("29 september 2020", "september 29 2020", True),
        ("40", "60", False),
        ("sabha", "waddan", False),
    ],
)
def test_values_say_the_same_in_other_words(one, other, same):
    assert say_the_same(one, other) is same
    assert say_the_same(other, one) is same


def test_nothing_differs_without_spans():
    evidence = found(FORTY, asked="Tell me about the convoy")
    assert find_values(find_candidates(evidence), [], {}) == []
