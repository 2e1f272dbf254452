"""An article in a list: its title as a link, who published it, when, and how old it is."""

from __future__ import annotations

from datetime import datetime

from bot.rendering.markdown import escaped, link, one_line, shortened
from bot.rendering.text_fragment import link_to_quote
from bot.rendering.wording import dated
from retrieval.articles import Article, CopyOf, published_text

# Widths in UTF-16 code units.
TITLE = 250
PUBLISHER = 100


def headline(article: Article | CopyOf, *, quote: str | None = None) -> str:
    """Write an article's title, linked to its address, or to where the page says `quote`."""
    url = article.url if quote is None else link_to_quote(article.url, quote)
    return link(shortened(one_line(article.title), TITLE) or "Untitled article", url)


def byline(article: Article | CopyOf, at: datetime) -> str:
    """Write who published an article, when, and how old it is at a moment."""
    return (
        f"{publisher(article.source)} · {dated(published_text(article.published_at, article.published_precision), at)}"
    )


def publisher(name: str | None, width: int = PUBLISHER) -> str:
    """Write a publisher's name, as far as known."""
    return escaped(shortened(one_line(name or ""), width)) or "publisher not given"


def counted(count: int, noun: str) -> str:
    """Write a number of things: "1 article", "1,234 articles"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
