"""What a feed says of an entry, as it is recorded; and the article that can be made of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from retrieval.archive.entries import CAME_WHOLE, OPTED_OUT, EntryRow, Listing
from retrieval.archive.tombstones import buried, keys_of
from retrieval.articles import Article, published_text
from retrieval.errors import ArticleRejected
from retrieval.news.canonical import same_site
from retrieval.news.dates import parse_published
from retrieval.news.entries import Entry, is_whole, without_invitation
from retrieval.news.fields import address_id, file_id, make_article

#: What of an entry's fields is text, and stands in the archive once there is an article.
TEXTS = ("summary", "content")


def listing_of(entry: Entry, feed_url: str) -> Listing | None:
    """Write down an entry of a feed; None for one that has no name, and so could not be known again."""
    if entry.guid is None and entry.url is None:
        return None
    fields: dict[str, Any] = {
        "title": entry.title,
        "published": published_text(entry.published_at, entry.published_precision),
        "updated": None if entry.updated_at is None else entry.updated_at.isoformat(),
        "authors": list(entry.authors),
        "language": entry.language,
        "source": entry.source,
        "summary": entry.summary,
        "content": entry.content,
        "is_whole": is_whole(entry),
    }
    is_own = entry.url is None or same_site(entry.url, feed_url)
    return Listing(entry.guid, entry.url, {name: value for name, value in fields.items() if value}, is_own)


def without_forgotten(connection: Connection, listings: Sequence[Listing]) -> list[Listing]:
    """Leave out, before anything of them is written down, entries whose address or publisher was forgotten."""
    keys = [keys_of([address_id(one.url)] if one.url else [], one.fields.get("source"), None) for one in listings]
    dead = buried(connection, [key for of_one in keys for key in of_one])
    return [one for one, of_one in zip(listings, keys, strict=True) if dead.keys().isdisjoint(of_one)]


def listing_apart(entry: Entry, title: str | None, site: str | None) -> Listing | None:
    """Write down an entry of a feed that is not followed; of its own articles, the feed's title names the publisher."""
    is_own = entry.url is None or (site is not None and same_site(entry.url, site))
    named = replace(entry, source=entry.source or title) if is_own else entry
    return listing_of(named, site or "")


def without_texts(fields: dict[str, Any], *, came_whole: bool = False) -> dict[str, Any]:
    """Leave out the texts of an entry, once its article holds them; note whether they were the whole of it.

    That it was left out as its publisher wished is noted no more either: it was visited since.
    """
    kept = {name: value for name, value in fields.items() if name not in (*TEXTS, OPTED_OUT)}
    return kept | {CAME_WHOLE: True} if came_whole else kept


def published_at(fields: dict[str, Any]) -> datetime | None:
    """Give the moment of publication that a feed says; None if it says none."""
    return parse_published(fields["published"])[0] if fields.get("published") else None


def speaks_for_itself(entry: EntryRow) -> bool:
    """Whether a feed gives the whole text of its own article; a feed is not believed about another site's."""
    if not entry.fields.get("content") or not entry.fields.get("is_whole"):
        return False
    return entry.url is None or (entry.feed_url is not None and same_site(entry.url, entry.feed_url))


def article_of_feed(entry: EntryRow, *, is_excerpt: bool) -> Article | None:
    """Make an article of what a feed says alone; None if that is no title or no text.

    What one site's feed says of another site's page is kept under the feed, as said by the feed, so that it never
    stands in for the page itself. The publisher is the one that the operator named, else the one that the feed names
    of its own articles, else the feed by its title.
    """
    said = entry.fields
    text = said.get("content") or said.get("summary")
    if not said.get("title") or not text:
        return None
    is_own = entry.url is None or entry.feed_url is None or same_site(entry.url, entry.feed_url)
    # Not its feed's address, which changes when the feed moves, nor its number alone, which is given anew some day.
    own_id = file_id(f"{entry.seen_at.isoformat()}\0{entry.id}".encode())
    made = {
        "title": said["title"],
        "text": without_invitation(text),
        "url": entry.url,
        "source": entry.feed_source or (said.get("source") if is_own else None) or entry.feed_title,
        "published": said.get("published"),
        # A date to come would keep the page's own text out as the older one.
        "updated": said.get("updated") if is_own else None,
        "authors": said.get("authors"),
        "language": said.get("language"),
    }
    if not is_own or entry.url is None:
        made["id"] = own_id
    try:
        article = make_article(made, input=entry.url or entry.feed_url or "", own_id=own_id)
    except ArticleRejected:
        return None
    return replace(article, is_excerpt=is_excerpt)
