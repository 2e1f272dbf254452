"""What is fetched runs within the limits, and whoever waits for its turn is told when something ends."""

import asyncio

import pytest

from retrieval.intake.turns import Turns

A, B, C = ("entry", 1), ("entry", 2), ("feed", 1)


@pytest.fixture
async def turns():
    """Two at a time and one of a host; `ends` counts what has ended."""
    ends = []
    opened = Turns(connections=2, per_host=1, on_end=lambda: ends.append(1))
    opened.ends = ends
    yield opened
    await opened.close()


async def for_ever():
    await asyncio.Event().wait()


async def test_of_one_host_only_so_much_runs_and_of_all_no_more_than_the_limit(turns):
    assert turns.has_room
    assert not turns.is_busy
    turns.start(A, "http://a.example/1", for_ever())
    assert not turns.is_free(B, "http://a.example/2")
    assert turns.is_free(B, "http://b.example/2")
    assert not turns.is_free(A, "http://b.example/2")
    turns.start(B, None, for_ever())
    assert (turns.has_room, turns.is_busy, turns.is_free(C, "http://c.example/")) == (False, True, False)


async def test_what_has_no_address_is_of_no_host(turns):
    turns.start(A, None, for_ever())
    assert turns.is_free(B, None)


async def test_whoever_waits_is_told_of_an_end_even_of_one_that_fails(turns):
    over = asyncio.Event()

    async def fail():
        await over.wait()
        raise ZeroDivisionError

    failing = turns.start(A, "http://a.example/1", fail())
    cancelled, waiting = (asyncio.create_task(turns.until_one_ends()) for _ in range(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    over.set()
    await waiting
    assert isinstance(failing.exception(), ZeroDivisionError)
    assert (turns.is_free(A, "http://a.example/1"), turns.is_busy, turns.ends) == (True, False, [1])


async def test_closing_ends_what_runs(turns):
    running = turns.start(A, "http://a.example/1", for_ever())
    await turns.close()
    assert running.cancelled()
