"""The keyword index: SQLite FTS5 in the archive's own database, so that it changes in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil, log
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from retrieval.index.exonyms import other_names
from retrieval.index.ledger import Admission
from retrieval.index.spelling import Vocabulary, common_words, sound
from retrieval.index.terms import stem
from retrieval.index.terms import words as split_words

# FTS5's bm25() weights its columns: a word in the headline counts this many times one in the passage.
TITLE_WEIGHT = 2.0
_MOST_VARIANTS = 3
# A question waits for one piece of the index's rewriting.
_PAGES_PER_PIECE = 300

# The index is given stems, not text, so that what is indexed, searched and weighed is folded and stemmed in one place:
# FTS5's own folding keeps "й" and "ß", and its Porter differs from the published one ("technology"). Its `ascii`
# tokenizer then parts them at the spaces only.
_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS keyword_index USING fts5(title, passage, tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS keyword_terms USING fts5vocab('keyword_index', 'row')",
)
# bm25() is what a search takes its time for, 1 us a passage: it is computed once for each, and the tables are asked for
# the best only. `inside` and `outside` hold the limits of a query, where it has some; so many as `depth` are looked up.
_SEARCH = """
    SELECT passages.id AS id, -best.cost AS score
    FROM (
        SELECT keyword_index.rowid AS number, bm25(keyword_index, :title_weight, 1.0) AS cost
        FROM keyword_index {inside}
        ORDER BY cost, keyword_index.rowid
        LIMIT :depth
    ) AS best
    JOIN passages ON passages.number = best.number
    {outside}
    ORDER BY best.cost, best.number
    LIMIT :limit
"""
_MATCH = "WHERE keyword_index MATCH :match"
_ARTICLES = "JOIN articles ON articles.id = passages.article_id"
_PASSAGES = "JOIN passages ON passages.number = keyword_index.rowid"
_HAVING = text("SELECT doc FROM keyword_terms WHERE term = :stem")
# Where at least this share of the articles is admitted, so many times as many of the best are looked up as would do if
# those were admitted like any others; looking every passage up takes twice as long where most are admitted.
_MOSTLY, _SPARE = 0.2, 1.5


class ScoredPassage(NamedTuple):
    """A passage id with its score in one search; the scale is that search's own."""

    id: str
    score: float


