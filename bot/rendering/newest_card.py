"""The newest articles as the card of /latest: a title, a byline and how it begins for each; the rest is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.answering.listing import Headline, Latest
from bot.locales.speaking import say
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import byline, headline, publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import escaped, one_line, shortened
from bot.rendering.wording import and_more, with_more

_TOPIC = 200
# Widths in UTF-16 code units of how an article begins: less where the articles do not fit otherwise.
_LEADS = (140, 80, 0)
_COPY = 40
_MOST_COPIES = 3


def newest_card(latest: Latest, *, now: datetime, notice: str | None = None) -> Card:
    """Render the newest articles, or say that there are none.

    What does not fit goes in this order: how the articles begin, then the oldest of them, which are counted.

    Args:
        latest: what is new.
        now: the moment, for ages.
        notice: a sentence of ours that ends the card.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters.
    """
    end = [f"-# {notice}"] if notice else []
    topic = None if latest.topic is None else escaped(shortened(one_line(latest.topic), _TOPIC))
    if not latest.headlines:
        return Card([[_none(topic)], end], ABSTENTION_COLOUR)
    return Card(first_that_fits([*layout, end] for layout in _layouts(latest, topic, now)), ANSWER_COLOUR)


def _none(topic: str | None) -> str:
    if topic is None:
        return say("There are no articles with a date yet.")
    return say("No article that I have is about **{topic}**.\nTry fewer words, or ask with /ask.", topic=topic)


def _layouts(latest: Latest, topic: str | None, now: datetime) -> Iterator[list[Section]]:
    title = say("The newest articles") if topic is None else say("The newest on {topic}", topic=topic)
    title = f"**{title}**"
    for width in _LEADS:
        lines = [_lines(one, now, width) for one in latest.headlines]
        yield [[title, *lines], _rest(latest, 0)]
    for shown in range(len(lines) - 1, 0, -1):
        yield [[title, *lines[:shown]], _rest(latest, len(lines) - shown)]


def _lines(one: Headline, now: datetime, width: int) -> str:
    lines = [f"**{headline(one.article)}**", f"{byline(one.article, now)}{_also(one)}"]
    if width and (lead := shortened(one_line(one.lead), width)):
        lines.append(f"-# {escaped(lead)}")
    return "\n".join(lines)


def _also(one: Headline) -> str:
    others = dict.fromkeys(copy.source for copy in one.copies if copy.source not in (None, one.article.source))
    if not others:
        return ""
    named = ", ".join(publisher(name, _COPY) for name in list(others)[:_MOST_COPIES])
    return " · " + say("also in {names}", names=with_more(named, len(others) - _MOST_COPIES))


def _rest(latest: Latest, unshown: int) -> list[str]:
    more = latest.more + unshown
    if latest.topic is None:
        return [f"-# {and_more(more)}"] if more else []
    older = say("older ones were not looked for") if latest.has_older else ""
    said = "; ".join(part for part in (and_more(more) if more else "", older) if part)
    return ["-# " + say("{left_out}: name the topic more closely to see others", left_out=said)] if said else []
