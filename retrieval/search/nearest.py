"""The dense half of a search: the passages nearest to a vector among those that a query admits."""

from __future__ import annotations

from retrieval.archive.archive import Archive
from retrieval.archive.scopes import places_of
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Vectors
from retrieval.index.keyword_tables import ScoredPassage
from retrieval.index.ledger import Admission, Ledger

# Up to this many admitted passages are compared exactly; beyond it Chroma's index is searched and the hits are
# filtered, since its own filters scan every row (2.3 s at 100,000 rows where half match).
_EXACT_UP_TO = 2_000
# A search that falls short takes so many times as many, at most so many times the candidates. It begins at that step
# where enough would be left if the nearest were admitted like any others: a smaller first step would do (1.3 / share),
# but the wider Chroma looks, the more of the truly nearest it finds; 13 of 220 quiz questions got other hits by it.
_WIDER, _WIDEST = 4, 64


class NearestSearch:
    """Searches Chroma for enough admitted passages: over-fetching, or exactly where few are. Closes nothing."""

    def __init__(self, archive: Archive, ledger: Ledger, dense: DenseIndex, *, candidates: int) -> None:
        """Take the index's own parts; `candidates` (>= 1) passages are wanted of each search."""
        self._archive = archive
        self._ledger = ledger
        self._dense = dense
        self._candidates = candidates

    def search(self, vector: Vectors, admission: Admission, share: float) -> list[ScoredPassage]:
        """Find admitted passages of current versions nearest to a unit vector, nearest first.

        Args:
            vector: shape (d,).
            admission: which articles may be found.
            share: about which share of the articles that its scope sees is admitted, in 0..1.

        Returns:
            As many as the candidates wanted, with cosine similarity; fewer where fewer are admitted, or where those
            that are lie too far behind others.
        """
        wanted, places = self._candidates, places_of(admission.scope)
        if admission.is_limited:
            if share * self._archive.size(admission.scope).passages <= _EXACT_UP_TO:
                with self._archive.reading() as connection:
                    among = self._ledger.admitted_ids(connection, admission, limit=_EXACT_UP_TO + 1)
                if len(among) <= _EXACT_UP_TO:
                    return self._dense.search_among(vector, among, self._candidates, places)
            while wanted * share < self._candidates and wanted < _WIDEST * self._candidates:
                wanted *= _WIDER
        while True:
            found = self._dense.search(vector, wanted, places)
            with self._archive.reading() as connection:
                rows = self._ledger.admitted(connection, [one.id for one in found], admission)
            kept = [one for one in found if one.id in rows]
            if len(kept) >= self._candidates or len(found) < wanted or wanted >= _WIDEST * self._candidates:
                return kept[: self._candidates]
            wanted *= _WIDER
