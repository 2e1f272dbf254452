"""Numbers, units, dates and names are read so that two ways of writing them compare as equal."""

from __future__ import annotations

import pytest

from bot.answering.details import Detail, details


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("10,000 men, 10 000 women", "number", {"10000", "10", "0"}),
        ("10\u202f000 men", "number", {"10000"}),
        ("ten thousand and 10k", "number", {"10000"}),
        ("two hundred and fifty, twenty-five", "number", {"250", "25"}),
        ("two dozen, a hundred, half a million", "number", {"24", "100", "1000000"}),
        ("£2.5bn, 3 billion, 4.20 euros", "number", {"2500000000", "3000000000", "4.2"}),
        ("the 21st, the fifth, the 1990s", "number", {"21", "5", "1990"}),
        ("between 4 and 6 percent", "number", {"4", "6"}),
        ("at 10:30 with an A380", "number", {"10:30"}),
        ("A dozen of them, hundreds more", "number", {"12"}),
        ("$5 or 5 dollars, 3%, 3 per cent", "unit", {"dollar", "percent"}),
        ("29 September 2020, Sept. 29, 2020-09-29", "date", {"09-29"}),
        ("from 12 to 15 May, 3-4 June", "date", {"05-12", "05-15", "06-03", "06-04"}),
        ("in May; they may march; 12 may have died", "date", {"05"}),
        ("on Tuesdays and Friday", "date", {"tuesday", "friday"}),
        ("Khalifa Haftar's men and Mr. Haftar", "name", {"khalifa haftar", "haftar"}),
        ("the Al-Jufra base, Al\u2011Jufra", "name", {"al jufra"}),
        ("the U.S. and the US", "name", {"us"}),
        ("they met José O'Brien and J. K. Rowe", "name", {"jose o brien", "rowe"}),
        ("Heavy rain fell. The mayor left. However, it stopped.", "name", set()),
        ("Renwick has left. Renwick's aides stayed", "name", {"renwick"}),
        ("the pro-Russian side", "name", {"russian"}),
    ],
)
def test_details_are_normalised(text: str, kind: str, values: set[str]) -> None:
    assert {detail.value for detail in details(text) if detail.kind == kind} == values


def test_the_day_of_a_date_is_no_number() -> None:
    assert {d.value for d in details("On 29 September 2020 it rained.") if d.kind == "number"} == {"2020"}


def test_details_compare_by_what_they_mean() -> None:
    assert Detail("number", "10000", "10,000", 4) == Detail("number", "10000", "ten thousand", 9)
    assert details("") == frozenset()
