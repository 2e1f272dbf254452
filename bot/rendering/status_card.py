"""How the articles and feeds are, as the card that people see in Discord: numbers and ages, no places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import discord

from bot.locales.speaking import say, say_counted
from bot.rendering.card import Card
from bot.rendering.wording import counted_articles, dated

GOOD_COLOUR = discord.Colour(0x2E8B57)
WARNING_COLOUR = discord.Colour(0xC98A1B)

#: In these states a feed should be fetched, or has been, and is not; a paused one is left alone on purpose.
_FAILING = ("broken", "ended")


def status_card(status: Mapping[str, Any]) -> Card:
    """Render what `bot.inspection.read_status` tells, without the addresses of feeds, their problems and any path.

    Returns:
        A view without buttons that never times out.
    """
    failing = sum(feed["state"] in _FAILING or feed["failures"] > 0 for feed in status["feeds"])
    is_stale = status["freshness"]["is_stale"]
    colour = WARNING_COLOUR if failing or is_stale else GOOD_COLOUR
    return Card([["\n".join(_lines(status, failing))]], colour)


def _lines(status: Mapping[str, Any], failing: int) -> Iterator[str]:
    index, freshness, feeds = status["index"], status["freshness"], status["feeds"]
    yield f"**{counted_articles(index['articles'])}**"
    if index["newest_published_at"] is not None:
        now = datetime.fromisoformat(status["checked_at"])
        yield say("The newest is of {date}.", date=dated(index["newest_published_at"], now))
    elif index["articles"]:
        yield say("None of them has a date.")
    if freshness["is_stale"]:
        yield say("**The news is stale:** nothing newer has come in; please tell whoever runs this bot.")
    if not feeds:
        yield say("No feeds are followed: articles are taken in by hand.")
    elif not failing:
        yield say_counted("{count} feed, which does not fail.", "{count} feeds, none of which fails.", len(feeds))
    else:
        told = say_counted("{count} feed", "{count} feeds", len(feeds))
        yield say_counted("{feeds}, of which {count} fails.", "{feeds}, of which {count} fail.", failing, feeds=told)
