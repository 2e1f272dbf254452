"""Scopes: articles, entries and feeds that not everybody sees, and links between copies of them.

All that a home holds so far is public. Tables whose addresses were unique by themselves are made anew: 100,000 entries
take a second.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PRIVATE = sa.text("scope IS NOT NULL")
_PUBLIC = sa.text("scope IS NULL")
# The columns of each table as they were, in order, without the new ones.
_FEEDS = (
    "id, url, given_url, kind, title, source, tags, state, state_reason, added_at, interval_s, next_at, etag, "
    "last_modified, tried_at, succeeded_at, failures, problem"
)
_ENTRIES = (
    "id, url, host, state, next_at, failures, visits, reason, article_id, fields, etag, last_modified, seen_at, "
    "changed_at"
)
_LISTED = "feed_id, key, entry_id, said"


def upgrade() -> None:
    """Add the columns, and make the tables of feeds anew."""
    op.add_column("articles", sa.Column("scope", sa.String(64)))
    op.create_index("ix_articles_scope", "articles", ["scope"], sqlite_where=_PRIVATE)
    op.create_table(
        "scopes",
        sa.Column("name", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_scopes"),
    )
    op.add_column("pending_vectors", sa.Column("place", sa.String(16), nullable=False, server_default=sa.text("''")))
    op.add_column("copy_links", sa.Column("scope", sa.String(64)))
    op.create_index("ix_copy_links_scope", "copy_links", ["scope"], sqlite_where=_PRIVATE)
    _put_aside()
    _create_feeds(sa.Column("number", sa.Integer, nullable=False))
    _create_entries(sa.Column("scope", sa.String(64)))
    _create_listed()
    for table in ("feeds", "entries"):
        op.create_index(f"ix_{table}_url", table, ["url"], unique=True, sqlite_where=_PUBLIC)
        op.create_index(f"ix_{table}_scope", table, ["scope", "url"], unique=True)
    _take_back(f"{_FEEDS}, number", f"{_FEEDS}, id", _ENTRIES)


def _put_aside() -> None:
    # In the database itself, which overwrites what is deleted; what refers to others goes first, so that nobody then
    # refers to what is dropped.
    for table in ("entry_feeds", "entries", "feeds"):
        op.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        op.drop_table(table)


def _take_back(feeds: str, kept_feeds: str, entries: str) -> None:
    op.execute(f"INSERT INTO feeds ({feeds}) SELECT {kept_feeds} FROM kept_feeds")
    op.execute(f"INSERT INTO entries ({entries}) SELECT {entries} FROM kept_entries")
    op.execute(f"INSERT INTO entry_feeds ({_LISTED}) SELECT {_LISTED} FROM kept_entry_feeds")
    for table in ("entry_feeds", "entries", "feeds"):
        op.execute(f"DROP TABLE kept_{table}")


def _create_feeds(*more: sa.Column[int] | sa.UniqueConstraint) -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("given_url", sa.Text, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("scope", sa.String(64)),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("state_reason", sa.Text),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("interval_s", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("tried_at", sa.DateTime),
        sa.Column("succeeded_at", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        *more,
    )
    op.create_index("ix_feeds_next_at", "feeds", ["next_at"])


def _create_entries(*more: sa.Column[str] | sa.UniqueConstraint) -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("host", sa.Text),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("next_at", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("visits", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text),
        sa.Column("article_id", sa.String(255)),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        *more,
    )
    for name in ("next_at", "article_id", "state"):
        op.create_index(f"ix_entries_{name}", "entries", [name])


def _create_listed() -> None:
    op.create_table(
        "entry_feeds",
        sa.Column("feed_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.Column("said", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "key", name="pk_entry_feeds"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_entry_feeds_feed_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_entry_feeds_entry_id"),
    )
    op.create_index("ix_entry_feeds_entry_id", "entry_feeds", ["entry_id"])


def downgrade() -> None:
    """Drop them again; for tests of earlier homes, in which all is public."""
    _put_aside()
    _create_feeds(sa.UniqueConstraint("url"))
    _create_entries(sa.UniqueConstraint("url"))
    _create_listed()
    _take_back(_FEEDS, _FEEDS, _ENTRIES)
    op.drop_index("ix_copy_links_scope", "copy_links")
    op.drop_column("copy_links", "scope")
    op.drop_column("pending_vectors", "place")
    op.drop_table("scopes")
    op.drop_index("ix_articles_scope", "articles")
    op.drop_column("articles", "scope")
