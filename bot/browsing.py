"""What can be looked up beside asking: the newest articles, a story's steps, publishers, and where quotes come from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.answering.listing import Latest, Listed, ListedPublisher, limit_quotes, list_newest
from bot.answering.questions import Question
from bot.answering.quote_limits import QuoteLimits
from bot.answering.said_limits import read_limits
from bot.answering.timeline import Timeline, build_timeline
from bot.feed_facts import read_feed_names
from retrieval.build import Engine
from retrieval.search.quotes import QuoteFindings
from retrieval.worker import Lane

#: A topic is a few words.
TOPIC_LIMIT_CHARS = 300
# More are not read in one message; the rest is counted.
_MOST_NEWEST = 10


class Browsing:
    """Looks things up in the open engine of one home, for those who see a scope. Closes nothing.

    A scope is whoever asks by what they see beside the public feeds: "guild:<id>" for a server, None for nobody's own.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        check: Callable[[], None],
        quote_limits: QuoteLimits | None = None,
    ) -> None:
        """Wire it.

        Args:
            engine: the open engine.
            now: the clock, aware UTC.
            check: raises IndexUnfinished while the index is being rebuilt.
            quote_limits: how much of each publisher's words may be shown; None for as much as there is.
        """
        self._engine = engine
        self._now = now
        self._check = check
        self._quote_limits = quote_limits or QuoteLimits()

    async def latest(self, topic: str | None, scope: str | None) -> Latest:
        """List the newest articles, on a topic or, where that is None, at all.

        Raises:
            IndexUnfinished, QueueFull, ArchiveUnreadable, VectorStoreUnavailable.
        """
        self._check()
        browser, known_by = self._engine.browser, self._now()
        if topic is None:
            newest = await browser.newest(known_by=known_by, scope=scope, limit=_MOST_NEWEST)
        else:
            newest = await browser.newest_about(topic, known_by=known_by, scope=scope, limit=_MOST_NEWEST)
        # Splitting sentences takes time too.
        return await self._engine.worker.run(Lane.QUESTION, list_newest, topic, newest, self._quote_limits)

    async def timeline(self, topic: Question) -> Timeline:
        """Tell the story of a topic in dated steps; see `build_timeline`.

        Raises:
            IndexUnfinished; and what `build_timeline` raises.
        """
        self._check()
        return await build_timeline(
            self._engine.retriever, topic, question_limit_chars=TOPIC_LIMIT_CHARS, quote_limits=self._quote_limits
        )

    async def listed(self, scope: str | None) -> Listed:
        """List the publishers, those with most articles first, and the names of the feeds that are followed.

        Raises:
            QueueFull, ArchiveUnreadable.
        """
        publishers = await self._engine.browser.publishers(known_by=self._now(), scope=scope)
        feeds = await self._engine.worker.run(Lane.QUESTION, read_feed_names, self._engine.archive, scope)
        told = [ListedPublisher(one.name, one.articles, one.newest and one.newest.day_text) for one in publishers]
        return Listed(tuple(told), feeds)

    async def source_names(self, scope: str | None) -> tuple[str, ...]:
        """List the names of the publishers, those with most articles first.

        Raises:
            QueueFull, ArchiveUnreadable.
        """
        publishers = await self._engine.browser.publishers(known_by=self._now(), scope=scope)
        return tuple(one.name for one in publishers if one.name)

    async def quotes(self, message: str, scope: str | None) -> QuoteFindings:
        """Find where the quotes of a message come from; no publisher's words are given beyond what it allows.

        Raises:
            IndexUnfinished, QueueFull, ArchiveUnreadable.
        """
        self._check()
        findings = await self._engine.quotes.find(message, known_by=self._now(), scope=scope)
        return limit_quotes(findings, self._quote_limits)

    async def limits(self, since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
        """Read the dates by which somebody limits what they want; dates in words take a while (70 ms).

        Raises:
            LimitUnreadable, LimitsReversed, QueueFull.
        """
        if since is None and until is None:
            return None, None
        return await self._engine.worker.run(Lane.QUESTION, read_limits, since, until, now=self._now())
