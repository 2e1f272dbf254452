"""Refusing articles that must not be taken in: forgotten on request, or older than their publisher's are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from retrieval.archive.retention import Retention
from retrieval.archive.scopes import scoped_id
from retrieval.archive.stories import story_of
from retrieval.archive.tombstones import buried, keys_of
from retrieval.articles import Article
from retrieval.errors import ArticleRejected
from retrieval.news.fields import address_id


def refuse(
    connection: Connection, batch: Sequence[Article], retention: Retention, now: datetime, scope: str | None = None
) -> tuple[list[Article], tuple[ArticleRejected, ...]]:
    """Part a batch of a scope into the articles that may be taken in, in order, and why the others may not.

    What was forgotten is kept out of every scope, whichever it was forgotten from.
    """
    keys = [_keys(article, scope) for article in batch]
    dead = buried(connection, (key for of_one in keys for key in of_one))
    taken: list[Article] = []
    refused: list[ArticleRejected] = []
    for article, of_one in zip(batch, keys, strict=True):
        moment = min((dead[key] for key in of_one if key in dead), default=None)
        if moment is not None:
            reason = (
                f"it was forgotten on request on {moment:%Y-%m-%d}; if it may come back: dateline forget --undo, "
                "with the name that was forgotten"
            )
        elif retention.is_over(article.source, article.published_at, now):
            reason = f"it was published on {article.published_at:%Y-%m-%d}, and keep_days keeps articles for less long"
        else:
            taken.append(article)
            continue
        refused.append(ArticleRejected(article.url or article.id, reason))
    return taken, tuple(refused)


def _keys(article: Article, scope: str | None) -> list[str]:
    ids = [article.id, *([address_id(article.url)] if article.url else [])]
    if scope is not None:
        ids.append(scoped_id(article.id, scope))
    return keys_of(ids, article.source, story_of(article.title, article.text))
