"""How plain text names sources: [1][2], and publisher with day."""

from __future__ import annotations

from collections.abc import Iterable

from retrieval.articles import Article, published_text


def marks(citations: Iterable[int]) -> str:
    """Write [1][2]."""
    return "".join(f"[{n}]" for n in citations)


def who_and_when(article: Article) -> str:
    """Name an article's publisher and the date of publication, each as far as known."""
    when = published_text(article.published_at, article.published_precision)
    return ", ".join([article.source or "publisher not given", *([when[:10]] if when else [])])
