"""The parts of a message that are quoted are told from the rest of it."""

import pytest

from retrieval.search.quoted import quoted_parts, split_words


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ('He said "we will not leave the base" on air', ["we will not leave the base"]),
        ("He said “we’re not leaving, he said ‘no’ to me” on air", ["we’re not leaving, he said ‘no’ to me"]),
        (
            "„Wir gehen heute nicht“ und «nous partons demain matin»",
            ["Wir gehen heute nicht", "nous partons demain matin"],
        ),
        (
            "She wrote 'it's not the first time' and 'isn't it the last'?",
            ["it's not the first time", "isn't it the last"],
        ),
        ('"one two three" and "four five six" and "one two three"', ["one two three", "four five six"]),
        ("> the convoy left\n> the base today\nis that true?", ["the convoy left the base today"]),
        ('> he said "we will not leave"\nhm', ["we will not leave"]),
        ("the convoy left the base", ["the convoy left the base"]),
        ('a so-called "quote" of one word', ['a so-called "quote" of one word']),
        ("“the convoy\nleft   the base", ["“the convoy left the base"]),
        ("don't can't won't they're", ["don't can't won't they're"]),
        ("too short", []),
        ("", []),
        ("“” \"\" '' >", []),
    ],
)
def test_quotation_marks_then_quoted_lines_then_the_whole_text(message, parts):
    assert quoted_parts(message) == parts


def test_what_cannot_be_seen_parts_no_words():
    assert quoted_parts("“the con\u200bvoy le\u00adft the\u202e base”") == ["the convoy left the base"]


def test_words_are_compared_without_case_diacritics_and_punctuation_but_with_numbers_and_signs_whole():
    folded = [word.folded for word in split_words("“Café” — IT’S $3.5bn, 1,500 men; 20 % (#1)")]
    assert folded == ["cafe", "it", "s", "$", "3.5", "bn", "1,500", "men", "20", "%", "1"]


def test_a_word_names_its_place_in_the_text():
    text = "A — “Brak al-Shati”"
    assert [text[word.start : word.end] for word in split_words(text)] == ["A", "Brak", "al", "Shati"]


@pytest.mark.parametrize("character", list("\"'“‘>«»„「`* \n\u0301"))
def test_a_message_made_to_take_long_is_read_all_the_same(character):
    for message in (character * 20_000, (character + "a ") * 10_000, (character + "it's ") * 5_000):
        quoted_parts(message)
