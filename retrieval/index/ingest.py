"""Indexing: articles go into the archive and both indexes, which are brought back into step after a crash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select

from retrieval.archive.archive import Archive, Change, utc_now
from retrieval.archive.retention import Retention
from retrieval.archive.scopes import scopes_of
from retrieval.archive.standing import due, hidden, lift_withdrawal, show_again, withdraw
from retrieval.archive.tables import manifest as manifest_table
from retrieval.articles import Article
from retrieval.errors import ArticleRejected, IndexUnfinished
from retrieval.index.chunking import SPLITTER_VERSION, Splitter
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Embedder
from retrieval.index.identity import Identities
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.linking import CopyLinker
from retrieval.index.manifest import Manifest, Recipe, check_recipe, read_manifest, write_manifest
from retrieval.index.pending import PendingVectors
from retrieval.index.pending_sentences import PendingSentences
from retrieval.index.refusal import refuse
from retrieval.index.repair import Repair, repair
from retrieval.index.sentences import Annotator
from retrieval.index.words import WordIndex
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

# Tokens that models put around a text ([CLS], [SEP]), with room for a prompt of some words.
_SPECIAL_TOKENS = 8
_REBUILD_ARTICLES = 16
# A row in the manifest's table that is there exactly while a process has the index open.
_OPEN_MARK = "open"


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking articles in did; `refused` says which of them may not be taken in, and why."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    passages_added: int = 0
    refused: tuple[ArticleRejected, ...] = ()

    def __add__(self, other: Taken) -> Taken:
        """Add up two counts."""
        return Taken(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.passages_added + other.passages_added,
            self.refused + other.refused,
        )


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
        retention: Retention | None = None,
    ) -> None:
        """Wire the indexer; `passage_tokens` (>= 16) is the budget of a passage, cut to the model's window."""
        self._retention = retention or Retention()
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical
        self._dense = dense
        self._worker = worker
        self._now = now
        self._copies = CopyLinker(archive)
        self._pending = PendingVectors(archive, ledger, dense, embedder, worker)
        #: Reads the sentences of passages ahead of questions; a rebuild leaves all of them to it.
        self.sentences = PendingSentences(archive, ledger, annotator, worker)
        window = embedder.max_tokens - _SPECIAL_TOKENS - self._pending.title_tokens
        budget = min(passage_tokens, window)
        splitter = Splitter(embedder.count_tokens, budget_tokens=budget, window_tokens=window)
        self._words = WordIndex(splitter, ledger, lexical)
        self._identities = Identities()
        self._recipe = Recipe(embedder.name, embedder.dimensions, SPLITTER_VERSION, budget, annotator.tagger)
        self._generation = 0
        self._embedding = asyncio.Lock()

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

    async def add(self, articles: Sequence[Article], scope: str | None = None) -> Taken:
        """Take in a small batch of articles of a scope, in one transaction: archive, copies, passages, keyword index.

        A changed article's old passages leave the keyword index at once and are never found again. The vectors of
        the new ones are made by `embed_pending`; what a crash leaves unmade is noted and made later. Articles of a
        scope other than everybody's (None) are kept under ids of their own, see `scoped_id`.
        """
        return await self._worker.run(Lane.INTAKE, self._add, articles, scope)

    async def withdraw(self, article_id: str, reason: str) -> bool:
        """Take an article, named by its id or an alias, out of the index; the archive keeps it.

        False if it is unknown, or if it was taken back before.
        """
        return await self._worker.run(Lane.INTAKE, self._withdraw, article_id, reason)

    async def show_again(self, article_ids: Sequence[str]) -> int:
        """Put articles that were taken back, at most 500, into the index again; how many there were."""
        return await self._worker.run(Lane.INTAKE, self._show_withdrawn, article_ids)

    async def release_due(self) -> int:
        """Put the articles whose embargo has ended into the index; how many there were."""
        released = 0
        while some := await self._worker.run(Lane.INTAKE, self._release_some):
            released += some
        return released

    async def embed_pending(self, limit: int | None = None) -> int:
        """Make the vectors of up to about so many passages that wait for them (None: all); how many got theirs.

        Vectors noted for dropping are dropped, and articles that an earlier Dateline stored are linked to their copies.
        """
        # One at a time: two would make the same vectors twice.
        async with self._embedding:
            while await self._worker.run(Lane.INTAKE, self._copies.link_some):
                pass
            return await self._pending.make(limit)

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
            marked = select(manifest_table.c.name).where(manifest_table.c.name == _OPEN_MARK)
            was_open = connection.execute(marked).first() is not None
            behind = self._archive.count(connection, below_generation=kept.generation)
            if behind:
                total = self._archive.count(connection)
                raise IndexUnfinished(total - behind, total)
        self._generation = kept.generation
        self._dense.use(kept.index_id, kept.generation)
        found = repair(self._archive, self._ledger, self._dense, interrupted=was_open)
        self._mark_open(True)
        return found

    def _mark_open(self, is_open: bool) -> None:
        with self._archive.writing() as connection:
            connection.execute(delete(manifest_table).where(manifest_table.c.name == _OPEN_MARK))
            if is_open:
                connection.execute(insert(manifest_table).values(name=_OPEN_MARK, value=self._now().isoformat()))

    def _add(self, articles: Sequence[Article], scope: str | None) -> Taken:
        now = self._now()
        with self._archive.reading() as connection:
            admitted, refused = refuse(connection, articles, self._retention, now, scope)
            resolution = self._identities.resolve(connection, admitted, now, scope)
            changes = self._archive.changes(connection, resolution.taken)
        taken = resolution.taken
        split = [[] if article.is_embargoed(now) else self._words.split(article) for article in taken]
        # An article that comes twice in a batch has two versions; the later one is current.
        newest = {article.id: article for article in taken}
        comparable = [self._copies.prepare(one, scope) for one in newest.values() if not one.is_embargoed(now)]
        with self._archive.writing() as connection:
            for article, change, new in zip(taken, changes, split, strict=True):
                self._archive.put(connection, article, change, generation=self._generation, now=now, scope=scope)
                self._words.put(connection, article.id, article.title, new)
            self._copies.link(connection, comparable)
            self._copies.forget(connection, [one.id for one in newest.values() if one.is_embargoed(now)])
            self._identities.keep(connection, resolution)
        self._show([key for key in resolution.released if key[0] not in newest])
        return Taken(
            added=changes.count(Change.ADDED),
            updated=changes.count(Change.UPDATED),
            unchanged=resolution.unchanged,
            passages_added=sum(map(len, split)),
            refused=refused,
        )

    def _withdraw(self, article_id: str, reason: str) -> bool:
        with self._archive.writing() as connection:
            kept_id = self._identities.kept_id(connection, article_id)
            if not withdraw(connection, kept_id, reason, self._now()):
                return False
            self._words.put(connection, kept_id, "", [])
            self._copies.forget(connection, [kept_id])
        return True

    def _show_withdrawn(self, article_ids: Sequence[str]) -> int:
        with self._archive.writing() as connection:
            keys = lift_withdrawal(connection, article_ids, self._now())
        return self._show(keys)

    def _release_some(self) -> int:
        with self._archive.reading() as connection:
            keys = due(connection, self._now(), limit=_REBUILD_ARTICLES)
        return self._show(keys)

    def _show(self, keys: Sequence[tuple[str, str]]) -> int:
        if not keys:
            return 0
        shown = list(self._archive.read_many(keys).values())
        split = [self._words.split(article) for article in shown]
        with self._archive.reading() as connection:
            scopes = scopes_of(connection, [article.id for article in shown])
        comparable = [self._copies.prepare(article, scopes[article.id]) for article in shown]
        with self._archive.writing() as connection:
            show_again(connection, [article.id for article in shown])
            for article, new in zip(shown, split, strict=True):
                self._words.put(connection, article.id, article.title, new)
            self._copies.link(connection, comparable)
        return len(shown)

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
        with self._archive.reading() as connection:
            is_hidden = hidden(connection, [article_id for article_id, _ in keys])
        split = [(stored[key], [] if key[0] in is_hidden else self._words.split(stored[key])) for key in keys]
        with self._archive.writing() as connection:
            for article, new in split:
                self._words.put(connection, article.id, article.title, new)
                self._archive.mark_generation(connection, article.id, self._generation)
        return len(keys)

    def _rebuild_total(self) -> int:
        with self._archive.reading() as connection:
            kept = read_manifest(connection)
            resumes = kept is not None and kept.recipe == self._recipe
            behind = self._archive.count(connection, below_generation=kept.generation) if kept and resumes else 0
            return behind or self._archive.count(connection)
