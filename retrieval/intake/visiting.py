"""Visiting an entry: its page is fetched and read, and becomes an article, an excerpt, a withdrawal or a failure."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from retrieval.archive.aliases import AliasLedger
from retrieval.archive.archive import Archive
from retrieval.archive.entry_ledger import EntryLedger, EntryRow, EntryState
from retrieval.articles import Article
from retrieval.errors import ArticleRejected, FetchFailed, HostBusy, RobotsForbid, UrlBlocked
from retrieval.index.ingest import Indexer, Taken
from retrieval.intake.collecting import Fetch, RunApart
from retrieval.intake.listing import CAME_WHOLE, article_of_feed, published_at, speaks_for_itself, without_texts
from retrieval.intake.schedule import Dice, next_revisit_at, page_retry
from retrieval.news.canonical import same_site
from retrieval.news.extract import Page, read_page
from retrieval.news.fetched import Fetched
from retrieval.news.fields import address_id, make_article
from retrieval.news.opt_outs import opt_out_reason
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

_NOT_MODIFIED = 304
_NOT_FOUND = 404
_GONE = (_NOT_FOUND, 410)
_PAGES = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit came to.

    Attributes:
        state: the entry's, from now on.
        reason: why its article is not kept whole; None if it is.
        taken: what that did to the archive.
    """

    state: EntryState
    reason: str | None = None
    taken: Taken = field(default_factory=Taken)


