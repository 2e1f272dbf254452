"""What a site says for all of its pages, asked once, shared by everybody who waits for it, and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yarl import URL

MAX_ORIGINS = 1000

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Kept(Generic[T]):
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    said: T | None = None
    until: float = 0.0


class OriginCache(Generic[T]):
    """Keeps one answer for each origin (scheme, host and port), the least recently used of more than MAX_ORIGINS not.

    Args:
        ask: called with the origin, and with what it said before or None; gives back what it says and for how many
            seconds that holds. What it raises is raised to whoever asked, and nothing is kept.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        ask: Callable[[URL, T | None], Awaitable[tuple[T, float]]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str | None, int | None], _Kept[T]] = OrderedDict()

    async def get(self, url: URL) -> T:
        """Give back what the URL's origin says, asking it if that is not known or too old."""
        key = (url.scheme, url.raw_host, url.port)
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_ORIGINS:
            self._kept.popitem(last=False)  # whoever waits for it still gets it
        async with kept.asking:
            if kept.said is None or kept.until <= self._clock():
                kept.said, seconds = await self._ask(url.origin(), kept.said)
                kept.until = self._clock() + seconds
            return kept.said
