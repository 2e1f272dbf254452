"""The publishers and feeds as the card of /sources: how much there is of each, and how new it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.answering.listing import Listed, ListedPublisher
from bot.locales.speaking import say, say_counted
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.wording import and_more, counted_articles, published_words, with_more

_NAME = 60
# On a phone nobody reads a longer list; what is left out is counted.
_MOST_PUBLISHERS, _MOST_FEEDS = 40, 30


def sources_card(listed: Listed) -> Card:
    """Render the publishers, those with most articles first, and the names of the feeds that are followed.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters; what is left out is counted.
    """
    if not listed.publishers:
        return Card([[say("There are no articles yet."), *_feeds(listed.feeds, _MOST_FEEDS)]], ABSTENTION_COLOUR)
    return Card(first_that_fits(_layouts(listed)), ANSWER_COLOUR)


def _layouts(listed: Listed) -> Iterator[list[Section]]:
    named = sum(one.name is not None for one in listed.publishers)
    total = sum(one.articles for one in listed.publishers)
    publishers = say_counted("{count} publisher", "{count} publishers", named)
    title = f"**{publishers}, {counted_articles(total)}**"
    lines = [_line(one) for one in listed.publishers[:_MOST_PUBLISHERS]]
    for shown in range(len(lines), 0, -1):
        unshown = len(listed.publishers) - shown
        rest = [f"-# {and_more(unshown)}"] if unshown else []
        feeds = _feeds(listed.feeds, _MOST_FEEDS * shown // len(lines))
        yield [["\n".join([title, *lines[:shown], *rest])], feeds]


def _line(one: ListedPublisher) -> str:
    name = publisher(one.name, _NAME) if one.name else say("No publisher given")
    articles = counted_articles(one.articles)
    if not one.newest:
        return "- " + say("{publisher}: {articles}, none with a date", publisher=name, articles=articles)
    newest = published_words(one.newest)
    return "- " + say("{publisher}: {articles}, the newest of {date}", publisher=name, articles=articles, date=newest)


def _feeds(names: Sequence[str], most: int) -> list[str]:
    if not names:
        return []
    more = len(names) - most
    told = ", ".join(publisher(name, _NAME) for name in names[:most])
    if not told:
        return ["-# " + say_counted("{count} feed followed", "{count} feeds followed", len(names))]
    return [say("**Feeds that I follow:** {names}", names=with_more(told, more))]
