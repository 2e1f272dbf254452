"""Files are read in batches, in order, and what is read elsewhere holds up no question and ends no other part."""

import asyncio
import os
import threading
from contextlib import aclosing

import pytest

from retrieval.errors import ArticleRejected, ExtractionUnavailable
from retrieval.intake.batches import Reading
from retrieval.news.extraction import open_extraction
from retrieval.news.parts import Part
from retrieval.news.saved_feeds import SavedFeed
from retrieval.worker import Lane, open_worker

# Longer than anything here takes but what is meant to hang.
PATIENT_S = 60.0


@pytest.fixture
def worker():
    with open_worker(max_waiting=8) as opened:
        yield opened


def told(*names):
    return [ArticleRejected(name, "is only told") for name in names]


def die():
    os._exit(7)


def hang():
    threading.Event().wait()


def whole(*names):
    return Part(names[0], told, names)


def quick(*names):
    return Part(names[0], told, names, is_quick=True)


def split(*names):
    return [whole(name) for name in names]


async def run_here(function, *args, input):
    return function(*args)


async def read(reading, steps):
    """Read all, each batch as the names in it."""
    async with aclosing(reading.batches(iter(steps))) as batches:
        return [[one.input for one in batch.found] async for batch in batches]


async def test_parts_and_their_parts_are_read_in_order_whether_here_or_elsewhere(worker):
    steps = [*told("a"), quick("b", "c"), Part("d", split, ("d", "e")), None, quick("f"), whole("g")]
    batches = await read(Reading(worker, run_here), steps)
    assert [name for batch in batches for name in batch] == list("abcdefg")


async def test_what_hangs_or_kills_its_process_is_rejected_in_its_place_and_the_rest_goes_on(worker):
    steps = [whole("first"), Part("hanging", hang, ()), whole("second"), Part("deadly", die, ()), whole("third")]
    found = []
    async with (
        open_extraction(processes=1, timeout_s=10.0) as extraction,
        aclosing(Reading(worker, extraction.run).batches(iter(steps))) as batches,
    ):
        async for batch in batches:
            found += [(one.input, one.reason.partition(";")[0]) for one in batch.found]
    assert found == [
        ("first", "is only told"),
        ("hanging", "took longer than 10 s to read"),
        ("second", "is only told"),
        ("deadly", "ended the process that read it"),
        ("third", "is only told"),
    ]


async def test_questions_are_answered_while_a_part_is_read_elsewhere_and_only_one_part_is_held(worker):
    taken, asked, go_on = [], asyncio.Event(), asyncio.Event()

    def steps():
        for number in range(5):
            taken.append(number)
            yield whole(str(number))

    async def run_apart(function, *args, input):
        asked.set()
        await go_on.wait()
        return function(*args)

    reading = asyncio.create_task(read(Reading(worker, run_apart), steps()))
    async with asyncio.timeout(PATIENT_S):
        await asked.wait()
        assert await worker.run(Lane.QUESTION, lambda: "answered") == "answered"
        assert taken == [0]
        go_on.set()
        assert [name for batch in await reading for name in batch] == list("01234")


async def test_the_next_batch_is_read_while_one_is_stored_and_no_further(worker, make_article):
    count, is_read = 0, threading.Event()

    def steps():
        nonlocal count
        while True:
            count += 1
            if count == 32:
                is_read.set()
            yield make_article(str(count))

    async with aclosing(Reading(worker, run_here).batches(steps())) as batches:
        batch = await anext(batches)
        assert len(batch.found) == 16
        assert await asyncio.to_thread(is_read.wait, PATIENT_S)
        for _ in range(100):
            await worker.run(Lane.INTAKE, lambda: None)
        assert count == 32


async def test_beside_a_saved_feed_nothing_is_read_and_it_comes_last_in_its_batch(worker, make_article):
    taken = []

    def steps():
        for one in (make_article("1"), SavedFeed("feed", b""), make_article("2")):
            taken.append(one)
            yield one

    async with aclosing(Reading(worker, run_here).batches(steps())) as batches:
        batch = await anext(batches)
        assert isinstance(batch.found[-1], SavedFeed)
        for _ in range(100):
            await worker.run(Lane.INTAKE, lambda: None)
        assert len(taken) == 2
        assert [one.id async for batch in batches for one in batch.found] == ["2"]


async def test_a_batch_tells_how_much_is_done_with_once_it_is_stored(worker, make_article):
    reading = Reading(worker, run_here)

    def steps():
        for number in range(40):
            yield make_article(str(number))
            reading.advance(10)

    async with aclosing(reading.batches(steps())) as batches:
        assert [batch.done_bytes async for batch in batches] == [150, 310, 400]


async def test_steps_that_tell_nothing_end_nothing(worker):
    assert await read(Reading(worker, run_here), [None, *told("a"), None, Part("b", split, ()), None]) == [["a"]]
    assert await read(Reading(worker, run_here), [None]) == []


async def test_where_no_process_can_be_started_what_was_read_is_given_before_it_is_said(worker, make_article):
    async def run_apart(function, *args, input):
        raise ExtractionUnavailable("no room")

    steps = [*(make_article(str(number)) for number in range(16)), whole("page")]
    found = []
    with pytest.raises(ExtractionUnavailable):
        async with aclosing(Reading(worker, run_apart).batches(iter(steps))) as batches:
            async for batch in batches:
                found += batch.found
    assert len(found) == 16


async def test_a_reading_that_is_left_ends_what_it_has_begun(worker, make_article):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run_apart(function, *args, input):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    steps = [*(make_article(str(number)) for number in range(16)), whole("page")]
    async with aclosing(Reading(worker, run_apart).batches(iter(steps))) as batches:
        await anext(batches)
        async with asyncio.timeout(PATIENT_S):
            await begun.wait()
    assert ended.is_set()
