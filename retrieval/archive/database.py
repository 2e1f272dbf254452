"""Opening the archive's database: the SQLite set-up, and bringing its schema up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from retrieval.archive.archive import Archive
from retrieval.errors import ArchiveTooNew, ArchiveUnreadable

ARCHIVE_FILE = "archive.db"
DRIVER = "sqlite+pysqlite"
MIGRATIONS_DIR = Path(__file__).parent / "migrations"


@contextmanager
def open_archive(home: Path) -> Iterator[Archive]:
    """Open the archive in `home`, creating or migrating it as needed; closed on leaving.

    Raises:
        ArchiveTooNew: a later Dateline wrote it.
        ArchiveUnreadable: the file is damaged, full or not writable.
    """
    path = home / ARCHIVE_FILE
    engine = build_engine(path)
    try:
        migrate(engine, path)
        yield Archive(engine)
    finally:
        engine.dispose()


def build_engine(path: Path, *, read_only: bool = False) -> Engine:
    """Build the engine: write-ahead logging, so that readers do not wait for the writer, and foreign keys on.

    synchronous=NORMAL loses no committed transaction to kill -9 (only, at worst, to a power cut).
    """
    if read_only:
        url = URL.create(DRIVER, database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    else:
        url = URL.create(DRIVER, database=str(path))
    # Hidden, for an error's text goes to the log, and people's words must not.
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            # What is deleted is overwritten at once; not every build of SQLite does so by itself.
            cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
        # The driver itself begins no transaction before a SELECT or a CREATE TABLE, so that reads would not see one
        # state and a migration killed half-way would leave half a schema; _begin does.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def is_current(engine: Engine) -> bool:
    """Whether a database has this program's schema, without changing it.

    Raises:
        ArchiveUnreadable: it is damaged or cannot be read.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as problem:
        raise ArchiveUnreadable(str(engine.url.database), str(problem.orig)) from problem
    return found == ScriptDirectory.from_config(config).get_current_head()


def migrate(engine: Engine, path: Path, *, revision: str = "head", migrations_dir: Path = MIGRATIONS_DIR) -> None:
    """Bring the schema to this program's, or up to an earlier `revision`, in one transaction.

    Args:
        engine: of the database.
        path: its file, for the errors.
        revision: how far.
        migrations_dir: the migrations of another database of the home than the archive's.

    Raises:
        ArchiveTooNew: its revision is unknown here.
        ArchiveUnreadable: it cannot be read or written.
    """
    config = Config()
    # "%" is special in Alembic's configuration values, and a path may hold one.
    config.set_main_option("script_location", str(migrations_dir).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as problem:
        if not isinstance(problem.__cause__, ResolutionError):
            raise
        raise ArchiveTooNew(str(path), str(problem.__cause__.argument)) from problem
    except DatabaseError as problem:
        raise ArchiveUnreadable(str(path), str(problem.orig)) from problem
