"""Intake: feeds and what they list, other names of articles, what was withdrawn, held back or forgotten.

Each current article's story is named here, which reads its text: 0.2 s for a thousand articles.
"""

import sqlalchemy as sa
from alembic import op

from retrieval.archive.stories import story_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROWS = 500


def upgrade() -> None:
    """Create the tables and columns, and name the story of every current article."""
    for column in (
        sa.Column("story", sa.String(64)),
        sa.Column("withdrawn_at", sa.DateTime),
        sa.Column("withdrawn_reason", sa.Text),
        sa.Column("held_until", sa.DateTime),
    ):
        op.add_column("articles", column)
    op.create_index("ix_articles_story", "articles", ["story"])
    op.create_index("ix_articles_held_until", "articles", ["held_until"])
    for column in (
        sa.Column("is_excerpt", sa.Boolean(create_constraint=False), nullable=False, server_default="0"),
        sa.Column("usage_terms", sa.Text),
        sa.Column("updated_at", sa.DateTime),
    ):
        op.add_column("versions", column)
    op.create_table(
        "aliases",
        sa.Column("alias", sa.String(255), nullable=False),
        sa.Column("article_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_aliases"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_aliases_article_id"),
    )
    op.create_index("ix_aliases_article_id", "aliases", ["article_id"])
    op.create_table(
        "tombstones",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("forgotten_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tombstones"),
    )
    _create_feeds()
    _create_entries()
    _name_stories()


def _create_feeds() -> None:
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
        sa.UniqueConstraint("url"),
    )
    op.create_index("ix_feeds_next_at", "feeds", ["next_at"])


def _create_entries() -> None:
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
        sa.UniqueConstraint("url"),
    )
    op.create_index("ix_entries_next_at", "entries", ["next_at"])
    op.create_index("ix_entries_article_id", "entries", ["article_id"])
    op.create_index("ix_entries_state", "entries", ["state"])
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


def _name_stories() -> None:
    connection = op.get_bind()
    current = sa.text(
        "SELECT articles.rowid AS number, versions.title, versions.text FROM articles "
        "JOIN versions ON versions.article_id = articles.id AND versions.version = articles.version "
        "WHERE articles.rowid > :after ORDER BY articles.rowid LIMIT :rows"
    )
    after = 0
    while rows := connection.execute(current, {"after": after, "rows": _ROWS}).all():
        named = [{"number": row.number, "story": story_of(row.title, row.text)} for row in rows]
        connection.execute(sa.text("UPDATE articles SET story = :story WHERE rowid = :number"), named)
        after = rows[-1].number


def downgrade() -> None:
    """Drop them again; for tests of earlier homes."""
    for table in ("entry_feeds", "entries", "feeds", "tombstones", "aliases"):
        op.drop_table(table)
    for name in ("is_excerpt", "usage_terms", "updated_at"):
        op.drop_column("versions", name)
    for name in ("ix_articles_story", "ix_articles_held_until"):
        op.drop_index(name, "articles")
    for name in ("story", "withdrawn_at", "withdrawn_reason", "held_until"):
        op.drop_column("articles", name)
