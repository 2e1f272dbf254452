"""Publishers are offered by what is typed, and meant by what is sent."""

from __future__ import annotations

import pytest

from bot.cogs.source_choices import meant_sources, source_choices

NAMES = ("Sirte Coast Wire", "The Aldenmoor Ledger", "Wire Post", "Aldenmoor Today", "x" * 101)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", list(NAMES[:4])),
        ("wire", ["Wire Post", "Sirte Coast Wire"]),
        ("  ALDENMOOR ", ["Aldenmoor Today", "The Aldenmoor Ledger"]),
        ("xxx", []),  # longer than Discord takes
        ("nobody", []),
    ],
)
def test_names_that_begin_so_come_before_those_that_hold_it(typed: str, offered: list[str]) -> None:
    assert [choice.value for choice in source_choices(NAMES, typed)] == offered


def test_no_more_than_25_are_offered_each_within_100_characters() -> None:
    offered = source_choices([f"Paper {n} {'x' * 90}" for n in range(40)], "paper")
    assert len(offered) == 25
    assert all(len(choice.name) <= 100 and len(choice.value) <= 100 for choice in offered)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (None, ()),
        ("  ", ()),
        ("wire post", ("Wire Post",)),
        ("aldenmoor", ("The Aldenmoor Ledger", "Aldenmoor Today")),
        ("Nobody's Gazette", ("nobody's gazette",)),
    ],
)
def test_one_who_did_not_choose_means_the_names_that_hold_what_was_sent(
    sent: str | None, meant: tuple[str, ...]
) -> None:
    assert meant_sources(NAMES, sent) == meant


def test_a_part_that_many_names_hold_means_no_more_than_ten() -> None:
    assert len(meant_sources([f"Paper {n}" for n in range(40)], "paper")) == 10
