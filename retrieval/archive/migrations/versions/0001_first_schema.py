"""First schema: articles, versions, passages, pending vectors, manifest."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "articles",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("source_folded", sa.Text),
        sa.Column("published_at", sa.DateTime),
        sa.Column("published_precision", sa.String(8)),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_published_at", "articles", ["published_at"])
    op.create_index("ix_articles_generation", "articles", ["generation"])
    op.create_table(
        "versions",
        sa.Column("article_id", sa.String(255), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("published_at", sa.DateTime),
        sa.Column("published_precision", sa.String(8)),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "version", name="pk_versions"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_versions_article_id"),
    )
    op.create_table(
        "passages",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("article_id", sa.String(255), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_passages"),
        sa.UniqueConstraint("id"),
        sa.ForeignKeyConstraint(
            ["article_id", "version"],
            ["versions.article_id", "versions.version"],
            name="fk_passages_article_id",
        ),
    )
    op.create_index("ix_passages_article_id", "passages", ["article_id"])
    op.create_table(
        "pending_vectors",
        sa.Column("passage_id", sa.String(32), nullable=False),
        sa.Column("operation", sa.String(4), nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_pending_vectors"),
    )
    op.create_table(
        "manifest",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_manifest"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("manifest", "pending_vectors", "passages", "versions", "articles"):
        op.drop_table(name)
