"""A quote is aligned with the stretch of a text that it comes closest to."""

import pytest

from retrieval.search.alignment import align

TEXT = "on tuesday the convoy left the base for the south the source said".split()


def spelled(quote, text=TEXT):
    """Write the alignment as word/word, with - for a word that one side lacks."""
    quote = quote.split()
    pairs = align(quote, text, most_changes=len(quote)).pairs
    return " ".join(f"{'-' if i is None else quote[i]}/{'-' if j is None else text[j]}" for i, j in pairs)


@pytest.mark.parametrize(
    ("quote", "changed", "aligned"),
    [
        ("the convoy left the base", 0, "the/the convoy/convoy left/left the/the base/base"),
        ("the convoy quit the base", 1, "the/the convoy/convoy quit/left the/the base/base"),
        ("the big convoy left the base", 1, "the/the big/- convoy/convoy left/left the/the base/base"),
        (
            "the convoy left for the south",
            2,
            "the/the convoy/convoy left/left -/the -/base for/for the/the south/south",
        ),
        ("said", 0, "said/said"),
    ],
)
def test_words_changed_added_and_left_out_cost_one_each(quote, changed, aligned):
    assert align(quote.split(), TEXT, most_changes=changed).changes == changed
    assert align(quote.split(), TEXT, most_changes=changed - 1) is None
    assert spelled(quote) == aligned


def test_two_texts_that_part_ways_at_an_end_are_not_set_against_each_other():
    """ "omg he told me" is no other version of what stands before the quote."""
    text = "five guns went along as well yesterday the convoy left the base at noon".split()
    assert spelled("omg he told me the convoy left the base", text) == (
        "omg/- he/- told/- me/- the/the convoy/convoy left/left the/the base/base"
    )
    assert spelled("one convoy left the base", text).startswith("one/the convoy/convoy")


def test_a_quote_has_no_more_changes_than_words():
    assert align(["a", "b"], ["c"] * 5, most_changes=2).changes == 2
    assert align(["a", "b"], [], most_changes=2).changes == 2
    assert align(["a", "b"], ["b", "a"], most_changes=0) is None
