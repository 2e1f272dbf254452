"""Two sentences are one stretch only within a paragraph."""

import pytest

from bot.answering.paragraphs import are_in_one_paragraph, may_be_quoted_together

FIRST, SECOND = "The convoy left at dawn.", "It went to the town of Sabha."


@pytest.mark.parametrize(
    ("first", "between", "second", "are_together"),
    [
        (FIRST, " ", SECOND, True),
        (FIRST, "", SECOND, True),
        (FIRST, "\n", SECOND, True),
        (FIRST, "\n", "“It went to Sabha.”", True),
        (FIRST, "\n", "By night it went to Sabha.", True),
        (FIRST, "\n\n", SECOND, False),
        (FIRST, "\n \n", SECOND, False),
        (FIRST, "\r\n\r\n", SECOND, False),
        (FIRST, " Read more. ", SECOND, False),
        (FIRST, "\n", "By Pia Lund, in the town of Tolm.", False),
        (FIRST, "\n", "Photo: the convoy near Sabha, seen on Tuesday.", False),
        (FIRST, "\n", "What we know about the convoy so far", False),
        ("What we know about the convoy so far", "\n", SECOND, False),
    ],
)
def test_a_blank_line_a_heading_a_byline_or_a_caption_ends_a_stretch(first, between, second, are_together):
    text = f"{first}{between}{second}"
    start = len(first) + len(between)
    assert are_in_one_paragraph(text, (0, len(first)), (start, len(text))) is are_together


@pytest.mark.parametrize(
    ("second", "are_together"),
    [
        ("It went to the town of Sabha.", True),
        ("The convoy had been seen before.", True),
        ("According to the ministry it went to Sabha.", True),
        ("This was the second convoy in a week.", True),
        ("A shepherd saw forty vehicles near Sabha.", False),
        ("The Hague had nothing to say on it.", False),
        ("There was no word from Sabha.", False),
        ("By Pia Lund, in the town of Tolm.", False),
        ("The story so far", False),
        ("(This story was updated to give the name.)", False),
    ],
)
def test_a_sentence_that_begins_a_paragraph_joins_the_one_before_only_if_it_leans_on_it(second, are_together):
    text = f"{FIRST}\n\n{second}"
    places = (0, len(FIRST)), (len(FIRST) + 2, len(text))
    assert may_be_quoted_together(text, *places) is are_together
    assert not are_in_one_paragraph(text, *places)


@pytest.mark.parametrize(("rest", "are_together"), [("Nobody saw it.", True), ("Nobody saw it. It was dark.", False)])
def test_where_nearly_every_sentence_is_a_paragraph_the_next_one_may_join(rest, are_together):
    second = "A shepherd saw forty vehicles near Sabha."
    text = "\n\n".join([FIRST, second, rest, rest, rest])
    start = len(FIRST) + 2
    assert may_be_quoted_together(text, (0, len(FIRST)), (start, start + len(second))) is are_together
    aside = f"Photo: {second}"
    text = text.replace(second, aside)
    assert not may_be_quoted_together(text, (0, len(FIRST)), (start, start + len(aside)))
