"""Untrusted text in Discord's Markdown: shown as it was written, and nothing else."""

from __future__ import annotations

import re
import unicodedata

import pytest
from discord_markdown import ESCAPE, LIVE, SIGNS, TOKENS, unescaped
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.limits import MAX_URL_CHARS, width
from bot.rendering.markdown import (
    BREAK,
    block_quote,
    bold,
    escaped,
    link,
    one_line,
    safe_url,
    shortened,
    visible,
)

hostile_text = st.lists(st.sampled_from(SIGNS + TOKENS) | st.text(max_size=8), max_size=12).map("".join)


def shown(markdown: str) -> str:
    """Return what a reader sees of escaped text."""
    return ESCAPE.sub(r"\1", markdown).replace(BREAK, "")


@given(hostile_text)
def test_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    assert shown(escaped(text)) == visible(text)


@given(hostile_text)
def test_escaped_text_formats_links_and_mentions_nothing(text: str) -> None:
    parsed = unescaped(escaped(text))

    assert not re.search(r"[*_~`|\[\]]", parsed)
    assert not re.search(r"^\s*(?:#|-|\+|>|\d+[.)])", parsed, re.MULTILINE)
    assert not LIVE.search(escaped(text))


@given(st.text())
def test_nothing_that_hides_or_turns_text_survives(text: str) -> None:
    left = visible(text)

    assert not {"\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\u3164", "\x00"} & set(left)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") for c in left)


@given(hostile_text)
def test_what_is_visible_stays_so(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("text", ["\u0645\u06cc\u200c\u062e\u0648", "👩\u200d🚒", "❤\ufe0f\u200d🔥", "क्\u200dष"])
def test_joiners_that_spell_a_word_or_an_emoji_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["pay\u200dpal", "@\u200ceveryone", "\u200da", "a\u200d"])
def test_joiners_that_spell_nothing_go(text: str) -> None:
    assert visible(text) == text.replace("\u200d", "").replace("\u200c", "")


def test_a_pile_of_combining_marks_is_cut_to_four() -> None:
    assert visible("Z" + "\u0335" * 30 + "algo") == "Z" + "\u0335" * 4 + "algo"


def test_line_ends_are_made_one_kind() -> None:
    assert visible("a\r\nb\rc\u2028d\u2029e\tf") == "a\nb\nc\nd\ne f"


def test_signs_are_escaped_where_they_format() -> None:
    assert escaped("# a\n- b\n1. c\n> d\n-# e *f* 2-1 #5") == "\\# a\n\\- b\n1\\. c\n\\> d\n\\-# e \\*f\\* 2-1 #5"


def test_the_end_of_a_link_without_its_beginning_cannot_take_over_a_link_before_it() -> None:
    assert "](" not in escaped("x](http://evil.example)")


def test_ordinary_text_stays_readable_as_it_is() -> None:
    text = "On 29 September (at 08:15) 40 vehicles, 5 < 6, a@paper.example: “yes” - it's true; 50 % more!"

    assert escaped(text) == text


@given(hostile_text, st.integers(1, 80))
def test_a_shortened_text_keeps_its_limit_once_escaped_and_says_that_it_was_cut(text: str, limit: int) -> None:
    cut = shortened(text, limit)

    assert width(escaped(cut)) <= limit
    assert cut == text or cut.endswith("…")


def test_a_text_is_cut_between_words() -> None:
    assert shortened("Around 40 vehicles carrying fighters", 22) == "Around 40 vehicles…"


def test_a_text_without_spaces_is_cut_where_it_must_be() -> None:
    assert shortened("abcdefghij", 5) == "abcd…"


def test_bold_is_one_line_and_escaped() -> None:
    assert bold("2 * 3\nis 6") == "**2 \\* 3 is 6**"


def test_a_block_quote_marks_every_line_and_drops_empty_ones() -> None:
    assert block_quote("a\n\n b \nc") == "> a\n> b\n> c"


def test_white_space_runs_together_on_one_line() -> None:
    assert one_line(" a\u00a0\n\n b\u3000c ") == "a b c"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://paper.example/2020/a", "https://paper.example/2020/a"),
        (" http://paper.example ", "http://paper.example"),
        ("HTTPS://paper.example/a b", "https://paper.example/a%20b"),
        ("https://paper.example/Sirte_(Libya)", "https://paper.example/Sirte_%28Libya%29"),
        ('https://paper.example/?q="<a>"&x=1#y)', "https://paper.example/?q=%22%3Ca%3E%22&x=1#y%29"),
        ("https://paper.example/**a**\\", "https://paper.example/%2A%2Aa%2A%2A%5C"),
        ("https://paper.example/%C3%A9?a=b%20c", "https://paper.example/%C3%A9?a=b%20c"),
        ("https://paper.example/@Everyone/@ann", "https://paper.example/%40Everyone/@ann"),
        ("https://zeitung.example/é", "https://zeitung.example/%C3%A9"),
        ("https://bücher.example:8080/", "https://xn--bcher-kva.example:8080/"),
    ],
)
def test_an_address_is_encoded_so_that_it_cannot_end_its_link(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@pytest.mark.parametrize(
    "url",
    [
        *(None, "", "paper.example/a", "javascript:alert(1)", "discord://-/settings", "file:///etc/passwd", "https://"),
        *(
            "https://bank.example@evil.example/",
            "https://[::1]/",
            "https://a b.example/",
            "http://.example",
            "https://[",
        ),
        *("https://paper.example/" + "a" * MAX_URL_CHARS, "https://paper.example/\ud800", "https://a<b>.example/"),
    ],
)
def test_an_address_that_must_not_be_linked_is_none(url: str | None) -> None:
    assert safe_url(url) is None


@given(st.text(), hostile_text)
def test_any_safe_address_holds_no_sign_that_formats_or_ends_a_link(start: str, rest: str) -> None:
    safe = safe_url(f"https://{start}.example/{rest}")

    assert safe is None or (len(safe) <= MAX_URL_CHARS and re.fullmatch(r"https://[!-~]+", safe))
    assert safe is None or not set("()<>[]*`|\\\"' ") & set(safe)


def test_a_link_shows_its_label_and_leads_to_its_address() -> None:
    assert link("*Live*: [1]\nday", "https://p.example/(a)") == "[\\*Live\\*: (1) day](https://p.example/%28a%29)"


def test_a_label_whose_address_must_not_be_linked_is_shown_alone() -> None:
    assert link("[Live] now", "javascript:x") == "\\[Live\\] now"
