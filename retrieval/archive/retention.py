"""Retention: how many days articles are kept, and which of them have been kept long enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from retrieval.archive.tables import articles


@dataclass(frozen=True, slots=True)
class Retention:
    """How long articles are kept, by their publishers.

    Attributes:
        keep_days: for all publishers that `by_source` does not name; 0 is for ever.
        by_source: casefolded name of a publisher -> its days; 0 is for ever.
    """

    keep_days: int = 0
    by_source: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(keep_days: int, by_source: Mapping[str, int]) -> Retention:
        """Make one from names as people write them."""
        return Retention(keep_days, {name.casefold(): days for name, days in by_source.items()})

    def is_over(self, source: str | None, published_at: datetime | None, now: datetime) -> bool:
        """Whether an article that comes now is older than it would be kept; never one without a date."""
        days = self.by_source.get(source.casefold() if source else "", self.keep_days)
        return bool(days) and published_at is not None and published_at < now - timedelta(days=days)


def expired(connection: Connection, retention: Retention, now: datetime, *, limit: int) -> list[str]:
    """List up to `limit` articles that were published, or without a date taken in, longer ago than they are kept."""
    dated = func.coalesce(articles.c.published_at, articles.c.added_at)
    folded = func.coalesce(articles.c.source_folded, "")
    over: list[ColumnElement[bool]] = [
        and_(folded == name, dated < now - timedelta(days=days)) for name, days in retention.by_source.items() if days
    ]
    if retention.keep_days:
        others = folded.not_in(list(retention.by_source))
        over.append(and_(others, dated < now - timedelta(days=retention.keep_days)))
    if not over:
        return []
    return list(connection.scalars(select(articles.c.id).where(or_(*over)).limit(limit)))
