"""What the commands beside /ask need of the engine."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.answering.listing import Latest, Listed
from bot.answering.questions import Question
from bot.answering.timeline import Timeline
from retrieval.search.quotes import QuoteFindings


class LooksUp(Protocol):
    """Looks things up for those who see a scope; see `bot.browsing.Browsing`."""

    async def latest(self, topic: str | None, scope: str | None) -> Latest:
        """List the newest articles, on a topic or at all."""
        ...

    async def timeline(self, topic: Question) -> Timeline:
        """Tell the story of a topic."""
        ...

    async def listed(self, scope: str | None) -> Listed:
        """List the publishers and the feeds."""
        ...

    async def source_names(self, scope: str | None) -> tuple[str, ...]:
        """List the names of the publishers."""
        ...

    async def quotes(self, message: str, scope: str | None) -> QuoteFindings:
        """Find where the quotes of a message come from."""
        ...

    async def limits(self, since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
        """Read the dates by which somebody limits what they want."""
        ...
