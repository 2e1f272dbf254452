"""Indexing: articles go into the archive and both indexes, which are brought back into step after a crash."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from retrieval.archive.archive import Archive, Change, utc_now
from retrieval.archive.tables import manifest as manifest_table
from retrieval.articles import Article
from retrieval.errors import IndexUnfinished
from retrieval.index.chunking import SPLITTER_VERSION, Splitter
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Embedder
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.linking import CopyLinker
from retrieval.index.manifest import Manifest, Recipe, check_recipe, read_manifest, write_manifest
from retrieval.index.pending import Advance, PendingVectors
from retrieval.index.sentences import Annotator, SentenceStore
from retrieval.passages import Passage
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# Tokens that models put around a text ([CLS], [SEP]), with room for a prompt of some words.
_SPECIAL_TOKENS = 8
_REBUILD_ARTICLES = 16
# A row in the manifest's table that is there exactly while a process has the index open.
_OPEN_MARK = "open"


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking articles in did."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    passages_added: int = 0

    def __add__(self, other: Taken) -> Taken:
        """Add up two counts."""
        return Taken(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.passages_added + other.passages_added,
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """What opening the index found and did.

    Attributes:
        lacking: passages of the archive that the vector store lacked without a note of it.
        surplus: vectors that no passage of the archive has; dropped.
        pending: passages that now wait for their vector; `Indexer.embed_pending` makes them.
        was_interrupted: the last process that had the index open did not close it.
    """

    lacking: int
    surplus: int
    pending: int
    was_interrupted: bool


class Indexer:
    """Writes both indexes and keeps them in agreement with the archive. All of it runs on the worker's intake lane."""

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        lexical: LexicalIndex,
        dense: DenseIndex,
        embedder: Embedder,
        annotator: Annotator,
        worker: Worker,
        *,
        passage_tokens: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Wire the indexer; `passage_tokens` (>= 16) is the budget of a passage, cut to the model's window."""
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical
        self._dense = dense
        self._worker = worker
        self._now = now
        self._copies = CopyLinker(archive)
        self._pending = PendingVectors(archive, ledger, dense, embedder, annotator, worker)
        window = embedder.max_tokens - _SPECIAL_TOKENS - self._pending.title_tokens
        budget = min(passage_tokens, window)
        self._splitter = Splitter(embedder.count_tokens, budget_tokens=budget, window_tokens=window)
        self._recipe = Recipe(embedder.name, embedder.dimensions, SPLITTER_VERSION, budget, annotator.tagger)
        self._generation = 0

    async def open(self) -> Repair:
        """Check that this index was made as the settings say, and repair what a crash left.

        Raises:
            IndexMismatch: it was made by another model, splitter or schema.
            IndexUnfinished: a rebuild was begun and not finished.
        """
        return await self._worker.run(Lane.INTAKE, self._open)

    async def close(self) -> None:
        """Note that the index was left in order; what was not noted so is checked in full when it is next opened."""
        await self._worker.run(Lane.INTAKE, self._mark_open, False)

    async def add(self, articles: Sequence[Article]) -> Taken:
        """Take in a small batch of articles, all in one transaction: archive, copies, passages and keyword index.

        A changed article's old passages leave the keyword index at once and are never found again. The vectors of
        the new ones are made by `embed_pending`; what a crash leaves unmade is noted and made later.
        """
        return await self._worker.run(Lane.INTAKE, self._add, articles)

    async def embed_pending(self, advance: Advance | None = None, *, limit: int | None = None) -> int:
        """Make the vectors that are noted as pending, and drop those noted for dropping.

        Articles that an earlier Dateline stored are linked to their copies first.

        Args:
            advance: called after each stored window.
            limit: stop after about this many passages; None makes all.

        Returns:
            How many passages got their vector.
        """
        while await self._worker.run(Lane.INTAKE, self._copies.link_some):
            pass
        return await self._pending.make(advance, limit=limit)

    async def rebuild(self) -> AsyncIterator[int]:
        """Make the index anew from the archive, or go on with a rebuild that was interrupted.

        The index cannot be searched until this is done; interrupted, it goes on where it stood when called again.

        Yields:
            The number of articles indexed since the last value.
        """
        await self._worker.run(Lane.INTAKE, self._begin_rebuild)
        while count := await self._worker.run(Lane.INTAKE, self._rebuild_some):
            await self.embed_pending()
            yield count
        await self.embed_pending()
        await self._worker.run(Lane.INTAKE, self._mark_open, True)

    async def rebuild_total(self) -> int:
        """Count the articles that a call of `rebuild` would index now."""
        return await self._worker.run(Lane.INTAKE, self._rebuild_total)

    def _open(self) -> Repair:
        with self._archive.writing() as connection:
            self._lexical.create(connection)
            kept = read_manifest(connection)
            if kept is None:
                kept = Manifest(self._recipe, 1)
                write_manifest(connection, kept)
            check_recipe(kept.recipe, self._recipe)
            behind = self._archive.count(connection, below_generation=kept.generation)
            if behind:
                total = self._archive.count(connection)
                raise IndexUnfinished(total - behind, total)
        self._generation = kept.generation
        self._dense.use(kept.index_id, kept.generation)
        repair = self._repair()
        self._mark_open(True)
        return repair

    def _repair(self) -> Repair:
        """Compare the vector store with the archive: by count after a clean close, id by id after any other."""
        with self._archive.reading() as connection:
            marked = select(manifest_table.c.name).where(manifest_table.c.name == _OPEN_MARK)
            interrupted = connection.execute(marked).first() is not None
            noted = self._ledger.pending_ids(connection)
            expected = self._ledger.count(connection) - sum(operation == "add" for operation in noted.values())
            expected += sum(operation == "drop" for operation in noted.values())
            in_step = not interrupted and self._dense.count() == expected
            wanted = set() if in_step else self._ledger.ids(connection)
        if in_step:
            return Repair(0, 0, len(noted), was_interrupted=False)
        held = self._dense.ids()
        lacking = wanted - held - noted.keys()
        surplus = held - wanted
        self._dense.drop(sorted(surplus))
        # What the store took before the crash came is done, although the note was not yet struck out.
        # The sentences of a passage are kept in the transaction that strikes its note out: they may be lacking still.
        added = {i for i, operation in noted.items() if operation == "add"} & held
        with self._archive.reading() as connection:
            added = SentenceStore().having(connection, added)
        dropped = {i for i, operation in noted.items() if operation == "drop"}
        with self._archive.writing() as connection:
            self._ledger.settle(connection, added, "add")
            self._ledger.settle(connection, dropped, "drop")
            self._ledger.note(connection, sorted(lacking), "add")
            pending = self._ledger.count_pending(connection)
        unnoted_surplus = len(surplus - noted.keys())
        if lacking or unnoted_surplus or pending:
            log.warning(
                "index repaired: %d vectors lacking, %d too many, %d pending", len(lacking), unnoted_surplus, pending
            )
        return Repair(len(lacking), unnoted_surplus, pending, was_interrupted=interrupted)

    def _mark_open(self, is_open: bool) -> None:
        with self._archive.writing() as connection:
            connection.execute(delete(manifest_table).where(manifest_table.c.name == _OPEN_MARK))
            if is_open:
                connection.execute(insert(manifest_table).values(name=_OPEN_MARK, value=self._now().isoformat()))

    def _add(self, articles: Sequence[Article]) -> Taken:
        with self._archive.reading() as connection:
            changes = self._archive.changes(connection, articles)
        split = [
            [] if change is Change.UNCHANGED else self._splitter.split(article)
            for article, change in zip(articles, changes, strict=True)
        ]
        if all(change is Change.UNCHANGED for change in changes):
            return Taken(unchanged=len(articles))
        # An article that comes twice in a batch has two versions; the later one is current.
        newest = {one.id: one for one, change in zip(articles, changes, strict=True) if change is not Change.UNCHANGED}
        comparable = [self._copies.prepare(article) for article in newest.values()]
        with self._archive.writing() as connection:
            for article, change, new in zip(articles, changes, split, strict=True):
                if change is Change.UNCHANGED:
                    continue
                self._archive.put(connection, article, change, generation=self._generation, now=self._now())
                self._index_words(connection, article, new)
            self._copies.link(connection, comparable)
        return Taken(
            added=changes.count(Change.ADDED),
            updated=changes.count(Change.UPDATED),
            unchanged=changes.count(Change.UNCHANGED),
            passages_added=sum(map(len, split)),
        )

    def _index_words(self, connection: Connection, article: Article, new: Sequence[Passage]) -> None:
        old_numbers, numbers = self._ledger.replace(connection, article.id, new)
        self._lexical.drop(connection, old_numbers)
        self._lexical.add(
            connection,
            ((number, article.title, passage.text) for number, passage in zip(numbers, new, strict=True)),
        )

    def _begin_rebuild(self) -> None:
        with self._archive.writing() as connection:
            self._lexical.create(connection)
            kept = read_manifest(connection)
            resumes = (
                kept is not None
                and kept.recipe == self._recipe
                and self._archive.count(connection, below_generation=kept.generation) > 0
            )
            if not resumes:
                new = Manifest(self._recipe, 1)
                if kept is not None:
                    new = replace(new, generation=kept.generation + 1, index_id=kept.index_id or new.index_id)
                kept = new
                self._ledger.clear(connection)
                self._lexical.clear(connection)
                write_manifest(connection, kept)
        assert kept is not None
        self._generation = kept.generation
        self._dense.use(kept.index_id, kept.generation)

    def _rebuild_some(self) -> int:
        with self._archive.reading() as connection:
            keys = self._archive.ids(connection, below_generation=self._generation, limit=_REBUILD_ARTICLES)
        stored = self._archive.read_many(keys)
        split = [(stored[key], self._splitter.split(stored[key])) for key in keys]
        with self._archive.writing() as connection:
            for article, new in split:
                self._index_words(connection, article, new)
                self._archive.mark_generation(connection, article.id, self._generation)
        return len(keys)

    def _rebuild_total(self) -> int:
        with self._archive.reading() as connection:
            kept = read_manifest(connection)
            resumes = kept is not None and kept.recipe == self._recipe
            behind = self._archive.count(connection, below_generation=kept.generation) if kept and resumes else 0
            return behind or self._archive.count(connection)
