"""Near-copies: signatures, buckets, links and groups. Empty at first: the next intake looks for the copies.

The texts are not read here: that takes a second for a thousand articles, in which the home could not be opened.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and mark every article as not yet compared with others."""
    op.add_column("articles", sa.Column("copies_scheme", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_articles_copies_scheme", "articles", ["copies_scheme"])
    op.create_table(
        "copy_signatures",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("article_id", sa.String(255), nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("buckets", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_copy_signatures"),
        sa.UniqueConstraint("article_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_copy_signatures_article_id"),
    )
    op.create_table(
        "copy_buckets",
        sa.Column("bucket", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "day", "number", name="pk_copy_buckets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy_links",
        sa.Column("first_id", sa.String(255), nullable=False),
        sa.Column("second_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("first_id", "second_id", name="pk_copy_links"),
        sa.ForeignKeyConstraint(["first_id"], ["articles.id"], name="fk_copy_links_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["articles.id"], name="fk_copy_links_second_id"),
    )
    op.create_index("ix_copy_links_second_id", "copy_links", ["second_id"])
    op.create_table(
        "copy_groups",
        sa.Column("article_id", sa.String(255), nullable=False),
        sa.Column("group_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_copy_groups"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_copy_groups_article_id"),
    )
    op.create_index("ix_copy_groups_group_id", "copy_groups", ["group_id"])


def downgrade() -> None:
    """Drop the tables and the mark."""
    for name in ("copy_groups", "copy_links", "copy_buckets", "copy_signatures"):
        op.drop_table(name)
    op.drop_index("ix_articles_copies_scheme", "articles")
    # In place: made anew, the table would be dropped under the rows that refer to it.
    op.drop_column("articles", "copies_scheme")
