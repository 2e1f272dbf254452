"""Whose words a question asks for, and who speaks in a sentence."""

import time

import pytest

from bot.answering.speech import Speech, asked_speaker, find_speech, introduction, is_spoken_by
from retrieval.passages import Entity


@pytest.mark.parametrize(
    ("question", "who"),
    [
        ("What did Ines Corvallan say about the fire?", "Ines Corvallan"),
        ("what does Moscow say", "Moscow"),
        ("how did the union react to the deal", "the union"),
        ("How has the mayor responded?", "the mayor"),
        ("how did she describe the storm", "she"),
        ("what were Dagny Malloran's words", "Dagny Malloran"),
        ("What was the mayor’s reaction to the vote?", "the mayor"),
        ("What did the union call the agreement?", "the union"),
        ("what has the bank told its customers", "the bank"),
        ("what is the Kremlin saying about it", "the Kremlin"),
        ("What do you call a group of crows?", None),
        ("What is Harrow's word of the year?", None),
        ("Who said that the pencils never crashed?", None),
        ("When did the mayor say it?", None),
        ("How did the lynx get out?", None),
        ("", None),
    ],
)
def test_a_question_for_somebodys_words_names_them(question, who):
    assert asked_speaker(question) == who


def in_whole(text, sentence, *people):
    """Find the speech of a sentence of a text in which people are named."""
    start = text.index(sentence)
    named = [Entity(text.index(name), text.index(name) + len(name), "PERSON") for name in people]
    return find_speech(text, start, start + len(sentence), named)


@pytest.mark.parametrize(
    ("sentence", "speech"),
    [
        ('"We count heads, all of them," Malloran said.', Speech("Malloran", True)),
        ("“We count heads, all of them,” said the mayor of Tolm.", Speech("the mayor of Tolm", True)),
        (
            '"It went well," said the head of the centre, Ole Brandt, on Monday.',
            Speech("the head of the centre Ole Brandt", True),
        ),
        ("Its owner, Jutta Bremmer, said on Tuesday that it was sold.", Speech("Its owner Jutta Bremmer", False)),
        ("The harbour was shut, the coastguard said.", Speech("the coastguard", False)),
        ("A broken rail was the cause, according to Railtrust.", Speech("Railtrust", False)),
        ('The union called the deal "half a loaf, but warm".', Speech("The union", True)),
        ("It looked like snow, a walker told the Examiner.", Speech("a walker", False)),
        ("The union had asked for twelve.", Speech("The union", False)),
        ("His successor is called Pepper.", None),
        ('She wrote "Salt Road" in a year.', Speech("", False)),
        ('"Salt Road" was sold out.', None),
        ("The harbour was shut.", None),
    ],
)
def test_who_speaks_stands_before_the_verb_or_after_it(sentence, speech):
    assert find_speech(sentence, 0, len(sentence)) == speech


def test_she_is_whoever_was_named_last_before_with_the_office():
    text = 'Ole Brandt had left. Mayor Dagny Malloran stayed. "The fog was thick as wool," she said. Pia Lund came.'
    speech = in_whole(text, '"The fog was thick as wool," she said.', "Ole Brandt", "Dagny Malloran", "Pia Lund")
    assert speech == Speech("Mayor Dagny Malloran", True)
    assert in_whole(text, '"The fog was thick as wool," she said.') == Speech("", True)


def test_a_sentence_that_is_all_quotation_belongs_to_whoever_speaks_where_it_ends_or_spoke_before_it():
    text = (
        'Brandt said that he would go. "They may look into every drawer. In mine is liquorice," said Malloran.\n\n'
        '"I had fifty minutes," says Lund. "And no excuse at all."\n\n"Nobody knows who says this here."'
    )
    assert in_whole(text, '"They may look into every drawer.') == Speech("Malloran", True)
    assert in_whole(text, '"And no excuse at all."') == Speech("Lund", True)
    assert in_whole(text, '"Nobody knows who says this here."') == Speech("", True)


@pytest.mark.parametrize(
    ("who", "speaker", "is_theirs"),
    [
        ("dahlmoor", "chief executive Henrike Dahlmoor", True),
        ("Henrike Dahlmoor", "Dahlmoor", True),
        ("mrs Dahlmoor", "chief executive Henrike Dahlmoor", True),
        ("the mayor of Brackwater", "Mayor Oda Lindqvarn", True),
        ("the glass workers union", "The Glassworkers' Union", True),
        ("Edvin Marsk", "Transport minister Elin Marsk", False),
        ("the mayor", "the coastguard", False),
        ("the", "the coastguard", False),
        ("the mayor", "", False),
    ],
)
def test_a_speaker_is_known_by_the_last_name_or_the_office(who, speaker, is_theirs):
    assert is_spoken_by(who, speaker) is is_theirs


def test_an_office_is_known_from_where_the_article_introduces_the_name():
    text = "Fog lay in Tolm, said Mayor Pia Lund. Ole Brandt, captain of the ferry, stayed.\nLund went home."
    assert is_spoken_by("the mayor of Tolm", introduction(text, "Lund"))
    assert is_spoken_by("the captain", introduction(text, "Brandt"))
    assert introduction(text, "the mayor") == introduction(text, "Corvallan") == ""


@pytest.mark.parametrize("text", ["what did " * 20_000, '"a" said ' * 5_000, "how did a " * 20_000, '"' * 20_000])
def test_no_text_makes_it_slow(text):
    began = time.process_time()
    asked_speaker(text)
    find_speech(text, 0, len(text))
    assert time.process_time() - began < 2.0
