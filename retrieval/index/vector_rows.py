"""The vectors of one place: a Chroma collection, and while a scrub writes it anew the one that takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.index.embedding import Vectors
from retrieval.index.keyword_tables import ScoredPassage

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI

#: What follows the name of a collection that is being written anew, and that of the one whose place it takes.
SUCCESSOR, PREDECESSOR = "-next", "-last"
# Chroma refuses more than 5,461 rows in one call.
_ROWS_PER_CALL = 2_000


class VectorRows:
    """Holds vectors by id. It raises what Chroma does, which `DenseIndex` translates, and closes nothing."""

    def __init__(self, client: ClientAPI, name: str) -> None:
        """Open the collection of this name, creating it if needed."""
        self._client = client
        self.name = name
        self._collection = self._create(name)
        # While a scrub copies the collection, whatever is written goes into both.
        self._successor: Collection | None = None
        self._held: int | None = None

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Store vectors, shape (n, d), under new ids; an id that is there already is replaced whole."""
        self._held = None
        for start in range(0, len(ids), _ROWS_PER_CALL):
            batch = list(ids[start : start + _ROWS_PER_CALL])
            for rows in self._written:
                present = rows.get(ids=batch, include=[])["ids"]
                if present:
                    # Chroma's `add` silently keeps the old row, and `upsert` erodes recall; drop and add.
                    rows.delete(ids=present)
                rows.add(ids=batch, embeddings=vectors[start : start + _ROWS_PER_CALL])

    def drop(self, ids: Sequence[str]) -> None:
        """Drop vectors by id; unknown ids are ignored."""
        self._held = None
        for start in range(0, len(ids), _ROWS_PER_CALL):
            for rows in self._written:
                rows.delete(ids=list(ids[start : start + _ROWS_PER_CALL]))

    def remove(self) -> None:
        """Delete all of it."""
        for rows in self._written:
            self._client.delete_collection(rows.name)

    def count(self) -> int:
        """Count the vectors held."""
        return self._collection.count()

    def ids(self) -> set[str]:
        """Read the ids of all vectors held."""
        held: set[str] = set()
        while True:
            page = self._collection.get(include=[], limit=_ROWS_PER_CALL, offset=len(held))["ids"]
            held.update(page)
            if len(page) < _ROWS_PER_CALL:
                return held

    def read(self, ids: Sequence[str]) -> tuple[list[str], Vectors]:
        """Read vectors, shape (n, d), of those of up to 2,000 ids that are held, with their ids in the same order."""
        if not ids:
            return [], np.zeros((0, 0), dtype=np.float32)
        rows = self._collection.get(ids=list(ids), include=["embeddings"])
        return rows["ids"], np.asarray(rows["embeddings"], dtype=np.float32).reshape(len(rows["ids"]), -1)

    def search(self, vector: Vectors, limit: int) -> list[ScoredPassage]:
        """Find up to `limit` ids nearest to a query vector of shape (d,), nearest first, with cosine similarity."""
        if self._held is None:
            # Counting takes a third of the time of a search, and nobody else writes to this collection.
            self._held = self._collection.count()
        if self._held == 0:
            return []
        found = self._collection.query(
            query_embeddings=vector[np.newaxis, :], n_results=min(limit, self._held), include=["distances"]
        )
        distances = found["distances"]
        assert distances is not None
        # Chroma's cosine distance is 1 - cosine similarity.
        return [ScoredPassage(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    def compare(self, vector: Vectors, ids: Sequence[str]) -> list[ScoredPassage]:
        """Compare a query vector with those of the given ids that are held, exactly; in no order."""
        scored: list[ScoredPassage] = []
        for start in range(0, len(ids), _ROWS_PER_CALL):
            rows = self._collection.get(ids=list(ids[start : start + _ROWS_PER_CALL]), include=["embeddings"])
            vectors = rows["embeddings"]
            assert vectors is not None
            if rows["ids"]:
                cosines = np.asarray(vectors, dtype=np.float32) @ vector
                scored += [ScoredPassage(i, float(c)) for i, c in zip(rows["ids"], cosines, strict=True)]
        return scored

    def begin_scrub(self) -> None:
        """Begin a new collection beside this one."""
        self._successor = self._create(self.name + SUCCESSOR)

    def scrub_some(self, ids: Sequence[str]) -> None:
        """Copy those of up to 2,000 vectors that are held and not yet copied; 1 ms for each."""
        assert self._successor is not None, "begin_scrub comes first"
        copied = set(self._successor.get(ids=list(ids), include=[])["ids"])
        held, vectors = self.read([one for one in ids if one not in copied])
        if held:
            self._successor.add(ids=held, embeddings=vectors)

    def finish_scrub(self) -> None:
        """Put the new collection in the old one's place; one that was made since the scrub began stays as it is."""
        if self._successor is None:
            return
        self._collection.modify(name=self.name + PREDECESSOR)
        self._successor.modify(name=self.name)
        self._client.delete_collection(self.name + PREDECESSOR)
        self._collection, self._successor, self._held = self._successor, None, None

    def abandon_scrub(self, names: set[str]) -> None:
        """Drop a new collection that was begun and not finished; `names` are those of all collections there are."""
        self._successor = None
        if self.name + SUCCESSOR in names:
            self._client.delete_collection(self.name + SUCCESSOR)

    def _create(self, name: str) -> Collection:
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    @property
    def _written(self) -> list[Collection]:
        return [self._collection, *([self._successor] if self._successor is not None else [])]
