"""A publisher's notes on its own mistakes are found, letter for letter; news about others' mistakes is not."""

import time

import pytest

from retrieval.news.corrections import Label, find_corrections, read_label

STORY = "The ferry sank off Marrow Bay.\n\nNobody was hurt, said the harbour master.\n\n"


@pytest.mark.parametrize(
    ("note", "wrong", "right"),
    [
        (
            "Correction: An earlier version of this article said the ferry carried 90 people; it is 19.",
            "the ferry carried 90 people",
            "19",
        ),
        (
            "This article was amended on 3 May 2021 to say that the ferry sank on Monday, not Sunday.",
            "Sunday",
            "the ferry sank on Monday",
        ),
        ("(Corrects paragraph 3 to say 19 instead of 90 passengers)", "90 passengers", "19"),
        ("(Corrects name of harbour in second paragraph)", None, None),
        ("(Refiles to remove repeated words in paragraph 2)", None, None),
        ("NOTE: Company corrects figure to profit from loss.", "loss", "profit"),
        (
            "Corrections & clarifications: A previous version of this story misstated the ferry's age. It is 31.",
            None,
            "31",
        ),
        ("An earlier version misstated the name of the harbour master. She is Mira Holt.", None, "Mira Holt"),
        ("An earlier version of this story incorrectly stated when the ferry was built. It was 1989.", None, "1989"),
        (
            "Clarification: An earlier version of this report incorrectly stated that the mayor of Averden resigned.",
            "the mayor of Averden resigned",
            None,
        ),
        ("Correction: The number of jobs is 720, not 1,200.", "1,200", "720"),
        (
            "Correction: The price was changed from 2.5 million euros to 3.5 million euros.",
            "2.5 million euros",
            "3.5 million euros",
        ),
        ("An earlier version of this story should have said that the ferry was empty.", None, "the ferry was empty"),
        ("(This story was updated because an earlier version included an inaccuracy.)", None, None),
        ("This story has been updated to correct the spelling of Dunmorrow.", None, None),
    ],
)
def test_a_note_is_found_with_what_was_wrong_and_what_is_right_where_it_says_so(note, wrong, right):
    (one,) = find_corrections(f"{STORY}{note}")
    assert one.text == note
    assert (one.wrong, one.right) == (wrong, right)


def test_a_note_is_named_by_its_place_in_the_text_and_ends_where_the_story_goes_on():
    text = (
        "An earlier version of this story misspelled the name of the ferry. It is the Zoë Marrow. "
        "Divers found the wreck on Friday.\n\nNobody was hurt."
    )
    (note,) = find_corrections(text)
    assert text[note.start : note.end] == note.text
    assert note.text.endswith("It is the Zoë Marrow.")
    assert note.right == "the Zoë Marrow"


def test_a_heading_that_stands_alone_belongs_to_the_note_below_it():
    (note,) = find_corrections(f"{STORY}Correction:\n\nThe ferry had 19 passengers, not 90.\n\nMore follows.")
    assert note.text == "Correction:\n\nThe ferry had 19 passengers, not 90."
    assert (note.wrong, note.right) == ("90", "19 passengers")


def test_a_note_may_run_over_the_ends_of_lines():
    (note,) = find_corrections("The ferry sank.\n    (Corrects paragraph 3 to say 19\ninstead of 90)\n")
    assert note.text == "(Corrects paragraph 3 to say 19\ninstead of 90)"
    assert (note.wrong, note.right) == ("90", "19")


def test_two_notes_are_told_in_their_order():
    first = "Correction: The ferry had 19 passengers."
    second = "This story was amended on Friday."
    assert [note.text for note in find_corrections(f"{first}\n\n{STORY}{second}")] == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "",
        "This story has been updated with new information.",
        "The White House issued a correction on Friday: the president had meant Averden.",
        "An earlier version of the bill gave hospitals twice as much.",
        "Analysts said that a correction: a fall of ten per cent, was likely.",
        "Silver Strand Mining said it has corrected its net income to 485,380 from 528,790.",
        "She plans to correct the record. The Times corrected the error and apologised.",
        "The army uses the drones for\ncorrecting artillery fire.",
        "The newspaper had wrongly said this. It was sued for it.",
        "Editor's note: The figure was corrected from 1,200 jobs to 720 jobs by the minister.",
    ],
)
def test_news_is_no_note(text):
    assert find_corrections(text) == ()


@pytest.mark.parametrize("sentence", ["this story was updated ", "an earlier version of this story ", "(", "- ", "x"])
def test_a_hostile_text_takes_no_longer_than_its_length_warrants(sentence):
    """A million characters; a pattern that backtracks over them would take hours."""
    begun = time.monotonic()
    find_corrections("Correction " + sentence * (1_000_000 // len(sentence)))
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("CORRECTED-Ferry sinks", Label.CORRECTED),
        ("(CORRECTED) - FERRY SINKS", Label.CORRECTED),
        ("Correction: the ferry had 19 passengers", Label.CORRECTED),
        ("UPDATE 2-Ferry sinks", Label.UPDATED),
        ("Updated: Ferry sinks", Label.UPDATED),
        ("WRAPUP 1-Ferry sinks", Label.UPDATED),
        ("REFILE-Ferry sinks", Label.REFILED),
        ("RPT-Ferry sinks", Label.REPEATED),
        ("Ferry sinks", None),
        ("JAMAICA CORRECTS SIZE OF RESCHEDULING", None),
        ("Update to tax law is passed", None),
        ("Correction territory: what it means", None),
        ("Repeated storms hit Averden", None),
    ],
)
def test_the_label_of_a_headline_is_read_and_an_update_is_no_correction(title, label):
    assert read_label(title) is label
