"""The sentences of passages: where they stand, their vectors, the entities they name."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; a reindex fills it."""
    op.create_table(
        "sentences",
        sa.Column("passage_id", sa.String(32), nullable=False),
        sa.Column("spans", sa.JSON, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
        sa.Column("entities", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_sentences"),
    )


def downgrade() -> None:
    """Drop the table; for tests of earlier homes."""
    op.drop_table("sentences")
