"""What a scope sees of the archive as a whole: how much there is, whose it is, how new it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from retrieval.archive.scopes import seen_by
from retrieval.archive.standing import IS_SHOWN
from retrieval.archive.tables import articles, passages
from retrieval.articles import Precision, published_text
from retrieval.passages import IndexSize, Published


def read_size(connection: Connection, scope: str | None, *, sees_all: bool = False) -> IndexSize:
    """Count the articles shown to a scope and their passages, and find the newest publication date.

    With `sees_all` those shown to anybody, for the operator.
    """
    shown = select(func.count()).select_from(articles).where(*_shown(scope, sees_all))
    article_count = connection.scalar(shown) or 0
    passage_count = count_passages(connection, scope, sees_all=sees_all)
    newest = read_newest(connection, scope, known_by=None, sees_all=sees_all)
    if newest is None:
        return IndexSize(article_count, passage_count, None)
    return IndexSize(article_count, passage_count, newest.at, published_text(newest.at, newest.precision))


def count_passages(connection: Connection, scope: str | None, *, sees_all: bool = False) -> int:
    """Count the passages of the articles that a scope sees, or all."""
    total = connection.scalar(select(func.count()).select_from(passages)) or 0
    if sees_all:
        return total
    # Those that it does not see are few, and found by the index of articles that have a scope.
    of_articles = select(func.count()).select_from(articles).join(passages, passages.c.article_id == articles.c.id)
    unseen = of_articles.where(articles.c.scope.is_not(None))
    if scope is not None:
        unseen = unseen.where(articles.c.scope != scope)
    return total - (connection.scalar(unseen) or 0)


def read_sources(connection: Connection, scope: str | None) -> tuple[str, ...]:
    """List the publishers of the articles shown to a scope, each once, in order."""
    named = select(articles.c.source).distinct().where(articles.c.source.is_not(None), *_shown(scope, False))
    return tuple(sorted(connection.scalars(named)))


def read_newest(
    connection: Connection, scope: str | None, *, known_by: datetime | None, sees_all: bool = False
) -> Published | None:
    """Find when the newest article shown to a scope was published, of those published by then; None without a date."""
    dated = select(articles.c.published_at, articles.c.published_precision)
    dated = dated.where(articles.c.published_at.is_not(None), *_shown(scope, sees_all))
    if known_by is not None:
        dated = dated.where(articles.c.published_at <= known_by)
    row = connection.execute(dated.order_by(articles.c.published_at.desc()).limit(1)).first()
    return None if row is None else Published(row.published_at, Precision(row.published_precision))


def _shown(scope: str | None, sees_all: bool) -> list[ColumnElement[bool]]:
    return [*IS_SHOWN] if sees_all else [seen_by(scope), *IS_SHOWN]
