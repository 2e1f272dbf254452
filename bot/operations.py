"""What a home can be asked to do, as streams of plain events: the same for a local command and over the socket."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from bot.answering.answers import Abstention, Answer
from bot.answering.asking import read_question
from bot.answering.contract import to_contract
from bot.answering.conversation import understood
from bot.answering.questions import Question
from bot.answering.quote_limits import QuoteLimits
from bot.answering.rereading import QuoteInPlace, read_in_place
from bot.answering.timeframe import find_window
from bot.answering.timeline import build_timeline
from bot.disk_use import DiskUse
from bot.feedback import FeedbackOperations
from bot.feeds import FeedOperations
from bot.history import read_history
from bot.ingesting import Ingesting
from bot.inspection import read_status
from bot.leftovers import Leftovers
from bot.records.records import Records
from bot.upkeep import Upkeep
from retrieval.articles import published_text
from retrieval.build import Engine
from retrieval.errors import IndexUnfinished
from retrieval.index.repair import Repair
from retrieval.worker import Lane

log = logging.getLogger(__name__)

Event = dict[str, Any]

# A topic is a few words.
_TOPIC_LIMIT_CHARS = 300
# Passages whose sentences are read between two steps of the progress.
_READ_AT_ONCE = 64


class Operations:
    """Runs operations on the open engine of one home. Whoever opened the engine calls `close` first."""

    def __init__(
        self,
        home: Path,
        engine: Engine,
        answer: Callable[[Question], Awaitable[Answer | Abstention]],
        *,
        feeds: FeedOperations,
        records: Records,
        now: Callable[[], datetime],
        live: Callable[[], dict[str, Any]] = dict,
        stale_after_hours: float = math.inf,
        quote_limits: QuoteLimits | None = None,
    ) -> None:
        """Wire the operations.

        Args:
            home: the folder that this process owns.
            engine: its open engine.
            answer: the answer chain.
            feeds: the operations on feeds.
            records: what people left, open for longer than this.
            now: the clock.
            live: what `status` says of the running process beside what the home itself tells.
            stale_after_hours: `status` warns when the newest article is older than this.
            quote_limits: how long a quote of each publisher may be elsewhere than in answers; `answer` has its own.
        """
        self._home = home
        self._engine = engine
        self._answer = answer
        self.feeds = feeds
        self.records = records
        self._feedback = FeedbackOperations(records.feedback)
        self._ingesting = Ingesting(engine, feeds)
        self._now = now
        self._live = live
        self._stale_after_hours = stale_after_hours
        self._quote_limits = quote_limits
        self._disk_use = DiskUse(home)
        self._leftovers = Leftovers(engine.traces, records.erasing)
        self._upkeep = Upkeep(engine, records, self._leftovers, now=now, check=self._check_index)
        self._rebuilding: tuple[int, int] | None = None
        self._index_is_open = False

    async def open_index(self) -> Repair:
        """Open the index, repairing what a crash left; see `retrieval.index.ingest.Indexer.open`."""
        repair = await self._engine.indexer.open()
        self._index_is_open = True
        await self._engine.forgetter.finish()
        await self._leftovers.finish_interrupted()
        return repair

    async def close(self) -> None:
        """Close the intake, and note that the index is in order, if they were opened."""
        await self.feeds.close()
        if self._index_is_open and self._rebuilding is None:
            await self._engine.indexer.close()

    async def warm(self) -> None:
        """Load now, as pieces of intake, what the first question would wait for: spelling, languages, dates."""
        await self._engine.retriever.warm()
        await self._engine.worker.run(Lane.INTAKE, find_window, "last Tuesday", self._now())

    async def answer(self, question: Question) -> Answer | Abstention:
        """Answer a question, unless the index is being rebuilt.

        Raises:
            IndexUnfinished: it is.
        """
        self._check_index()
        return await self._answer(question)

    def _check_index(self) -> None:
        if self._rebuilding is not None:
            raise IndexUnfinished(*self._rebuilding)

    async def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Run an operation by name and yield its events; the last one holds what it came to.

        Raises:
            ValueError: there is no such operation.
        """
        known: dict[str, Callable[[dict[str, Any]], AsyncIterator[Event]]] = {
            "ask": self._ask,
            "timeline": self._timeline,
            "search": self._search,
            "read": self._read,
            "ingest": self._ingest,
            "embed": self._embed,
            "read ahead": self._read_ahead,
            "reindex": self._reindex,
            "status": self._status,
            "history": self._history,
            "feeds add": self.feeds.add,
            "feeds list": self.feeds.list,
            "feeds turn": self.feeds.turn,
            "feeds test": self.feeds.test,
            "feeds import": self.feeds.take_list,
            "feeds export": self.feeds.export,
            "feeds failures": self.feeds.failures,
            "feeds retry": self.feeds.retry,
            "feedback list": self._feedback.list,
            "feedback export": self._feedback.export,
            "forget": self._upkeep.forget,
            "expire": self._upkeep.expire,
            "backup": self._upkeep.backup,
        }
        if operation not in known:
            raise ValueError(f"unknown operation {operation!r}")
        async for event in known[operation](arguments):
            yield event

    async def _ask(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Answer one question, given as the batch contract says."""
        yield {"outcome": to_contract(await self.answer(read_question(arguments, now=self._now())))}

    async def _timeline(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Tell the story of a "topic", with the limits of a question in the batch contract."""
        self._check_index()
        question = read_question({**arguments, "question": arguments.get("topic")}, now=self._now())
        timeline = await build_timeline(
            self._engine.retriever,
            question,
            question_limit_chars=_TOPIC_LIMIT_CHARS,
            quote_limits=self._quote_limits,
        )
        yield {"timeline": timeline.as_fields()}

    async def _search(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Find passages for a question given as in the batch contract, without answering; for evaluation."""
        question = understood(read_question(arguments, now=self._now()))
        query = question.as_query(limit=arguments.get("limit", 10), dense_weight=arguments.get("dense_weight"))
        findings = await self._engine.retriever.retrieve(query)
        yield {"hits": [{"article_id": hit.article.id, "text": hit.passage.text} for hit in findings.hits]}

    async def _read(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Read "start" to "end" of a "version" of an article, by default all of the current one; for evaluation."""
        article_id, version = arguments["article_id"], arguments.get("version")
        archive, worker = self._engine.archive, self._engine.worker
        if version is None:
            article = await worker.run(Lane.QUESTION, archive.current, article_id)
        else:
            article = await worker.run(Lane.QUESTION, archive.read, article_id, version)
        if article is None:
            yield {"article": None}
            return
        published = published_text(article.published_at, article.published_precision)
        text = article.text[arguments.get("start") : arguments.get("end")]
        yield {"article": {"id": article.id, "published_at": published, "text": text}}

    def take_in(self, paths: Sequence[str]) -> AsyncIterator[Event]:
        """Take in files, folders and addresses; see `bot.ingesting.Ingesting.take_in`."""
        return self.perform("ingest", {"paths": list(paths)})

    async def _ingest(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Take in files, folders and addresses ("paths"), or the packaged samples ("samples": true)."""
        self._check_index()
        if arguments.get("samples"):
            with as_file(files("bot").joinpath("samples")) as folder:
                async for event in self._ingesting.take_in([str(folder)]):
                    yield event
        else:
            async for event in self._ingesting.take_in(arguments["paths"]):
                yield event

    async def _embed(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Make up to "limit" vectors that are pending."""
        made = await self._engine.indexer.embed_pending(arguments.get("limit"))
        yield {"report": {"passages_embedded": made}}

    async def _read_ahead(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Read the sentences of all passages that no question has to read then; progress counts passages."""
        sentences = self._engine.indexer.sentences
        done, total = 0, await sentences.count()
        while made := await sentences.make(_READ_AT_ONCE):
            done += made
            yield {"progress": {"done": done, "total": max(done, total), "articles": done}}
        yield {"report": {"passages_read": done}}

    async def _reindex(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Make the index anew, or go on with an interrupted rebuild."""
        begun = time.perf_counter()
        indexer = self._engine.indexer
        total, done = await indexer.rebuild_total(), 0
        self._rebuilding = (done, total)
        yield {"progress": {"done": done, "total": total, "articles": done}}
        async for count in indexer.rebuild():
            done += count
            self._rebuilding = (done, total)
            yield {"progress": {"done": done, "total": total, "articles": done}}
        self._rebuilding = None
        self._index_is_open = True
        yield {"report": {"articles": done, "elapsed_s": round(time.perf_counter() - begun, 3)}}

    async def _history(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Tell every version of the "article", named by its address or id, and what each changed."""
        history = await self._engine.worker.run(Lane.QUESTION, read_history, self._engine.archive, arguments["article"])
        yield {"history": history}

    async def read_in_place(self, citation: Mapping[str, Any]) -> QuoteInPlace:
        """Read a quote of a kept answer again where it stands; see `bot.answering.rereading.read_in_place`."""
        limits = self._quote_limits or QuoteLimits()
        return await self._engine.worker.run(Lane.QUESTION, read_in_place, self._engine.archive, citation, limits)

    async def status(self) -> dict[str, Any]:
        """Tell how the home and the running process are; see `bot.inspection.read_status`."""
        read = partial(
            read_status,
            self._home,
            clock=self._now,
            stale_after_hours=self._stale_after_hours,
            known_disk_bytes=await self._disk_use.read(),
        )
        status = await self._engine.worker.run(Lane.QUESTION, read)
        return status | self._live()

    async def _status(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Tell how the home and the running process are."""
        yield {"status": await self.status()}
