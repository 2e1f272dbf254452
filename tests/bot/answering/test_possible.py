"""What could be the short answer: entities and quoted names of the wanted kind that the question does not name."""

import pytest

from bot.answering.cues import Kind
from bot.answering.possible import asked_stems, find_possible, key_of
from retrieval.index.entities import RuleTagger


def keys(kind, text, question=""):
    """List the keys of what is found in a sentence that begins at code point 100 of its article."""
    (entities,) = RuleTagger().tag([text], ["en"])
    moved = [one._replace(start=one.start + 100, end=one.end + 100) for one in entities]
    return [one.key for one in find_possible(kind, text, 100, moved, asked_stems(question))]


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "found"),
    [
        (Kind.NUMBER, "Around 40 vehicles left.", "How many vehicles left?", ["40"]),
        (Kind.NUMBER, "Nineteen goals were scored.", "How many goals?", ["nineteen"]),
        (Kind.NUMBER, "The 40 vehicles left.", "How far did the 40 vehicles go?", []),
        (Kind.DATE, "It was built in 1741.", "When was it built?", ["1741"]),
        (Kind.DATE, "It opens soon.", "When does it open?", []),
        (Kind.PLACE, "It went to Brak al-Shati.", "Where did it go?", ["brak al shati"]),
        (Kind.PLACE, "It was seen near Sukna.", "What was seen near Sukna, and where?", []),
        (Kind.PLACE, "It left Libya for Sukna.", "Which town did the Libyan convoy reach?", ["sukna"]),
        (Kind.PERSON, "The inquiry is led by Dagny Malloran.", "Who leads the inquiry?", ["dagny malloran"]),
        (Kind.PERSON, "It is led by an inspector.", "Who leads the inquiry?", []),
        (Kind.TITLE, "She wrote “The Salt Road” there.", "What is the title?", ["salt road"]),
        (Kind.TITLE, "“we had never seen it,” he said.", "What is the title?", []),
        (Kind.YES_NO, "Yes, it is Brak.", "Is it Brak?", []),
        (Kind.OTHER, "It went to Brak.", "Tell me more", []),
    ],
)
def test_what_could_answer_is_of_the_wanted_kind_and_new(kind, sentence, question, found):
    assert keys(kind, sentence, question) == found


def test_a_place_stands_at_its_code_points_of_the_article():
    text = "It went to Sabha."
    (entities,) = RuleTagger().tag([text], ["en"])
    moved = [one._replace(start=one.start + 7, end=one.end + 7) for one in entities]
    (one,) = find_possible(Kind.PLACE, text, 7, moved, frozenset())
    assert (one.start, one.end, one.fit) == (18, 23, 1.0)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("The Kremlin's", "kremlin"),
        ("about $134 million", "134 million"),
        ("Óscar Áñez", "oscar anez"),
        ("the", ""),
        ("", ""),
    ],
)
def test_equal_answers_have_equal_keys(written, key):
    assert key_of(written) == key


def test_where_something_went_is_not_what_it_left():
    text = "The convoy left Al-Jufra and travelled to Sabha."
    (entities,) = RuleTagger().tag([text], ["en"])
    fits = {one.key: one.fit for one in find_possible(Kind.PLACE, text, 0, entities, asked_stems("Where did it go?"))}
    assert fits["sabha"] > fits["al jufra"]
    fits = {one.key: one.fit for one in find_possible(Kind.PLACE, text, 0, entities, asked_stems("Where is it from?"))}
    assert fits["al jufra"] >= 0.6


def test_a_place_by_which_another_is_described_fits_less():
    text = "It went to Brak al-Shati, north of Sabha."
    (entities,) = RuleTagger().tag([text], ["en"])
    fits = {one.key: one.fit for one in find_possible(Kind.PLACE, text, 0, entities, asked_stems("Where did it go?"))}
    assert fits["brak al shati"] > fits["sabha"] > 0


def test_a_name_that_the_tagger_does_not_see_is_one_all_the_same():
    text = "In the end Golden Tempo won. The crowd cheered."
    (one,) = find_possible(Kind.NAME, text, 0, [], asked_stems("Which horse won the derby?"))
    assert (text[one.start : one.end], one.label) == ("Golden Tempo", "NAME")
