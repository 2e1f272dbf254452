"""Names that a sentence lists together answer a question for several, as one stretch."""

import pytest

from bot.answering.cues import Kind
from bot.answering.extractive import ExtractiveWriter
from bot.answering.lists import LIST, with_lists
from bot.answering.possible import Possible, asked_stems
from bot.answering.testing import make_evidence, make_hit
from retrieval.passages import Entity

ASKED = asked_stems("Which places were shut after the fire in Hun?")


def listed(text, *written, label="GPE", fit=1.0, count=None, asked=ASKED):
    """List the stretches of a text in which entities of a label are named."""
    entities = [Entity(text.index(one), text.index(one) + len(one), label) for one in written]
    possible = [Possible(one.start, one.end, label, text[one.start : one.end].casefold(), fit) for one in entities]
    found = with_lists(text, 0, possible, entities, asked, count, lambda one: fit)
    return [text[one.start : one.end] for one in found if one.label == LIST]


@pytest.mark.parametrize(
    ("text", "written", "stretches"),
    [
        ("They met Chad, Niger and Mali there.", ["Chad", "Niger", "Mali"], ["Chad, Niger and Mali"]),
        ("They met Chad, Niger, and Mali.", ["Chad", "Niger", "Mali"], ["Chad, Niger, and Mali"]),
        ("Shops in Waddan and in Zella closed.", ["Waddan", "Zella"], ["Waddan and in Zella"]),
        ("Waddan as well as Zella closed.", ["Waddan", "Zella"], ["Waddan as well as Zella"]),
        ("Ines and Dagny Malloran bought it.", ["Dagny Malloran"], ["Ines and Dagny Malloran"]),
        ("But Waddan and Zella closed.", ["Waddan", "Zella"], ["Waddan and Zella"]),
        ("The road from Hun to Waddan and Zella closed.", ["Waddan"], ["Waddan and Zella"]),
        ("It is in Waddan, Zella.", ["Waddan", "Zella"], []),
        ("Waddan fell before Zella did.", ["Waddan", "Zella"], []),
        ("Only Waddan and nobody else closed.", ["Waddan"], []),
        ("Waddan and Zella closed.", [], []),
        ("Nothing closed.", [], []),
    ],
)
def test_names_joined_by_commas_and_an_and_are_one_list(text, written, stretches):
    assert listed(text, *written) == stretches


def test_an_organisation_that_holds_an_and_is_no_list():
    assert listed("It was sold to Grane and Daughter.", "Grane and Daughter", label="ORG") == []
    assert listed("It was sold to Grane and Daughter.", "Grane and Daughter", label="NAME") == ["Grane and Daughter"]


def test_only_a_list_of_as_many_as_are_wanted_counts():
    text = "They met Chad, Niger and Mali there, and later Waddan and Zella."
    assert listed(text, "Chad", "Niger", "Mali", "Waddan", "Zella", count=2) == ["Waddan and Zella"]
    assert listed(text, "Chad", "Niger", "Mali", count=4) == []


def test_the_question_may_name_some_of_a_list_but_not_all():
    assert listed("The line between Waddan and Hun is shut.", "Waddan") == ["Waddan and Hun"]
    assert listed("The line between Waddan and Hun is shut.", "Waddan", asked=asked_stems("Waddan to Hun")) == []


def test_what_hardly_fits_is_not_listed():
    assert listed("They met Chad and Niger.", "Chad", "Niger", fit=0.2) == []


def test_a_name_that_stands_alone_answers_half_as_well():
    text = "Chad and Niger met Waddan."
    entities = [Entity(0, 4, "GPE"), Entity(9, 14, "GPE"), Entity(19, 25, "GPE")]
    possible = [Possible(one.start, one.end, "GPE", text[one.start : one.end].casefold(), 1.0) for one in entities]
    found = with_lists(text, 0, possible, entities, ASKED, None, lambda one: 0.9)
    assert [(one.label, one.fit) for one in found] == [(LIST, 0.9), ("GPE", 0.5), ("GPE", 0.5), ("GPE", 0.5)]


async def short(asked, *texts):
    hits = [make_hit(text, rank) for rank, text in enumerate(texts, start=1)]
    return await ExtractiveWriter(max_quotes=3).write(make_evidence(*hits, question=asked))


ALONE = "The ferry in the autumn goes to the town of Waddan on most days of the week."
BOTH = "The ferry in the autumn goes to Tolm and Skerrin on most days of the week."


async def test_the_short_answer_is_the_whole_list_cut_from_the_quote():
    draft = await short("Which two towns does the ferry go to?", ALONE, BOTH)
    assert draft.short_answer is not None
    assert (draft.short_answer.text, draft.short_answer.kind) == ("Tolm and Skerrin", Kind.PLACE)
    assert draft.short_answer.text in draft.citations[draft.short_answer.citation - 1].quote


async def test_without_a_list_there_is_no_short_answer():
    assert (await short("Which two towns does the ferry go to?", ALONE)).short_answer is None
    assert (await short("Which three towns does the ferry go to?", BOTH)).short_answer is None


async def test_names_of_one_list_do_not_differ_from_each_other():
    draft = await short("Which towns does the ferry go to?", ALONE, BOTH)
    assert draft.agreement is not None
    assert draft.agreement.differs == ()


def test_no_text_makes_it_slow():
    text = "Chad, " * 3_000 + "And " * 3_000
    assert listed(text, "Chad") == []
