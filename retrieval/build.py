"""Wiring the engine: a home and plain settings become an open index that takes articles in and answers queries."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from config.settings import EmbeddingSettings, IntakeSettings, RetrievalSettings
from retrieval.archive.archive import Archive, utc_now
from retrieval.archive.database import open_archive
from retrieval.archive.retention import Retention
from retrieval.backup import Backups
from retrieval.forgetting import Forgetter
from retrieval.index.dense import open_dense_index
from retrieval.index.embedding import Embedder, load_embedder
from retrieval.index.entities import load_tagger
from retrieval.index.ingest import Indexer
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.onnx_embedding import ONNX_DIR, load_onnx_embedder
from retrieval.index.sentences import Annotator
from retrieval.intake.collecting import Collector
from retrieval.intake.examining import Examiner
from retrieval.intake.intake import Intake
from retrieval.intake.schedule import Dice
from retrieval.intake.visiting import Visitor
from retrieval.news.connecting import Resolve
from retrieval.news.extraction import open_extraction
from retrieval.news.fetch import open_fetcher
from retrieval.news.fetched import user_agent
from retrieval.search.cross_encoder import load_cross_encoder
from retrieval.search.rerank import FeatureReranker, Reranker
from retrieval.search.retriever import Retriever
from retrieval.search.weights import read_weights
from retrieval.traces import Traces
from retrieval.worker import Lane, Worker, open_worker

# Reading pages and feeds is done in processes of their own, so that answering has the interpreter to itself: one keeps
# up with any number of polite hosts (30 ms a page).
_EXTRACTION_PROCESSES = 1
_EXTRACTION_S = 20.0


@dataclass(frozen=True, slots=True)
class Engine:
    """The open engine of one home."""

    archive: Archive
    indexer: Indexer
    retriever: Retriever
    worker: Worker
    forgetter: Forgetter
    backups: Backups
    retention: Retention
    traces: Traces


@asynccontextmanager
async def open_engine(
    home: Path,
    retrieval: RetrievalSettings,
    embedding: EmbeddingSettings,
    intake: IntakeSettings | None = None,
    *,
    load: Callable[[], Embedder] | None = None,
) -> AsyncIterator[Engine]:
    """Open archive, model and vector store in `home`; the caller holds the home and calls `Engine.indexer.open`.

    Args:
        home: an existing folder.
        retrieval: weights, sizes and limits.
        embedding: the model and its device.
        intake: how long articles are kept; None: for ever.
        load: makes the embedder instead of the settings' model.

    Raises:
        ArchiveTooNew, ArchiveUnreadable, EmbeddingModelMissing, EmbeddingModelTampered, EmbeddingNotExported,
        RerankerModelUnusable, VectorStoreUnavailable.
    """
    load = load or partial(_load_embedder, home, embedding)
    with open_worker(max_waiting=retrieval.max_waiting_questions) as worker:
        with_open = ExitStack()
        enter = partial(worker.run, Lane.INTAKE, with_open.enter_context)
        try:
            archive = await enter(open_archive(home))
            embedder = await worker.run(Lane.INTAKE, load)
            reranker = await worker.run(
                Lane.INTAKE, partial(_build_reranker, retrieval.reranker_model, embedding.device)
            )
            dense = await enter(open_dense_index(home, server_url=retrieval.chroma_url))
            ledger, lexical = Ledger(), LexicalIndex()
            annotator = Annotator(embedder, load_tagger(embedding.tagger))
            retention = _build_retention(intake)
            indexer = Indexer(
                archive,
                ledger,
                lexical,
                dense,
                embedder,
                annotator,
                worker,
                passage_tokens=retrieval.passage_tokens,
                retention=retention,
            )
            retriever = Retriever(
                archive,
                ledger,
                lexical,
                dense,
                embedder,
                annotator,
                worker,
                dense_weight=retrieval.dense_weight,
                lexical_weight=retrieval.lexical_weight,
                candidates=retrieval.candidates,
                reranker=reranker,
            )
            forgetter = Forgetter(archive, ledger, lexical, dense, worker)
            backups, traces = Backups(archive, dense, worker), Traces(archive, lexical, worker)
            yield Engine(archive, indexer, retriever, worker, forgetter, backups, retention, traces)
        finally:
            await worker.run(Lane.INTAKE, with_open.close)


@asynccontextmanager
async def open_intake(
    engine: Engine,
    settings: IntakeSettings,
    *,
    version: str,
    now: Callable[[], datetime] = utc_now,
    dice: Dice = random.random,
    seconds: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    resolve: Resolve | None = None,
) -> AsyncIterator[Intake]:
    """Open what fetches and reads the news for a home; the caller runs `Intake.run`, or asks it for single things.

    Args:
        engine: the open engine, its index opened.
        settings: how to fetch.
        version: Dateline's, for the User-Agent.
        now: the clock.
        dice: uniform in 0..1.
        seconds: monotonic seconds, for the pauses that hosts are given.
        sleep: waits so many of these seconds.
        resolve: how names become addresses; the system's resolver if None.
    """
    async with (
        open_fetcher(
            user_agent=user_agent(version, settings.contact),
            timeout_s=settings.timeout_s,
            max_body_bytes=settings.max_body_bytes,
            private_hosts=settings.private_hosts,
            host_delay_s=settings.host_delay_s,
            host_connections=settings.host_connections,
            connections=settings.connections,
            heed_robots=settings.heed_robots,
            resolve=resolve,
            clock=seconds,
            sleep=sleep,
            now=now,
        ) as fetcher,
        open_extraction(processes=_EXTRACTION_PROCESSES, timeout_s=_EXTRACTION_S) as extraction,
    ):
        archive, worker = engine.archive, engine.worker
        collector = Collector(
            archive,
            worker,
            engine.indexer,
            fetcher.fetch,
            extraction.run,
            low_s=settings.min_interval_s,
            high_s=settings.max_interval_s,
            now=now,
            dice=dice,
        )
        visitor = Visitor(
            archive,
            worker,
            engine.indexer,
            fetcher.fetch,
            extraction.run,
            fetcher.opt_out_reason,
            attempts=settings.attempts,
            heed_opt_outs=settings.heed_opt_outs,
            now=now,
            dice=dice,
        )
        intake = Intake(
            archive,
            worker,
            engine.indexer,
            Examiner(fetcher.fetch, extraction.run),
            collector,
            visitor,
            run_apart=extraction.run,
            connections=settings.connections,
            per_host=settings.host_connections,
            now=now,
            sleep=sleep,
        )
        try:
            yield intake
        finally:
            await intake.close()


def _load_embedder(home: Path, embedding: EmbeddingSettings) -> Embedder:
    if embedding.runtime == "onnx":
        return load_onnx_embedder(embedding.model, cache_dir=home / ONNX_DIR)
    return load_embedder(embedding.model, device=embedding.device)


def _build_retention(intake: IntakeSettings | None) -> Retention:
    if intake is None:
        return Retention()
    named = {name: one.keep_days for name, one in intake.sources.items() if one.keep_days is not None}
    return Retention.of(intake.keep_days, named)


def _build_reranker(model: str, device: str) -> Reranker:
    by_features = FeatureReranker(read_weights("retrieval.search", "rerank_weights.json"))
    return load_cross_encoder(model, by_features, device=device) if model else by_features
