"""A story's steps as the card of /timeline: the day, the quoted sentence, and the article that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.answering.timeline import Step, Timeline
from bot.locales.speaking import say, say_counted
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import headline, publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import bold, escaped, one_line, shortened
from bot.rendering.wording import date_words, indexed
from retrieval.articles import Precision, published_text

_TOPIC = 200
# Widths of a step's quote in UTF-16 code units: less where the steps do not fit otherwise.
_QUOTES = (600, 300, 160)
_SOURCE = 60


def timeline_card(timeline: Timeline, *, now: datetime, notice: str | None = None) -> Card:
    """Render a story, oldest step first, or say that the articles tell nothing of it.

    What does not fit goes in this order: the ends of quotes, which then end in "…", then the latest steps, counted.

    Args:
        timeline: the story.
        now: the moment, for ages.
        notice: a sentence of ours that ends the card.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters.
    """
    end = [f"-# {notice}"] if notice else []
    topic = bold(shortened(one_line(timeline.question.as_typed), _TOPIC))
    if not timeline.steps:
        said = say(
            "The articles I have tell no story of {topic}.\nName a person, a place or an event, or ask with /ask.",
            topic=topic,
        )
        return Card([[said], end], ABSTENTION_COLOUR)
    return Card(first_that_fits([*layout, end] for layout in _layouts(timeline, topic, now)), ANSWER_COLOUR)


def _layouts(timeline: Timeline, topic: str, now: datetime) -> Iterator[list[Section]]:
    count = len(timeline.steps)
    title = say_counted(
        "The story of {topic}, in {count} step", "The story of {topic}, in {count} steps", count, topic=topic
    )
    index = timeline.index
    newest = index.newest_published
    if newest is None and index.newest_published_at is not None:
        newest = published_text(index.newest_published_at, Precision.DAY)
    foot = f"-# {indexed(index.articles, newest, now)}"
    for width in _QUOTES:
        steps = [_step(one, width) for one in timeline.steps]
        yield [[title, *steps], [foot]]
    for shown in range(len(steps) - 1, 0, -1):
        yield [[title, *steps[:shown]], [f"-# {_unshown(len(steps) - shown)}", foot]]


def _unshown(steps: int) -> str:
    return say_counted("{count} later step not shown", "{count} later steps not shown", steps)


def _step(step: Step, width: int) -> str:
    day = date_words(datetime.combine(step.day, datetime.min.time()), Precision.DAY)
    day = f"**{day}**" if step.is_event_day else say("**{day}** (reported)", day=day)
    article = step.citation.article
    quote = escaped(shortened(one_line(step.citation.quote), width))
    source = publisher(article.source, _SOURCE)
    if step.copies:
        source = say_counted("{source}, and {count} copy", "{source}, and {count} copies", step.copies, source=source)
    return f"{day}\n“{quote}”\n-# {headline(article, quote=step.citation.quote)} · {source}"
