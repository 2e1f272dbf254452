"""The passages whose sentences are yet to be read, since that is done after their vectors are made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and note the passages that lack their sentences."""
    op.create_table(
        "pending_sentences",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pending_sentences"),
    )
    op.execute(
        "INSERT INTO pending_sentences SELECT number FROM passages "
        "WHERE NOT EXISTS (SELECT 1 FROM sentences WHERE sentences.passage_id = passages.id)"
    )


def downgrade() -> None:
    """Drop the table; for tests of earlier homes."""
    op.drop_table("pending_sentences")
