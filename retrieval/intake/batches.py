"""Reading files in batches: what is quick on the worker, between questions, and all else in another process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from retrieval.errors import ArticleRejected
from retrieval.intake.collecting import RunApart
from retrieval.news.parts import Part, Step
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.wire import Found
from retrieval.worker import Lane, Worker

# One batch is at most this many articles ...
_BATCH_ARTICLES = 16
# ... and as many as are read in this time, so that what is slow to read is stored soon.
_BATCH_S = 1.0
# The worker reads for no longer than this at once, since a question waits for it ...
_READ_S = 0.25
# ... and for less while questions come.
_BATCH_ARTICLES_WHEN_ASKED, _READ_WHEN_ASKED_S = 2, 0.025


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be stored at once.

    Attributes:
        found: in order, what was found and what was rejected; never empty. A saved feed comes last.
        done_bytes: how much of all there is to read is done with once this is stored.
    """

    found: list[Found | SavedFeed]
    done_bytes: int


class Reading:
    """Reads one run of files in order. Uses what it is given and closes nothing."""

    def __init__(self, worker: Worker, run_apart: RunApart) -> None:
        """Wire it.

        Args:
            worker: reads what is quick.
            run_apart: runs a function in another process, which may hang or die.
        """
        self._worker = worker
        self._run_apart = run_apart
        self._done_bytes = 0
        # What is being read, the innermost last: a file's parts may be split into parts.
        self._open: list[Iterator[Step]] = []
        # The batch that is being read, and what of it is no rejection.
        self._found: list[Found | SavedFeed] = []
        self._articles = 0

    def advance(self, size_bytes: int) -> None:
        """Note that some more bytes are done with."""
        self._done_bytes += size_bytes

    async def batches(self, steps: Iterator[Step]) -> AsyncGenerator[Batch, None]:
        """Read all steps, the next batch while the last one is stored; one part at a time is held and read.

        What hangs, wants too much memory or kills its process is rejected by its name, and the rest goes on. Beside a
        saved feed, which may be large, nothing is read.

        Raises:
            ExtractionUnavailable: no process can be started.
            RuntimeError: the processes were closed meanwhile.
        """
        self._open = [steps]
        upcoming = asyncio.create_task(self._next())
        try:
            while found := await upcoming:
                batch = Batch(found, self._done_bytes)
                is_alone = isinstance(found[-1], SavedFeed)
                if not is_alone:
                    upcoming = asyncio.create_task(self._next())
                yield batch
                if is_alone:
                    upcoming = asyncio.create_task(self._next())
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)

    async def _next(self) -> list[Found | SavedFeed]:
        """Read one batch; it is empty at the end only."""
        self._found, self._articles = [], 0
        until = time.perf_counter() + _BATCH_S
        while self._open and not self._is_full and not (self._found and time.perf_counter() > until):
            part = await self._worker.run(Lane.INTAKE, self._read_quick)
            if part is None:
                continue
            try:
                steps = await self._run_apart(part.read, *part.args, input=part.input)
            except ArticleRejected as problem:
                steps = [problem]
            self._open.append(iter(steps))
        return self._found

    def _read_quick(self) -> Part | None:
        """Read on for a moment, or until the batch is full or a part is not quick, which is given back."""
        until = time.perf_counter() + (_READ_WHEN_ASKED_S if self._worker.is_asked else _READ_S)
        while self._open:
            try:
                step = next(self._open[-1])
            except StopIteration:
                self._open.pop()
                continue
            if isinstance(step, Part):
                if not step.is_quick:
                    return step
                self._open.append(iter(step.read(*step.args)))
            elif step is not None:
                self._found.append(step)
                self._articles += not isinstance(step, ArticleRejected)
            if self._is_full or time.perf_counter() > until:
                return None
        return None

    @property
    def _is_full(self) -> bool:
        limit = _BATCH_ARTICLES_WHEN_ASKED if self._worker.is_asked else _BATCH_ARTICLES
        return self._articles >= limit or (self._articles > 0 and isinstance(self._found[-1], SavedFeed))
