"""The card of /latest lists what is newest and counts what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import convoy
import pytest

from bot.answering.listing import Headline, Latest
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.limits import MAX_CHARS, width
from bot.rendering.newest_card import newest_card
from retrieval.articles import CopyOf, Precision

NOW = datetime(2020, 10, 1, 9, tzinfo=UTC)
HEADLINE = Headline(convoy.WIRE, "Around 40 vehicles have driven out of the base.")
HOSTILE = "@everyone <@123> **x** [y](https://evil.example) `z` ||s|| \u202e # h"


def shown(latest: Latest) -> tuple[int, str]:
    (container,) = newest_card(latest, now=NOW).to_components()
    return container["accent_color"], "\n".join(one.get("content", "---") for one in container["components"])


def copy(source: str) -> CopyOf:
    return CopyOf(source, "v", "A title", source, None, NOW, Precision.DAY)


def test_an_article_has_a_linked_title_a_publisher_a_date_an_age_and_its_first_sentence() -> None:
    colour, text = shown(Latest(None, (HEADLINE,)))
    assert colour == ANSWER_COLOUR.value
    assert text.splitlines() == [
        "**The newest articles**",
        f"**[{convoy.WIRE.title}]({convoy.WIRE.url})**",
        "Sirte Coast Wire · 29 September 2020, 08:15 UTC (2 days ago)",
        "-# Around 40 vehicles have driven out of the base.",
    ]


def test_copies_are_named_three_at_most_and_the_rest_counted() -> None:
    sources = ("Sirte Coast Wire", "A Post", "B Post", "C Post", "D Post")
    text = shown(Latest(None, (replace(HEADLINE, copies=tuple(map(copy, sources))),)))[1]
    assert "(2 days ago) · also in A Post, B Post, C Post and 1 more" in text


@pytest.mark.parametrize(
    ("latest", "told"),
    [
        (Latest(None, (HEADLINE,), more=1234), "-# and 1,234 more"),
        (Latest("convoy", (HEADLINE,), more=3), "-# and 3 more: name the topic more closely to see others"),
        (
            Latest("convoy", (HEADLINE,), has_older=True),
            "-# older ones were not looked for: name the topic more closely to see others",
        ),
        (
            Latest("convoy", (HEADLINE,), more=3, has_older=True),
            "-# and 3 more; older ones were not looked for: name the topic more closely to see others",
        ),
    ],
)
def test_what_is_left_out_is_counted(latest: Latest, told: str) -> None:
    assert shown(latest)[1].splitlines()[-1] == told


def test_without_articles_it_says_so_and_what_to_do() -> None:
    assert shown(Latest(None, ())) == (ABSTENTION_COLOUR.value, "There are no articles with a date yet.")
    colour, text = shown(Latest("the moon*", ()))
    assert colour == ABSTENTION_COLOUR.value
    assert text.startswith("No article that I have is about **the moon\\***.")


def test_articles_that_do_not_fit_are_counted_with_the_rest() -> None:
    wide = replace(convoy.WIRE, title="\u3042" * 400, source="*" * 200, url="https://a.example/" + "x" * 490)
    latest = Latest("\u3042" * 300, (Headline(wide, "\u3042" * 300),) * 10, more=5)
    text = shown(latest)[1]
    assert width(text) <= MAX_CHARS
    assert f"and {5 + 10 - text.count('https://a.example/')} more" in text


def test_hostile_titles_leads_publishers_and_topics_are_shown_as_text() -> None:
    hostile = replace(convoy.WIRE, title=HOSTILE, source=HOSTILE)
    text = shown(Latest(HOSTILE, (Headline(hostile, HOSTILE, (copy(HOSTILE + "2"),)),)))[1]
    for live in ("@everyone", "<@123>", "](https://evil", "||s||", "\u202e", "`z`"):
        assert live not in text
