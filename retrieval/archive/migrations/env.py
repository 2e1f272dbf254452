"""Alembic's entry: runs the migrations on the connection that `retrieval.archive.database.migrate` passes in."""

from alembic import context

from retrieval.archive.feed_tables import feeds as _feeds  # noqa: F401  # so that its tables are known
from retrieval.archive.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
