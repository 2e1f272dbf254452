"""Which connections to Discord's gateway are up: told by one client after the other, read by whoever must know."""

from __future__ import annotations

import asyncio

from bot.metrics import Metrics


class GatewayState:
    """Is online while all connections that there should be are up; it outlives the clients that tell it.

    Args:
        metrics: shows how many there are.
    """

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.online = asyncio.Event()
        self.offline = asyncio.Event()
        self.offline.set()
        self._metrics = metrics or Metrics()
        self._up: set[int] = set()
        self._wanted = 1

    def came_up(self, shard_id: int, *, of: int, resumed: bool) -> None:
        """Note that a connection stands, one of so many, with a new session or with the one from before."""
        self._up.add(shard_id)
        self._wanted = of
        self._metrics.connected(resumed=resumed)
        self._show()

    def went_down(self, shard_id: int) -> None:
        """Note that a connection is lost; discord.py makes it anew by itself."""
        self._up.discard(shard_id)
        self._show()

    def closed(self) -> None:
        """Note that the client is closed."""
        self._up.clear()
        self._show()

    def _show(self) -> None:
        self._metrics.shards.set(self._wanted)
        self._metrics.shards_online.set(len(self._up))
        is_online = len(self._up) >= self._wanted
        (self.online.set if is_online else self.online.clear)()
        (self.offline.clear if is_online else self.offline.set)()
