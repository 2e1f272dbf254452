"""The keyword index, in the archive's own database, so that it changes in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil, log
from typing import Any

from sqlalchemy import Connection

from retrieval.archive.scopes import PUBLIC, place_of
from retrieval.index.exonyms import other_names
from retrieval.index.keyword_tables import KeywordTables, ScoredPassage, all_tables, idf
from retrieval.index.ledger import Admission
from retrieval.index.spelling import Vocabulary, common_words, sound
from retrieval.index.terms import stem
from retrieval.index.terms import words as split_words

_MOST_VARIANTS = 3
# A question waits for one piece of the index's rewriting.
_PAGES_PER_PIECE = 300
# Where at least this share of the articles is admitted, so many times as many of the best are looked up as would do if
# those were admitted like any others; looking every passage up takes twice as long where most are admitted.
_MOSTLY, _SPARE = 0.2, 1.5
# The spelling of so many scopes is remembered, 300 bytes a stem.
_MOST_VOCABULARIES = 8
# Of a scope's own passages so many are looked at for each stem.
_OWN_DEPTH = 2_000
_PUBLIC_TABLES = KeywordTables(PUBLIC)


class LexicalIndex:
    """Finds passages by their words: BM25 as FTS5 computes it, k1 = 1.2, b = 0.75.

    The passages of each scope stand in tables of their own (`KeywordTables`), so that how often a word occurs in one
    scope shows in no other. All of it lives in the database but for the spelling of the stems, which is read when first
    needed (0.5 s for 42,000 stems) and kept up by `add`: make one object for a home. Used on the worker.
    """

    def __init__(self) -> None:
        self._vocabularies: dict[str, Vocabulary] = {}
        # The tables that are yet to be written anew, the one that is being written last; and whether it was begun.
        self._purging: list[KeywordTables] = []
        self._is_begun = False

    def create(self, connection: Connection) -> None:
        """Create the index of public passages if it is not there; a scope's own is made with its first passage."""
        _PUBLIC_TABLES.create(connection)

    def add(self, connection: Connection, rows: Iterable[tuple[int, str, str]], scope: str | None = None) -> None:
        """Add (passage number, title, passage text) of a scope in the caller's transaction."""
        values = [
            {"number": number, "title": _stemmed(title), "passage": _stemmed(passage)}
            for number, title, passage in rows
        ]
        if not values:
            return
        tables = KeywordTables(place_of(scope))
        if scope is not None:
            tables.create(connection)
        if (known := self._vocabularies.get(tables.place)) is not None:
            # Before the transaction is through: a stem too many does no harm, see `variants`.
            known.add(one for row in values for one in f"{row['title']} {row['passage']}".split())
        tables.add(connection, values)

    def drop(self, connection: Connection, numbers: Iterable[int], scope: str | None = None) -> None:
        """Drop passages of a scope by number in the caller's transaction; unknown numbers are ignored."""
        values = [{"number": number} for number in numbers]
        tables = KeywordTables(place_of(scope))
        if values and tables.exist(connection):
            tables.drop(connection, values)

    def drop_scope(self, connection: Connection, scope: str) -> None:
        """Drop all that a scope has of its own, in the caller's transaction."""
        tables = KeywordTables(place_of(scope))
        self._vocabularies.pop(tables.place, None)
        tables.remove(connection)

    def clear(self, connection: Connection) -> None:
        """Drop everything, of every scope, in the caller's transaction."""
        self._vocabularies.clear()
        for tables in all_tables(connection):
            tables.remove(connection)
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
        if begins:
            self._purging, self._is_begun = all_tables(connection), False
        if self._purging:
            pages = _PAGES_PER_PIECE if self._is_begun else -_PAGES_PER_PIECE
            has_changed = self._purging[-1].merge(connection, pages)
            if self._is_begun and not has_changed:
                self._purging.pop()
            self._is_begun = has_changed or not self._is_begun
        return bool(self._purging)

    def forget_spelling(self) -> None:
        """Drop what is remembered of the stems; it is read again when needed."""
        self._vocabularies.clear()
        sound.cache_clear()

    def count(self, connection: Connection) -> int:
        """Count the passages held, whoever sees them."""
        return sum(tables.count(connection) for tables in all_tables(connection))

    def search(
        self,
        connection: Connection,
        words: Sequence[str],
        *,
        admission: Admission,
        limit: int,
        share: float = 0.0,
        total: int | None = None,
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the words, best first; ties in order of taking in, public ones first.

        Args:
            connection: to read from.
            words: folded words without stop-words; each is matched by its stem. Empty finds nothing.
            admission: which articles may be found; applied before ranking.
            limit: passages wanted, >= 1.
            share: about which share of the articles is admitted, in 0..1, if known; decides how they are found, not
                which.
            total: how many passages the scope sees, if known; only a scope other than everybody's needs it.

        Returns:
            Up to `limit` passages, each once, with BM25 scores > 0, higher is better.
        """
        stems = [stem(word) for word in words]
        return self.search_stems(connection, stems, admission=admission, limit=limit, share=share, total=total)

    def search_stems(
        self,
        connection: Connection,
        stems: Sequence[str],
        *,
        admission: Admission,
        limit: int,
        share: float = 0.0,
        total: int | None = None,
    ) -> list[ScoredPassage]:
        """Find the passages that hold any of the stems; as `search`. Stems in one, parted by spaces, are a phrase."""
        if not stems:
            return []
        public = self._search_public(connection, stems, admission, limit, share)
        own = self._search_own(connection, stems, admission, limit, total)
        return sorted([*public, *own], key=lambda one: -one.score)[:limit] if own else public

    def _search_public(
        self, connection: Connection, stems: Sequence[str], admission: Admission, limit: int, share: float
    ) -> list[ScoredPassage]:
        clauses, limits = admission.as_sql()
        given: dict[str, Any] = {"clauses": clauses, "limits": limits, "limit": limit}
        if clauses and share >= _MOSTLY:
            found = _PUBLIC_TABLES.search(connection, stems, depth=ceil(_SPARE * limit / share), **given)
            if len(found) == limit:
                return found
        return _PUBLIC_TABLES.search(connection, stems, **given)

    def _search_own(
        self, connection: Connection, stems: Sequence[str], admission: Admission, limit: int, total: int | None
    ) -> list[ScoredPassage]:
        """Find what only the scope of a query sees, scored as if it stood in one index with all that it sees.

        By itself a small index knows no rare words: a name that stands in each of its passages would weigh nothing.
        """
        tables = self._own_tables(connection, admission.scope)
        if tables is None:
            return []
        clauses, limits = admission.as_sql()
        own_total = tables.count(connection)
        total = _PUBLIC_TABLES.count(connection) + own_total if total is None else total
        scores: dict[str, float] = {}
        for one in dict.fromkeys(stems):
            if " " in one:
                weight = 1.0  # how often a phrase occurs is not known beforehand
            elif own := tables.having(connection, one):
                weight = idf(max(total, own_total), own + _PUBLIC_TABLES.having(connection, one)) / idf(own_total, own)
            else:
                continue
            for hit in tables.search(connection, [one], clauses=clauses, limits=limits, limit=_OWN_DEPTH):
                scores[hit.id] = scores.get(hit.id, 0.0) + weight * hit.score
        return sorted((ScoredPassage(i, s) for i, s in scores.items()), key=lambda one: -one.score)[:limit]

    def variants(
        self, connection: Connection, words: Sequence[str], scope: str | None = None
    ) -> dict[str, tuple[str, ...]]:
        """Find index words that words of a query may be a misspelling or another spelling of.

        A word that stands in the index, or is common in English, is what it says: among 45,347 passages of news 2,208
        rare words sound like one ten times as frequent, and all but a few are other words ("Baden", "Janssen").
        Names listed in `retrieval.index.exonyms` have their other spellings in any case.

        Args:
            connection: to read from.
            words: folded words of the query without stop-words.
            scope: who asks; stems that it does not see are none.

        Returns:
            For each word that has any: up to three other stems in the index, the most frequent first; none of them is
            the stem of another of the words.
        """
        asked = {stem(word) for word in words}
        found: dict[str, tuple[str, ...]] = {}
        for word in words:
            stemmed = stem(word)
            near: Iterable[str] = other_names(stemmed)
            if not near and word not in common_words() and not self._having(connection, stemmed, scope):
                near = self._close_to(connection, stemmed, scope)
            having = {one: self._having(connection, one, scope) for one in near if one not in asked}
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
        scope: str | None = None,
    ) -> dict[str, float]:
        """Weigh stems by inverse document frequency, ln((N + 1) / (n + 1)) / ln(N + 1), in 0..1.

        N = `total` is the number of passages and n that of passages with the stem: 1 for a stem that no passage has,
        0 for one that every passage has. An empty index weighs every stem 1. A stem with variants weighs as the most
        frequent of them and itself. All of it counts what `scope` sees.
        """
        weights: dict[str, float] = {}
        for one in stems:
            having = max(self._having(connection, alike, scope) for alike in (one, *(variants or {}).get(one, ())))
            weights[one] = log((total + 1) / (having + 1)) / log(total + 1) if total else 1.0
        return weights

    def holds(self, connection: Connection, stem: str) -> bool:
        """Tell whether any passage has a stem, whoever sees it."""
        return any(tables.having(connection, stem) > 0 for tables in all_tables(connection))

    def stems(self, connection: Connection) -> list[str]:
        """List the stems of all public passages, in alphabetical order."""
        return _PUBLIC_TABLES.stems(connection)

    def warm(self, connection: Connection) -> None:
        """Read the spelling of the public stems now, so that the first misspelt question need not."""
        common_words()
        self._spellings(connection, _PUBLIC_TABLES)

    def _having(self, connection: Connection, stem: str, scope: str | None) -> int:
        count = _PUBLIC_TABLES.having(connection, stem)
        own = self._own_tables(connection, scope)
        return count if own is None else count + own.having(connection, stem)

    def _close_to(self, connection: Connection, stem: str, scope: str | None) -> list[str]:
        near = self._spellings(connection, _PUBLIC_TABLES).close_to(stem)
        own = self._own_tables(connection, scope)
        if own is not None:
            near = list(dict.fromkeys([*near, *self._spellings(connection, own).close_to(stem)]))
        return near

    def _own_tables(self, connection: Connection, scope: str | None) -> KeywordTables | None:
        """Give the tables of what only a scope sees; None if there are none."""
        if scope is None:
            return None
        tables = KeywordTables(place_of(scope))
        return tables if tables.exist(connection) else None

    def _spellings(self, connection: Connection, tables: KeywordTables) -> Vocabulary:
        known = self._vocabularies.pop(tables.place, None) or Vocabulary(tables.stems(connection))
        self._vocabularies[tables.place] = known  # the last one was used last
        if len(self._vocabularies) > _MOST_VOCABULARIES:
            del self._vocabularies[next(one for one in self._vocabularies if one not in (PUBLIC, tables.place))]
        return known


def _stemmed(text: str) -> str:
    return " ".join(stem(word) for word in split_words(text))
