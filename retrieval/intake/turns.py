"""Whose turn it is to be fetched: so much at a time, and so much of it of one host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

#: What is fetched: "feed" or "entry", and its number.
Key = tuple[str, int]


class Turns:
    """Runs what fetches, within the limits; `close` ends what still runs."""

    def __init__(self, *, connections: int, per_host: int, on_end: Callable[[], None]) -> None:
        """Set the limits.

        Args:
            connections: how much runs at a time, >= 1.
            per_host: how much of it may be of one host, >= 1.
            on_end: called whenever something has ended.
        """
        self._connections = connections
        self._per_host = per_host
        self._on_end = on_end
        self._running: dict[Key, asyncio.Task[Any]] = {}
        self._hosts: dict[Key, str | None] = {}
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_busy(self) -> bool:
        """Whether anything runs."""
        return bool(self._running)

    @property
    def has_room(self) -> bool:
        """Whether anything more may run, of whichever host."""
        return len(self._running) < self._connections

    def is_free(self, key: Key, url: str | None) -> bool:
        """Whether this may run now; what has no address is of no host."""
        host = _host(url)
        is_free = host is None or sum(one == host for one in self._hosts.values()) < self._per_host
        return self.has_room and is_free and key not in self._running

    def start(self, key: Key, url: str | None, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something that is free to; it counts until it ends."""
        task = asyncio.create_task(work)
        self._running[key], self._hosts[key] = task, _host(url)
        task.add_done_callback(lambda _: self._finish(key))
        return task

    async def until_one_ends(self) -> None:
        """Wait until something that runs has ended; for ever if nothing does."""
        ended = asyncio.get_running_loop().create_future()
        self._waiting.append(ended)
        await ended

    async def close(self) -> None:
        """End what still runs."""
        await end(*self._running.values())

    def _finish(self, key: Key) -> None:
        del self._running[key], self._hosts[key]
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():  # whoever waited may have been cancelled
                one.set_result(None)
        self._on_end()


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is dropped."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _host(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).hostname
