"""Writing the archive's database anew, so that no byte of what was deleted stays in its files; and copying it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from retrieval.errors import ArchiveUnreadable

# A reader that has a state open keeps the log from being emptied; questions read for less than this.
_WAIT_S = 60.0


def compact(path: Path) -> None:
    """Write the database anew without its free space, then empty its write-ahead log.

    It takes 8 s for each GB, and twice the database's room on the disk meanwhile. Whoever reads goes on reading, also
    meanwhile; nobody else may write.

    Raises:
        ArchiveUnreadable: the disk is full, or somebody writes all the time.
    """
    with _opened(path) as connection:
        connection.execute("VACUUM")
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise ArchiveUnreadable(str(path), "its log cannot be emptied, for another process has it open")


def copy_to(path: Path, copy: Path) -> None:
    """Write one consistent state of the database, without its free space, into a new file; 3 s for each GB.

    Others go on reading and writing meanwhile; what they write is not in the copy.

    Args:
        path: the archive's database.
        copy: a file that is empty or not there.

    Raises:
        ArchiveUnreadable: the database cannot be read, or the copy not written.
    """
    with _opened(path) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as problem:
        raise ArchiveUnreadable(str(path), str(problem)) from problem
