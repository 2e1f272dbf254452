"""Reading pages, feeds and parts of files in processes of their own, which may hang, run out of memory or die."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import resource
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from retrieval.errors import ArticleRejected, ExtractionUnavailable

if TYPE_CHECKING:
    from retrieval.news.extract import Page

T = TypeVar("T")

# A process begins with some 0.4 GiB of address space, and the largest page that is taken needs 1 GiB.
LIMIT_BYTES = 2 * 2**30
# What parsers leave behind in memory is given back by ending the process; starting one takes about a second.
CALLS_PER_PROCESS = 500
# Importing the libraries on two busy cores.
START_TIMEOUT_S = 120.0
_NICENESS = 10
_REMEDY = "save its text as .txt"
_READER = "retrieval.news.extract"


_Answer: TypeAlias = "tuple[object, Exception | None]"


class _Died(Exception):
    """The process ended before it answered."""


class _TookTooLong(Exception):
    """The process did not answer in time."""


class Extraction:
    """Runs functions in processes, one call at a time in each. Opened and closed by `open_extraction`.

    Each process has an executor of its own. In a common one nobody could say whose page killed the process, all that
    it was doing would fail with it, and its way to end processes after some calls can come to a standstill.
    """

    def __init__(self, *, processes: int, timeout_s: float, limit_bytes: int, calls_per_process: int) -> None:
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        self._calls_per_process = calls_per_process
        self._turns = asyncio.Semaphore(processes)
        # Those that are started and free; who has a turn and finds none starts one.
        self._idle: list[_Process] = []
        self._running: set[_Process] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def read_page(self, raw: bytes, *, input: str, url: str | None, title_otherwise: str | None = None) -> Page:
        """Read a page as `retrieval.news.extract.read_page` does.

        Raises:
            ArticleRejected: as there, or see `run`.
            ExtractionUnavailable: see `run`.
        """
        page: Page = await self.run(_read_page, raw, input, url, title_otherwise, input=input)
        return page

    async def run(self, function: Callable[..., T], *args: Any, input: str) -> T:
        """Call a function in a free process, waiting until one is free, and return what it returns.

        Args:
            function: one that can be imported by its name.
            args: what it takes; like what it returns and raises, they must be such as pickle takes.
            input: what is read, as it is named in the rejection.

        Raises:
            ArticleRejected: the call took longer than `timeout_s`, which counts from its beginning, needed more memory
                than it may have, or ended its process. Other calls take no notice.
            ExtractionUnavailable: no process can be started.
            RuntimeError: the extraction is closed.
            Exception: whatever the function raises.
        """
        async with self._turns:
            outcome, problem = await self._run(function, args, input)
        if isinstance(problem, MemoryError):
            mebibytes = self._limit_bytes >> 20
            raise ArticleRejected(input, f"needs more than {mebibytes} MiB of memory; {_REMEDY}") from problem
        if problem is not None:
            raise problem
        return cast(T, outcome)

    async def _run(self, function: Callable[..., object], args: tuple[Any, ...], input: str) -> _Answer:
        if self._is_closed:
            raise RuntimeError("the extraction is closed")
        process = self._idle.pop() if self._idle else _Process(self._limit_bytes)
        is_reusable = False
        try:
            if process not in self._running:
                self._running.add(process)
                await process.start()
            answer = await process.call(function, args, self._timeout_s)
            is_reusable = process.calls < self._calls_per_process and not isinstance(answer[1], MemoryError)
        except _TookTooLong as error:
            raise ArticleRejected(input, f"took longer than {self._timeout_s:g} s to read; {_REMEDY}") from error
        except (_Died, ExtractionUnavailable) as error:
            if self._is_closed:
                raise RuntimeError("the extraction is closed") from error
            if isinstance(error, ExtractionUnavailable):
                raise
            raise ArticleRejected(input, f"ended the process that read it; {_REMEDY}") from error
        finally:
            if is_reusable and not self._is_closed:
                self._idle.append(process)
            else:
                self._end(process)
        return answer

    async def close(self) -> None:
        """End all processes at once; who awaits a call gets a RuntimeError. Closing twice is harmless."""
        self._is_closed = True
        for process in list(self._running):
            self._end(process)
        while self._ending:
            await asyncio.wait(self._ending)

    def _end(self, process: _Process) -> None:
        if process not in self._running:
            return
        self._running.discard(process)
        process.kill()
        # Joining the executor's thread takes a few ms, which the loop does not wait for.
        task = asyncio.create_task(asyncio.to_thread(process.join))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


@asynccontextmanager
async def open_extraction(
    *,
    processes: int,
    timeout_s: float,
    limit_bytes: int = LIMIT_BYTES,
    calls_per_process: int = CALLS_PER_PROCESS,
) -> AsyncIterator[Extraction]:
    """Open processes that read pages and feeds; each is started when it is first needed.

    They run at a lower priority, leave Ctrl-C to this process, and end with it, even if it is killed.

    Args:
        processes: how many there are at most, >= 1.
        timeout_s: how long one call may take.
        limit_bytes: how much address space each may have; unlimited where the system knows no such limit.
        calls_per_process: after so many calls a process is replaced.
    """
    extraction = Extraction(
        processes=processes, timeout_s=timeout_s, limit_bytes=limit_bytes, calls_per_process=calls_per_process
    )
    try:
        yield extraction
    finally:
        await extraction.close()


class _Process:
    """One process and the executor that speaks with it."""

    def __init__(self, limit_bytes: int) -> None:
        self.calls = 0
        self._limit_bytes = limit_bytes
        # Spawned, since a fork would inherit locks that other threads hold.
        self._executor = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self._children: set[BaseProcess] = set()

    async def start(self) -> None:
        """Start the process and let it import what it needs, so that no call's time is spent on it.

        Raises:
            ExtractionUnavailable: it does not start, or not in time.
        """
        others = set(multiprocessing.active_children())
        try:
            with _interrupts_held_back():
                begun = self._executor.submit(_prepare, self._limit_bytes)
            self._children = set(multiprocessing.active_children()) - others
            await _answer(begun, START_TIMEOUT_S)
        except (OSError, MemoryError, ImportError, _Died, _TookTooLong) as error:
            raise ExtractionUnavailable(f"{type(error).__name__}: {error}") from error

    async def call(self, function: Callable[..., object], args: tuple[Any, ...], timeout_s: float) -> _Answer:
        """Call a function in it.

        Raises:
            _Died, _TookTooLong: the process must be ended.
        """
        self.calls += 1
        try:
            begun = self._executor.submit(_call, function, args)
        except BrokenProcessPool as error:  # it was killed since the last call
            raise _Died("it was gone") from error
        return await _answer(begun, timeout_s)

    def kill(self) -> None:
        """End the process at once, even while it is starting."""
        for child in self._children:
            child.kill()

    def join(self) -> None:
        """Wait until the process and the executor's thread are gone."""
        self._executor.shutdown(wait=True, cancel_futures=True)


