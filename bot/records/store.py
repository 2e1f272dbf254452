"""The records' database, read and written on one thread of its own, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from retrieval.archive.compaction import compact
from retrieval.archive.database import build_engine, migrate
from retrieval.errors import ArchiveUnreadable

P = ParamSpec("P")
T = TypeVar("T")

RECORDS_FILE = "records.db"
MIGRATIONS_DIR = Path(__file__).parent / "migrations"
_WAIT_S = 30.0


class Store:
    """Runs one transaction after another on its thread. Opened and closed by `open_store`."""

    def __init__(self, engine: Engine, path: Path) -> None:
        """Use an engine whose database has the current schema."""
        self._engine = engine
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dateline-records")

    async def run(self, call: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `call(connection, ...)` in one transaction: all of it is stored when this returns, or nothing.

        Calls are run in the order in which they are made. Cancelling the awaiting task drops the call if it has not
        begun; a begun call runs to its end.

        Raises:
            ArchiveUnreadable: the database is damaged, full or not writable.
            RuntimeError: the store is closed.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._transact(lambda connection: call(connection, *args, **kwargs))
        )

    async def empty_log(self) -> None:
        """Empty the log beside the file, which holds what was deleted until then."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._truncate)

    async def scrub(self) -> None:
        """Write the file anew, and empty its log: no byte of what was deleted stays.

        Raises:
            ArchiveUnreadable: the disk is full.
        """
        await asyncio.get_running_loop().run_in_executor(self._thread, compact, self._path)

    async def close(self) -> None:
        """Finish what waits, and end the thread. Closing twice is harmless."""
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()

    def _truncate(self) -> None:
        # Within a transaction, as `_transact` begins one, nothing of the log could be emptied.
        with closing(sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _transact(self, call: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return call(connection)
        except DatabaseError as problem:
            raise ArchiveUnreadable(str(self._path), str(problem.orig)) from problem


@asynccontextmanager
async def open_store(home: Path) -> AsyncIterator[Store]:
    """Open the records' database in a home, creating or migrating it as needed; closed on leaving.

    Only its owner may read the file (mode 0600): it holds what people said, and tokens.

    Raises:
        ArchiveTooNew: a later Dateline wrote it.
        ArchiveUnreadable: the file is damaged, full or not writable.
    """
    store = await asyncio.to_thread(_open, home / RECORDS_FILE)
    try:
        yield store
    finally:
        await store.close()


def _open(path: Path) -> Store:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as problem:
        raise ArchiveUnreadable(str(path), problem.strerror or str(problem)) from problem
    engine = build_engine(path)
    try:
        migrate(engine, path, migrations_dir=MIGRATIONS_DIR)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, path)