class Visitor:
    """Visits entries one by one. Uses what it is given and closes nothing."""

    def __init__(
        self,
        archive: Archive,
        worker: Worker,
        indexer: Indexer,
        fetch: Fetch,
        run_apart: RunApart,
        opts_out: Callable[[str], Awaitable[str | None]],
        *,
        attempts: int,
        heed_opt_outs: bool,
        now: Callable[[], datetime],
        dice: Dice,
    ) -> None:
        """Wire it.

        Args:
            archive: where entries are recorded.
            worker: runs what blocks.
            indexer: takes articles in.
            fetch: fetches a page.
            run_apart: reads pages in another process.
            opts_out: says how the site of an address keeps it from machines like this one, or None.
            attempts: an entry is given up after this many failures in a row, >= 1.
            heed_opt_outs: whether pages whose publishers do not want them used are left out.
            now: the clock.
            dice: uniform in 0..1.
        """
        self._archive = archive
        self._worker = worker
        self._indexer = indexer
        self._fetch = fetch
        self._run_apart = run_apart
        self._opts_out = opts_out
        self._attempts = attempts
        self._heed_opt_outs = heed_opt_outs
        self._now = now
        self._dice = dice
        self._entries = EntryLedger()
        self._aliases = AliasLedger()

    async def visit(self, entry: EntryRow) -> Visited:
        """Fetch and store what an entry leads to; a failure is noted with the entry, never raised.

        Only after the article is stored is the entry marked: killed in between, the visit is made again and changes
        nothing.
        """
        if speaks_for_itself(entry):  # the texts are dropped once they are stored, so these are new
            return await self._store_own(entry, None)
        if entry.url is None:
            return await self._store_own(entry, "its feed gives no address and no whole text")
        try:
            if self._heed_opt_outs and (reason := await self._opts_out(entry.url)) is not None:
                return await self._refuse(entry, reason, withdraws=True)
            fetched = await self._fetch(entry.url, etag=entry.etag, last_modified=entry.last_modified)
        except HostBusy as problem:
            later = self._now() + timedelta(seconds=problem.wait_s)
            return await self._mark(entry, Visited(entry.state, entry.reason), next_at=later)
        except RobotsForbid as problem:
            return await self._refuse(entry, problem.reason)
        except UrlBlocked as problem:
            return await self._mark(entry, Visited(EntryState.DEAD, problem.reason), next_at=None)
        except FetchFailed as problem:
            return await self._fail(entry, problem.reason)
        if fetched.status == _NOT_MODIFIED:
            return await self._stay(entry, fetched)
        if fetched.status in _GONE:
            return await self._gone(entry, fetched.status)
        if fetched.status != 200:
            return await self._fail(entry, f"its server answers {fetched.status}", fetched.retry_after_s)
        if entry.fields.get(CAME_WHOLE):  # the page says the same in a template of its own
            return await self._stay(entry, fetched)
        return await self._read(entry, fetched)

    async def _read(self, entry: EntryRow, fetched: Fetched) -> Visited:
        if fetched.media_type not in _PAGES:
            return await self._store_own(entry, f"its page is {fetched.media_type}, not an article", fetched)
        try:
            page: Page = await self._run_apart(_read_page, fetched, input=fetched.final_url)
        except ArticleRejected as problem:
            return await self._store_own(entry, problem.reason, fetched)
        if page.opts_out is not None and self._heed_opt_outs:
            return await self._refuse(entry, page.opts_out, withdraws=True)
        try:
            article = await self._worker.run(Lane.INTAKE, _article_of_page, page, entry, fetched.final_url)
        except ArticleRejected as problem:
            return await self._store_own(entry, problem.reason, fetched)
        return await self._store(entry, article, Visited(EntryState.KEPT), fetched)

    async def _store_own(self, entry: EntryRow, reason: str | None, fetched: Fetched | None = None) -> Visited:
        """Store what the feed itself says: the whole article where `reason` is None, else an excerpt."""
        is_excerpt = reason is not None
        article = await self._worker.run(Lane.INTAKE, _own_article, entry, is_excerpt)
        if article is None:
            if entry.article_id is not None:  # what it became stays
                return await self._stay(entry, fetched, reason)
            return await self._fail(entry, reason or "its feed gives no title or no text")
        state = EntryState.EXCERPT if is_excerpt else EntryState.KEPT
        return await self._store(entry, article, Visited(state, reason), fetched)

    async def _store(self, entry: EntryRow, article: Article, visited: Visited, fetched: Fetched | None) -> Visited:
        taken = await self._indexer.add([article])
        if taken.refused:
            return await self._mark(entry, Visited(EntryState.REFUSED, taken.refused[0].reason), next_at=None)
        return await self._worker.run(Lane.INTAKE, self._keep, entry, article, replace(visited, taken=taken), fetched)

    def _keep(self, entry: EntryRow, article: Article, visited: Visited, fetched: Fetched | None) -> Visited:
        now = self._now()
        with self._archive.writing() as connection:
            led = self._aliases.resolve(connection, [article.id]).get(article.id)
            article_id = article.id if led is None else led[0]
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
            columns |= _validators(fetched)
            self._entries.set(connection, entry.id, now=now, **columns)
        return visited

    async def _stay(self, entry: EntryRow, fetched: Fetched | None, reason: str | None = None) -> Visited:
        """Leave the article as it is; one that had gone from its address and is there again is shown again."""
        state = entry.state
        if entry.article_id is not None and state in (EntryState.GONE, EntryState.FAILED, EntryState.DEAD):
            await self._indexer.show_again([entry.article_id])
            state = EntryState.KEPT
        reason = reason or (entry.reason if state is EntryState.EXCERPT else None)
        next_at = next_revisit_at(entry.seen_at, published_at(entry.fields), self._now())
        columns = _validators(fetched)
        return await self._mark(
            entry, Visited(state, reason), next_at=next_at, failures=0, visits=entry.visits + 1, **columns
        )

    async def _gone(self, entry: EntryRow, status: int) -> Visited:
        reason = f"its page is gone ({status})"
        if status == _NOT_FOUND and entry.visits == 0 and entry.failures + 1 < self._attempts:
            # Some list a page before it is there; meanwhile what the feed says is kept.
            return await self._fail(entry, reason)
        if entry.article_id is None:
            return await self._mark(entry, Visited(EntryState.GONE, reason), next_at=None)
        await self._indexer.withdraw(entry.article_id, reason)
        next_at = next_revisit_at(entry.seen_at, published_at(entry.fields), self._now())
        return await self._mark(entry, Visited(EntryState.GONE, reason), next_at=next_at, visits=entry.visits + 1)

    async def _refuse(self, entry: EntryRow, reason: str, *, withdraws: bool = False) -> Visited:
        """Keep nothing of a page whose publisher wishes so; what its feed gives away stays, unless it opts out too."""
        if withdraws:
            if entry.article_id is not None:
                await self._indexer.withdraw(entry.article_id, reason)
            return await self._mark(
                entry, Visited(EntryState.REFUSED, reason), next_at=None, fields=without_texts(entry.fields)
            )
        visited = await self._store_own(entry, reason)
        if visited.state is EntryState.FAILED:
            return await self._mark(entry, Visited(EntryState.REFUSED, reason), next_at=None)
        return visited

    async def _fail(self, entry: EntryRow, reason: str, retry_after_s: float | None = None) -> Visited:
        """Note a failure and when to try again; meanwhile the excerpt that the feed gives stands in."""
        article_id = entry.article_id
        if article_id is None:
            article = await self._worker.run(Lane.INTAKE, _own_article, entry, True)
            if article is not None and not (await self._indexer.add([article])).refused:
                article_id = article.id
        failures = entry.failures + 1
        is_dead = failures >= self._attempts
        wait = max(page_retry(failures, self._dice), timedelta(seconds=retry_after_s or 0.0))
        state = EntryState.DEAD if is_dead else EntryState.FAILED
        if is_dead and article_id is not None:
            state = EntryState.EXCERPT if entry.visits == 0 else EntryState.KEPT
        next_at = None if is_dead else self._now() + wait
        return await self._mark(
            entry, Visited(state, reason), next_at=next_at, failures=failures, article_id=article_id
        )

    async def _mark(self, entry: EntryRow, visited: Visited, **columns: Any) -> Visited:
        def write() -> None:
            with self._archive.writing() as connection:
                self._entries.set(
                    connection, entry.id, now=self._now(), state=visited.state, reason=visited.reason, **columns
                )

        await self._worker.run(Lane.INTAKE, write)
        if visited.reason is not None:
            log.info("entry %d (%s): %s, %s", entry.id, entry.url, visited.state, visited.reason)
        return visited


