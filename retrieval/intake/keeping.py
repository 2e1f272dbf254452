"""Keeping what visits bring: articles are stored, shown and taken back, and their entries say how they stand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from retrieval.archive.aliases import AliasLedger
from retrieval.archive.archive import Archive
from retrieval.archive.entries import EntryRow, EntryState
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.scopes import scoped_id
from retrieval.articles import Article
from retrieval.index.ingest import Indexer, Taken
from retrieval.intake.listing import without_texts
from retrieval.intake.schedule import next_revisit_at
from retrieval.news.canonical import same_site
from retrieval.news.fetched import Fetched
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

_NOT_MODIFIED = 304
# In these states an entry's article may be one that is not shown.
_AWAY = (EntryState.GONE, EntryState.REFUSED, EntryState.FAILED, EntryState.DEAD)
#: A page that is refused or taken back is read whole if it is ever fetched again.
UNKNOWN: Mapping[str, str | None] = {"etag": None, "last_modified": None}


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit came to.

    Attributes:
        state: the entry's, from now on.
        reason: why its article is not kept whole; None if it is.
        is_excerpt: whether what its feed says stands in for the article.
        taken: what that did to the archive.
    """

    state: EntryState
    reason: str | None = None
    is_excerpt: bool = False
    taken: Taken = field(default_factory=Taken)


class Keeper:
    """Writes articles by way of the indexer, and entries. Uses what it is given and closes nothing."""

    def __init__(self, archive: Archive, worker: Worker, indexer: Indexer, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._archive = archive
        self._worker = worker
        self._indexer = indexer
        self._now = now
        self._entries = EntryLedger()
        self._aliases = AliasLedger()

    async def store(self, entry: EntryRow, article: Article, visited: Visited, fetched: Fetched | None) -> Visited:
        """Store an article, then mark its entry: killed in between, the visit is made again and changes nothing."""
        if entry.scope is not None and not await self._worker.run(Lane.INTAKE, self._is_there, entry):
            return Visited(EntryState.GONE, "its feed was removed")
        taken = await self._indexer.add([article], entry.scope)
        if taken.refused:
            return await self.refuse(entry, taken.refused[0].reason)
        is_same = entry.article_id is not None and entry.article_id == await self.kept_id(article.id, entry.scope)
        if is_same and (fetched is not None or not article.is_excerpt):  # its words alone would not bring it back
            await self.show_again(entry)
        return await self._worker.run(Lane.INTAKE, self._keep, entry, article, replace(visited, taken=taken), fetched)

    def _keep(self, entry: EntryRow, article: Article, visited: Visited, fetched: Fetched | None) -> Visited:
        now = self._now()
        with self._archive.writing(changes_articles=False) as connection:
            article_id = self._aliases.kept_id(connection, scoped_id(article.id, entry.scope))
            if article.is_excerpt:  # beside the whole text, if that is kept, it counts for nothing
                visited = replace(visited, state=self._state_of(connection, article_id))
            columns: dict[str, Any] = {
                "state": visited.state,
                "reason": visited.reason,
                "article_id": article_id,
                "failures": 0,
                "visits": entry.visits + 1,
                "next_at": None if entry.url is None else next_revisit_at(entry.seen_at, article.published_at, now),
                # The text has its place in the archive, and a takedown one place less to clean.
                "fields": without_texts(entry.fields, came_whole=visited.reason is None and fetched is None),
            }
            columns |= validators(fetched)
            self._entries.settle(connection, entry, now=now, **columns)
        return visited

    def _state_of(self, connection: Connection, article_id: str) -> EntryState:
        known = self._aliases.known(connection, [article_id]).get(article_id)
        return EntryState.EXCERPT if known is None or known.is_excerpt else EntryState.KEPT

    async def show_again(self, entry: EntryRow) -> EntryState:
        """Show an entry's article again if it was taken back; the entry's state, now that its page is there."""
        if entry.article_id is None or entry.state not in _AWAY:
            return entry.state
        if await self._worker.run(Lane.INTAKE, self._is_own, entry):
            await self._indexer.show_again([entry.article_id])
        return await self.kept_state(entry.article_id)

    async def kept_id(self, article_id: str, scope: str | None) -> str:
        """Give the id under which the archive keeps an article that came with this one for a scope."""

        def read() -> str:
            with self._archive.reading() as connection:
                return self._aliases.kept_id(connection, scoped_id(article_id, scope))

        return await self._worker.run(Lane.INTAKE, read)

    async def kept_state(self, article_id: str) -> EntryState:
        """Say whether the archive keeps an article whole or as an excerpt."""

        def read() -> EntryState:
            with self._archive.reading() as connection:
                return self._state_of(connection, article_id)

        return await self._worker.run(Lane.INTAKE, read)

    async def withdraw(self, entry: EntryRow, reason: str) -> None:
        """Take an entry's article back, unless another entry leads to it as well."""

        def is_kept() -> bool:
            with self._archive.reading() as connection:
                return self._entries.is_kept_by_another(connection, entry.article_id or "", entry.id)

        is_own = await self._worker.run(Lane.INTAKE, self._is_own, entry)
        if entry.article_id is not None and is_own and not await self._worker.run(Lane.INTAKE, is_kept):
            await self._indexer.withdraw(entry.article_id, reason)

    def _is_there(self, entry: EntryRow) -> bool:
        with self._archive.reading() as connection:
            return bool(self._entries.read(connection, [entry.id]))

    def _is_own(self, entry: EntryRow) -> bool:
        """Whether an entry's site may take its article back: one that only told the same may not."""
        with self._archive.reading() as connection:
            known = self._aliases.known(connection, [entry.article_id or ""]).get(entry.article_id or "")
        address = entry.url or entry.feed_url
        return known is None or known.url is None or address is None or same_site(known.url, address)

    async def refuse(self, entry: EntryRow, reason: str) -> Visited:
        """Mark an entry whose article may not be taken in, and keep nothing of what its feed says."""
        return await self.mark(entry, Visited(EntryState.REFUSED, reason), next_at=None, fields={}, **UNKNOWN)

    async def mark(self, entry: EntryRow, visited: Visited, **columns: Any) -> Visited:
        """Write what a visit came to, and further columns."""

        def write() -> None:
            with self._archive.writing(changes_articles=False) as connection:
                self._entries.settle(
                    connection, entry, now=self._now(), state=visited.state, reason=visited.reason, **columns
                )

        await self._worker.run(Lane.INTAKE, write)
        if visited.reason is not None:
            log.info("entry %d (%s): %s, %s", entry.id, entry.url, visited.state, visited.reason)
        return visited


def validators(fetched: Fetched | None) -> Mapping[str, str | None]:
    """Give the columns by which the next fetch asks for what has changed; none if nothing was fetched or had."""
    if fetched is None or fetched.status == _NOT_MODIFIED:
        return {}
    return {"etag": fetched.etag, "last_modified": fetched.last_modified}
