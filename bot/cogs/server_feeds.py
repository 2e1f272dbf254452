"""One server's own feeds: always within its scope, and no more of them than it may have."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from bot.answering.questions import server_scope
from bot.rendering.server_problems import AddressUnusable, FeedsFull
from retrieval.news.links import check_url

Event = dict[str, Any]


class OperatesFeeds(Protocol):
    """The operations on feeds; see `bot.feeds.FeedOperations`."""

    def add(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Add a feed."""
        ...

    def list(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """List feeds."""
        ...

    def turn(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Remove a feed, among other things."""
        ...

    def leave(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Remove all feeds of a scope."""
        ...

    def test(self, arguments: Mapping[str, Any]) -> AsyncIterator[Event]:
        """Show what would be taken."""
        ...


class ServerFeeds:
    """Runs the operations on feeds for a server, which is named by its id and sees its own feeds alone.

    Args:
        operations: on all feeds.
        most: feeds of its own that a server may have; with 0 it cannot try any out either.
    """

    def __init__(self, operations: OperatesFeeds, *, most: int) -> None:
        self.most = most
        self._operations = operations
        # One address of a server is looked at at a time: so nobody makes the bot fetch a hundred at once, and two who
        # add at once cannot both have the last place.
        self._busy: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, guild_id: int, url: str, source: str | None) -> Event:
        """Add a feed, or find that it is there or public already.

        Raises:
            FeedsFull: the server has as many as it may.
            AddressUnusable: the address is none.
            And what fetching and reading it raise.
        """
        checked = _checked(url)
        async with self._busy[guild_id]:
            if len(await self.list(guild_id)) >= self.most:
                raise FeedsFull(self.most)
            arguments = {"url": checked, "source": source, "scope": server_scope(guild_id)}
            return await _only(self._operations.add(arguments))

    async def list(self, guild_id: int) -> list[Event]:
        """List the server's own feeds with how they do."""
        told = await _only(self._operations.list({"scope": server_scope(guild_id)}))
        feeds: list[Event] = told["feeds"]
        return feeds

    async def remove(self, guild_id: int, feed: str) -> Event:
        """Remove one of the server's own feeds, named by its number there or its address, and what only it brought.

        Raises:
            FeedUnknown: the server has none of that name.
        """
        arguments = {"turn": "remove", "feed": feed.strip().removeprefix("#"), "scope": server_scope(guild_id)}
        told: Event = (await _only(self._operations.turn(arguments)))["feed"]
        return told

    async def test(self, guild_id: int, url: str) -> Event:
        """Show what would be taken from an address.

        Raises:
            FeedsFull: servers may have none.
            AddressUnusable: it is none.
            And what fetching and reading it raise.
        """
        if not self.most:
            raise FeedsFull(0)
        checked = _checked(url)
        async with self._busy[guild_id]:
            told: Event = (await _only(self._operations.test({"url": checked})))["test"]
            return told

    async def leave(self, guild_id: int) -> Event:
        """Remove all of the server's own feeds, and what only they brought: the bot has left it."""
        self._busy.pop(guild_id, None)
        told: Event = (await _only(self._operations.leave({"scope": server_scope(guild_id)})))["report"]
        return told


def _checked(url: str) -> str:
    try:
        return check_url(url.strip())
    except ValueError as problem:
        raise AddressUnusable(str(problem)) from problem


async def _only(events: AsyncIterator[Event]) -> Event:
    (event,) = [event async for event in events]
    return event
