"""One ordered worker thread with two lanes for everything that blocks: questions overtake intake."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import IntEnum
from typing import Any, TypeVar

from retrieval.errors import QueueFull

T = TypeVar("T")

# Answering one question takes several calls with a few ms between them; intake that began in such a gap would hold up
# the next call by a whole piece. So it stays away this long after each.
_LINGER_S = 0.03
# Somebody asked this recently: more questions may follow, and intake goes in smaller steps.
_RECENT_S = 10.0


class Lane(IntEnum):
    """Which work goes first: all waiting questions before the next piece of intake."""

    QUESTION = 0
    INTAKE = 1


class Worker:
    """Runs blocking functions one after another on its own thread.

    One thread, because eight questions sharing two cores through a pool all finish last, while an ordered queue
    answers the first at once. Within a lane the order is first in, first out. Intake must come in small pieces:
    a question waits for at most the piece that is running, and intake for a moment after each call of a question's,
    since another one mostly follows. A piece may share its own work with one other thread, see
    `beside`. Opened and closed by `open_worker`.
    """

    def __init__(
        self, *, max_waiting: int, linger_s: float = _LINGER_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start its thread.

        Args:
            max_waiting: questions are refused when so many (>= 1) are waiting already.
            linger_s: intake stays away this long after each call of a question's.
            clock: monotonic seconds, for `is_asked`.
        """
        self._lanes: tuple[deque[Callable[[], None]], deque[Callable[[], None]]] = (deque(), deque())
        self._ready = threading.Condition()
        self._closing = False
        self._holder: object | None = None
        self._max_waiting = max_waiting
        self._linger_s = linger_s
        self._clock = clock
        self._asked_at = -math.inf
        self._thread = threading.Thread(target=self._work, name="dateline-worker", daemon=True)
        self._thread.start()
        # Its thread is started by the first call.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="dateline-beside")

    @property
    def waiting(self) -> int:
        """How many questions wait now."""
        return len(self._lanes[Lane.QUESTION])

    @property
    def is_asked(self) -> bool:
        """Whether there was a question in the last ten seconds: then intake comes in its smallest pieces."""
        return self._clock() - self._asked_at < _RECENT_S

    async def run(self, lane: Lane, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run `call(*args, **kwargs)` on the worker, in this task's context, and return what it returns.

        Cancelling the awaiting task drops the call if it has not begun; a begun call runs to its end.

        Raises:
            QueueFull: too many questions are waiting (intake is never refused: its producers await each piece).
            RuntimeError: the worker is closed.
        """
        future: Future[T] = Future()
        context = contextvars.copy_context()

        def task() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                outcome = context.run(call, *args, **kwargs)
            except StopIteration as problem:
                # asyncio refuses to carry it, and whoever awaits would wait for ever; so generators do it too.
                stopped = RuntimeError(f"{call!r} raised StopIteration")
                stopped.__cause__ = problem
                future.set_exception(stopped)
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(outcome)

        with self._ready:
            if self._closing:
                raise RuntimeError("the worker is closed")
            queue = self._lanes[lane]
            if lane is Lane.QUESTION and len(queue) >= self._max_waiting:
                raise QueueFull(len(queue))
            queue.append(task)
            if lane is Lane.QUESTION:
                self._asked_at = self._clock()
            self._ready.notify()
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            # A call that will not be made takes nobody's place in the queue.
            with self._ready, suppress(ValueError):
                queue.remove(task)
            raise

    @contextmanager
    def beside(self, call: Callable[..., T], *args: Any) -> Iterator[Callable[[], T]]:
        """Run `call(*args)` on a second thread while the piece of work that asks for it goes on with its own.

        For two halves of one piece that both leave Python's lock alone most of their time (SQLite, Chroma, PyTorch).
        Only for the piece that runs now: leaving the `with` block waits for the call, so that nothing of a piece runs
        beside the next one, and the order of pieces stays what it is.

        Yields:
            A function that waits for the call and returns what it returned, or raises what it raised; what is never
            asked for is dropped.
        """
        future = self._beside.submit(contextvars.copy_context().run, call, *args)
        try:
            yield future.result
        finally:
            wait([future])

    @asynccontextmanager
    async def holding_intake(self) -> AsyncIterator[None]:
        """Let no intake run until the block ends, while questions go on: for work elsewhere that needs to write alone.

        It begins when the pieces of intake that wait already are done. One block at a time: another one waits for it.
        """
        holder = object()
        try:
            await self.run(Lane.INTAKE, self._hold, holder)
            yield
        finally:
            # Cancelled while it waited, the block may hold it all the same, or another one may.
            with self._ready:
                if self._holder is holder:
                    self._holder = None
                    self._ready.notify()

    def _hold(self, holder: object) -> None:
        with self._ready:
            self._holder = holder

    def close(self) -> None:
        """Finish what is waiting, then end the threads. Closing twice is harmless."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()
        self._beside.shutdown()

    def _work(self) -> None:
        lane = Lane.INTAKE
        while True:
            with self._ready:
                if lane is Lane.QUESTION:
                    self._ready.wait_for(self._is_asked_or_closing, self._linger_s)
                while not (queue := self._next()):
                    if self._closing:
                        return
                    self._ready.wait()
                lane = Lane.QUESTION if queue is self._lanes[Lane.QUESTION] else Lane.INTAKE
                task = queue.popleft()
            task()

    def _next(self) -> deque[Callable[[], None]]:
        questions, intake = self._lanes
        return questions if questions or (self._holder and not self._closing) else intake

    def _is_asked_or_closing(self) -> bool:
        return self._closing or bool(self._lanes[Lane.QUESTION])


@contextmanager
def open_worker(
    *, max_waiting: int, linger_s: float = _LINGER_S, clock: Callable[[], float] = time.monotonic
) -> Iterator[Worker]:
    """Start a worker, see `Worker`; on leaving, what waits is finished and the thread ends."""
    worker = Worker(max_waiting=max_waiting, linger_s=linger_s, clock=clock)
    try:
        yield worker
    finally:
        worker.close()
