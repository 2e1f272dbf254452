"""The words of a question tell what kind of answer it wants, and a sentence holds one or not."""

import time

import pytest

from bot.answering.cues import Kind, fit, gives_reason, has_kind_of_entity, kind_of, wanted_count, wants_several


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many vehicles left the base?", Kind.NUMBER),
        ("How old is the seagrass?", Kind.NUMBER),
        ("What percentage of voters took part?", Kind.PERCENT),
        ("By what amount did fares rise?", Kind.NUMBER),
        ("How much did the oil blockade cost?", Kind.MONEY),
        ("What is the estimated value of the clock?", Kind.MONEY),
        ("How far is it to Sabha?", Kind.MEASURE),
        ("Which country was hit hardest when the storm came?", Kind.COUNTRY),
        ("In which US state did it land?", Kind.STATE),
        ("Which two companies merged?", Kind.ORGANISATION),
        ("The helmet was worn by an athlete from which country?", Kind.COUNTRY),
        ("What is the name of the book she wrote?", Kind.TITLE),
        ("What was the shipyard's revenue?", Kind.MONEY),
        ("What was Malloran's winning time?", Kind.TIME),
        ("What is the military rank of General Auberlin?", Kind.NAME),
        ("Which part of the city was flooded?", Kind.PLACE),
        ("Who is the artist of the album?", Kind.NAME),
        ("What was the cause of the fire?", Kind.REASON),
        ("What does Moscow say?", Kind.QUOTE),
        ("How did the union react to the deal?", Kind.QUOTE),
        ("Who said that it never crashed?", Kind.PERSON),
        ("Name three countries that signed", Kind.COUNTRY),
        ("What are the names of the two teams?", Kind.ORGANISATION),
        ("The balloon, which officials had watched, came down off which state?", Kind.STATE),
        ("When did the school reopen?", Kind.DATE),
        ("In which year was the clock built?", Kind.YEAR),
        ("Which horse won this year's derby?", Kind.NAME),
        ("What time did the quake strike?", Kind.TIME),
        ("Who scored the winner in the cup final?", Kind.PERSON),
        ("Why was the opening put off?", Kind.REASON),
        ("What led to the fire?", Kind.REASON),
        ("Where did the convoy go?", Kind.PLACE),
        ("Which small coastal town lost its mill?", Kind.PLACE),
        ("Who leads the investigation?", Kind.PERSON),
        ("Whose van was seen?", Kind.PERSON),
        ("Which Libyan commander and politician lifted the blockade?", Kind.PERSON),
        ("Which ship was sold?", Kind.NAME),
        ("What is the name of the tanker?", Kind.TITLE),
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
    ("kind", "label", "text", "fits"),
    [
        (Kind.PLACE, "GPE", "Sabha", 1.0),
        (Kind.PLACE, "DATE", "Tuesday", 0.0),
        (Kind.PERSON, "PERSON", "Dagny Malloran", 1.0),
        (Kind.NUMBER, "CARDINAL", "40", 1.0),
        (Kind.MONEY, "MONEY", "10 billion dollars", 1.0),
        (Kind.COUNTRY, "GPE", "Libya", 1.0),
        (Kind.COUNTRY, "GPE", "the U.S.", 1.0),
        (Kind.COUNTRY, "GPE", "Sabha", 0.2),
        (Kind.COUNTRY, "DATE", "Libya", 0.0),
        (Kind.STATE, "GPE", "Alaska", 1.0),
        (Kind.STATE, "GPE", "Anchorage", 0.2),
        (Kind.TITLE, "QUOTE", "The Salt Road", 1.0),
        (Kind.YES_NO, "PERSON", "Dagny Malloran", 0.0),
        (Kind.NAME, "EVENT", "2026", 0.0),
        (Kind.YEAR, "DATE", "May 1741", 1.0),
        (Kind.YEAR, "DATE", "Thursday", 0.2),
        (Kind.TIME, "TIME", "4:18 a.m.", 1.0),
        (Kind.TIME, "TIME", "south-west", 0.2),
        (Kind.TITLE, "WORK_OF_ART", "1917", 1.0),
    ],
)
def test_an_entity_answers_questions_of_its_own_kind(kind, label, text, fits):
    assert fit(kind, label, text) == fits


def test_a_better_fitting_label_fits_better():
    assert fit(Kind.PERSON, "PERSON", "Ines") > fit(Kind.PERSON, "NAME", "Ines") > fit(Kind.PERSON, "GPE", "Ines") > 0


def test_reasons_opinions_and_yes_or_no_are_no_entities():
    assert not any(has_kind_of_entity(kind) for kind in (Kind.REASON, Kind.YES_NO, Kind.QUOTE, Kind.OTHER))
    none = (Kind.REASON, Kind.YES_NO, Kind.QUOTE, Kind.OTHER)
    assert all(has_kind_of_entity(kind) for kind in Kind if kind not in none)


@pytest.mark.parametrize(
    ("question", "is_for_several", "count"),
    [
        ("Which two schools left?", True, 2),
        ("which 3 people were charged", True, 3),
        ("Which countries signed?", True, None),
        ("Name three countries that signed", True, 3),
        ("What are the names of the crew members?", True, None),
        ("who are the finalists", True, None),
        ("which birds are most common", True, None),
        ("Which of the two teams won?", False, None),
        ("Which country signed?", False, None),
        ("Which country's banks failed?", False, None),
        ("How many countries signed?", False, None),
        ("Which days are the shops shut?", False, None),
        ("name of the mayor who resigned", False, None),
        ("Who won?", False, None),
        ("", False, None),
    ],
)
def test_a_question_for_several_names_is_told_by_its_words(question, is_for_several, count):
    assert wants_several(question) is is_for_several
    assert not is_for_several or wanted_count(question) == count


def test_a_reason_is_told_by_its_words():
    assert gives_reason("It stopped because builders found asbestos.")
    assert not gives_reason("It stopped in June.")


@pytest.mark.parametrize("text", ["A " * 20_000, "what " * 20_000, "which of " * 20_000, "how " * 20_000])
def test_no_text_makes_a_cue_slow(text):
    began = time.process_time()
    kind_of(text)
    wants_several(text)
    gives_reason(text)
    assert time.process_time() - began < 2.0