def _read_page(fetched: Fetched) -> Page:
    reason = opt_out_reason(
        x_robots_tag=fetched.x_robots_tag, tdm_reservation=fetched.tdm_reservation, page=fetched.body
    )
    page = read_page(fetched.body, input=fetched.final_url, url=fetched.final_url)
    return page if reason is None else replace(page, opts_out=reason)


def _article_of_page(page: Page, entry: EntryRow, final_url: str) -> Article:
    """Make the article of a page; what the page does not say is taken from what its feed says."""
    said = entry.fields
    url = str(page.fields.get("url") or final_url)
    fields: dict[str, object] = {**page.fields, "url": url}
    for name in ("title", "published", "updated", "authors", "language"):
        if not fields.get(name):
            fields[name] = said.get(name)
    if entry.feed_source and entry.feed_url and same_site(url, entry.feed_url):
        fields["source"] = entry.feed_source
    elif not fields.get("source"):
        fields["source"] = said.get("source")
    return make_article({**fields, "id": address_id(url)}, input=url, language_otherwise=page.language_otherwise)


def _own_article(entry: EntryRow, is_excerpt: bool) -> Article | None:
    return article_of_feed(entry, is_excerpt=is_excerpt)


def _validators(fetched: Fetched | None) -> Mapping[str, str | None]:
    if fetched is None or fetched.status == _NOT_MODIFIED:
        return {}
    return {"etag": fetched.etag, "last_modified": fetched.last_modified}
