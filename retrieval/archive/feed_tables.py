"""The tables of feeds and of what they list, in the archive's own database; changes need a migration too."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text, text

from retrieval.archive.tables import UtcDateTime, metadata

#: Where we fetch: a feed, a site's news sitemap, a single page or a watched folder. How it does is kept beside it.
feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # Its number among those of its scope, from 1: its id would tell a server how many feeds others have.
    Column("number", Integer, nullable=False),
    # Where it is fetched now, after permanent moves, and as the operator named it.
    Column("url", Text, nullable=False),
    Column("given_url", Text, nullable=False),
    # "feed", "sitemap", "page" or "folder".
    Column("kind", String(8), nullable=False),
    Column("title", Text),
    # The publisher's name, where the operator gives one.
    Column("source", Text),
    Column("tags", JSON, nullable=False),
    # Who sees it: NULL is everybody.
    Column("scope", String(64)),
    # "active", "paused" (by the operator), "broken" (tried daily only), "ended" (410) or "removed" (stays removed).
    Column("state", String(8), nullable=False),
    Column("state_reason", Text),
    Column("added_at", UtcDateTime, nullable=False),
    Column("interval_s", Integer, nullable=False),
    # When it is fetched next; NULL for never.
    Column("next_at", UtcDateTime),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("tried_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    # Failures in a row, and the last one's reason.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("problem", Text),
    Index("ix_feeds_next_at", "next_at"),
    # Once among all public feeds, and once in each scope: NULLs are never equal, so the second holds for scopes only.
    Index("ix_feeds_url", "url", unique=True, sqlite_where=text("scope IS NULL")),
    Index("ix_feeds_scope", "scope", "url", unique=True),
)

#: What feeds list, one row for each story and scope however many feeds list it, recorded before its page is fetched.
entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # The canonical address; NULL where the feed gives none.
    Column("url", Text),
    # That of the feeds that list it: who sees its article.
    Column("scope", String(64)),
    # The host of the address: hosts are visited by turns.
    Column("host", Text),
    # "new", "kept", "excerpt", "failed" (tried again), "dead" (not tried again), "refused" (as its publisher wishes)
    # or "gone".
    Column("state", String(8), nullable=False),
    # When it is fetched next; NULL for never.
    Column("next_at", UtcDateTime),
    # Failures in a row, fetches that succeeded, and what the last failure was.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("visits", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("article_id", String(255)),
    # What the feed said of it: title, date, authors, summary, content.
    Column("fields", JSON, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_entries_next_at", "next_at"),
    Index("ix_entries_article_id", "article_id"),
    Index("ix_entries_state", "state"),
    Index("ix_entries_url", "url", unique=True, sqlite_where=text("scope IS NULL")),
    Index("ix_entries_scope", "scope", "url", unique=True),
)

#: Which feed lists which entry, under the name that the feed gives it: its guid, else its address.
entry_feeds = Table(
    "entry_feeds",
    metadata,
    Column("feed_id", Integer, primary_key=True, autoincrement=False),
    Column("key", String(64), primary_key=True),
    Column("entry_id", Integer, nullable=False),
    # The SHA-256 of what this feed says of it, to tell when it says something else.
    Column("said", String(64), nullable=False),
    ForeignKeyConstraint(["feed_id"], ["feeds.id"]),
    ForeignKeyConstraint(["entry_id"], ["entries.id"]),
    Index("ix_entry_feeds_entry_id", "entry_id"),
)
