"""The archive's tables, in portable SQL; what changes here needs a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in the database (SQLite keeps no zone)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to naive UTC; a naive moment is refused, since its zone would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Mark the stored moment as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

#: The current version of each article, without its text: small rows that date and source filters can read quickly.
articles = Table(
    "articles",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("source", Text),
    Column("source_folded", Text),
    Column("published_at", UtcDateTime),
    Column("published_precision", String(8)),
    Column("added_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # The index generation in which its passages were made; below the manifest's while a rebuild has not reached it.
    Column("generation", Integer, nullable=False),
    # The scheme of `retrieval.news.duplicates` by which its copies were looked for; 0 while nobody has.
    Column("copies_scheme", Integer, nullable=False, server_default="0"),
    # Names the title and the text, without regard to letter case and white space: equal stories are one article.
    Column("story", String(64)),
    # Taken back by its publisher: it has no passages, so nothing finds it.
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_reason", Text),
    # Before this moment it has no passages either.
    Column("held_until", UtcDateTime),
    # Who sees it: NULL is everybody. Given when it is first taken in, and never changed.
    Column("scope", String(64)),
    Index("ix_articles_published_at", "published_at"),
    Index("ix_articles_generation", "generation"),
    Index("ix_articles_copies_scheme", "copies_scheme"),
    Index("ix_articles_story", "story"),
    # Of those alone that are held back: SQLite would look up by it who is not, which are almost all.
    Index("ix_articles_held_until", "held_until", sqlite_where=text("held_until IS NOT NULL")),
    # As well: in most homes everybody sees all articles.
    Index("ix_articles_scope", "scope", sqlite_where=text("scope IS NOT NULL")),
)

#: The scopes, other than everybody's, that any article has.
scopes = Table("scopes", metadata, Column("name", String(64), primary_key=True))

#: Every version ever taken in, named by the hash of its content. Never updated.
versions = Table(
    "versions",
    metadata,
    Column("article_id", String(255), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text),
    Column("url", Text),
    Column("published_at", UtcDateTime),
    Column("published_precision", String(8)),
    Column("authors", JSON, nullable=False),
    Column("language", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("is_excerpt", Boolean(create_constraint=False), nullable=False, server_default="0"),
    Column("usage_terms", Text),
    Column("updated_at", UtcDateTime),
    ForeignKeyConstraint(["article_id"], ["articles.id"]),
)

#: Other ids under which an article came: an address, a publisher's own id, or an equal story under another id.
aliases = Table(
    "aliases",
    metadata,
    Column("alias", String(255), primary_key=True),
    Column("article_id", String(255), nullable=False),
    # "id", or "story": merged because title and text were equal, and parted again once they are not.
    Column("kind", String(8), nullable=False),
    ForeignKeyConstraint(["article_id"], ["articles.id"]),
    Index("ix_aliases_article_id", "article_id"),
)

#: What was forgotten on request and must not come back: the SHA-256 of an article's id or of a publisher's name.
#: Nothing here tells what it was.
tombstones = Table(
    "tombstones",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("forgotten_at", UtcDateTime, nullable=False),
)

#: The passages of current versions. `number` is what the keyword index knows a passage by.
passages = Table(
    "passages",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("article_id", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    ForeignKeyConstraint(["article_id", "version"], ["versions.article_id", "versions.version"]),
    Index("ix_passages_article_id", "article_id"),
)

#: What the vector store has yet to take ("add") or drop ("drop"); written in the transaction that changed `passages`.
pending_vectors = Table(
    "pending_vectors",
    metadata,
    Column("passage_id", String(32), primary_key=True),
    Column("operation", String(4), nullable=False),
    # Where it is to be dropped, see `retrieval.archive.scopes.place_of`: its article may be gone by then.
    Column("place", String(16), nullable=False, server_default=text("''")),
)

#: The passages, by number, whose sentences are yet to be read; written in the transaction that changed `passages`.
pending_sentences = Table(
    "pending_sentences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
)

#: The sentences of passages: where they stand, their own vectors (int8), the passage's entities.
sentences = Table(
    "sentences",
    metadata,
    Column("passage_id", String(32), primary_key=True),
    Column("spans", JSON, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
    Column("entities", JSON, nullable=False),
)

#: What made the index (model, splitter, schema), and its generation.
manifest = Table(
    "manifest",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: What finds an article's copies again: the buckets it stands in, four bytes each, and the day it was published.
#: An article that is too short to be a copy has no row.
copy_signatures = Table(
    "copy_signatures",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("article_id", String(255), nullable=False, unique=True),
    Column("day", Integer, nullable=False),
    Column("buckets", LargeBinary, nullable=False),
    ForeignKeyConstraint(["article_id"], ["articles.id"]),
)

#: The same buckets the other way round: which articles stand in a bucket, by day (0 where undated). Without a row id
#: the primary key is the table: a lookup reads one place, and 100,000 articles take 59 MB instead of 138.
copy_buckets = Table(
    "copy_buckets",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: Two articles, one of which is a copy of the other; the smaller id first. Of two public ones the scope is NULL, else
#: it is that of the one that is not, or of both: no two other scopes are ever linked.
copy_links = Table(
    "copy_links",
    metadata,
    Column("first_id", String(255), primary_key=True),
    Column("second_id", String(255), primary_key=True),
    Column("scope", String(64)),
    ForeignKeyConstraint(["first_id"], ["articles.id"]),
    ForeignKeyConstraint(["second_id"], ["articles.id"]),
    Index("ix_copy_links_second_id", "second_id"),
    Index("ix_copy_links_scope", "scope", sqlite_where=text("scope IS NOT NULL")),
)

#: The public articles that a chain of public links holds together, named by the smallest of their ids; no row without
#: a link. Those of a scope are put together when that scope asks.
copy_groups = Table(
    "copy_groups",
    metadata,
    Column("article_id", String(255), primary_key=True),
    Column("group_id", String(255), nullable=False),
    ForeignKeyConstraint(["article_id"], ["articles.id"]),
    Index("ix_copy_groups_group_id", "group_id"),
)
