"""An article on a card: its title as a link, who published it, when, and how old it is."""

from __future__ import annotations

from datetime import datetime

from bot.locales.speaking import say
from bot.rendering.markdown import escaped, link, one_line, shortened
from bot.rendering.text_fragment import link_to_quote
from bot.rendering.wording import dated
from retrieval.articles import Article, CopyOf, published_text

# Widths in UTF-16 code units.
TITLE = 250
PUBLISHER = 100


def headline(article: Article | CopyOf, *, quote: str | None = None) -> str:
    """Write an article's title, linked to its address, or to where the page says `quote`."""
    return title_link(article.title, article.url if quote is None else link_to_quote(article.url, quote))


def title_link(title: str, url: str | None) -> str:
    """Write a title, linked to an address."""
    return link(shortened(one_line(title), TITLE) or say("Untitled article"), url)


def byline(article: Article | CopyOf, at: datetime) -> str:
    """Write who published an article, when, and how old it is at a moment."""
    return source_and_date(article.source, published_text(article.published_at, article.published_precision), at)


def excerpted(line: str) -> str:
    """Mark the line of an article of which only an excerpt is held."""
    return say("{article} (excerpt)", article=line)


def source_and_date(source: str | None, published: str | None, at: datetime) -> str:
    """Write a publisher, a date of the JSON contract, and its age at a moment."""
    return f"{publisher(source)} · {dated(published, at)}"


def publisher(name: str | None, width: int = PUBLISHER) -> str:
    """Write a publisher's name, as far as known."""
    return escaped(shortened(one_line(name or ""), width)) or say("publisher not given")
