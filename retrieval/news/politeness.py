"""Asking no host too often: at most some requests at a time, a pause between two, and the pauses it asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from retrieval.errors import HostBusy

# The longest pause between two requests that a robots.txt is granted; more would keep a feed from being read at all.
MAX_DELAY_S = 60.0
# Whoever would wait longer than this is told to come again, so that the waiting ones are few.
PATIENCE_S = 120.0
# More hosts than anybody follows; the idle ones are forgotten at this number.
_MAX_HOSTS = 1000
# A clock that has reached the time to within this has reached it.
_TICK_S = 1e-6


@dataclass(slots=True, eq=False)
class _Host:
    free: asyncio.Semaphore
    # The next request may start then; and none at all before `rests_until`.
    next_at: float
    rests_until: float
    # Those that wait or are under way.
    present: int = 0


class Politeness:
    """Lets requests start, host by host in the order they came.

    Owns no task and needs no closing; what it knows of a host it forgets once nothing depends on it. It belongs to
    one event loop.

    Args:
        delay_s: between the starts of two requests to one host.
        host_connections: requests to one host at a time.
        connections: requests at a time in all.
        clock: monotonic seconds.
        sleep: waits so many seconds of that clock.
    """

    def __init__(
        self,
        *,
        delay_s: float,
        host_connections: int,
        connections: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._delay_s = delay_s
        self._host_connections = host_connections
        self._free = asyncio.Semaphore(connections)
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, url: str, delay_s: float = 0.0) -> AsyncIterator[None]:
        """Wait for the host's turn and hold it while the request runs.

        Args:
            host: its name.
            url: named in the error.
            delay_s: what the host itself asks for between two requests; the longer one holds, up to MAX_DELAY_S.

        Raises:
            HostBusy: the host rests, or the wait would be longer than PATIENCE_S.
        """
        delay_s = max(self._delay_s, min(delay_s, MAX_DELAY_S))
        known = self._host(host)
        wait_s = max(known.next_at - self._clock(), 0) + known.present * delay_s
        if wait_s > PATIENCE_S:
            raise HostBusy(url, wait_s)
        known.present += 1
        try:
            self._check_rest(known, url)
            async with known.free:
                await self._start(known, url)
                known.next_at = self._clock() + delay_s
                try:
                    yield
                finally:
                    self._free.release()
        finally:
            known.present -= 1

    def rest(self, host: str, wait_s: float) -> None:
        """Let nobody ask the host for so long; those that wait for it already are turned away too."""
        known = self._host(host)
        known.rests_until = max(known.rests_until, self._clock() + wait_s)

    async def _start(self, known: _Host, url: str) -> None:
        """Wait until the host's pause is over and one of all connections is free, and take it."""
        while True:
            self._check_rest(known, url)
            wait_s = known.next_at - self._clock()
            if wait_s > _TICK_S:
                await self._sleep(wait_s)
                continue
            await self._free.acquire()
            if known.next_at - self._clock() <= _TICK_S and known.rests_until <= self._clock():
                return
            self._free.release()  # another one started meanwhile

    def _check_rest(self, known: _Host, url: str) -> None:
        wait_s = known.rests_until - self._clock()
        if wait_s > 0:
            raise HostBusy(url, wait_s)

    def _host(self, name: str) -> _Host:
        known = self._hosts.get(name)
        if known is None:
            if len(self._hosts) >= _MAX_HOSTS:
                self._forget_idle()
            now = self._clock()
            known = self._hosts[name] = _Host(asyncio.Semaphore(self._host_connections), now, now)
        return known

    def _forget_idle(self) -> None:
        now = self._clock()
        idle = [
            name
            for name, host in self._hosts.items()
            if not host.present and max(host.next_at, host.rests_until) <= now
        ]
        # If nobody is idle, the one that rests shortest is forgotten: too many hosts are no reason to hold more.
        resting = sorted((host.rests_until, name) for name, host in self._hosts.items() if not host.present)
        for name in idle or [name for _, name in resting[:1]]:
            del self._hosts[name]
