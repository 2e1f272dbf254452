"""What fits a message, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.rendering.limits import (
    MAX_BYTES,
    MAX_CHARS,
    MAX_COMPONENTS,
    Section,
    component_count,
    first_that_fits,
    fits,
    width,
)


def test_a_character_outside_the_basic_plane_counts_twice() -> None:
    assert width("aé🙂") == 4


def test_a_card_has_its_container_its_texts_and_the_separators_between_sections() -> None:
    assert component_count([["a", "b"], ["c"], ["d"]]) == 1 + 4 + 2


def test_4000_characters_fit_and_4001_do_not() -> None:
    assert fits([["a" * (MAX_CHARS - 1)], ["b"]])
    assert not fits([["a" * MAX_CHARS], ["b"]])


def test_40_components_fit_and_41_do_not() -> None:
    assert fits([["a"] * (MAX_COMPONENTS - 1)])
    assert not fits([["a"] * MAX_COMPONENTS])


def test_10170_bytes_fit_and_more_do_not_counting_12_for_each_text() -> None:
    assert fits([["\u3042" * ((MAX_BYTES - 25) // 3), "b"]])
    assert not fits([["\u3042" * ((MAX_BYTES - 25) // 3), "bb" * 2]])


def test_buttons_count_among_the_components() -> None:
    assert fits([["a"] * 18], buttons=21)
    assert not fits([["a"] * 19], buttons=21)


def test_the_first_layout_that_fits_is_chosen_and_no_later_one_is_made() -> None:
    made: list[int] = []

    def layouts() -> Iterator[list[Section]]:
        for n in (5000, 4500, 4000, 10):
            made.append(n)
            yield [["a" * n], []]

    assert first_that_fits(layouts()) == [["a" * 4000]]
    assert made == [5000, 4500, 4000]


def test_layouts_of_which_none_fits_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="end with a shorter"):
        first_that_fits([[["a" * 4001]]])
