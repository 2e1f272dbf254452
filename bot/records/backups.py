"""What of the records goes into a backup, and comes back from one: servers' settings and feedback, nobody's talk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, and_, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError

from bot.records.erasing import erase_resting, find_resting
from bot.records.forgotten import ForgottenArticles, forgotten_at
from bot.records.resting import RestsOn
from bot.records.store import MIGRATIONS_DIR, Store
from bot.records.tables import feedback, forgotten_people, guilds
from retrieval.archive.batches import batched
from retrieval.archive.compaction import compact, copy_to
from retrieval.archive.database import build_engine, migrate
from retrieval.errors import ArchiveUnreadable

# Answers, conversations and budgets are of the day, and questions that wait hold tokens: none of them is backed up.
_BACKED_UP = (guilds, feedback, forgotten_people)


@dataclass(frozen=True, slots=True)
class RecordsRestored:
    """What restoring records came to.

    Attributes:
        guilds: servers with settings.
        feedback: thumbs that are there now.
        left_out: records that were left out, for their people or articles were forgotten since.
        lost: the home's own records were too damaged to be read, so that what had been forgotten is not known.
    """

    guilds: int
    feedback: int
    left_out: int
    lost: bool


async def copy_for_backup(store: Store, target: Path) -> None:
    """Write what is backed up into a file that is there and empty, in one state.

    Raises:
        ArchiveUnreadable: the records cannot be read, or the copy not written.
    """
    rows = await store.run(lambda connection: {table: _rows(connection, table) for table in _BACKED_UP})
    await asyncio.to_thread(_write, target, rows)


def restore_records(
    own: Path, backed_up: Path | None, target: Path, find_gone: Callable[[RestsOn], RestsOn]
) -> RecordsRestored:
    """Make the records of a home that is being restored.

    Servers' settings become the backup's. Its feedback is added to the home's own, but for what its people left before
    they wanted to be forgotten, there or here; all else of the home stays. What rests on articles that the restored
    archive does not have is erased.

    Args:
        own: the home's records, which stay as they are; may be missing.
        backed_up: those of the backup, brought up to date here; None if it has none.
        target: the file to make.
        find_gone: tells which articles, addresses and publishers the restored archive has no more.

    Raises:
        ArchiveTooNew: a later Dateline made the backup.
        ArchiveUnreadable: the disk is full, or the backup's records are damaged.
    """
    is_lost = not _begin(own, target)
    with _opened(target) as engine, engine.begin() as connection:
        if backed_up is not None:
            with _opened(backed_up) as other, other.connect() as there:
                _take_over(connection, {table: _rows(there, table) for table in _BACKED_UP})
        left_out = _drop_forgotten(connection)
        gone = find_gone(find_resting(connection))
        left_out += erase_resting(connection, ForgottenArticles(gone))
        count = select(func.count())
        servers = connection.scalar(count.select_from(guilds)) or 0
        thumbs = connection.scalar(count.select_from(feedback)) or 0
    compact(target)
    return RecordsRestored(servers, thumbs, left_out, is_lost)


def _begin(own: Path, target: Path) -> bool:
    """Begin with a copy of the home's own records, or with none; False if those cannot be read."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if not own.exists():
        return True
    try:
        copy_to(own, target)
    except ArchiveUnreadable:
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return False
    return True


def _take_over(connection: Connection, rows: dict[Table, list[dict[str, object]]]) -> None:
    connection.execute(delete(guilds))
    for row in rows[guilds]:
        connection.execute(insert(guilds).values(**row))
    for row in rows[feedback]:
        given = {name: value for name, value in row.items() if name != "number"}
        connection.execute(insert(feedback).values(**given).on_conflict_do_nothing())
    for row in rows[forgotten_people]:
        put = insert(forgotten_people).values(**row)
        latest = {"forgotten_at": func.max(forgotten_people.c.forgotten_at, put.excluded.forgotten_at)}
        connection.execute(put.on_conflict_do_update(index_elements=["salt", "key"], set_=latest))


def _drop_forgotten(connection: Connection) -> int:
    moments = forgotten_at(connection, connection.scalars(select(feedback.c.user_id).distinct()))
    dropped = 0
    for batch in batched(moments):
        theirs = or_(*(and_(feedback.c.user_id == one, feedback.c.given_at <= moments[one]) for one in batch))
        dropped += connection.execute(delete(feedback).where(theirs)).rowcount
    return dropped


def _rows(connection: Connection, table: Table) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _write(target: Path, rows: dict[Table, list[dict[str, object]]]) -> None:
    with _opened(target) as engine, engine.begin() as connection:
        for table, held in rows.items():
            if held:
                connection.execute(insert(table), held)
    compact(target)


@contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    """Open a file of records and bring it up to date; on leaving, all of it is in that one file."""
    engine = build_engine(path)
    try:
        migrate(engine, path, migrations_dir=MIGRATIONS_DIR)
        yield engine
    except DatabaseError as problem:
        raise ArchiveUnreadable(str(path), str(problem.orig)) from problem
    finally:
        engine.dispose()
        with suppress(OSError):
            path.chmod(0o600)
