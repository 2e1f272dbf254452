"""Requests to one host keep their distance, others do not wait for them."""

import asyncio

import pytest

from retrieval.errors import HostBusy
from retrieval.news import politeness as politeness_module
from retrieval.news.politeness import MAX_DELAY_S, PATIENCE_S, Politeness


class Clock:
    """Seconds that pass only while everybody sleeps: the earliest sleeper is woken."""

    def __init__(self):
        self.now = 0.0
        self._sleepers = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        until, woken = self.now + seconds, asyncio.Event()
        self._sleepers.append((until, woken))
        await woken.wait()

    async def run(self, *tasks):
        """Let time pass until the tasks are done."""
        running = asyncio.gather(*tasks)
        while not running.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers and not running.done():
                self._sleepers.sort(key=lambda sleeper: sleeper[0])
                until, woken = self._sleepers.pop(0)
                self.now = max(self.now, until)
                woken.set()
        return await running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def polite(clock):
    def made(delay_s=1.0, host_connections=2, connections=16):
        return Politeness(
            delay_s=delay_s, host_connections=host_connections, connections=connections, clock=clock, sleep=clock.sleep
        )

    return made


def visiting(politeness, clock, starts, *, takes_s=0.0):
    async def visit(host, name=None, **wishes):
        async with politeness.turn(host, url=f"https://{host}/", **wishes):
            starts.append((clock.now, name or host))
            if takes_s:
                await clock.sleep(takes_s)

    return visit


async def test_requests_to_one_host_start_a_delay_apart_in_the_order_they_came(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=2.0), clock, starts)
    await clock.run(*(visit("a.example", name) for name in "xyz"))
    assert starts == [(0, "x"), (2, "y"), (4, "z")]


async def test_other_hosts_do_not_wait(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=5.0), clock, starts)
    await clock.run(visit("a.example"), visit("a.example"), visit("b.example"))
    assert starts == [(0, "a.example"), (0, "b.example"), (5, "a.example")]


async def test_a_host_has_at_most_its_connections_at_a_time(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=0.0, host_connections=2), clock, starts, takes_s=10.0)
    await clock.run(*(visit("a.example") for _ in range(5)))
    assert [start for start, _ in starts] == [0, 0, 10, 10, 20]


async def test_all_hosts_together_have_at_most_all_connections(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=0.0, connections=3), clock, starts, takes_s=10.0)
    await clock.run(*(visit(f"{n}.example") for n in range(7)))
    assert [start for start, _ in starts] == [0, 0, 0, 10, 10, 10, 20]


async def test_waiting_for_a_free_connection_keeps_the_distance_too(polite, clock):
    """Two that were held up together must not start together afterwards."""
    starts = []
    politeness = polite(delay_s=3.0, connections=1)
    await clock.run(
        visiting(politeness, clock, starts, takes_s=10.0)("slow.example"),
        *(visiting(politeness, clock, starts)("a.example") for _ in range(2)),
    )
    assert starts == [(0, "slow.example"), (10, "a.example"), (13, "a.example")]


async def test_a_pause_that_the_host_asks_for_is_kept_up_to_a_minute(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=1.0), clock, starts)
    await clock.run(visit("a.example", delay_s=7.0), visit("a.example", delay_s=7.0))
    await clock.run(visit("b.example", delay_s=9e9), visit("b.example", delay_s=9e9))
    assert [start for start, _ in starts] == [0, 7, 7, 7 + MAX_DELAY_S]


async def test_a_resting_host_turns_everybody_away_even_those_who_wait_already(polite, clock):
    starts = []
    politeness = polite(delay_s=10.0)
    visit = visiting(politeness, clock, starts)
    await clock.run(visit("a.example"))
    waiting = asyncio.ensure_future(visit("a.example"))
    await asyncio.sleep(0)
    politeness.rest("a.example", 300.0)
    with pytest.raises(HostBusy) as late:
        await clock.run(waiting)
    with pytest.raises(HostBusy) as busy:
        await visit("a.example")
    assert (late.value.wait_s, busy.value.wait_s) == (290, 290)
    await clock.run(visit("b.example"))
    clock.now = 300.0
    await clock.run(visit("a.example"))
    assert starts == [(0, "a.example"), (10, "b.example"), (300, "a.example")]


async def test_a_shorter_rest_does_not_end_a_longer_one(polite, clock):
    politeness = polite()
    politeness.rest("a.example", 300.0)
    politeness.rest("a.example", 5.0)
    with pytest.raises(HostBusy) as busy:
        await visiting(politeness, clock, [])("a.example")
    assert busy.value.wait_s == 300


async def test_nobody_queues_for_longer_than_patience_lasts(polite, clock):
    starts = []
    visit = visiting(polite(delay_s=30.0), clock, starts)
    ends = await clock.run(*(asyncio.ensure_future(settled(visit("a.example"))) for _ in range(7)))
    assert PATIENCE_S == 120
    assert [start for start, _ in starts] == [0, 30, 60, 90, 120]
    assert [type(end) for end in ends if end is not None] == [HostBusy, HostBusy]


async def settled(visit):
    try:
        await visit
    except HostBusy as busy:
        return busy


async def test_whoever_gives_up_waiting_leaves_no_trace(polite, clock):
    starts = []
    politeness = polite(delay_s=10.0, host_connections=1, connections=1)
    visit = visiting(politeness, clock, starts)
    await clock.run(visit("a.example"))
    waiting = [asyncio.ensure_future(visit("a.example")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await clock.run(visit("a.example"), visit("b.example"))
    assert starts == [(0, "a.example"), (0, "b.example"), (10, "a.example")]


async def test_a_failed_request_frees_its_place(polite, clock):
    politeness = polite(delay_s=0.0, host_connections=1, connections=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with politeness.turn("a.example", url="https://a.example/"):
                raise ZeroDivisionError
    starts = []
    await clock.run(visiting(politeness, clock, starts)("a.example"))
    assert len(starts) == 1


async def test_idle_hosts_are_forgotten_and_resting_ones_are_not(polite, clock, monkeypatch):
    monkeypatch.setattr(politeness_module, "_MAX_HOSTS", 10)
    politeness = polite(delay_s=0.0)
    visit = visiting(politeness, clock, [])
    politeness.rest("resting.example", 9999.0)
    for n in range(100):
        clock.now += 1
        await visit(f"{n}.example")
    assert len(politeness._hosts) <= 10
    with pytest.raises(HostBusy):
        await visit("resting.example")
    for n in range(100):
        politeness.rest(f"{n}.example", 10_000.0 + n)
    assert len(politeness._hosts) <= 10
