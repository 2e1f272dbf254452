"""What many tests need: articles of our own making, an open index over real stores, the real embedding model."""

import logging
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import hypothesis
import pytest

# Read by the model hub's client when it is imported: no test reaches for the network.
os.environ["HF_HUB_OFFLINE"] = "1"

# The same examples in every run, however slow the machine: a failure can be seen again.
hypothesis.settings.register_profile("dateline", derandomize=True, deadline=None)
hypothesis.settings.load_profile("dateline")


@pytest.fixture(autouse=True)
def _no_settings_of_the_operator(monkeypatch):
    """The settings of whoever runs the tests do not reach them."""
    for name in list(os.environ):
        if name.upper().startswith("DATELINE_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logging_left_as_it_was():
    """A command run within a test sets up logging; the next test finds it as pytest did."""

    def loggers():
        known = logging.root.manager.loggerDict.values()
        return [logging.root, *(one for one in known if isinstance(one, logging.Logger))]

    handlers, levels = logging.root.handlers[:], {one: one.level for one in loggers()}
    yield
    logging.root.handlers[:] = handlers
    for one in loggers():
        one.setLevel(levels.get(one, logging.NOTSET))


@pytest.fixture(scope="session")
def make_article():
    """Make an article; what is not given is filled in."""
    from retrieval.articles import Article, Precision

    def make(id="a-1", text="The ferry sank off Marrow Bay.", *, title="Ferry sinks", day=None, **fields):
        if day is not None:
            published_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
            fields = {"published_at": published_at, "published_precision": Precision.DAY, **fields}
        filled = {
            "source": "The Averden Courier",
            "url": None,
            "published_at": None,
            "published_precision": None,
            "authors": (),
            "language": "en",
        }
        return Article(id=id, title=title, text=text, **(filled | fields))

    return make


@pytest.fixture(scope="session")
def open_index():
    """Open archive, both indexes, indexer and retriever in a home, with the shipped embedding double."""
    from retrieval.archive.archive import utc_now
    from retrieval.archive.database import open_archive
    from retrieval.index.dense import open_dense_index
    from retrieval.index.entities import RuleTagger
    from retrieval.index.ingest import Indexer
    from retrieval.index.ledger import Ledger
    from retrieval.index.lexical import LexicalIndex
    from retrieval.index.sentences import Annotator
    from retrieval.search.retriever import Retriever
    from retrieval.testing import HashingEmbedder
    from retrieval.worker import open_worker

    @asynccontextmanager
    async def opened(
        home,
        *,
        embedder=None,
        passage_tokens=32,
        dense_weight=0.4,
        candidates=50,
        opens=True,
        now=utc_now,
        retention=None,
    ):
        embedder = embedder or HashingEmbedder()
        with open_worker(max_waiting=64) as worker, open_archive(home) as archive, open_dense_index(home) as dense:
            annotator = Annotator(embedder, RuleTagger())
            parts = (archive, Ledger(), LexicalIndex(), dense, embedder, annotator, worker)
            indexer = Indexer(*parts, passage_tokens=passage_tokens, now=now, retention=retention)
            weights = {"dense_weight": dense_weight, "lexical_weight": 1 - dense_weight}
            names = ("archive", "ledger", "lexical", "dense", "embedder", "annotator", "worker")
            yield SimpleNamespace(
                **dict(zip(names, parts, strict=True)),
                indexer=indexer,
                retriever=Retriever(*parts, **weights, candidates=candidates),
                repair=await indexer.open() if opens else None,
            )
            if opens:
                await indexer.close()

    return opened


@pytest.fixture(scope="session")
def minilm():
    """The packaged all-MiniLM-L6-v2, loaded once."""
    from retrieval.index.embedding import PACKAGED_MODEL, load_embedder

    return load_embedder(PACKAGED_MODEL)
