"""Reading the sentences of passages that the ledger notes as unread, in small slices that questions may overtake."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from retrieval.archive.archive import Archive
from retrieval.index.ledger import Ledger, Pending
from retrieval.index.sentences import Annotator, Sentences, SentenceStore
from retrieval.worker import Lane, Worker

# Passages are read in slices of this many (some .4 s of work), between which a question may overtake; of one passage
# while questions come.
_SLICE, _SLICE_WHEN_ASKED = 8, 1


class PendingSentences:
    """Finds, embeds and tags the sentences of passages ahead of the questions that will need them. Closes nothing.

    It takes as long as making the passages' own vectors, or longer, and no search waits for it: a question reads the
    sentences of its ten hits itself where this has not come to them. So it is done after the vectors.
    """

    def __init__(self, archive: Archive, ledger: Ledger, annotator: Annotator, worker: Worker) -> None:
        """Wire it; everything blocking runs on the worker's intake lane."""
        self._archive = archive
        self._ledger = ledger
        self._annotator = annotator
        self._store = SentenceStore()
        self._worker = worker
        self._making = asyncio.Lock()

    async def make(self, limit: int | None = None) -> int:
        """Read the sentences of unread passages, the oldest first, and keep what was found.

        Args:
            limit: stop after about this many passages; None reads all.

        Returns:
            How many passages were read.
        """
        made = 0
        while limit is None or made < limit:
            # One at a time: two would read the same passages twice.
            async with self._making:
                count = await self._make_slice(_SLICE_WHEN_ASKED if self._worker.is_asked else _SLICE)
            if not count:
                break
            made += count
        return made

    async def count(self) -> int:
        """Count the passages that are unread."""
        return await self._worker.run(Lane.INTAKE, self._count)

    async def _make_slice(self, size: int) -> int:
        some = await self._worker.run(Lane.INTAKE, self._read, size)
        if some:
            texts = [(one.text, one.language) for one in some]
            found = await self._worker.run(Lane.INTAKE, self._annotator.annotate, texts)
            await self._worker.run(Lane.INTAKE, self._keep, some, found)
        return len(some)

    def _read(self, size: int) -> list[Pending]:
        with self._archive.reading() as connection:
            return self._ledger.unread(connection, size)

    def _keep(self, some: Sequence[Pending], found: Sequence[Sentences]) -> None:
        with self._archive.writing(changes_articles=False) as connection:
            # A passage whose article changed meanwhile is gone.
            current = self._ledger.present(connection, [one.id for one in some])
            kept = {one.id: notes for one, notes in zip(some, found, strict=True) if one.id in current}
            self._store.put(connection, kept)
            self._ledger.settle_unread(connection, kept)

    def _count(self) -> int:
        with self._archive.reading() as connection:
            return self._ledger.count_unread(connection)
