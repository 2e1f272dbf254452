"""Health, readiness and metrics as a probe and Prometheus ask for them, and who may ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.health import Health, LoopWatch, lag_s, serve_health
from bot.metrics import Metrics

STATUS: dict[str, Any] = {
    "checked_at": "2026-11-29T12:00:00+00:00",
    "index": {"articles": 20, "passages": 90},
    "freshness": {"newest_age_hours": None},
    "pending_vectors": 0,
    "feeds": [],
    "entries": {},
}


class Home:
    """What is ready and how the index is, as a test sets it; counts how often it was looked up."""

    def __init__(self) -> None:
        self.parts = {"model": True, "index": True, "gateway": True}
        self.status: Mapping[str, Any] | None = STATUS
        self.looked_up = 0
        self.clock_s = 100.0

    async def read_status(self) -> Mapping[str, Any] | None:
        self.looked_up += 1
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


class Stalls:
    """A clock and a sleep for `LoopWatch`: each sleep takes as long as the test says; `done` is set by the last."""

    def __init__(self, *lasting_s: float) -> None:
        self.lasting_s = list(lasting_s)
        self.now_s = 0.0
        self.done = asyncio.Event()

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        if not self.lasting_s:
            self.done.set()
            await asyncio.Event().wait()
        self.now_s += self.lasting_s.pop(0)


async def watched(metrics: Metrics, *lasting_s: float) -> tuple[LoopWatch, Stalls]:
    stalls = Stalls(*lasting_s)
    watch = LoopWatch(metrics, clock=stalls.clock, sleep=stalls.sleep)
    watching = asyncio.create_task(watch.run())
    await stalls.done.wait()
    watching.cancel()
    return watch, stalls


@asynccontextmanager
async def asking(
    home: Home, *, watch: LoopWatch | None = None, allowed_hosts: tuple[str, ...] = ()
) -> AsyncIterator[aiohttp.ClientSession]:
    metrics = Metrics()
    watch = watch or LoopWatch(metrics)
    health = Health(
        metrics, watch, lambda: home.parts, home.read_status, allowed_hosts=allowed_hosts, clock=lambda: home.clock_s
    )
    async with (
        serve_health(health, watch, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def test_a_living_process_is_healthy_and_ready_once_every_part_is() -> None:
    home = Home()
    async with asking(home) as session:
        async with session.get("/healthz") as healthy, session.get("/readyz") as ready:
            told = (healthy.status, ready.status, await ready.text())
        home.parts["gateway"] = False
        async with session.get("/healthz") as healthy, session.get("/readyz") as ready:
            later = (healthy.status, ready.status, await ready.text())

    assert told == (200, 200, "model: ready\nindex: ready\ngateway: ready\n")
    assert later == (200, 503, "model: ready\nindex: ready\ngateway: not ready\n")


async def test_a_loop_that_stood_still_is_unhealthy_for_a_moment_and_no_longer() -> None:
    watch, stalls = await watched(Metrics(), 0.05, 6.05)
    async with asking(Home(), watch=watch) as session:
        async with session.get("/healthz") as response:
            at_once = (response.status, await response.text())
        stalls.now_s += 20
        async with session.get("/healthz") as response:
            later = response.status

    assert at_once == (503, "the event loop stood still for 6.0 s\n")
    assert later == 200


async def test_stalls_are_measured_and_the_longest_one_is_told_for_a_minute() -> None:
    metrics = Metrics()
    _, stalls = await watched(metrics, 0.05, 0.25, 0.06)

    def longest() -> float | None:
        return metrics.registry.get_sample_value("dateline_event_loop_longest_stall_seconds")

    assert longest() == pytest.approx(0.2)
    assert metrics.registry.get_sample_value("dateline_event_loop_stall_seconds_count") == 3
    assert metrics.registry.get_sample_value("dateline_event_loop_stall_seconds_bucket", {"le": "0.1"}) == 2
    stalls.now_s += 61
    assert longest() == 0


async def test_prometheus_gets_the_figures_in_its_own_form() -> None:
    home = Home()
    home.parts["index"] = False
    async with asking(home) as session, session.get("/metrics") as response:
        text = await response.text()

    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert "dateline_index_articles 20.0" in text
    assert 'dateline_ready{part="index"} 0.0' in text
    assert "process_resident_memory_bytes" in text


async def test_index_and_feeds_are_looked_up_again_only_after_a_while() -> None:
    home = Home()
    async with asking(home) as session:
        counts = []
        for passed_s in (0, 10, 10):
            home.clock_s += passed_s
            async with session.get("/metrics"):
                counts.append(home.looked_up)

    assert counts == [1, 1, 2]


async def test_an_index_that_cannot_be_read_takes_no_other_figure_away_and_is_counted() -> None:
    home = Home()
    home.status = OSError("/srv/secret")  # type: ignore[assignment]
    async with asking(home) as session, session.get("/metrics") as response:
        text = await response.text()

    assert response.status == 200
    assert 'dateline_errors_total{type="OSError"} 1.0' in text
    assert "secret" not in text


async def test_before_the_home_is_open_there_are_figures_all_the_same() -> None:
    home = Home()
    home.status = None
    async with asking(home) as session, session.get("/metrics") as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9464", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:9464", 200),
        ("[::1]:9464", 200),
        ("[::1]", 200),
        ("dateline:9464", 200),
        ("rebound.example:9464", 421),
        ("127.0.0.1.rebound.example", 421),
        ("localhost.rebound.example", 421),
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/nothing"])
async def test_only_names_that_cannot_be_pointed_elsewhere_are_answered(host: str, status: int, path: str) -> None:
    async with (
        asking(Home(), allowed_hosts=("Dateline",)) as session,
        session.get(path, headers={"Host": host}) as response,
    ):
        assert response.status == (404 if path == "/nothing" and status == 200 else status)


async def test_nothing_can_be_changed_there() -> None:
    async with asking(Home()) as session, session.post("/readyz") as response:
        assert response.status == 405


def test_the_lag_is_that_of_the_feed_most_overdue_among_those_that_are_fetched() -> None:
    feeds = [
        {"state": "active", "next_at": "2026-11-29T11:59:00+00:00"},
        {"state": "broken", "next_at": "2026-11-29T11:58:00+00:00"},
        {"state": "paused", "next_at": "2026-11-28T00:00:00+00:00"},
        {"state": "active", "next_at": None},
        {"state": "active", "next_at": "2026-11-29T13:00:00+00:00"},
    ]
    assert lag_s(STATUS | {"feeds": feeds}) == 120.0
    assert lag_s(STATUS | {"feeds": feeds[-1:]}) == 0.0
    assert lag_s(STATUS) == 0.0
