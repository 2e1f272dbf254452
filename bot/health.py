"""Health, readiness and metrics over HTTP: /healthz, /readyz, /metrics; for this machine alone by default."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from bot.metrics import Metrics

log = logging.getLogger(__name__)

Parts = Mapping[str, bool]
"""Which parts are ready, by name."""

_TICK_S = 0.05
_WINDOW_S = 60.0
# A stall of so many seconds is a fault, and for so long afterwards /healthz says so.
_STALLED_S = 5.0
_STALLED_TOLD_S = 15.0
# What takes a look at the archive is looked up at most this often, and not waited for longer than a scrape may take.
_LOOK_UP_S = 15.0
_LOOK_UP_TIMEOUT_S = 3.0


class LoopWatch:
    """Measures how late the event loop comes round: the longest stall is what a click or a question had to wait.

    Args:
        metrics: gets every stall.
        clock: monotonic seconds.
        sleep: waits, in seconds.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._sleep = sleep
        self._stalls: deque[tuple[float, float]] = deque()
        metrics.longest_stall.set_function(lambda: self.longest_s(_WINDOW_S))

    def longest_s(self, window_s: float) -> float:
        """Return the longest stall that ended within the last so many seconds, at most a minute; 0.0 if none did."""
        since = self._clock() - window_s
        return max((stall for ended_at, stall in self._stalls if ended_at >= since), default=0.0)

    async def run(self) -> None:
        """Measure, for ever."""
        while True:
            begun = self._clock()
            await self._sleep(_TICK_S)
            now = self._clock()
            stall = max(0.0, now - begun - _TICK_S)
            self._metrics.stalls.observe(stall)
            self._stalls.append((now, stall))
            while self._stalls[0][0] < now - _WINDOW_S:
                self._stalls.popleft()


class Health:
    """Answers the three addresses.

    Args:
        metrics: what /metrics writes.
        watch: tells of stalls, for /healthz.
        is_ready: tells which parts are ready, for /readyz.
        read_status: looks up the index and the feeds, as `bot.inspection.read_status` does, for /metrics; None while
            nothing is open yet.
        allowed_hosts: names by which it may be asked for, beside localhost and addresses.
        clock: monotonic seconds, for how old what was looked up is.
    """

    def __init__(
        self,
        metrics: Metrics,
        watch: LoopWatch,
        is_ready: Callable[[], Parts],
        read_status: Callable[[], Awaitable[Mapping[str, Any] | None]],
        *,
        allowed_hosts: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics
        self._watch = watch
        self._is_ready = is_ready
        self._read_status = read_status
        self._allowed_hosts = frozenset(name.casefold() for name in allowed_hosts)
        self._clock = clock
        self._looking_up: asyncio.Task[None] | None = None
        self._looked_up_at: float | None = None

    def build_app(self) -> web.Application:
        """Wire the addresses; every other one is 404, every other method 405."""
        app = web.Application(middlewares=[self._check_host])
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)
        return app

    async def healthz(self, request: web.Request) -> web.Response:
        """Say 200 if the process is alive, 503 if its event loop stood still a moment ago; no answer says more."""
        stall = self._watch.longest_s(_STALLED_TOLD_S)
        if stall >= _STALLED_S:
            return web.Response(status=503, text=f"the event loop stood still for {stall:.1f} s\n")
        return web.Response(text="alive\n")

    async def readyz(self, request: web.Request) -> web.Response:
        """Say 200 if questions are answered, 503 if a part is not ready; one line for each part."""
        parts = self._is_ready()
        lines = "".join(f"{part}: {'ready' if ready else 'not ready'}\n" for part, ready in parts.items())
        return web.Response(status=200 if all(parts.values()) else 503, text=lines)

    async def metrics(self, request: web.Request) -> web.Response:
        """Write everything that Prometheus asks for, in the form that it prefers."""
        await self._look_up()
        self._metrics.read_readiness(self._is_ready())
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._metrics.registry), headers={"Content-Type": content_type})

    async def _look_up(self) -> None:
        """Read index and feeds anew if that is due; where it takes too long, the values from before are written."""
        now = self._clock()
        if self._looked_up_at is not None and now - self._looked_up_at < _LOOK_UP_S:
            return
        if self._looking_up is None or self._looking_up.done():
            self._looking_up = asyncio.create_task(self._read())
        await asyncio.wait((self._looking_up,), timeout=_LOOK_UP_TIMEOUT_S)

    async def _read(self) -> None:
        try:
            status = await self._read_status()
            if status is None:
                return
            self._metrics.read_status(status, lag_s(status))
            self._looked_up_at = self._clock()
        except Exception as failure:  # an archive that cannot be read must not take the other figures away
            self._metrics.went_wrong(failure)
            log.warning("the state of the index could not be read for the metrics: %s", type(failure).__name__)

    @web.middleware
    async def _check_host(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse names that are not ours: a page of another site may have its name point at this machine."""
        if not self._may_be_asked_as(request.host):
            told = "this name is not served; add it to health.allowed_hosts if it should be\n"
            return web.Response(status=421, text=told)
        return await handler(request)

    def _may_be_asked_as(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").casefold()
        if name in ("localhost", *self._allowed_hosts):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # an address cannot be pointed elsewhere


def lag_s(status: Mapping[str, Any]) -> float:
    """Return for how long the feed that is most overdue should have been fetched, in seconds; 0.0 if none is due."""
    now = datetime.fromisoformat(status["checked_at"])
    due = [
        datetime.fromisoformat(feed["next_at"])
        for feed in status["feeds"]
        if feed["next_at"] is not None and feed["state"] in ("active", "broken")
    ]
    return max(0.0, *((now - at).total_seconds() for at in due)) if due else 0.0


@asynccontextmanager
async def serve_health(health: Health, watch: LoopWatch, host: str, port: int) -> AsyncIterator[int]:
    """Measure the event loop and answer at an address until the block ends; yields the port.

    Raises:
        OSError: the address cannot be had.
    """
    runner = web.AppRunner(health.build_app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    watching = asyncio.create_task(watch.run())
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await runner.cleanup()
