"""What is kept of a passage's sentences: where they stand, their vectors, and the entities they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from retrieval.archive.batches import batched
from retrieval.archive.tables import sentences
from retrieval.index.chunking import split_sentences
from retrieval.index.embedding import Embedder, Vectors
from retrieval.index.entities import Tagger
from retrieval.passages import Entity, Sentence


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one passage.

    Attributes:
        spans: code points [start, end) of the passage, in order.
        vectors: int8, shape (n, d): each sentence's vector, its largest component scaled to 127. Only directions count,
            and the cosine to any vector stays within 0.01 of the exact one.
        entities: the passage's entities, in code points of the passage.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: NDArray[np.int8]
    entities: tuple[Entity, ...]

    def against(self, query: Vectors | None, start: int) -> tuple[Sentence, ...]:
        """Compare with a query's unit vector, shape (d,); positions become those of the article.

        Args:
            query: None leaves the closeness at 0.
            start: the passage's first code point in its article.
        """
        closeness = np.zeros(len(self.spans), dtype=np.float32)
        if query is not None and len(self.spans):
            vectors = self.vectors.astype(np.float32)
            closeness = vectors @ query / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
        return tuple(
            Sentence(
                start + begin,
                start + end,
                float(close),
                tuple(
                    Entity(start + one.start, start + one.end, one.label)
                    for one in self.entities
                    if begin <= one.start and one.end <= end
                ),
            )
            for (begin, end), close in zip(self.spans, closeness, strict=True)
        )


class Annotator:
    """Finds, embeds and tags the sentences of passages; runs on the worker. Holds nothing to close."""

    def __init__(self, embedder: Embedder, tagger: Tagger) -> None:
        """Take the index's own models."""
        self._embedder = embedder
        self._tagger = tagger

    @property
    def tagger(self) -> str:
        """The tagger's name."""
        return self._tagger.name

    def annotate(self, passages: Sequence[tuple[str, str]]) -> list[Sentences]:
        """Annotate passages, given as (text, language); same order."""
        spans = [tuple((s.start, s.end) for s in split_sentences(text, language)) for text, language in passages]
        texts = [text[a:b] for (text, _), found in zip(passages, spans, strict=True) for a, b in found]
        vectors = as_int8(self._embedder.embed_passages(texts))
        tagged = self._tagger.tag([text for text, _ in passages], [language for _, language in passages])
        ends = np.cumsum([len(found) for found in spans])
        return [
            Sentences(found, vectors[end - len(found) : end], tuple(entities))
            for found, end, entities in zip(spans, ends, tagged, strict=True)
        ]


def as_int8(vectors: Vectors) -> NDArray[np.int8]:
    """Scale each row so that its largest component is 127 or -127, and round; shape (n, d)."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0.0), 1e-9)
    return np.asarray(np.rint(vectors * (127.0 / largest)), dtype=np.int8)


class SentenceStore:
    """Reads and writes the table of sentences. Stateless: lives in the archive's database."""

    def put(self, connection: Connection, found: Mapping[str, Sentences]) -> None:
        """Keep the sentences of passages, by passage id, in the caller's transaction; what was kept is replaced."""
        self.drop(connection, found)
        if found:
            connection.execute(
                insert(sentences),
                [
                    {
                        "passage_id": passage_id,
                        "spans": [list(span) for span in one.spans],
                        "vectors": one.vectors.tobytes(),
                        "entities": [list(entity) for entity in one.entities],
                    }
                    for passage_id, one in found.items()
                ],
            )

    def drop(self, connection: Connection, ids: Iterable[str]) -> None:
        """Forget the sentences of passages, in the caller's transaction."""
        for batch in batched(ids):
            connection.execute(delete(sentences).where(sentences.c.passage_id.in_(batch)))

    def read(self, connection: Connection, ids: Sequence[str]) -> dict[str, Sentences]:
        """Read the sentences of those of the passages that have been annotated, by id."""
        found = {}
        for batch in batched(ids):
            for row in connection.execute(select(sentences).where(sentences.c.passage_id.in_(batch))):
                vectors = np.frombuffer(row.vectors, dtype=np.int8)
                found[row.passage_id] = Sentences(
                    tuple((a, b) for a, b in row.spans),
                    vectors.reshape(len(row.spans), -1) if row.spans else vectors.reshape(0, 0),
                    tuple(Entity(*one) for one in row.entities),
                )
        return found