async def _answer(begun: Future[T], timeout_s: float) -> T:
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.wrap_future(begun)
    except BrokenProcessPool as error:
        raise _Died("it ended before it answered") from error
    except TimeoutError as error:
        raise _TookTooLong(f"it did not answer in {timeout_s:g} s") from error


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back from this thread for a moment, and for good from the process that is started meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare(limit_bytes: int) -> None:
    """Make the process polite, bounded and mortal, then import what reads pages."""
    threading.Thread(target=_end_with_parent, name="dateline-parent", daemon=True).start()
    os.nice(_NICENESS)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = limit_bytes if most == resource.RLIM_INFINITY else min(limit_bytes, most)
    with suppress(OSError, ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    import_module(_READER)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(function: Callable[..., object], args: tuple[Any, ...]) -> _Answer:
    """Call a function, and give back what it raised only as what can be read at the other end."""
    try:
        return function(*args), None
    except BaseException as problem:
        if isinstance(problem.__cause__, MemoryError):
            problem = problem.__cause__  # said in other words, but this process has grown to its limit all the same
        if not isinstance(problem, Exception):  # SystemExit would end this program
            return None, RuntimeError(f"{type(problem).__name__}: {problem}")
        try:
            pickle.loads(pickle.dumps(problem))
        except Exception:  # its constructor takes other things than it keeps
            return None, RuntimeError(f"{type(problem).__name__}: {problem}")
        return None, problem


def _read_page(raw: bytes, input: str, url: str | None, title_otherwise: str | None) -> Page:
    from retrieval.news.extract import read_page

    return read_page(raw, input=input, url=url, title_otherwise=title_otherwise)