class LexicalIndex:
    """Finds passages by their words: BM25 as FTS5 computes it, k1 = 1.2, b = 0.75.

    All of it lives in the database but for the spelling of its stems, which is read when first needed (0.5 s for 42,000
    stems) and kept up by `add`: make one object for a home. Used on the worker.
    """

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None

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
            if self._vocabulary is not None:
                # Before the transaction is through: a stem too many does no harm, see `variants`.
                self._vocabulary.add(one for row in values for one in f"{row['title']} {row['passage']}".split())
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
        self._vocabulary = None
        connection.execute(text("DROP TABLE IF EXISTS keyword_terms"))
        connection.execute(text("DROP TABLE IF EXISTS keyword_index"))
        self.create(connection)

    def purge_some(self, connection: Connection, *, begins: bool) -> bool:
        """Write a part of the index anew, which keeps the stems of dropped passages until then.

        FTS5's `merge`: with a negative number all of the index is to become one segment, with a positive one that work
        goes on for so many pages. For an index of 580 MB 91 pieces of 0.04 s.

        Args:
            connection: from `Archive.writing`.
            begins: whether this is the first piece.

        Returns:
            Whether a part is left.
        """
        driver: Any = connection.connection.driver_connection
        before = driver.total_changes
        pages = -_PAGES_PER_PIECE if begins else _PAGES_PER_PIECE
        connection.execute(text("INSERT INTO keyword_index (keyword_index, rank) VALUES ('merge', :n)"), {"n": pages})
        # As FTS5's documentation tells the end: less than two rows changed, one of which is this statement's own.
        return begins or driver.total_changes - before >= 2

    def forget_spelling(self) -> None:
        """Drop what is remembered of the stems; it is read again when needed."""
        self._vocabulary = None
        sound.cache_clear()

    def count(self, connection: Connection) -> int:
        """Count the passages held."""
        return int(connection.scalar(text("SELECT count(*) FROM keyword_index")) or 0)

    def search(
        self, connection: Connection, words: Sequence[str], *, admission: Admission, limit: int, share: float = 0.0
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the words, best first; ties in order of taking in.

        Args:
            connection: to read from.
            words: folded words without stop-words; each is matched by its stem. Empty finds nothing.
            admission: which articles may be found; applied before ranking.
            limit: passages wanted, >= 1.
            share: about which share of the articles is admitted, in 0..1, if known; decides how they are found, not
                which.

        Returns:
            Up to `limit` passages, each once, with BM25 scores > 0, higher is better.
        """
        stems = [stem(word) for word in words]
        return self.search_stems(connection, stems, admission=admission, limit=limit, share=share)

    def search_stems(
        self, connection: Connection, stems: Sequence[str], *, admission: Admission, limit: int, share: float = 0.0
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the stems; as `search`."""
        if not stems:
            return []
        # Each stem is quoted: nothing that a person types is FTS5 syntax.
        match = " OR ".join('"' + one.replace('"', "") + '"' for one in stems)
        clauses, limits = admission.as_sql()
        given = {"match": match, "limit": limit, "depth": limit, "title_weight": TITLE_WEIGHT, **limits}
        admitted = " AND ".join(clauses)
        if not clauses:
            return _scored(connection, given, _MATCH, "")
        if share >= _MOSTLY:
            deep = given | {"depth": ceil(_SPARE * limit / share)}
            found = _scored(connection, deep, _MATCH, f"{_ARTICLES} WHERE {admitted}")
            if len(found) == limit:
                return found
        return _scored(connection, given, f"{_PASSAGES} {_ARTICLES} {_MATCH} AND {admitted}", "")

    def variants(self, connection: Connection, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Find index words that words of a query may be a misspelling or another spelling of.

        A word that stands in the index, or is common in English, is what it says: among 45,347 passages of news 2,208
        rare words sound like one ten times as frequent, and all but a few are other words ("Baden", "Janssen").
        Names listed in `retrieval.index.exonyms` have their other spellings in any case.

        Args:
            connection: to read from.
            words: folded words of the query without stop-words.

        Returns:
            For each word that has any: up to three other stems in the index, the most frequent first; none of them is
            the stem of another of the words.
        """
        asked = {stem(word) for word in words}
        found: dict[str, tuple[str, ...]] = {}
        for word in words:
            stemmed = stem(word)
            near: Iterable[str] = other_names(stemmed)
            if not near and word not in common_words() and not self._having(connection, stemmed):
                near = self._spellings(connection).close_to(stemmed)
            having = {one: self._having(connection, one) for one in near if one not in asked}
            kept = sorted((one for one in having if having[one]), key=lambda one: (-having[one], one))
            if kept:
                found[word] = tuple(kept[:_MOST_VARIANTS])
        return found

    def term_weights(
        self,
        connection: Connection,
        stems: Sequence[str],
        *,
        total: int,
        variants: Mapping[str, Collection[str]] | None = None,
    ) -> dict[str, float]:
        """Weigh stems by inverse document frequency, ln((N + 1) / (n + 1)) / ln(N + 1), in 0..1.

        N = `total` is the number of passages and n that of passages with the stem: 1 for a stem that no passage has,
        0 for one that every passage has. An empty index weighs every stem 1. A stem with variants weighs as the most
        frequent of them and itself.
        """
        weights: dict[str, float] = {}
        for one in stems:
            having = max(self._having(connection, alike) for alike in (one, *(variants or {}).get(one, ())))
            weights[one] = log((total + 1) / (having + 1)) / log(total + 1) if total else 1.0
        return weights

    def holds(self, connection: Connection, stem: str) -> bool:
        """Tell whether any passage has a stem."""
        return self._having(connection, stem) > 0

    def _having(self, connection: Connection, stem: str) -> int:
        return connection.scalar(_HAVING, {"stem": stem}) or 0

    def stems(self, connection: Connection) -> list[str]:
        """List the stems of all passages, in alphabetical order."""
        return list(connection.scalars(text("SELECT term FROM keyword_terms")))

    def warm(self, connection: Connection) -> None:
        """Read the spelling of the stems now, so that the first misspelt question need not."""
        common_words()
        self._spellings(connection)

    def _spellings(self, connection: Connection) -> Vocabulary:
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.stems(connection))
        return self._vocabulary


def _scored(connection: Connection, given: Mapping[str, Any], inside: str, outside: str) -> list[ScoredPassage]:
    rows = connection.execute(text(_SEARCH.format(inside=inside, outside=outside)), given)
    return [ScoredPassage(row.id, row.score) for row in rows]


def _stemmed(text: str) -> str:
    return " ".join(stem(word) for word in split_words(text))
