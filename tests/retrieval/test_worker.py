"""One worker thread: questions overtake intake, the queue is bounded, nothing waits for ever."""

import asyncio
import contextvars
import threading
from contextlib import asynccontextmanager

import pytest

from retrieval.errors import QueueFull
from retrieval.worker import Lane, Worker, open_worker

who = contextvars.ContextVar("who", default="nobody")


@asynccontextmanager
async def held(worker):
    """Keep the worker busy with one piece of intake inside the block."""
    running, release = threading.Event(), threading.Event()

    def block():
        running.set()
        assert release.wait(30)

    blocking = asyncio.create_task(worker.run(Lane.INTAKE, block))
    assert await asyncio.to_thread(running.wait, 30)
    try:
        yield
    finally:
        release.set()
        await blocking


async def queued(*calls):
    """Start tasks and let each run up to where it waits for the worker."""
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    return tasks


async def test_questions_overtake_waiting_intake_and_each_lane_keeps_its_order():
    done = []
    with open_worker(max_waiting=8) as worker:
        async with held(worker):
            tasks = await queued(
                worker.run(Lane.INTAKE, done.append, "intake 1"),
                worker.run(Lane.INTAKE, done.append, "intake 2"),
                worker.run(Lane.QUESTION, done.append, "question 1"),
                worker.run(Lane.QUESTION, done.append, "question 2"),
            )
        await asyncio.gather(*tasks)
    assert done == ["question 1", "question 2", "intake 1", "intake 2"]


async def test_everything_runs_on_one_thread_that_is_not_the_callers():
    with open_worker(max_waiting=8) as worker:
        found = await asyncio.gather(*(worker.run(lane, threading.get_ident) for lane in [*Lane, *Lane]))
    assert len(set(found)) == 1
    assert threading.get_ident() not in found


async def test_arguments_results_and_exceptions_travel():
    with open_worker(max_waiting=8) as worker:
        assert await worker.run(Lane.QUESTION, "{}-{b}".format, 1, b=2) == "1-2"
        with pytest.raises(ZeroDivisionError):
            await worker.run(Lane.QUESTION, divmod, 1, 0)
        assert await worker.run(Lane.QUESTION, len, "still alive") == 11


async def test_a_call_that_raises_stop_iteration_leaves_nobody_waiting_for_ever():
    with open_worker(max_waiting=8) as worker, pytest.raises(RuntimeError, match="raised StopIteration"):
        await asyncio.wait_for(worker.run(Lane.QUESTION, next, iter(())), 30)


async def test_a_question_beyond_the_bound_is_refused_and_intake_is_not():
    with open_worker(max_waiting=2) as worker:
        async with held(worker):
            tasks = await queued(*(worker.run(Lane.QUESTION, int) for _ in range(2)))
            assert worker.waiting == 2
            with pytest.raises(QueueFull) as refused:
                await worker.run(Lane.QUESTION, int)
            assert refused.value.waiting == 2
            tasks += await queued(*(worker.run(Lane.INTAKE, int) for _ in range(5)))
        assert await asyncio.gather(*tasks) == [0] * 7
        assert worker.waiting == 0
        assert await worker.run(Lane.QUESTION, int) == 0


async def test_a_cancelled_call_that_has_not_begun_is_never_made_and_gives_its_place_to_another():
    done = []
    with open_worker(max_waiting=1) as worker:
        async with held(worker):
            (cancelled,) = await queued(worker.run(Lane.QUESTION, done.append, "cancelled"))
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            assert worker.waiting == 0
            (other,) = await queued(worker.run(Lane.QUESTION, done.append, "other"))
        await other
    assert done == ["other"]


