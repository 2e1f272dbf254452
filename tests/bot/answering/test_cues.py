"""The words of a question tell what kind of answer it wants, and a sentence holds one or not."""

import time

import pytest

from bot.answering.cues import Kind, holds_answer, kind_of, new_names


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many vehicles left the base?", Kind.NUMBER),
        ("How old is the seagrass?", Kind.NUMBER),
        ("What percentage of voters took part?", Kind.NUMBER),
        ("By what amount did fares rise?", Kind.NUMBER),
        ("When did the school reopen?", Kind.DATE),
        ("In which year was the clock built?", Kind.DATE),
        ("Why was the opening put off?", Kind.REASON),
        ("What led to the fire?", Kind.REASON),
        ("Where did the convoy go?", Kind.PLACE),
        ("Which small coastal town lost its mill?", Kind.PLACE),
        ("Who leads the investigation?", Kind.PERSON),
        ("Whose van was seen?", Kind.PERSON),
        ("Which Libyan commander and politician lifted the blockade?", Kind.PERSON),
        ("Which ship was sold?", Kind.NAME),
        ("What is the name of the tanker?", Kind.NAME),
        ("Did anyone die?", Kind.YES_NO),
        ("Is the mayor a pilot?", Kind.YES_NO),
        ("WHERE is it", Kind.PLACE),
        ("Tell me about the strike", Kind.OTHER),
        ("", Kind.OTHER),
        ("¿?", Kind.OTHER),
    ],
)
def test_the_kind_of_answer_wanted(question, kind):
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "held"),
    [
        (Kind.NUMBER, "Around 40 vehicles left.", "How many vehicles left?", True),
        (Kind.NUMBER, "Nineteen goals were scored.", "How many goals?", True),
        (Kind.NUMBER, "All vehicles left.", "How many vehicles left?", False),
        (Kind.NUMBER, "The 40 vehicles left.", "How far did the 40 vehicles go?", False),
        (Kind.DATE, "It opens on 2 November.", "When does it open?", True),
        (Kind.DATE, "It was built in 1741.", "When was it built?", True),
        (Kind.DATE, "It opened in 2020.", "When in 2020 did it open?", False),
        (Kind.DATE, "It opens soon.", "When does it open?", False),
        (Kind.REASON, "It stopped because builders found asbestos.", "Why did it stop?", True),
        (Kind.REASON, "It stopped in June.", "Why did it stop?", False),
        (Kind.PLACE, "It went to Brak al-Shati.", "Where did it go?", True),
        (Kind.PLACE, "It went to the port of Hariga.", "Where did it go?", True),
        (Kind.PLACE, "It fell in the eastern town of Tobruk.", "Where did it fall?", True),
        (Kind.PLACE, "It left for good.", "Where did it go?", False),
        (Kind.PLACE, "It was seen near Sukna.", "What was seen near Sukna, and where?", False),
        (Kind.PERSON, "The inquiry is led by Dagny Malloran.", "Who leads the inquiry?", True),
        (Kind.PERSON, "It is led by an inspector.", "Who leads the inquiry?", False),
        (Kind.NAME, "The ship is called the Lady Maude.", "Which ship was sold?", True),
        (Kind.YES_NO, "Yes, it is Brak.", "Is it Brak?", False),
        (Kind.OTHER, "It is Brak.", "Tell me more", False),
    ],
)
def test_a_sentence_holds_something_of_the_wanted_kind_that_the_question_does_not_name(kind, sentence, question, held):
    assert holds_answer(kind, sentence, question) is held


def test_a_single_capital_that_only_begins_a_sentence_is_no_name():
    assert new_names("Loading goes on. Ships wait for Ahmed Maiteq in Tripoli now.") == ["Ahmed Maiteq", "Tripoli"]
    assert new_names("Ines Corvallan won.") == ["Ines Corvallan"]
    assert new_names("“Nobody knows,” he said.") == []
    assert new_names("") == []


def test_names_of_other_scripts_and_joined_names_are_found():
    assert new_names("He met Łukasz Żak? No, he met Òscar Áñez there")[-1] == "Òscar Áñez"
    assert new_names("They study at the University of Leeds now") == ["University of Leeds"]


@pytest.mark.parametrize("text", ["A " * 20_000, "Aa'" * 20_000, "what " * 20_000, "in the " * 20_000, "1," * 20_000])
def test_no_text_makes_a_cue_slow(text):
    began = time.process_time()
    for kind in Kind:
        holds_answer(kind, text, "who?")
    kind_of(text)
    assert time.process_time() - began < 2.0
