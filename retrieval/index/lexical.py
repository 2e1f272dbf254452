"""The keyword index: SQLite FTS5 in the archive's own database, so that it changes in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

from sqlalchemy import Connection, text

from retrieval.index.ledger import Admission
from retrieval.index.terms import stem
from retrieval.index.terms import words as split_words

# FTS5's bm25() weights its columns: a word in the headline counts this many times one in the passage.
TITLE_WEIGHT = 2.0

# The index is given stems, not text, so that what is indexed, searched and weighed is folded and stemmed in one place:
# FTS5's own folding keeps "й" and "ß", and its Porter differs from the published one ("technology"). Its `ascii`
# tokenizer then parts them at the spaces only.
_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS keyword_index USING fts5(title, passage, tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS keyword_terms USING fts5vocab('keyword_index', 'row')",
)
_SEARCH = """
    SELECT passages.id AS id, -bm25(keyword_index, :title_weight, 1.0) AS score
    FROM keyword_index
    JOIN passages ON passages.number = keyword_index.rowid
    JOIN articles ON articles.id = passages.article_id
    WHERE keyword_index MATCH :match {admitted}
    ORDER BY bm25(keyword_index, :title_weight, 1.0), passages.number
    LIMIT :limit
"""


class ScoredPassage(NamedTuple):
    """A passage id with its score in one search; the scale is that search's own."""

    id: str
    score: float


class LexicalIndex:
    """Finds passages by their words: BM25 as FTS5 computes it, k1 = 1.2, b = 0.75. Stateless: lives in the database."""

    def create(self, connection: Connection) -> None:
        """Create the index if it is not there."""
        for statement in _CREATE:
            connection.execute(text(statement))

    def add(self, connection: Connection, rows: Iterable[tuple[int, str, str]]) -> None:
        """Add (passage number, title, passage text) in the caller's transaction."""
        values = [
            {"number": number, "title": _stemmed(title), "passage": _stemmed(passage)}
            for number, title, passage in rows
        ]
        if values:
            connection.execute(
                text("INSERT INTO keyword_index (rowid, title, passage) VALUES (:number, :title, :passage)"), values
            )

    def drop(self, connection: Connection, numbers: Iterable[int]) -> None:
        """Drop passages by number in the caller's transaction; unknown numbers are ignored."""
        values = [{"number": number} for number in numbers]
        if values:
            connection.execute(text("DELETE FROM keyword_index WHERE rowid = :number"), values)

    def clear(self, connection: Connection) -> None:
        """Drop everything, in the caller's transaction."""
        connection.execute(text("DROP TABLE IF EXISTS keyword_terms"))
        connection.execute(text("DROP TABLE IF EXISTS keyword_index"))
        self.create(connection)

    def count(self, connection: Connection) -> int:
        """Count the passages held."""
        return int(connection.scalar(text("SELECT count(*) FROM keyword_index")) or 0)

    def search(
        self, connection: Connection, words: Sequence[str], *, admission: Admission, limit: int
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the words, best first; ties in order of taking in.

        Args:
            connection: to read from.
            words: folded words without stop-words; each is matched by its stem. Empty finds nothing.
            admission: which articles may be found; applied before ranking.
            limit: passages wanted, >= 1.

        Returns:
            Up to `limit` passages, each once, with BM25 scores > 0, higher is better.
        """
        if not words:
            return []
        # Each stem is quoted: nothing that a person types is FTS5 syntax.
        match = " OR ".join('"' + stem(word).replace('"', "") + '"' for word in words)
        clauses, parameters = admission.as_sql()
        rows = connection.execute(
            text(_SEARCH.format(admitted="".join(f" AND {clause}" for clause in clauses))),
            {"match": match, "limit": limit, "title_weight": TITLE_WEIGHT, **parameters},
        )
        return [ScoredPassage(row.id, row.score) for row in rows]

    def term_weights(self, connection: Connection, stems: Sequence[str], *, total: int) -> dict[str, float]:
        """Weigh stems by inverse document frequency, ln((N + 1) / (n + 1)) / ln(N + 1), in 0..1.

        N = `total` is the number of passages and n that of passages with the stem: 1 for a stem that no passage has,
        0 for one that every passage has. An empty index weighs every stem 1.
        """
        weights: dict[str, float] = {}
        for one in stems:
            having = connection.scalar(text("SELECT doc FROM keyword_terms WHERE term = :stem"), {"stem": one}) or 0
            weights[one] = log((total + 1) / (having + 1)) / log(total + 1) if total else 1.0
        return weights


def _stemmed(text: str) -> str:
    return " ".join(stem(word) for word in split_words(text))
