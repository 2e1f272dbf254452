"""The dense index: passage vectors in Chroma, embedded or behind a server, compared by cosine."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np

from retrieval.archive.scopes import PUBLIC
from retrieval.errors import VectorStoreUnavailable
from retrieval.index.chroma_files import blank_unused, remove_unused, sweep
from retrieval.index.embedding import Vectors
from retrieval.index.keyword_tables import ScoredPassage
from retrieval.index.vector_rows import PREDECESSOR, VectorRows

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

log = logging.getLogger(__name__)

CHROMA_DIR = "chroma"
# A server that has not answered a call after this many seconds is unavailable.
_ANSWER_WITHIN_S = 30.0


class DenseIndex:
    """Holds the vectors of one index generation in Chroma. Owned and closed by `open_dense_index`.

    Each place (`retrieval.archive.scopes.place_of`) has a collection of its own, so that what one scope holds neither
    crowds out nor orders what is found in another. Chroma holds ids and vectors only; texts, dates and sources stay in
    the archive, so that Chroma's slow filters are never used and a takedown has one place less to clean.
    """

    def __init__(self, client: ClientAPI, *, where: str, folder: Path | None = None) -> None:
        """Use a connected client; `where` names the store in errors, and `folder` is an embedded one's own."""
        self._client = client
        self._where = where
        self._folder = folder
        self._name = ""
        self._rows: dict[str, VectorRows] = {}

    def use(self, index_id: str, generation: int) -> None:
        """Open the collections of an index's generation; those of its other generations are deleted, and empty ones.

        What they leave on an embedded store's disk is removed too, also what a killed process left; that it cannot be
        is no reason not to answer questions.
        """
        prefix = f"passages-{index_id}-"
        self._name = f"{prefix}{generation}"
        opened: dict[str, VectorRows] = {}
        with self._translating():
            names = self._names()
            for name in self._own(names):
                if name not in names and name + PREDECESSOR in names:
                    # A scrub was killed between its two renamings.
                    self._client.get_collection(name + PREDECESSOR, embedding_function=None).modify(name=name)
                    names -= {name + PREDECESSOR}
                rows = VectorRows(self._client, name)
                place = name.removeprefix(self._name).removeprefix("-")
                if place == PUBLIC or rows.count():
                    opened[place] = rows
            kept = {rows.name for rows in opened.values()}
            for name in names:
                if name.startswith(prefix) and name not in kept:
                    self._client.delete_collection(name)
        self._rows = opened
        self._remove_unused()

    def add(self, ids: Sequence[str], vectors: Vectors, place: str = PUBLIC) -> None:
        """Store vectors, shape (n, d), under new ids in a place; an id that is there already is replaced whole."""
        if not ids:
            return
        self._check()
        with self._translating():
            if place not in self._rows:
                self._rows[place] = VectorRows(self._client, self._name_of(place))
            self._rows[place].add(ids, vectors)

    def drop(self, ids: Sequence[str], place: str | None = None) -> None:
        """Drop vectors by id, of one place or (None) wherever they are; unknown ids are ignored."""
        for rows in self._of(place):
            with self._translating():
                rows.drop(ids)

    def remove_place(self, place: str) -> None:
        """Delete all that a place other than the public one holds, also on the disk of an embedded store."""
        if place != PUBLIC and (rows := self._rows.pop(place, None)) is not None:
            with self._translating():
                rows.remove()
            self._remove_unused()

    def places(self) -> list[str]:
        """List the places that were ever added to, the public one first."""
        return list(self._rows)

    def count(self) -> int:
        """Count the vectors held in all places."""
        with self._translating():
            return sum(rows.count() for rows in self._of(None))

    def ids(self, place: str | None = None) -> set[str]:
        """Read the ids of all vectors held in a place, or (None) in all."""
        with self._translating():
            return {one for rows in self._of(place) for one in rows.ids()}

    def read(self, ids: Sequence[str], place: str = PUBLIC) -> tuple[list[str], Vectors]:
        """Read vectors, shape (n, d), of those of up to 2,000 ids that a place holds, with their ids in that order."""
        for rows in self._of(place):
            with self._translating():
                return rows.read(ids)
        return [], np.zeros((0, 0), dtype=np.float32)

    def begin_scrub(self) -> None:
        """Begin to write the collections anew, for they keep dropped vectors on disk: in the graph, in Chroma's log.

        The new ones get what is held by `scrub_some`, and what is added or dropped meanwhile; `finish_scrub` puts them
        in the old ones' place. Searches go on in the old ones.
        """
        self.abandon_scrub()
        with self._translating():
            for rows in self._of(None):
                rows.begin_scrub()

    def scrub_some(self, ids: Sequence[str], place: str = PUBLIC) -> None:
        """Copy those of up to 2,000 vectors of a place that are held and not yet copied; 1 ms for each."""
        with self._translating():
            for rows in self._of(place):
                rows.scrub_some(ids)

    def finish_scrub(self) -> None:
        """Put the new collections in the old ones' place, and remove all that is left of the old ones on disk.

        Killed anywhere in between, `use` finds one of the two whole. The disk of a server (`retrieval.chroma_url`) is
        out of reach: there only the collections are new, and `chroma vacuum` has to be run beside it.
        """
        with self._translating():
            for rows in self._of(None):
                rows.finish_scrub()
            if self._folder is not None:
                sweep(self._folder)

    def abandon_scrub(self) -> None:
        """Drop new collections that were begun and not finished; without any nothing happens."""
        with self._translating():
            names = self._names()
            for rows in self._of(None):
                rows.abandon_scrub(names)

    def search(self, vector: Vectors, limit: int, places: Sequence[str] = (PUBLIC,)) -> list[ScoredPassage]:
        """Find the passages of some places nearest to a query vector of shape (d,), by approximate search (HNSW).

        Returns:
            Up to `limit` passages, nearest first, each with its cosine similarity in -1..1.
        """
        self._check()
        with self._translating():
            found = [self._rows[place].search(vector, limit) for place in places if place in self._rows]
        return found[0] if len(found) == 1 else _best([one for some in found for one in some], limit)

    def search_among(
        self, vector: Vectors, ids: Sequence[str], limit: int, places: Sequence[str] = (PUBLIC,)
    ) -> list[ScoredPassage]:
        """Find the nearest of the given passages, exactly; for sets of a few thousand at most.

        Returns:
            Up to `limit` passages, nearest first, with cosine similarity; ids that no place holds are left out.
        """
        self._check()
        with self._translating():
            found = [self._rows[place].compare(vector, ids) for place in places if place in self._rows]
        return _best([one for some in found for one in some], limit)

    def _names(self) -> set[str]:
        return {collection.name for collection in self._client.list_collections()}

    def _own(self, names: set[str]) -> list[str]:
        """List the collections of the generation in use, without the marks of a scrub, the public one first."""
        form = re.compile(rf"({re.escape(self._name)}-[0-9a-f]{{16}})(?:{PREDECESSOR})?")
        scoped = {match[1] for name in names if (match := form.fullmatch(name))}
        return [self._name, *sorted(scoped)]

    def _name_of(self, place: str) -> str:
        return f"{self._name}-{place}" if place else self._name

    def _of(self, place: str | None) -> list[VectorRows]:
        self._check()
        return [rows for one, rows in self._rows.items() if place in (None, one)]

    def _check(self) -> None:
        if not self._rows:
            raise VectorStoreUnavailable(self._where, "no generation is in use")

    def _remove_unused(self) -> None:
        if self._folder is not None:
            try:
                remove_unused(self._folder)
            except (OSError, sqlite3.Error) as problem:
                log.warning("deleted vectors stay on the disk for now: %s", problem)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except VectorStoreUnavailable:
            raise
        except Exception as problem:
            # Chroma raises its own errors, httpx's, sqlite3's and Rust's; all mean the same to the caller.
            log.debug("Chroma failed", exc_info=problem)
            raise VectorStoreUnavailable(self._where, f"{type(problem).__name__}: {problem}") from problem


def _best(scored: list[ScoredPassage], limit: int) -> list[ScoredPassage]:
    return sorted(scored, key=lambda one: -one.score)[:limit]


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
