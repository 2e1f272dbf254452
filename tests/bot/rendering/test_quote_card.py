"""The card of a quote tells who says it, shows what differs word by word, and breaks on nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import convoy
import pytest

from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.limits import MAX_CHARS, width
from bot.rendering.quote_card import quote_card
from retrieval.articles import Article
from retrieval.search.quotes import QuoteFinding, QuoteFindings, QuoteMatch, Run

NOW = datetime(2020, 10, 1, 9, tzinfo=UTC)
HOSTILE = "@everyone <@123> **x** ~~y~~ [y](https://evil.example) `z` ||s|| \u202e"


def match(*runs: Run, of: Article = convoy.WIRE, in_title: bool = False) -> QuoteMatch:
    return QuoteMatch(of, in_title, 0, 10, runs)


def same(words: str) -> Run:
    return Run(True, words, words)


def shown(*findings: QuoteFinding, left_out: int = 0) -> tuple[int, str]:
    (container,) = quote_card(QuoteFindings(findings, left_out), now=NOW).to_components()
    return container["accent_color"], "\n".join(one.get("content", "---") for one in container["components"])


def test_a_quote_word_for_word_is_shown_with_title_publisher_date_and_link_to_its_place() -> None:
    colour, text = shown(QuoteFinding("five guns travelled", match(same("five guns travelled"))))
    assert colour == ANSWER_COLOUR.value
    assert text.splitlines() == [
        "**Word for word in:**",
        f"**[{convoy.WIRE.title}]({convoy.WIRE.url}#:~:text=five%20guns%20travelled)**",
        "Sirte Coast Wire · 29 September 2020, 08:15 UTC (2 days ago)",
        "> “five guns travelled”",
    ]


def test_a_near_quote_strikes_what_was_changed_and_sets_the_publishers_words_in_bold() -> None:
    runs = (
        same("Two Pantsir and"),
        Run(False, "nine", "five"),
        same("guns"),
        Run(False, "", "slowly"),
        Run(False, "oh", ""),
    )
    text = shown(QuoteFinding("...", match(*runs)))[1]
    assert text.startswith("**Nearly so, but not word for word, in:**")
    assert "> “Two Pantsir and ~~nine~~ **five** guns **slowly** ~~oh~~”" in text
    assert "-# **bold**: the article's words" in text


def test_a_headline_is_named_as_such_and_linked_without_a_place_in_the_text() -> None:
    text = shown(QuoteFinding("...", match(same("Wagner convoy leaves"), in_title=True)))[1]
    assert text.startswith("**Word for word in the headline of:**")
    assert f"({convoy.WIRE.url})" in text


def test_a_quote_that_no_article_has_is_not_in_the_index_which_proves_nothing() -> None:
    colour, text = shown(QuoteFinding("the moon is made of cheese", None))
    assert colour == ABSTENTION_COLOUR.value
    assert text.splitlines()[:2] == ["**Not in my index:**", "> “the moon is made of cheese”"]
    assert "no proof that nobody said it" in text


def test_other_articles_that_have_it_are_named_and_counted() -> None:
    text = shown(QuoteFinding("...", match(same("a b c")), (convoy.LEDGER,) * 5))[1]
    assert f"-# also in [{convoy.LEDGER.title}]({convoy.LEDGER.url}) (The Aldenmoor Ledger), " in text
    assert text.endswith(" and 2 more")


def test_what_was_not_looked_for_or_compared_is_told() -> None:
    text = shown(QuoteFinding("...", match(same("a b c")), is_cut=True), left_out=2)[1]
    assert "-# Only its first 300 words were compared." in text
    assert "-# 2 further quotes of that message not shown" in text


def test_a_message_without_anything_to_look_for_is_told_what_a_quote_is() -> None:
    assert "three words or more" in shown()[1]


@pytest.mark.parametrize("words", [HOSTILE, "\u3042" * 3000, "*~" * 1500, "a " * 1500, "\u200b"])
def test_any_five_quotes_fit_and_nothing_in_them_is_live(words: str) -> None:
    hostile = replace(
        convoy.article(words, title=words.strip() or "x", url="https://a.example/" + "x" * 480), source=words
    )
    runs = [Run(n % 2 == 0, words[n * 100 :], words[n * 100 :]) for n in range(20)]
    found = QuoteFinding(words, match(*runs, of=hostile), (hostile,) * 9, is_cut=True)
    _, text = shown(found, found, QuoteFinding(words, None), found, found, left_out=9)
    assert width(text) <= MAX_CHARS
    for live in ("@everyone", "<@123>", "](https://evil", "||s||", "\u202e", "`z`"):
        assert live not in text
