"""What two sources tell in the same words but for a stretch is contested, and both sides are named."""

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Evidence
from bot.answering.contested import find_contested, is_contested
from bot.answering.extractive import ExtractiveWriter
from bot.answering.possible import asked_stems
from bot.answering.questions import Question
from retrieval.articles import Article, CopyOf
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED_AT = datetime(2020, 10, 1, tzinfo=UTC)
ROWING = "Ines Corvallan, who is from Quarnemouth, was named the best rowing newcomer of the season on Friday."
CHESS = ROWING.replace("rowing", "chess")


def told(source, text):
    return Article(f"{source}-1", "News", source, None, None, None, (), "en", text)


def found(asked, *articles, copies=None):
    hits = tuple(hit_in(of, rank=n, query=asked, score=1.0) for n, of in enumerate(articles, start=1))
    weights = dict.fromkeys(terms(asked), 1.0)
    return Evidence(
        Question(asked, ASKED_AT), Findings(hits, weights, IndexSize(len(hits), len(hits), None), {}, copies or {})
    )


def contested(asked, *articles):
    pairs = find_contested(found(asked, *articles).findings.hits, asked_stems(asked))
    return [(one.text, other.text) for one, other in pairs]


async def differing(evidence):
    draft = await ExtractiveWriter(max_quotes=3).write(evidence)
    assert draft.agreement is not None
    return {one.text: one.sources for one in draft.agreement.differs}


@pytest.mark.parametrize(
    ("asked", "second", "expected"),
    [
        ("What sport does Ines Corvallan play?", CHESS, [("rowing", "chess")]),
        ("Where is she from?", ROWING.replace("Quarnemouth", "Port Sennick"), [("Quarnemouth", "Port Sennick")]),
        ("What does she do?", "It rained in Quarnemouth on Friday, and all boats stayed in the harbour.", []),
        ("What does she do?", ROWING, []),
        ("What does she do?", ROWING.replace("rowing newcomer", "newcomer"), []),
        ("Who is the rowing newcomer?", CHESS, []),
    ],
    ids=["a common noun", "a name", "another story", "the same", "one leaves it out", "the question names it"],
)
def test_what_differs_between_two_otherwise_equal_wordings_is_contested(asked, second, expected):
    assert contested(asked, told("Harbour Post", ROWING), told("Aldenmoor Ledger", second)) == expected


def test_what_one_publisher_says_twice_is_not_contested():
    again = Article("second", "News", "harbour post", None, None, None, (), "en", CHESS)
    assert contested("What sport does she play?", told("Harbour Post", ROWING), again) == []


async def test_both_sides_are_named_where_the_answer_is_a_common_noun():
    evidence = found(
        "What sport does Ines Corvallan play?", told("Harbour Post", ROWING), told("Aldenmoor Ledger", CHESS)
    )
    assert await differing(evidence) == {"rowing": 1, "chess": 1}


async def test_a_copy_that_differs_in_the_answer_speaks_for_itself():
    first, second = told("Harbour Post", ROWING), told("Aldenmoor Ledger", ROWING.replace("Quarnemouth", "Sennick"))

    def copy_of(of):
        return CopyOf(of.id, of.version, of.title, of.source, None, None, None)

    copies = {first.id: (copy_of(second),), second.id: (copy_of(first),)}
    evidence = found("Where is Ines Corvallan from?", first, second, copies=copies)
    assert set(await differing(evidence)) == {"Quarnemouth", "Sennick"}


async def test_each_side_tells_how_many_sources_it_has_and_repetition_by_one_adds_none():
    text = "Some 40 vehicles left the base near Sabha on Tuesday, the regional ministry said."
    poisoned = text.replace("40", "90")
    again = Article("again", "News", "Rumour Mill", None, None, None, (), "en", f"{poisoned} It said so twice.")
    lantern = told("Tidewater Lantern", "A convoy of 40 vehicles left the base, a shepherd said.")
    articles = [told("Rumour Mill", poisoned), again, told("Harbour Post", text), lantern]
    assert await differing(found("How many vehicles left the base?", *articles)) == {"90": 1, "40": 2}


async def test_sources_that_agree_on_what_is_asked_do_not_differ_by_something_else():
    text = "About 40 vehicles left the base on Tuesday. Three shepherds were hurt by them near the old well of Sabha."
    evidence = found(
        "How many vehicles left the base?",
        told("Harbour Post", text),
        told("Aldenmoor Ledger", text.replace("Three", "Four")),
    )
    assert await differing(evidence) == {}


@pytest.mark.parametrize(("second", "expected"), [(CHESS, True), (ROWING, False)])
def test_a_question_is_contested_where_two_sources_differ_in_what_could_answer(second, expected):
    asked = "What sport does Ines Corvallan play?"
    evidence = found(asked, told("Harbour Post", ROWING), told("Aldenmoor Ledger", second))
    assert is_contested(evidence) is expected
