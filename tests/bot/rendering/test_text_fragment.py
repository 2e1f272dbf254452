"""Links open an article at its quote, whatever signs the quote has, as long as Discord takes the address."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from bot.rendering.limits import MAX_URL_CHARS
from bot.rendering.text_fragment import link_to_quote

URL = "https://paper.example/a"


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("Two guns.", "Two%20guns."),
        ("A well-known, dear & old (one)", "A%20well%2Dknown%2C%20dear%20%26%20old%20%28one%29"),
        ("one two three four five six seven eight nine ten eleven", "one%20two%20three%20four%20five,"),
        ("Né à Paris", "N%C3%A9%20%C3%A0%20Paris"),
    ],
)
def test_a_quote_is_percent_encoded_and_a_long_one_named_by_its_ends(quote: str, fragment: str) -> None:
    linked = link_to_quote(URL, quote)

    assert linked is not None
    assert linked.startswith(f"{URL}#:~:text={fragment}")


def test_a_long_quote_ends_in_its_last_words() -> None:
    linked = link_to_quote(URL, " ".join(f"w{n}" for n in range(40)))

    assert linked == f"{URL}#:~:text=w0%20w1%20w2%20w3%20w4,w35%20w36%20w37%20w38%20w39"


def test_a_short_quote_over_two_paragraphs_is_named_by_its_ends() -> None:
    assert link_to_quote(URL, "One two three.\n\nFour five six.") == f"{URL}#:~:text=One%20two,five%20six."


def test_an_address_with_a_fragment_keeps_it() -> None:
    assert link_to_quote(f"{URL}#top", "Two guns.") == f"{URL}#top:~:text=Two%20guns."


def test_where_the_quote_makes_the_address_too_long_fewer_of_its_words_or_none_are_named() -> None:
    url = URL.ljust(400, "u")
    long, longer = "日本語のとても長い言葉" * 2, "日" * 300
    shorter = link_to_quote(url, " ".join(f"word{n}" * 2 for n in range(20)))
    assert shorter is not None
    assert len(shorter) <= MAX_URL_CHARS
    assert unquote(shorter).count("word") < 20
    assert link_to_quote(url, f"{long} {longer}") == url


def test_an_address_that_must_not_be_linked_is_not() -> None:
    assert link_to_quote("javascript:alert(1)", "Two guns.") is None
    assert link_to_quote(None, "Two guns.") is None
