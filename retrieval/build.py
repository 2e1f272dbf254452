"""Wiring the engine: a home and plain settings become an open index that takes articles in and answers queries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.settings import EmbeddingSettings, IntakeSettings, RetrievalSettings
from retrieval.archive.archive import Archive
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
from retrieval.search.cross_encoder import load_cross_encoder
from retrieval.search.rerank import FeatureReranker, Reranker
from retrieval.search.retriever import Retriever
from retrieval.search.weights import read_weights
from retrieval.worker import Lane, Worker, open_worker


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
            yield Engine(archive, indexer, retriever, worker, forgetter, Backups(archive, dense, worker), retention)
        finally:
            await worker.run(Lane.INTAKE, with_open.close)


def _load_embedder(home: Path, embedding: EmbeddingSettings) -> Embedder:
    if embedding.runtime == "onnx":
        return load_onnx_embedder(embedding.model, cache_dir=home / ONNX_DIR)
    return load_embedder(embedding.model, device=embedding.device)


def _build_retention(intake: IntakeSettings | None) -> Retention:
    if intake is None:
        return Retention()
    named = {name: one.keep_days for name, one in intake.sources.items() if one.keep_days}
    return Retention.of(intake.keep_days, named)


def _build_reranker(model: str, device: str) -> Reranker:
    by_features = FeatureReranker(read_weights("retrieval.search", "rerank_weights.json"))
    return load_cross_encoder(model, by_features, device=device) if model else by_features