async def test_a_cancelled_call_that_has_begun_runs_to_its_end():
    running, release, ended = threading.Event(), threading.Event(), threading.Event()

    def call():
        running.set()
        assert release.wait(30)
        ended.set()

    with open_worker(max_waiting=1) as worker:
        task = asyncio.create_task(worker.run(Lane.QUESTION, call))
        assert await asyncio.to_thread(running.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not ended.is_set()
        release.set()
        assert await worker.run(Lane.QUESTION, ended.is_set)


async def test_context_variables_of_the_asking_task_reach_the_worker_and_do_not_leak_back():
    def read_and_set():
        found = who.get()
        who.set("worker")
        return found

    async def ask(name):
        who.set(name)
        found = await worker.run(Lane.QUESTION, read_and_set)
        return found, who.get()

    with open_worker(max_waiting=8) as worker:
        answers = await asyncio.gather(ask("ada"), ask("ben"))
        assert answers == [("ada", "ada"), ("ben", "ben")]
        assert await worker.run(Lane.QUESTION, who.get) == "nobody"


async def test_closing_finishes_what_waits_and_then_refuses():
    done = []
    worker = Worker(max_waiting=8)
    async with held(worker):
        tasks = await queued(*(worker.run(lane, done.append, lane.name) for lane in Lane))
        closing = asyncio.create_task(asyncio.to_thread(worker.close))
    await closing
    await asyncio.gather(*tasks)
    assert done == ["QUESTION", "INTAKE"]
    with pytest.raises(RuntimeError, match="closed"):
        await worker.run(Lane.QUESTION, int)
    worker.close()


async def test_leaving_ends_the_thread_even_after_a_failure():
    async def fail():
        with open_worker(max_waiting=1) as worker:
            found.append(await worker.run(Lane.INTAKE, threading.current_thread))
            raise LookupError

    found = []
    with pytest.raises(LookupError):
        await fail()
    assert not found[0].is_alive()


async def test_a_piece_shares_its_work_with_one_other_thread_and_takes_its_outcome():
    def piece():
        begun = threading.Event()

        def half():
            begun.set()
            return threading.get_ident(), who.get()

        with worker.beside(half) as outcome:
            assert begun.wait(30)  # it runs while this goes on
            return threading.get_ident(), *outcome()

    who.set("asker")
    with open_worker(max_waiting=8) as worker:
        mine, other, asker = await worker.run(Lane.QUESTION, piece)
        assert (mine != other, asker) == (True, "asker")
        assert (await worker.run(Lane.QUESTION, piece))[:2] == (mine, other)


async def test_nothing_of_a_piece_runs_beside_the_next_one_even_if_it_fails():
    release, done = threading.Event(), []

    def half():
        assert release.wait(30)
        done.append("half")

    def piece():
        with worker.beside(half):
            release.set()
            raise LookupError

    with open_worker(max_waiting=8) as worker:
        with pytest.raises(LookupError):
            await worker.run(Lane.QUESTION, piece)
        await worker.run(Lane.QUESTION, done.append, "next")
    assert done == ["half", "next"]


async def test_what_fails_beside_a_piece_is_raised_where_its_outcome_is_asked_for_and_dropped_where_it_is_not():
    def fail():
        raise KeyError("beside")

    def piece(asks):
        with worker.beside(fail) as outcome:
            return outcome() if asks else "mine"

    with open_worker(max_waiting=8) as worker:
        with pytest.raises(KeyError, match="beside"):
            await worker.run(Lane.QUESTION, piece, True)
        assert await worker.run(Lane.QUESTION, piece, False) == "mine"
    assert not [one for one in threading.enumerate() if one.name.startswith("dateline-")]


async def test_while_intake_is_held_questions_go_on_and_intake_waits():
    with open_worker(max_waiting=8) as worker:
        async with worker.holding_intake():
            intake = asyncio.create_task(worker.run(Lane.INTAKE, int))
            assert await worker.run(Lane.QUESTION, lambda: "answered") == "answered"
            assert not intake.done()
        assert await intake == 0


async def test_intake_stays_away_between_two_calls_of_a_question_and_is_done_when_the_worker_closes():
    order = []
    with open_worker(max_waiting=8, linger_s=600) as worker:
        await worker.run(Lane.QUESTION, order.append, "first call")
        piece = asyncio.create_task(worker.run(Lane.INTAKE, order.append, "piece"))
        await asyncio.sleep(0)
        await worker.run(Lane.QUESTION, order.append, "second call")
        assert order == ["first call", "second call"]
    await piece
    assert order == ["first call", "second call", "piece"]


async def test_intake_begins_once_no_question_has_followed_for_a_moment():
    order = []
    with open_worker(max_waiting=8, linger_s=0.01) as worker:
        await worker.run(Lane.QUESTION, order.append, "question")
        await worker.run(Lane.INTAKE, order.append, "piece")
    assert order == ["question", "piece"]


async def test_a_worker_tells_whether_somebody_asked_in_the_last_ten_seconds():
    moment = [100.0]
    with open_worker(max_waiting=8, linger_s=0, clock=lambda: moment[0]) as worker:
        await worker.run(Lane.INTAKE, int)
        assert not worker.is_asked
        await worker.run(Lane.QUESTION, int)
        moment[0] += 9.9
        assert worker.is_asked
        moment[0] += 0.2
        assert not worker.is_asked
