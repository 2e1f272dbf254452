"""The tables of a keyword index: SQLite FTS5 in the archive's own database, one pair for each place.

The index is given stems, not text, so that what is indexed, searched and weighed is folded and stemmed in one place:
FTS5's own folding keeps "й" and "ß", and its Porter differs from the published one ("technology"). Its `ascii`
tokenizer then parts them at the spaces only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import log
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from retrieval.archive.scopes import PUBLIC

# FTS5's bm25() weights its columns: a word in the headline counts this many times one in the passage.
TITLE_WEIGHT = 2.0
_INDEX, _TERMS = "keyword_index", "keyword_terms"
# A name that is read from a database becomes part of a statement.
_PLACE = re.compile(r"[0-9a-f]{16}")
_LEAST_IDF = 1e-6

# bm25() is what a search takes its time for, 1 us a passage: it is computed once for each, and the tables are asked for
# the best only. `inside` and `outside` hold the limits of a query, where it has some; so many as `depth` are looked up.
_SEARCH = """
    SELECT passages.id AS id, -best.cost AS score
    FROM (
        SELECT {index}.rowid AS number, bm25({index}, :title_weight, 1.0) AS cost
        FROM {index} {inside}
        ORDER BY cost, {index}.rowid
        LIMIT :depth
    ) AS best
    JOIN passages ON passages.number = best.number
    {outside}
    ORDER BY best.cost, best.number
    LIMIT :limit
"""
_ARTICLES = "JOIN articles ON articles.id = passages.article_id"


class ScoredPassage(NamedTuple):
    """A passage id with its score in one search; the scale is that search's own."""

    id: str
    score: float


class KeywordTables:
    """The index and the terms of one place. Stateless: lives in the archive's database."""

    def __init__(self, place: str) -> None:
        """Name the place, see `retrieval.archive.scopes.place_of`.

        Raises:
            ValueError: it is none.
        """
        if place != PUBLIC and not _PLACE.fullmatch(place):
            raise ValueError(f"{place!r} is no place")
        self.place = place
        self._index = f"{_INDEX}_{place}" if place else _INDEX
        self._terms = f"{_TERMS}_{place}" if place else _TERMS
        self._having = text(f"SELECT doc FROM {self._terms} WHERE term = :stem")

    def exist(self, connection: Connection) -> bool:
        """Whether anything was ever added; those of what everybody sees are made with the home."""
        if self.place == PUBLIC:
            return True
        named = text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name")
        return connection.execute(named, {"name": self._index}).first() is not None

    def create(self, connection: Connection) -> None:
        """Create them if they are not there."""
        columns = "title, passage, tokenize = 'ascii'"
        connection.execute(text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {self._index} USING fts5({columns})"))
        vocabulary = f"fts5vocab('{self._index}', 'row')"
        connection.execute(text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {self._terms} USING {vocabulary}"))

    def remove(self, connection: Connection) -> None:
        """Remove them and all that they hold."""
        connection.execute(text(f"DROP TABLE IF EXISTS {self._terms}"))
        connection.execute(text(f"DROP TABLE IF EXISTS {self._index}"))

    def add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows of "number", "title" and "passage", the last two as stems."""
        added = f"INSERT INTO {self._index} (rowid, title, passage) VALUES (:number, :title, :passage)"
        connection.execute(text(added), list(rows))

    def drop(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Drop rows by "number"; unknown ones are ignored."""
        connection.execute(text(f"DELETE FROM {self._index} WHERE rowid = :number"), list(rows))

    def count(self, connection: Connection) -> int:
        """Count the passages held."""
        return int(connection.scalar(text(f"SELECT count(*) FROM {self._index}")) or 0)

    def having(self, connection: Connection, stem: str) -> int:
        """Count the passages with a stem."""
        return connection.scalar(self._having, {"stem": stem}) or 0

    def stems(self, connection: Connection) -> list[str]:
        """List the stems of all passages, in alphabetical order."""
        return list(connection.scalars(text(f"SELECT term FROM {self._terms}")))

    def merge(self, connection: Connection, pages: int) -> bool:
        """Run FTS5's `merge` over so many pages; whether that changed anything.

        With a negative number all of the index is to become one segment, with a positive one that work goes on.
        """
        driver: Any = connection.connection.driver_connection
        before = driver.total_changes
        merged = f"INSERT INTO {self._index} ({self._index}, rank) VALUES ('merge', :n)"
        connection.execute(text(merged), {"n": pages})
        # As FTS5's documentation tells the end: less than two rows changed, one of which is this statement's own.
        return bool(driver.total_changes - before >= 2)

    def search(
        self,
        connection: Connection,
        stems: Sequence[str],
        *,
        clauses: Sequence[str] = (),
        limits: Mapping[str, Any],
        limit: int,
        depth: int | None = None,
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the stems, best first by BM25; ties in order of taking in.

        Args:
            connection: to read from.
            stems: what to look for, at least one.
            clauses: conditions on the table `articles`.
            limits: their parameters.
            limit: passages wanted, >= 1.
            depth: so many of the best are held against the clauses; None: all are.
        """
        # Each stem is quoted: nothing that a person types is FTS5 syntax.
        match = " OR ".join('"' + one.replace('"', "") + '"' for one in stems)
        inside, outside = f"WHERE {self._index} MATCH :match", ""
        if clauses and depth is not None:
            outside = f"{_ARTICLES} WHERE {' AND '.join(clauses)}"
        elif clauses:
            passages = f"JOIN passages ON passages.number = {self._index}.rowid"
            inside = f"{passages} {_ARTICLES} {inside} AND {' AND '.join(clauses)}"
        statement = _SEARCH.format(index=self._index, inside=inside, outside=outside)
        given = {"match": match, "limit": limit, "depth": depth or limit, "title_weight": TITLE_WEIGHT, **limits}
        return [ScoredPassage(row.id, row.score) for row in connection.execute(text(statement), given)]


def all_tables(connection: Connection) -> list[KeywordTables]:
    """List the tables of every place that has any."""
    made = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'")
    names = (str(name) for name in connection.scalars(made))
    places = (name.removeprefix(_INDEX).removeprefix("_") for name in names if name.startswith(_INDEX))
    return [KeywordTables(place) for place in places if place == PUBLIC or _PLACE.fullmatch(place)]


def idf(total: int, having: int) -> float:
    """Weigh a stem as FTS5's bm25() does: ln((N - n + 0.5) / (n + 0.5)), at least 0.000001."""
    return max(log((total - having + 0.5) / (having + 0.5)), _LEAST_IDF)
