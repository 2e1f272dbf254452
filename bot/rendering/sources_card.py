"""The publishers and feeds as the card of /sources: how much there is of each, and how new it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.answering.listing import Listed, ListedPublisher
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.wording import counted, published_words

_NAME = 60
# On a phone nobody reads a longer list; what is left out is counted.
_MOST_PUBLISHERS, _MOST_FEEDS = 40, 30


def sources_card(listed: Listed) -> Card:
    """Render the publishers, those with most articles first, and the names of the feeds that are followed.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters; what is left out is counted.
    """
    if not listed.publishers:
        return Card([["There are no articles yet.", *_feeds(listed.feeds, _MOST_FEEDS)]], ABSTENTION_COLOUR)
    return Card(first_that_fits(_layouts(listed)), ANSWER_COLOUR)


def _layouts(listed: Listed) -> Iterator[list[Section]]:
    named = sum(one.name is not None for one in listed.publishers)
    total = sum(one.articles for one in listed.publishers)
    title = f"**{counted(named, 'publisher')}, {counted(total, 'article')}**"
    lines = [_line(one) for one in listed.publishers[:_MOST_PUBLISHERS]]
    for shown in range(len(lines), 0, -1):
        unshown = len(listed.publishers) - shown
        rest = [f"-# and {unshown:,} more"] if unshown else []
        feeds = _feeds(listed.feeds, _MOST_FEEDS * shown // len(lines))
        yield [["\n".join([title, *lines[:shown], *rest])], feeds]


def _line(one: ListedPublisher) -> str:
    newest = f", the newest of {published_words(one.newest)}" if one.newest else ", none with a date"
    name = publisher(one.name, _NAME) if one.name else "No publisher given"
    return f"- {name}: {counted(one.articles, 'article')}{newest}"


def _feeds(names: Sequence[str], most: int) -> list[str]:
    if not names:
        return []
    more = len(names) - most
    told = ", ".join(publisher(name, _NAME) for name in names[:most])
    if not told:
        return [f"-# {counted(len(names), 'feed')} followed"]
    return [f"**Feeds that I follow:** {told}{f' and {more:,} more' if more > 0 else ''}"]
