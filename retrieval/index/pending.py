"""Making the vectors that the ledger notes as pending, in small slices between which a question may overtake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.archive.archive import Archive
from retrieval.archive.scopes import place_of
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Embedder, Vectors
from retrieval.index.ledger import Ledger, Pending
from retrieval.worker import Lane, Worker

# The headline is embedded with each passage; a longer one is cut to this many tokens, so that both fit the window.
TITLE_TOKENS = 40
# Passages are encoded in slices of this many (half a second of work), between which a question may overtake ...
_SLICE = 8
# ... out of a window of this many sorted by length, so that a slice pads little, and stored once per window.
_WINDOW = 128
# While questions come, the slices are single passages (some 50 ms), and windows, stored in one piece, this small.
_SLICE_WHEN_ASKED, _WINDOW_WHEN_ASKED = 1, 8


class PendingVectors:
    """Brings the dense index to what the ledger notes that it lacks or has too much of. Closes nothing."""

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        dense: DenseIndex,
        embedder: Embedder,
        worker: Worker,
    ) -> None:
        """Wire it; everything blocking runs on the worker's intake lane."""
        self._archive = archive
        self._ledger = ledger
        self._dense = dense
        self._embedder = embedder
        self._worker = worker
        #: The budget of a headline in tokens; at most a quarter of the model's window.
        self.title_tokens = min(TITLE_TOKENS, embedder.max_tokens // 4)

    async def make(self, limit: int | None = None) -> int:
        """Drop the vectors noted for dropping, then make and store those noted as lacking.

        Args:
            limit: stop after about this many passages; None makes all.

        Returns:
            How many passages got their vector.
        """
        await self._worker.run(Lane.INTAKE, drop_noted, self._archive, self._ledger, self._dense)
        made = 0
        while limit is None or made < limit:
            window = await self._worker.run(Lane.INTAKE, self._read_window)
            if not window:
                break
            order = {one.id: n for n, one in enumerate(window)}
            window.sort(key=lambda one: len(one.text))
            made_of: list[Vectors] = []
            begin = start = 0
            while start < len(window):
                some = window[start : start + (_SLICE_WHEN_ASKED if self._worker.is_asked else _SLICE)]
                made_of.append(await self._worker.run(Lane.INTAKE, self._encode, some))
                start += len(some)
                if start == len(window) or (self._worker.is_asked and start - begin >= _WINDOW_WHEN_ASKED):
                    await self._worker.run(Lane.INTAKE, self._store_vectors, window[begin:start], made_of, order)
                    begin, made_of = start, []
            made += len(window)
        return made

    def _read_window(self) -> list[Pending]:
        with self._archive.reading() as connection:
            return self._ledger.to_add(connection, _WINDOW)

    def _encode(self, pending: Sequence[Pending]) -> Vectors:
        titles = self._shortened([one.title for one in pending])
        return self._embedder.embed_passages(
            [f"{title}\n{one.text}" for title, one in zip(titles, pending, strict=True)]
        )

    def _shortened(self, titles: list[str]) -> list[str]:
        """Cut titles at white space to `TITLE_TOKENS`; one that cannot be cut so far is left out."""
        shortened = []
        for title, count in zip(titles, self._embedder.count_tokens(titles), strict=True):
            while count > self.title_tokens:
                kept = title.split()
                title = " ".join(kept[: max(1, len(kept) * self.title_tokens // count)]) if len(kept) > 1 else ""
                (count,) = self._embedder.count_tokens([title])
            shortened.append(title)
        return shortened

    def _store_vectors(self, window: Sequence[Pending], made_of: Sequence[Vectors], order: Mapping[str, int]) -> None:
        """Store vectors in the order in which their passages were made.

        Of equally near passages it decides which are found: it must not depend on what other scopes hold.
        """
        ids, vectors = [one.id for one in window], np.concatenate(made_of)
        with self._archive.reading() as connection:
            # A passage whose article changed while it was being embedded is gone, and keeps its note to be dropped.
            scopes = self._ledger.scopes_of(connection, ids)
        for scope in dict.fromkeys(scopes.values()):
            rows = [row for row, one in enumerate(ids) if one in scopes and scopes[one] == scope]
            rows.sort(key=lambda row: order[ids[row]])
            self._dense.add([ids[row] for row in rows], vectors[rows], place_of(scope))
        with self._archive.writing(changes_articles=False) as connection:
            self._ledger.settle(connection, ids, "add")


def drop_noted(archive: Archive, ledger: Ledger, dense: DenseIndex) -> None:
    """Drop from the vector store what is noted for dropping."""
    while True:
        with archive.reading() as connection:
            noted = ledger.to_drop(connection, 1_000)
        if not noted:
            return
        for place in {place for _, place in noted}:
            dense.drop([one for one, where in noted if where == place], place)
        with archive.writing() as connection:
            ledger.settle(connection, [one for one, _ in noted], "drop")
