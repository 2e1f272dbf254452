"""The dense index: passage vectors in Chroma, embedded or behind a server, compared by cosine."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np

from retrieval.errors import VectorStoreUnavailable
from retrieval.index.chroma_files import blank_unused, remove_unused, sweep
from retrieval.index.embedding import Vectors
from retrieval.index.lexical import ScoredPassage

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI

log = logging.getLogger(__name__)

CHROMA_DIR = "chroma"
# Chroma refuses more than 5,461 rows in one call.
_ROWS_PER_CALL = 2_000
# A server that has not answered a call after this many seconds is unavailable.
_ANSWER_WITHIN_S = 30.0
# What follows the name of a collection that is being written anew, and that of the one whose place it takes.
_SUCCESSOR, _PREDECESSOR = "-next", "-last"


class DenseIndex:
    """Holds the vectors of one index generation in one Chroma collection. Owned and closed by `open_dense_index`.

    Chroma holds ids and vectors only; texts, dates and sources stay in the archive, so that Chroma's slow filters
    are never used and a takedown has one place less to clean.
    """

    def __init__(self, client: ClientAPI, *, where: str, folder: Path | None = None) -> None:
        """Use a connected client; `where` names the store in errors, and `folder` is an embedded one's own."""
        self._client = client
        self._where = where
        self._folder = folder
        self._collection: Collection | None = None
        # While a scrub copies the collection, whatever is written goes into both.
        self._successor: Collection | None = None
        self._held: int | None = None

    def use(self, index_id: str, generation: int) -> None:
        """Open the collection of an index's generation, creating it if needed; its other generations are deleted.

        What they leave on an embedded store's disk is removed too, also what a killed process left; that it cannot be
        is no reason not to answer questions.
        """
        self._held = None
        self._successor = None
        prefix = f"passages-{index_id}-"
        wanted = f"{prefix}{generation}"
        try:
            names = {collection.name for collection in self._client.list_collections()}
            if wanted not in names and wanted + _PREDECESSOR in names:
                # A scrub was killed between its two renamings.
                self._client.get_collection(wanted + _PREDECESSOR, embedding_function=None).modify(name=wanted)
                names -= {wanted + _PREDECESSOR}
            self._collection = self._create(wanted)
            for name in names:
                if name.startswith(prefix) and name != wanted:
                    self._client.delete_collection(name)
        except Exception as problem:
            self._unavailable(problem)
        if self._folder is not None:
            try:
                remove_unused(self._folder)
            except (OSError, sqlite3.Error) as problem:
                log.warning("deleted vectors stay on the disk for now: %s", problem)

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Store vectors, shape (n, d), under new ids; an id that is there already is replaced whole."""
        self._held = None
        try:
            for start in range(0, len(ids), _ROWS_PER_CALL):
                batch = list(ids[start : start + _ROWS_PER_CALL])
                for rows in self._written:
                    present = rows.get(ids=batch, include=[])["ids"]
                    if present:
                        # Chroma's `add` silently keeps the old row, and `upsert` erodes recall; drop and add.
                        rows.delete(ids=present)
                    rows.add(ids=batch, embeddings=vectors[start : start + _ROWS_PER_CALL])
        except Exception as problem:
            self._unavailable(problem)

    def drop(self, ids: Sequence[str]) -> None:
        """Drop vectors by id; unknown ids are ignored."""
        self._held = None
        try:
            for start in range(0, len(ids), _ROWS_PER_CALL):
                for rows in self._written:
                    rows.delete(ids=list(ids[start : start + _ROWS_PER_CALL]))
        except Exception as problem:
            self._unavailable(problem)

    def count(self) -> int:
        """Count the vectors held."""
        try:
            return self._rows.count()
        except Exception as problem:
            self._unavailable(problem)

    def ids(self) -> set[str]:
        """Read the ids of all vectors held."""
        held: set[str] = set()
        try:
            while True:
                page = self._rows.get(include=[], limit=_ROWS_PER_CALL, offset=len(held))["ids"]
                held.update(page)
                if len(page) < _ROWS_PER_CALL:
                    return held
        except Exception as problem:
            self._unavailable(problem)

    def read(self, ids: Sequence[str]) -> tuple[list[str], Vectors]:
        """Read vectors, shape (n, d), of those of up to 2,000 ids that are held, with their ids in the same order."""
        if not ids:
            return [], np.zeros((0, 0), dtype=np.float32)
        try:
            rows = self._rows.get(ids=list(ids), include=["embeddings"])
        except Exception as problem:
            self._unavailable(problem)
        return rows["ids"], np.asarray(rows["embeddings"], dtype=np.float32).reshape(len(rows["ids"]), -1)

    def begin_scrub(self) -> None:
        """Begin to write the collection anew, for it keeps dropped vectors on disk: in its graph, in Chroma's log.

        The new collection gets what is held by `scrub_some`, and what is added or dropped meanwhile; `finish_scrub`
        puts it in the old one's place. Searches go on in the old one.
        """
        self.abandon_scrub()
        try:
            self._successor = self._create(self._rows.name + _SUCCESSOR)
        except Exception as problem:
            self._unavailable(problem)

    def scrub_some(self, ids: Sequence[str]) -> None:
        """Copy those of up to 2,000 vectors that are held and not yet copied; 1 ms for each."""
        assert self._successor is not None, "begin_scrub comes first"
        try:
            copied = set(self._successor.get(ids=list(ids), include=[])["ids"])
            held, vectors = self.read([one for one in ids if one not in copied])
            if held:
                self._successor.add(ids=held, embeddings=vectors)
        except Exception as problem:
            self._unavailable(problem)

    def finish_scrub(self) -> None:
        """Put the new collection in the old one's place, and remove all that is left of the old one on disk.

        Killed anywhere in between, `use` finds one of the two whole. The disk of a server (`retrieval.chroma_url`) is
        out of reach: there only the collection is new, and `chroma vacuum` has to be run beside it.
        """
        assert self._successor is not None, "begin_scrub comes first"
        name = self._rows.name
        try:
            self._rows.modify(name=name + _PREDECESSOR)
            self._successor.modify(name=name)
            self._client.delete_collection(name + _PREDECESSOR)
            self._collection, self._successor, self._held = self._successor, None, None
            if self._folder is not None:
                sweep(self._folder)
        except Exception as problem:
            self._unavailable(problem)

    def abandon_scrub(self) -> None:
        """Drop a new collection that was begun and not finished; without one nothing happens."""
        self._successor = None
        unfinished = self._rows.name + _SUCCESSOR
        try:
            if any(collection.name == unfinished for collection in self._client.list_collections()):
                self._client.delete_collection(unfinished)
        except Exception as problem:
            self._unavailable(problem)

    def search(self, vector: Vectors, limit: int) -> list[ScoredPassage]:
        """Find the passages nearest to a query vector of shape (d,), by approximate search (HNSW).

        Returns:
            Up to `limit` passages, nearest first, each with its cosine similarity in -1..1.
        """
        try:
            if self._held is None:
                # Counting takes a third of the time of a search, and nobody else writes to this collection.
                self._held = self._rows.count()
            if self._held == 0:
                return []
            found = self._rows.query(
                query_embeddings=vector[np.newaxis, :], n_results=min(limit, self._held), include=["distances"]
            )
        except Exception as problem:
            self._unavailable(problem)
        distances = found["distances"]
        assert distances is not None
        # Chroma's cosine distance is 1 - cosine similarity.
        return [ScoredPassage(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    def search_among(self, vector: Vectors, ids: Sequence[str], limit: int) -> list[ScoredPassage]:
        """Find the nearest of the given passages, exactly; for sets of a few thousand at most.

        Returns:
            Up to `limit` passages, nearest first, with cosine similarity; ids not held are left out.
        """
        scored: list[ScoredPassage] = []
        try:
            for start in range(0, len(ids), _ROWS_PER_CALL):
                rows = self._rows.get(ids=list(ids[start : start + _ROWS_PER_CALL]), include=["embeddings"])
                vectors = rows["embeddings"]
                assert vectors is not None
                if rows["ids"]:
                    cosines = np.asarray(vectors, dtype=np.float32) @ vector
                    scored += [ScoredPassage(i, float(c)) for i, c in zip(rows["ids"], cosines, strict=True)]
        except Exception as problem:
            self._unavailable(problem)
        scored.sort(key=lambda one: -one.score)
        return scored[:limit]

    def _create(self, name: str) -> Collection:
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    @property
    def _written(self) -> list[Collection]:
        return [self._rows, *([self._successor] if self._successor is not None else [])]

    @property
    def _rows(self) -> Collection:
        if self._collection is None:
            raise VectorStoreUnavailable(self._where, "no generation is in use")
        return self._collection

    def _unavailable(self, problem: Exception) -> NoReturn:
        if isinstance(problem, VectorStoreUnavailable):
            raise problem
        # Chroma raises its own errors, httpx's, sqlite3's and Rust's; all mean the same to the caller.
        log.debug("Chroma failed", exc_info=problem)
        raise VectorStoreUnavailable(self._where, f"{type(problem).__name__}: {problem}") from problem


@contextmanager
def open_dense_index(home: Path, *, server_url: str = "") -> Iterator[DenseIndex]:
    """Open Chroma: embedded in `home`/chroma, or the server at `server_url` (a running `chroma run`).

    Raises:
        VectorStoreUnavailable: it cannot be opened, or the server does not answer.
    """
    # Imported here: it takes a second, and `dateline status` or `--help` need none of it.
    import chromadb
    from chromadb.api.client import Client
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    where = server_url or str(home / CHROMA_DIR)
    client: ClientAPI
    try:
        if server_url:
            url = urlsplit(server_url)
            secure = url.scheme == "https"
            host, port = url.hostname or "localhost", url.port or (443 if secure else 8000)
            # Making the client already asks the server, and cannot be told to wait no longer than this.
            with urlopen(f"{url.scheme}://{host}:{port}/api/v2/heartbeat", timeout=_ANSWER_WITHIN_S):
                client = chromadb.HttpClient(host=host, port=port, ssl=secure, settings=settings)
            for session in _sessions(client):
                session.timeout = _ANSWER_WITHIN_S
        else:
            if Path(where).is_dir():
                blank_unused(Path(where))  # what a process that was killed left
            client = chromadb.PersistentClient(path=where, settings=settings)
    except Exception as problem:
        raise VectorStoreUnavailable(where, f"{type(problem).__name__}: {problem}") from problem
    try:
        yield DenseIndex(client, where=where, folder=None if server_url else Path(where))
    finally:
        # The interface does not promise what both clients can do.
        if isinstance(client, Client):
            client.close()
        if server_url:
            for session in _sessions(client):
                session.close()
        else:
            with suppress(OSError):
                blank_unused(Path(where))


def _sessions(client: Any) -> list[Any]:
    """Reach the HTTP sessions of a client, which waits for answers for ever and leaves its connections open."""
    return [owner._server._session for owner in (client, client._admin_client)]
