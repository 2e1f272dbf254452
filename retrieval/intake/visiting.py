"""Visiting an entry: its page is fetched and read, and becomes an article, an excerpt, a withdrawal or a failure."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from retrieval.archive.archive import Archive
from retrieval.archive.entries import CAME_WHOLE, OPTED_OUT, EntryRow, EntryState
from retrieval.articles import Article
from retrieval.errors import (
    ArticleRejected,
    BotCheck,
    ExtractionUnavailable,
    FetchFailed,
    HostBlocked,
    HostBusy,
    PageNotFound,
    RobotsForbid,
    UrlBlocked,
)
from retrieval.index.ingest import Indexer, Taken
from retrieval.intake.collecting import Fetch, RunApart
from retrieval.intake.keeping import UNKNOWN, Keeper, Visited, validators
from retrieval.intake.listing import TEXTS, article_of_feed, published_at, speaks_for_itself, without_texts
from retrieval.intake.reading import article_of_page, judge_page
from retrieval.intake.schedule import Dice, next_revisit_at, page_retry
from retrieval.news.extract import Page
from retrieval.news.fetched import Fetched
from retrieval.news.opt_outs import opt_out_reason
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

_NOT_MODIFIED = 304
_NOT_FOUND = 404
_GONE = (_NOT_FOUND, 410)
# Where pages cannot be read at all, for want of memory, they wait this long.
_UNREAD = timedelta(minutes=5)
_PAGES = ("text/html", "application/xhtml+xml", "")


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
        self._worker = worker
        self._indexer = indexer
        self._fetch = fetch
        self._run_apart = run_apart
        self._opts_out = opts_out
        self._attempts = attempts
        self._heed_opt_outs = heed_opt_outs
        self._now = now
        self._dice = dice
        self._keeper = Keeper(archive, worker, indexer, now)

    async def visit(self, entry: EntryRow) -> Visited:
        """Fetch and store what an entry leads to; a failure is noted with the entry, never raised.

        Only after the article is stored is the entry marked: killed in between, the visit is made again and changes
        nothing.
        """
        is_whole = speaks_for_itself(entry)  # the texts are dropped once they are stored, so these are new
        if entry.url is None:
            return await self._store_own(entry, None if is_whole else "its feed gives no address and no whole text")
        try:
            if self._heed_opt_outs and (reason := await self._opts_out(entry.url)) is not None:
                return await self._refuse(entry, reason, withdraws=True)
            if is_whole:
                return await self._store_own(entry, None)
            fetched = await self._fetch(entry.url, etag=entry.etag, last_modified=entry.last_modified)
        except HostBusy as problem:
            return await self._wait(entry, timedelta(seconds=problem.wait_s))
        except RobotsForbid as problem:
            return await (self._refuse if problem.is_read else self._fail)(entry, problem.reason)
        except HostBlocked as problem:  # a captive portal's name servers say so of every host
            return await self._fail(entry, problem.reason)
        except UrlBlocked as problem:
            return await self._keeper.mark(entry, Visited(EntryState.DEAD, problem.reason), next_at=None)
        except FetchFailed as problem:
            return await (self._store_own(entry, None) if is_whole else self._fail(entry, problem.reason))
        if fetched.status == _NOT_MODIFIED and (entry.etag or entry.last_modified):
            if entry.fields.keys() & TEXTS and await self._keeps_excerpt(entry):  # its feed says something else
                return await self._store_own(entry, entry.reason or "its page was not read", fetched)
            return await self._stay(entry, fetched)
        if fetched.status in _GONE:
            return await self._gone(entry, fetched.status)
        if fetched.status != 200:
            return await self._fail(entry, f"its server answers {fetched.status}", fetched.retry_after_s)
        try:
            return await self._read(entry, fetched)
        except ExtractionUnavailable as problem:
            log.warning("entry %d cannot be read: %s", entry.id, problem)
            return await self._wait(entry, _UNREAD)

    async def refusal(self, fetched: Fetched) -> str | None:
        """Say how the publisher keeps what was fetched from machines like this one; None if it does not.

        Raises:
            FetchFailed: its site cannot be asked.
        """
        if not self._heed_opt_outs:
            return None
        said = opt_out_reason(x_robots_tag=fetched.x_robots_tag, tdm_reservation=fetched.tdm_reservation)
        return said or await self._opts_out(fetched.final_url)

    async def _read(self, entry: EntryRow, fetched: Fetched) -> Visited:
        if fetched.media_type not in _PAGES:
            return await self._store_own(entry, f"its page is {fetched.media_type}, not an article", fetched)
        is_read = not entry.fields.get(CAME_WHOLE)  # the page says the same in a template of its own
        try:
            page: str | Page | None = await self._run_apart(
                judge_page, fetched, self._heed_opt_outs, is_read, input=fetched.final_url
            )
            if isinstance(page, str):
                return await self._refuse(entry, page, withdraws=True)
            if page is None:
                return await self._stay(entry, fetched)
            article = await self._worker.run(Lane.INTAKE, article_of_page, page, entry, fetched.final_url)
        except PageNotFound:
            return await self._gone(entry, _NOT_FOUND)
        except BotCheck as problem:
            return await self._fail(entry, problem.reason)
        except ArticleRejected as problem:
            return await self._store_own(entry, problem.reason, fetched)
        return await self._keeper.store(entry, article, Visited(EntryState.KEPT), fetched)

    async def _store_own(self, entry: EntryRow, reason: str | None, fetched: Fetched | None = None) -> Visited:
        """Store what the feed itself says: the whole article where `reason` is None, else an excerpt."""
        is_excerpt = reason is not None
        article = await self._worker.run(Lane.INTAKE, _own_article, entry, is_excerpt)
        if article is None:
            if entry.article_id is not None:  # what it became stays
                return await self._stay(entry, fetched, reason)
            return await self._fail(entry, reason or "its feed gives no title or no text")
        state = EntryState.EXCERPT if is_excerpt else EntryState.KEPT
        return await self._keeper.store(entry, article, Visited(state, reason, is_excerpt), fetched)

    async def _stay(self, entry: EntryRow, fetched: Fetched | None, reason: str | None = None) -> Visited:
        """Leave the article as it is; one that had gone from its address and is there again is shown again."""
        state = entry.state if fetched is None else await self._keeper.show_again(entry)
        reason = reason or (entry.reason if state is EntryState.EXCERPT else None)
        next_at = next_revisit_at(entry.seen_at, published_at(entry.fields), self._now())
        # What its feed says anew counts for nothing beside the whole text, and is not kept for a visit to come.
        columns = {"fields": without_texts(entry.fields), **validators(fetched)}
        return await self._keeper.mark(
            entry, Visited(state, reason), next_at=next_at, failures=0, visits=entry.visits + 1, **columns
        )

    async def _keeps_excerpt(self, entry: EntryRow) -> bool:
        """Whether what its feed said stands in for its page: after failures the entry's state does not tell."""
        kept = None if entry.article_id is None else await self._keeper.kept_state(entry.article_id)
        return kept is EntryState.EXCERPT

    async def _gone(self, entry: EntryRow, status: int) -> Visited:
        reason = f"its page is gone ({status})"
        if status == _NOT_FOUND and entry.visits == 0 and entry.failures + 1 < self._attempts:
            # Some list a page before it is there; meanwhile what the feed says is kept.
            return await self._fail(entry, reason)
        visited, fields = Visited(EntryState.GONE, reason), without_texts(entry.fields)
        if entry.article_id is None:
            return await self._keeper.mark(entry, visited, next_at=None, fields=fields)
        await self._keeper.withdraw(entry, reason)
        next_at = next_revisit_at(entry.seen_at, published_at(entry.fields), self._now())
        return await self._keeper.mark(
            entry, visited, next_at=next_at, failures=0, visits=entry.visits + 1, fields=fields, **UNKNOWN
        )

    async def _refuse(self, entry: EntryRow, reason: str, *, withdraws: bool = False) -> Visited:
        """Keep nothing of a page whose publisher wishes so; what its feed gives away stays, unless it opts out too."""
        if withdraws:
            await self._keeper.withdraw(entry, reason)
            fields = without_texts(entry.fields) | {OPTED_OUT: True}
            return await self._keeper.mark(
                entry, Visited(EntryState.REFUSED, reason), next_at=None, fields=fields, **UNKNOWN
            )
        article = await self._worker.run(Lane.INTAKE, _own_article, entry, True)
        if article is None and (entry.article_id is None or entry.state is EntryState.FAILED):
            fields = without_texts(entry.fields)
            return await self._keeper.mark(entry, Visited(EntryState.REFUSED, reason), next_at=None, fields=fields)
        return await self._store_own(entry, reason)

    async def _wait(self, entry: EntryRow, wait: timedelta) -> Visited:
        """Come again later for what is no fault of the page."""
        return await self._keeper.mark(entry, Visited(entry.state, entry.reason), next_at=self._now() + wait)

    async def _fail(self, entry: EntryRow, reason: str, retry_after_s: float | None = None) -> Visited:
        """Note a failure and when to try again; meanwhile the excerpt that the feed gives stands in."""
        article_id, taken = entry.article_id, Taken()
        if article_id is None:
            article = await self._worker.run(Lane.INTAKE, _own_article, entry, True)
            if article is not None:
                taken = await self._indexer.add([article], entry.scope)
                if taken.refused:
                    return await self._keeper.refuse(entry, taken.refused[0].reason)
                article_id = await self._keeper.kept_id(article.id, entry.scope)
        failures = entry.failures + 1
        is_dead = failures >= self._attempts
        wait = max(page_retry(failures, self._dice), timedelta(seconds=retry_after_s or 0.0))
        state = EntryState.DEAD if is_dead else EntryState.FAILED
        if entry.state is EntryState.GONE:  # that its article was taken back still holds
            state = EntryState.GONE
        elif is_dead and article_id is not None:
            state = await self._keeper.kept_state(article_id)
        next_at = None if is_dead else self._now() + wait
        visited = Visited(state, reason, article_id is not None and entry.visits == 0, taken)
        # Nobody asks for the texts again, unless the operator does so of what has become no article.
        fields = without_texts(entry.fields) if is_dead and article_id is not None else entry.fields
        return await self._keeper.mark(
            entry, visited, next_at=next_at, failures=failures, article_id=article_id, fields=fields
        )


def _own_article(entry: EntryRow, is_excerpt: bool) -> Article | None:
    return article_of_feed(entry, is_excerpt=is_excerpt)
