"""Taking in what an operator names: files, folders and addresses, in small pieces between questions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.feeds import FeedOperations
from bot.options import is_address
from retrieval.archive.entries import EntryState
from retrieval.articles import Article, Withdrawal
from retrieval.build import Engine
from retrieval.errors import ArticleRejected, BodyTooLarge, FeedUnreadable, FetchFailed
from retrieval.index.ingest import Taken
from retrieval.intake.batches import Reading
from retrieval.intake.examining import Delivery
from retrieval.intake.keeping import Visited
from retrieval.intake.looking_up import Led
from retrieval.news.files import split_files, total_bytes
from retrieval.news.parts import Step
from retrieval.news.saved_feeds import SavedFeed
from retrieval.worker import Lane

Event = dict[str, Any]

# Vectors are made of so many passages at a time, sorted by length, of which fewer would pad more.
_EMBED_AT_ONCE = 128

_OUTCOMES = {
    EntryState.EXCERPT: "only what its feed says of it is kept",
    EntryState.FAILED: "not read yet, and tried again while `dateline serve` runs",
    EntryState.DEAD: "given up",
    EntryState.REFUSED: "left out",
    EntryState.GONE: "gone",
    EntryState.KEPT: "kept as it was",
    EntryState.NEW: "put off",
}
_EXCERPT_MEANWHILE = "only what its feed says of it is kept, and its page is tried again while `dateline serve` runs"


@dataclass
class _Run:
    """What one call has come to so far."""

    taken: Taken = field(default_factory=Taken)
    embedded: int = 0
    withdrawn: int = 0
    articles: int = 0
    rejected: list[Event] = field(default_factory=list)

    def reject(self, input: str, reason: str) -> None:
        self.rejected.append({"input": input, "reason": reason})

    def progress(self, done: int, total: int) -> Event:
        return {"progress": {"done": done, "total": total, "articles": self.articles}}


class Ingesting:
    """Takes in files and addresses. Uses the engine and the feeds' intake, and closes nothing."""

    def __init__(self, engine: Engine, feeds: FeedOperations) -> None:
        """Wire it."""
        self._engine = engine
        self._feeds = feeds

    async def take_in(self, places: Sequence[str]) -> AsyncIterator[Event]:
        """Take in everything at these paths, then at these addresses; events of progress, then a report.

        Progress counts bytes of files and of what was fetched, and entries of feeds. Feeds are not followed.

        Raises:
            InputNotFound: a path is not there; nothing is taken in then.
        """
        begun = time.perf_counter()
        run = _Run()
        async for event in self._take_files([Path(place) for place in places if not is_address(place)], run):
            yield event
        for address in filter(is_address, places):
            async for event in self._take_address(address, run):
                yield event
        # What an interrupted run left without vectors is made now, even if no article is new.
        await self._engine.indexer.embed_pending()
        for refused in run.taken.refused:
            run.reject(refused.input, refused.reason)
        yield {
            "report": {
                "added": run.taken.added,
                "updated": run.taken.updated,
                "unchanged": run.taken.unchanged,
                "withdrawn": run.withdrawn,
                "rejected": run.rejected,
                "passages_added": run.taken.passages_added,
                "elapsed_s": round(time.perf_counter() - begun, 3),
            }
        }

    async def _take_files(self, paths: Sequence[Path], run: _Run) -> AsyncIterator[Event]:
        total = await self._engine.worker.run(Lane.INTAKE, total_bytes, paths)
        reading = Reading(self._engine.worker, self._run_apart)
        async for event in self._take_all(reading, split_files(paths, advance=reading.advance), total, run):
            yield event

    async def _run_apart(self, function: Callable[..., Any], *args: Any, input: str) -> Any:
        """Run a function in another process; what needs none opens no intake."""
        intake = await self._feeds.intake()
        return await intake.run_apart(function, *args, input=input)

    async def _take_all(self, reading: Reading, steps: Iterator[Step], total: int, run: _Run) -> AsyncIterator[Event]:
        """Take what is read, in pieces between which questions are answered."""
        yield run.progress(0, total)
        async with aclosing(reading.batches(steps)) as batches:
            async for batch in batches:
                articles: list[Article | Withdrawal] = []
                for one in batch.found:
                    if isinstance(one, ArticleRejected):
                        run.reject(one.input, one.reason)
                    elif not isinstance(one, SavedFeed):
                        articles.append(one)
                if articles:
                    await self._take_batch(articles, run)
                    await self._embed_enough(run)
                    run.articles += len(articles)
                if isinstance(saved := batch.found[-1], SavedFeed):
                    async for event in self._take_saved(saved, run):
                        yield event
                yield run.progress(batch.done_bytes, total)
        yield run.progress(total, total)

    async def _embed_enough(self, run: _Run) -> None:
        """Make the vectors of what was taken in, once it is enough for them to be made well; words find it before."""
        if run.taken.passages_added - run.embedded >= _EMBED_AT_ONCE:
            run.embedded = run.taken.passages_added
            await self._engine.indexer.embed_pending()

    async def _take_batch(self, batch: Sequence[Article | Withdrawal], run: _Run) -> None:
        """Store a batch in its order: an article may be taken back and given again."""
        for is_withdrawn, some in groupby(batch, key=lambda one: isinstance(one, Withdrawal)):
            if not is_withdrawn:
                run.taken += await self._engine.indexer.add([one for one in some if isinstance(one, Article)])
                continue
            for one in some:
                assert isinstance(one, Withdrawal)
                if await self._engine.indexer.withdraw(one.article_id, one.reason):
                    run.withdrawn += 1
                else:
                    reason = f"says that an article is {one.reason}, which is not held or was withdrawn before"
                    run.reject(one.input, reason)

    async def _take_address(self, address: str, run: _Run) -> AsyncIterator[Event]:
        """Take in what an address leads to, once: articles, a page, or all that a feed or sitemap lists now."""
        intake = await self._feeds.intake()
        try:
            led = await intake.look_up.address(address)
            refusal = None if led.delivery is None else await intake.visitor.refusal(led.delivery.fetched)
        except BodyTooLarge as problem:
            run.reject(
                address,
                f"is {problem.reason}, which is all that is fetched at once: save it and take in the file, or raise "
                "intake.max_body_bytes",
            )
            return
        except (FetchFailed, FeedUnreadable, ArticleRejected) as problem:
            run.reject(address, problem.reason)
            return
        except ValueError as problem:
            run.reject(address, str(problem))
            return
        if refusal is not None:
            run.reject(address, f"left out: {refusal}")
        elif led.delivery is not None:
            async for event in self._take_delivery(led.delivery, address, run):
                yield event
        else:
            async for event in self._take_entries(led, address, run):
                yield event

    async def _take_delivery(self, delivery: Delivery, address: str, run: _Run) -> AsyncIterator[Event]:
        """Read what was fetched as a file of its form is read, named by its address."""
        intake = await self._feeds.intake()
        before = run.articles, len(run.rejected)
        try:
            found = await intake.examiner.read_delivery(delivery)
        except ArticleRejected as problem:
            run.reject(address, problem.reason)
            return
        size = len(delivery.fetched.body)
        reading = Reading(self._engine.worker, intake.run_apart)
        reading.advance(size)
        async for event in self._take_all(reading, iter(found), size, run):
            yield event
        if before == (run.articles, len(run.rejected)):
            run.reject(address, "holds no articles")

    async def _take_saved(self, saved: SavedFeed, run: _Run) -> AsyncIterator[Event]:
        """Take in what a saved feed or sitemap lists, as if it had been fetched just now."""
        intake = await self._feeds.intake()
        try:
            led = await intake.look_up.saved(saved)
        except (FeedUnreadable, ArticleRejected) as problem:
            run.reject(saved.input, problem.reason)
            return
        async for event in self._take_entries(led, saved.input, run):
            yield event

    async def _take_entries(self, led: Led, place: str, run: _Run) -> AsyncIterator[Event]:
        intake = await self._feeds.intake()
        for problem in led.problems:
            run.reject(place, problem)
        yield run.progress(0, len(led.rows))
        done = 0
        async with aclosing(intake.visit_all(led.rows)) as visits:
            async for visited in visits:
                row = led.rows[done]
                done += 1
                run.taken += visited.taken
                if visited.reason is not None:
                    run.reject(row.url or row.fields.get("title") or place, _told(visited))
                await self._embed_enough(run)
                run.articles += 1
                yield run.progress(done, len(led.rows))


def _told(visited: Visited) -> str:
    is_tried_again = visited.is_excerpt and visited.state is EntryState.FAILED
    return f"{_EXCERPT_MEANWHILE if is_tried_again else _OUTCOMES[visited.state]}: {visited.reason}"
