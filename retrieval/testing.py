"""Shipped doubles: an embedder that needs no model, and hits as a search gives them, for tests and for trying."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from retrieval.articles import Article
from retrieval.index.embedding import Vectors
from retrieval.index.entities import RuleTagger
from retrieval.index.sentences import Annotator
from retrieval.index.terms import stem, words
from retrieval.passages import Hit, Passage


class HashingEmbedder:
    """Embeds by hashing each stem to a dimension (K. Weinberger et al., "Feature Hashing", ICML 2009).

    Texts that share words have a cosine above 0; it knows no meaning. Deterministic over processes.
    """

    def __init__(self, dimensions: int = 256, *, name: str = "hashing", max_tokens: int = 256) -> None:
        """Make one with vectors of length `dimensions` and a window of `max_tokens` words."""
        self._dimensions = dimensions
        self._name = name
        self._max_tokens = max_tokens
        self.longest_tokens = 0

    @property
    def name(self) -> str:
        """The name that the manifest keeps."""
        return self._name

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """The window in words."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(words(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed, and keep the longest count of words seen in `longest_tokens`."""
        self.longest_tokens = max([self.longest_tokens, *self.count_tokens(texts)])
        return self._embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed as passages are."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in words(text):
                digest = hashlib.blake2b(stem(word).encode(), digest_size=8).digest()
                row[int.from_bytes(digest, "big") % self._dimensions] += 1.0
            length = float(np.linalg.norm(row))
            row[:] = row / length if length else 1.0 / np.sqrt(self._dimensions)
        return vectors


def hit_in(
    article: Article,
    start: int = 0,
    end: int | None = None,
    *,
    rank: int = 1,
    query: str = "",
    cosine: float | None = None,
    score: float | None = None,
) -> Hit:
    """Make the hit that a search gives for a passage of an article, with its sentences and their entities.

    Args:
        article: where it stands.
        start: the passage's first code point.
        end: one past its last; None takes the article's end.
        rank: from 1; the score is 1 / rank where `score` is None.
        query: what the sentences are compared with, by the hashing double; "" leaves their closeness at 0.
        cosine: the passage's own.
        score: the hit's.
    """
    end = len(article.text) if end is None else end
    version = article.version
    passage_id = Passage.make_id(article.id, version, start, end)
    passage = Passage(passage_id, article.id, version, start, end, article.text[start:end])
    embedder = HashingEmbedder()
    (found,) = Annotator(embedder, RuleTagger()).annotate([(passage.text, article.language)])
    sentences = found.against(embedder.embed_queries([query])[0] if query else None, start)
    return Hit(passage, article, 1 / rank if score is None else score, rank, cosine, sentences)
