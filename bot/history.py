"""The history of an article: every version that was kept, and what each changed in the one before."""

from __future__ import annotations

import difflib
from typing import Any

from retrieval.archive.archive import Archive
from retrieval.articles import Article, published_text
from retrieval.errors import ArticleUnknown
from retrieval.news.canonical import canonical_url
from retrieval.news.fields import address_id
from retrieval.news.links import check_url

# Comparing takes quadratic time; 4,000 lines took 0.15 s.
_MAX_LINES = 4_000


def read_history(archive: Archive, name: str) -> dict[str, Any]:
    """Tell every version of an article, oldest first, as plain values.

    Args:
        archive: where it is kept.
        name: its address, or an id under which it ever came.

    Returns:
        "id", and "versions": each with "stored_at", "title", "published_at" and "changes", the lines of a unified
        diff of title and text against the version before (none for the first).

    Raises:
        ArticleUnknown: the archive holds none of this name.
    """
    current = archive.current(name)
    if current is None:
        try:
            current = archive.current(address_id(canonical_url(check_url(name))))
        except ValueError:
            current = None
    if current is None:
        raise ArticleUnknown(name)
    told: list[dict[str, Any]] = []
    before: Article | None = None
    for version, stored_at in archive.history(current.id):
        article = archive.read(current.id, version)
        assert article is not None, "a version of the history is not in the archive"
        told.append(
            {
                "version": version,
                "stored_at": stored_at.isoformat(),
                "title": article.title,
                "published_at": published_text(article.published_at, article.published_precision),
                "is_excerpt": article.is_excerpt,
                "changes": [] if before is None else _changes(before, article),
            }
        )
        before = article
    return {"id": current.id, "versions": told}


def _changes(before: Article, after: Article) -> list[str]:
    old, new = _lines(before), _lines(after)
    if max(len(old), len(new)) > _MAX_LINES:
        return [f"+ changed; it has more than {_MAX_LINES:,} lines, which are too many to compare"]
    compared = difflib.unified_diff(old, new, "before", "after", n=0, lineterm="")
    return [line for line in compared if not line.startswith(("---", "+++", "@@"))]


def _lines(article: Article) -> list[str]:
    return [article.title, *(line for line in article.text.split("\n") if line)]
