"""Restoring a backup into a home: checked first, built beside what the home holds, then put in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, inspect

from retrieval.archive.archive import Archive
from retrieval.archive.compaction import compact
from retrieval.archive.database import ARCHIVE_FILE, build_engine, open_archive
from retrieval.archive.feed_ledger import FeedLedger
from retrieval.archive.tables import manifest as manifest_table
from retrieval.archive.tombstones import all_tombstones, bury
from retrieval.backup import ARCHIVE, RECORDS, Step
from retrieval.carrying_over import carry_over, tells_standing
from retrieval.errors import ArchiveUnreadable, HomeNotEmpty
from retrieval.index.burial import bury_articles
from retrieval.index.dense import CHROMA_DIR, open_dense_index
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.manifest import read_manifest
from retrieval.index.removal import (
    PAGE,
    doomed_articles,
    doomed_entries,
    doomed_feeds,
    remove_articles,
    remove_entries,
    remove_feeds,
)
from retrieval.index.repair import repair
from retrieval.unpacking import Backup, open_backup

STAGING_DIR = "restoring"
_READY = "ready"
_VECTORS = 1_000
# The restored archive and vectors take their room beside the old ones; forgetting in it needs the archive's once more.
_ROOM = 2.2


#: Given the home's own records (which may not be there), those of the backup if it has any, a file to make, and the
#: restored archive, which tells what was forgotten.
PutRecords = Callable[[Path, Path | None, Path, Connection], None]


@dataclass(slots=True)
class Restored:
    """What restoring came to; filled when it is done.

    Attributes:
        articles: how many the home holds now.
        passages: how many it holds now.
        pending: those whose vector was not in the backup; any intake, or serving, makes them.
        forgotten: articles of the backup that were forgotten since, here or there, and were left out.
        hidden_since: those that the home had taken back or held back since; nobody is shown them.
        shown_since: those that were taken back, and that the home had shown again; the scheduled intake indexes them.
        made_at: when the backup was made, ISO 8601.
        lost_tombstones: whether what the home held was too damaged to tell what had been forgotten or taken back.
    """

    articles: int = 0
    passages: int = 0
    pending: int = 0
    forgotten: int = 0
    hidden_since: int = 0
    shown_since: int = 0
    made_at: str = ""
    lost_tombstones: bool = False
    tombstones: dict[str, datetime] = field(default_factory=dict)


def restore(
    path: Path,
    home: Path,
    *,
    replaces: bool,
    restored: Restored,
    server_url: str = "",
    put_records: PutRecords | None = None,
) -> Generator[Step, None, None]:
    """Make a home what a backup says, but for what was forgotten or taken back since; the caller owns the home.

    What the home holds stays as it is until the backup has been checked and built beside it. Tombstones of both are
    kept and obeyed, and where the home knows whether an article is shown, that stands. Killed anywhere,
    `finish_restoring` makes the home whole: the old one, or the new one.

    Args:
        path: the backup.
        home: an existing folder in which no engine is open.
        replaces: whether articles that the home holds may go.
        restored: is filled with what that came to.
        server_url: where Chroma runs, if not in the home; its vectors are replaced at once.
        put_records: makes what the application keeps beside the archive; None leaves the home's as it is.

    Yields:
        How far it is.

    Raises:
        BackupUnreadable: the file is damaged, no backup, or one of a later form.
        ArchiveTooNew: a later Dateline made it.
        ArchiveUnreadable: the disk is full.
        HomeNotEmpty: the home holds articles, or an archive that cannot be read, and `replaces` is False.
    """
    finish_restoring(home)
    _look_at(home, replaces, restored)
    staging = home / STAGING_DIR
    try:
        with open_backup(path) as backup:
            if shutil.disk_usage(home).free < _ROOM * backup.total_bytes:
                needed = f"the backup needs {_ROOM * backup.total_bytes / 2**30:.1f} GiB of room"
                raise ArchiveUnreadable(str(home), needed)
            yield from backup.check()
            new = staging / "new"
            new.mkdir(parents=True, mode=0o700)
            yield from backup.unpack(ARCHIVE, new / ARCHIVE_FILE)
            restored.made_at = backup.made_at
            with open_archive(new) as archive:
                _forget_again(archive, restored)
                _carry_over(home, archive, restored)
                yield from _add_vectors(archive, backup, new, server_url, restored)
                if put_records is not None:
                    yield from _put_records(archive, backup, home, staging, put_records)
            compact(new / ARCHIVE_FILE)
        (staging / _READY).touch()
        finish_restoring(home)
    except OSError as problem:
        raise ArchiveUnreadable(str(home), problem.strerror or str(problem)) from problem
    finally:
        if not (staging / _READY).exists():
            shutil.rmtree(staging, ignore_errors=True)


def finish_restoring(home: Path) -> None:
    """Put a restored archive in its place if it is ready, or remove what an interrupted restoring left.

    Whoever opens a home calls this first; it can be interrupted and called again.
    """
    staging = home / STAGING_DIR
    if not staging.is_dir():
        return
    if (staging / _READY).exists():
        old = staging / "old"
        old.mkdir(exist_ok=True)
        for name in (ARCHIVE_FILE, CHROMA_DIR, RECORDS):
            new = staging / "new" / name
            if not new.exists():
                continue  # in its place already
            for beside in (name, f"{name}-wal", f"{name}-shm"):
                if (home / beside).exists():
                    (home / beside).rename(old / beside)
            new.rename(home / name)
        # Only now, when nothing of it is needed: without this mark the rest is what an interrupted restoring left.
        (staging / _READY).unlink()
    shutil.rmtree(staging)


def _put_records(
    archive: Archive, backup: Backup, home: Path, staging: Path, put_records: PutRecords
) -> Iterator[Step]:
    unpacked = staging / RECORDS if backup.has_records else None
    if unpacked is not None:
        for _ in backup.unpack(RECORDS, unpacked):
            yield Step(backup.total_bytes, backup.total_bytes)
    with archive.reading() as connection:
        put_records(home / RECORDS, unpacked, staging / "new" / RECORDS, connection)


def _look_at(home: Path, replaces: bool, restored: Restored) -> None:
    """See whether the home may be replaced, and read its tombstones."""
    path = home / ARCHIVE_FILE
    if not path.is_file():
        return
    engine = build_engine(path, read_only=True)
    count = 0
    try:
        archive = Archive(engine)
        with archive.reading() as connection:
            tables = set(inspect(connection).get_table_names())
            count = archive.count(connection) if "articles" in tables else 0
            count += len(FeedLedger().all(connection)) if "feeds" in tables else 0
            restored.tombstones = dict(all_tombstones(connection)) if "tombstones" in tables else {}
    except ArchiveUnreadable as problem:
        if not replaces:
            raise HomeNotEmpty(str(home), 0) from problem
        restored.lost_tombstones = True
    finally:
        engine.dispose()
    if count and not replaces:
        raise HomeNotEmpty(str(home), count)


def _forget_again(archive: Archive, restored: Restored) -> None:
    """Take out of a restored archive what has a tombstone, there or in the home that it replaces."""
    ledger, lexical = Ledger(), LexicalIndex()
    with archive.writing() as connection:
        connection.execute(delete(manifest_table).where(manifest_table.c.name == "open"))
        lexical.create(connection)
        for key, moment in restored.tombstones.items():
            bury(connection, [key], moment)
    article: str | None = ""
    while article is not None:
        with archive.writing() as connection:
            doomed, article = doomed_articles(connection, article)
            for moment in set(doomed.values()):
                # As `Forgetter` does: by their own names what feeds list of them goes, and they are known if they come.
                bury_articles(connection, [one for one in doomed if doomed[one] == moment], moment)
            remove_articles(connection, list(doomed), ledger, lexical)
        restored.forgotten += len(doomed)
    entry: int | None = 0
    while entry is not None:
        with archive.writing() as connection:
            doomed_ids, entry = doomed_entries(connection, entry)
            remove_entries(connection, doomed_ids)
    with archive.writing() as connection:
        feeds = doomed_feeds(connection)
        for start in range(0, len(feeds), PAGE):
            remove_feeds(connection, feeds[start : start + PAGE])
    begins, is_left = True, restored.forgotten > 0
    while is_left:
        with archive.writing() as connection:
            is_left = lexical.purge_some(connection, begins=begins)
        begins = False


def _carry_over(home: Path, archive: Archive, restored: Restored) -> None:
    if not (home / ARCHIVE_FILE).is_file() or restored.lost_tombstones:
        return
    engine = build_engine(home / ARCHIVE_FILE, read_only=True)
    try:
        with Archive(engine).reading() as there:
            if tells_standing(there):
                restored.hidden_since, restored.shown_since = carry_over(archive, there, Ledger(), LexicalIndex())
    except ArchiveUnreadable:  # a damaged home is what backups are for; a full disk is met again at the next step
        restored.lost_tombstones = True
    finally:
        engine.dispose()


def _add_vectors(archive: Archive, backup: Backup, new: Path, server_url: str, restored: Restored) -> Iterator[Step]:
    ledger = Ledger()
    with archive.reading() as connection:
        kept = read_manifest(connection)
        wanted = ledger.ids(connection)
    if kept is None:
        return
    with open_dense_index(new, server_url=server_url) as dense:
        dense.use(kept.index_id, kept.generation)
        ids = backup.passage_ids()
        done = backup.member_bytes(ARCHIVE)
        start = 0
        for vectors in backup.vectors(rows=_VECTORS):
            here = [n for n, one in enumerate(ids[start : start + len(vectors)]) if one in wanted]
            if here:
                dense.add([ids[start + n] for n in here], np.ascontiguousarray(vectors[here]))
            start += len(vectors)
            done += vectors.nbytes
            yield Step(done, backup.total_bytes)
        repair(archive, ledger, dense, interrupted=True)
    with archive.reading() as connection:
        restored.articles = archive.count(connection)
        restored.passages = ledger.count(connection)
        restored.pending = ledger.count_pending(connection)
    with suppress(OSError):
        (new / CHROMA_DIR).chmod(0o700)
