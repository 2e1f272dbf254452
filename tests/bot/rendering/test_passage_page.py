"""The page of one source: its quote in context, what became of the article, and a link that opens it there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import convoy
import pytest
from fake_discord.component_limits import check_layout

from bot.answering.kept import kept_fields
from bot.answering.rereading import QuoteInPlace, Since
from bot.rendering.passage_page import CHANGED_COLOUR, PASSAGE_COLOUR, passage_page
from retrieval.articles import Article

NOW = convoy.ASKED_AT + timedelta(days=1)
PLACE = QuoteInPlace(Since.UNCHANGED, "Before it. ", convoy.GUNS, " After it.")


def page(place: QuoteInPlace, of: Article = convoy.WIRE, quote: str = convoy.GUNS) -> dict[str, Any]:
    """Render a page of one quote, within Discord's limits, and return its container."""
    (citation,) = kept_fields(convoy.answer_quoting(convoy.citation(1, of, quote)))["citations"]
    components = passage_page(citation, place, now=NOW).to_components()
    assert list(check_layout(components)) == []
    (container,) = components
    return container


def text_of(container: dict[str, Any]) -> str:
    return "\n".join(child.get("content", "---") for child in container["components"] if child["type"] != 1)


def test_the_quote_stands_in_bold_in_its_context_below_who_said_it_and_when() -> None:
    shown = page(PLACE)

    ends = "Two%20Pantsir%20air%2Ddefence%20systems%20and,guns%20travelled%20with%20the%20vehicles."
    link = f"{convoy.WIRE.url}#:~:text={ends}"
    assert text_of(shown).split("\n") == [
        f"**\\[1\\] [{convoy.WIRE.title}]({link})**",
        "Sirte Coast Wire · 29 September 2020, 08:15 UTC (3 days ago)",
        "---",
        f"> Before it. **{convoy.GUNS}** After it.",
    ]
    (button,) = shown["components"][-1]["components"]
    assert (button["label"], button["style"], button["url"]) == ("Open the article", 5, link)
    assert shown["accent_color"] == PASSAGE_COLOUR.value


@pytest.mark.parametrize(
    ("place", "note"),
    [
        (
            replace(PLACE, since=Since.CHANGED_AROUND, changed_at=convoy.ASKED_AT),
            "The article was changed on 1 October 2020 (yesterday); these words still stand in it.",
        ),
        (replace(PLACE, since=Since.CHANGED), "The article was changed; these words no longer stand in it."),
        (
            QuoteInPlace(Since.WITHDRAWN, changed_at=convoy.ASKED_AT, reason="*canceled*"),
            "Its publisher took this article back on 1 October 2020 (yesterday): \\*canceled\\*",
        ),
        (QuoteInPlace(Since.WITHDRAWN), "Its publisher took this article back."),
        (QuoteInPlace(Since.HELD), "Its publisher holds this article back for now."),
        (QuoteInPlace(Since.GONE), "This article is no longer in my archive."),
    ],
)
def test_what_became_of_the_article_is_told_above_what_may_be_shown_of_it(place: QuoteInPlace, note: str) -> None:
    shown = page(place)

    assert f"⚠️ {note}" in text_of(shown).split("\n")
    assert (convoy.GUNS in text_of(shown)) == bool(place.quote)
    assert shown["accent_color"] == CHANGED_COLOUR.value


def test_an_article_without_an_address_has_no_button() -> None:
    of = convoy.article("The quote.", title="A title")

    shown = page(replace(PLACE, quote="The quote."), of, "The quote.")

    assert "**\\[1\\] A title**" in text_of(shown)
    assert all(child["type"] != 1 for child in shown["components"])


@pytest.mark.parametrize("wide", ["*", "\u3042", "🙂"])
def test_the_widest_of_everything_keeps_within_the_limits_and_is_cut_visibly(wide: str) -> None:
    of = convoy.article(wide * 9000, title=wide * 900, url="https://paper.example/".ljust(512, "u"), source=wide * 900)
    of = replace(of, usage_terms=wide * 900)
    place = QuoteInPlace(Since.CHANGED, wide * 600, wide * 9000, wide * 600, convoy.ASKED_AT, wide * 900)

    assert "…**" in text_of(page(place, of, wide * 9000))


def test_hostile_words_stay_words() -> None:
    text = "@everyone [win](https://evil.example) <@1>"
    place = QuoteInPlace(Since.UNCHANGED, text, text, text)

    shown = text_of(page(place, convoy.article(text, title=text, source=text), text))

    assert "@everyone" not in shown
    assert "](https" not in shown
    assert "<@1>" not in shown
