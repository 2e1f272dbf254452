"""The first schema: answers, conversations, feedback, unanswered questions, servers, budgets, who was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their indexes."""
    _create_talk()
    _create_feedback()
    _create_servers()
    _create_forgetting()


def _create_talk() -> None:
    op.create_table(
        "answers",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood_as", sa.Text),
        sa.Column("scope", sa.Text),
        sa.Column("outcome", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_answers"),
    )
    op.create_index("ix_answers_asker_id", "answers", ["asker_id"])
    op.create_index("ix_answers_asked_at", "answers", ["asked_at"])
    op.create_table(
        "exchanges",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("place_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("said_at", sa.DateTime, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("rests_on", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_exchanges"),
    )
    op.create_index("ix_exchanges_user_id", "exchanges", ["user_id", "place_id"])
    op.create_index("ix_exchanges_said_at", "exchanges", ["said_at"])
    op.create_table(
        "pending",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("interaction_id", sa.BigInteger),
        sa.Column("token", sa.Text),
        sa.Column("application_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("accepted_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pending"),
    )
    op.create_index("ix_pending_user_id", "pending", ["user_id"])


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("answer_number", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("given_at", sa.DateTime, nullable=False),
        sa.Column("is_good", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("question", sa.Text),
        sa.Column("asked_at", sa.DateTime),
        sa.Column("outcome", sa.JSON),
        sa.PrimaryKeyConstraint("number", name="pk_feedback"),
        sa.UniqueConstraint("answer_number", "user_id", name="uq_feedback_answer_number"),
    )
    op.create_index("ix_feedback_user_id", "feedback", ["user_id"])


def _create_servers() -> None:
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("channel_ids", sa.JSON),
        sa.Column("opens_threads", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("is_private", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("cooldown_s", sa.Float),
        sa.Column("model_answers_a_day", sa.Integer),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )
    op.create_table(
        "quotas",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", "guild_id", name="pk_quotas"),
    )


def _create_forgetting() -> None:
    op.create_table(
        "forgotten_people",
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("forgotten_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("salt", "key", name="pk_forgotten_people"),
    )
    op.create_table(
        "erasing",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("names", sa.JSON, nullable=False),
        sa.Column("stems", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_erasing"),
    )
