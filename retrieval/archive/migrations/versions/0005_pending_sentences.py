"""The passages whose sentences are yet to be read; and an index of those articles alone that are held back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, note the passages that lack their sentences, and narrow the index."""
    op.create_table(
        "pending_sentences",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pending_sentences"),
    )
    op.execute(
        "INSERT INTO pending_sentences SELECT number FROM passages "
        "WHERE NOT EXISTS (SELECT 1 FROM sentences WHERE sentences.passage_id = passages.id)"
    )
    op.drop_index("ix_articles_held_until", "articles")
    op.create_index(
        "ix_articles_held_until", "articles", ["held_until"], sqlite_where=sa.text("held_until IS NOT NULL")
    )


def downgrade() -> None:
    """Drop the table and widen the index; for tests of earlier homes."""
    op.drop_index("ix_articles_held_until", "articles")
    op.create_index("ix_articles_held_until", "articles", ["held_until"])
    op.drop_table("pending_sentences")
