"""The card of /timeline tells each step's day, quote and article, and counts the steps that it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import convoy

from bot.answering.questions import Question
from bot.answering.timeline import Step, Timeline
from bot.rendering.answer_card import ABSTENTION_COLOUR
from bot.rendering.limits import MAX_CHARS, width
from bot.rendering.timeline_card import timeline_card
from retrieval.passages import IndexSize

NOW = datetime(2020, 10, 1, 9, tzinfo=UTC)
SIZE = IndexSize(20, 61, datetime(2020, 9, 30, tzinfo=UTC), "2020-09-30")
STEP = Step(date(2020, 9, 29), False, convoy.citation(1, convoy.WIRE, convoy.GUNS), 2)


def shown(*steps: Step, topic: str = "the convoy") -> tuple[int, str]:
    (container,) = timeline_card(Timeline(Question(topic, NOW), steps, SIZE, 1.0), now=NOW).to_components()
    return container["accent_color"], "\n".join(one.get("content", "---") for one in container["components"])


def test_a_step_is_a_day_a_quote_and_the_article_that_opens_at_it() -> None:
    lines = shown(STEP, replace(STEP, is_event_day=True, copies=0))[1].splitlines()
    assert lines[:3] == [
        "The story of **the convoy**, in 2 steps",
        "**29 September 2020** (reported)",
        f"“{convoy.GUNS}”",
    ]
    assert lines[3].startswith(f"-# [{convoy.WIRE.title}]({convoy.WIRE.url}#:~:text=Two%20Pantsir")
    assert lines[3].endswith(" · Sirte Coast Wire, and 2 copies")
    assert lines[4] == "**29 September 2020**"
    assert lines[-1] == "-# 20 articles in the index, the newest of 30 September 2020 (yesterday)"


def test_a_topic_without_a_story_is_said_to_have_none() -> None:
    colour, text = shown(topic="the @everyone moon")
    assert colour == ABSTENTION_COLOUR.value
    assert text.startswith("The articles I have tell no story of **the @\u200beveryone moon**.")


def test_steps_that_do_not_fit_are_counted() -> None:
    quote = "\u3042" * 900
    article = replace(convoy.article(quote, title="*" * 400, url="https://a.example/" + "x" * 400), source="_" * 90)
    text = shown(*[Step(date(2020, 9, n), True, convoy.citation(1, article, quote), 0) for n in range(1, 13)])[1]
    assert width(text) <= MAX_CHARS
    assert f"-# {12 - text.count('September 2020**')} later steps not shown" in text
    assert "…" in text
