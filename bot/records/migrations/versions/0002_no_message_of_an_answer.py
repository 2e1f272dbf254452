"""Answers without the message that shows each: nothing ever asked for it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("answers") as batch:
        batch.drop_column("message_id")


def downgrade() -> None:
    """Add it, empty, as it always was; for tests of earlier homes."""
    with op.batch_alter_table("answers") as batch:
        batch.add_column(sa.Column("message_id", sa.BigInteger))
