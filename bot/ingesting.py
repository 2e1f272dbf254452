"""Taking in what an operator names: files, folders and addresses, in small pieces between questions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.feeds import FeedOperations
from bot.options import is_address
from retrieval.archive.entry_ledger import EntryState
from retrieval.articles import Article, Withdrawal
from retrieval.build import Engine
from retrieval.errors import ArticleRejected, FeedUnreadable, FetchFailed
from retrieval.index.ingest import Taken
from retrieval.news.files import read_articles, total_bytes
from retrieval.worker import Lane

Event = dict[str, Any]

# One piece of intake is at most this many articles ...
_BATCH_ARTICLES = 16
# ... and reading it stops after this long, so that a question waits for no more (large pages take a while to extract).
_BATCH_READ_S = 0.25
# While questions come, they wait for less.
_BATCH_ARTICLES_WHEN_ASKED, _BATCH_READ_WHEN_ASKED_S = 2, 0.025

_OUTCOMES = {
    EntryState.EXCERPT: "only what its feed says of it is kept",
    EntryState.FAILED: "not read yet, and tried again while `dateline serve` runs",
    EntryState.DEAD: "given up",
    EntryState.REFUSED: "left out",
    EntryState.GONE: "gone",
    EntryState.KEPT: "kept as it was",
    EntryState.NEW: "put off",
}


class Ingesting:
    """Takes in files and addresses. Uses the engine and the feeds' intake, and closes nothing."""

    def __init__(self, engine: Engine, feeds: FeedOperations) -> None:
        """Wire it."""
        self._engine = engine
        self._feeds = feeds

    async def take_in(self, places: Sequence[str]) -> AsyncIterator[Event]:
        """Take in everything at these paths and addresses; events of progress, then a report.

        Raises:
            InputNotFound: a path is not there; nothing is taken in then.
        """
        begun = time.perf_counter()
        rejected: list[Event] = []
        counted = {"withdrawn": 0}
        paths = [Path(place) for place in places if not is_address(place)]
        addresses = [place for place in places if is_address(place)]
        taken = Taken()
        async for event, more in self._take_files(paths, rejected, counted):
            taken += more
            yield event
        for address in addresses:
            async for event, more in self._take_address(address, rejected):
                taken += more
                yield event
        # What an interrupted run left without vectors is made now, even if no article is new.
        await self._engine.indexer.embed_pending()
        rejected += [{"input": one, "reason": "it was forgotten on request and stays so"} for one in taken.forgotten]
        yield {
            "report": {
                "added": taken.added,
                "updated": taken.updated,
                "unchanged": taken.unchanged,
                "withdrawn": counted["withdrawn"],
                "rejected": rejected,
                "passages_added": taken.passages_added,
                "elapsed_s": round(time.perf_counter() - begun, 3),
            }
        }

    async def _take_files(
        self, paths: Sequence[Path], rejected: list[Event], counted: dict[str, int]
    ) -> AsyncIterator[tuple[Event, Taken]]:
        read_bytes, seen = 0, 0

        def reject(problem: ArticleRejected) -> None:
            rejected.append({"input": problem.input, "reason": problem.reason})

        def advance(count: int) -> None:
            nonlocal read_bytes
            read_bytes += count

        total = await self._engine.worker.run(Lane.INTAKE, total_bytes, paths)
        articles = read_articles(paths, reject=reject, advance=advance)
        yield {"progress": {"done": 0, "total": total, "articles": 0}}, Taken()
        while batch := await self._engine.worker.run(Lane.INTAKE, self._read_batch, articles):
            taken = await self._take_batch(batch, rejected, counted)
            await self._engine.indexer.embed_pending()
            seen += len(batch)
            yield {"progress": {"done": read_bytes, "total": total, "articles": seen}}, taken
        yield {"progress": {"done": total, "total": total, "articles": seen}}, Taken()

    async def _take_batch(
        self, batch: Sequence[Article | Withdrawal], rejected: list[Event], counted: dict[str, int]
    ) -> Taken:
        """Store a batch in its order: an article may be taken back and given again."""
        taken = Taken()
        for is_withdrawn, some in groupby(batch, key=lambda one: isinstance(one, Withdrawal)):
            if not is_withdrawn:
                taken += await self._engine.indexer.add([one for one in some if isinstance(one, Article)])
                continue
            for one in some:
                assert isinstance(one, Withdrawal)
                if await self._engine.indexer.withdraw(one.article_id, one.reason):
                    counted["withdrawn"] += 1
                else:
                    reason = f"says that an article is {one.reason}, which is not held or was withdrawn before"
                    rejected.append({"input": one.input, "reason": reason})
        return taken

    async def _take_address(self, address: str, rejected: list[Event]) -> AsyncIterator[tuple[Event, Taken]]:
        """Take in what an address leads to, once: a page, or all that a feed or sitemap lists now."""
        intake = await self._feeds.intake()
        try:
            rows = await intake.look_up(address)
        except (FetchFailed, FeedUnreadable, ValueError) as problem:
            reason = problem.reason if isinstance(problem, FeedUnreadable) else str(problem)
            rejected.append({"input": address, "reason": reason})
            return
        for done, row in enumerate(rows, start=1):
            visited = await intake.visitor.visit(row)
            if visited.reason is not None:
                input = row.url or row.fields.get("title") or address
                rejected.append({"input": input, "reason": f"{_OUTCOMES[visited.state]}: {visited.reason}"})
            await self._engine.indexer.embed_pending()
            yield {"progress": {"done": done, "total": len(rows), "articles": done}}, visited.taken

    def _read_batch(self, articles: Iterator[Article | Withdrawal]) -> list[Article | Withdrawal]:
        is_asked = self._engine.worker.is_asked
        limit = _BATCH_ARTICLES_WHEN_ASKED if is_asked else _BATCH_ARTICLES
        until = time.perf_counter() + (_BATCH_READ_WHEN_ASKED_S if is_asked else _BATCH_READ_S)
        batch: list[Article | Withdrawal] = []
        for article in articles:
            batch.append(article)
            if len(batch) >= limit or time.perf_counter() > until:
                break
        return batch
