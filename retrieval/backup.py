"""Backing up a home into one file while it is in use: the archive, and the vectors so that none is made anew."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from retrieval.archive.archive import Archive
from retrieval.archive.compaction import copy_to
from retrieval.errors import BackupUnwritable
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Vectors
from retrieval.worker import Lane, Worker

#: The members of a backup: the database; float32 vectors, little-endian, one after the other; the ids of their
#: passages in the same order, one on a line; and the manifest, last, for it names the hashes of the others.
ARCHIVE, VECTORS, PASSAGES, MANIFEST = "archive.db", "vectors.f32", "passages.txt", "manifest.json"
#: A database that the application keeps beside the archive; a backup has it or not.
RECORDS = "records.db"
#: Raise when a backup's form changes.
FORM = 1

_CHUNK_BYTES = 4 * 2**20
# Vectors read in one piece, for which a question may wait: 20 ms.
_VECTORS = 512
_POLL_S = 0.2


@dataclass(slots=True)
class BackupManifest:
    """What a backup says of itself.

    Attributes:
        form: see `FORM`.
        dateline: the version that made it.
        made_at: when it was begun, ISO 8601 in UTC.
        dimensions: the length of a vector; 0 without vectors.
        members: name -> bytes and SHA-256 of each other member.
    """

    form: int
    dateline: str
    made_at: str
    dimensions: int = 0
    members: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a backup or its restoring is, in bytes of the archive and of its vectors."""

    done: int
    total: int


class Backups:
    """Makes backups of an open home. Owns and closes nothing."""

    def __init__(self, archive: Archive, dense: DenseIndex, worker: Worker) -> None:
        """Wire it; `dense` has a generation in use."""
        self._archive = archive
        self._dense = dense
        self._worker = worker

    async def make(
        self,
        path: Path,
        now: datetime,
        *,
        version: str = "unknown",
        copy_records: Callable[[Path], Awaitable[None]] | None = None,
    ) -> AsyncIterator[Step]:
        """Write a backup, in place of a file that is there; it takes the archive's room beside it meanwhile.

        The archive is copied in one state, on a thread of its own: questions and intake go on, and what comes meanwhile
        is in the next backup. The file appears whole or not at all, and only its owner may read it (mode 0600).

        Args:
            path: the file to write.
            now: when the backup is made.
            version: Dateline's.
            copy_records: writes what the application adds, a database, into a file that is there and empty.

        Raises:
            BackupUnwritable: the folder is missing, full or not writable.
            ArchiveUnreadable, VectorStoreUnavailable: the home itself cannot be read.
        """
        ends = ("archive", "records", "unfinished")
        copy, records, unfinished = (path.with_name(f".{path.name}.{end}") for end in ends)
        try:
            for one in (copy, records, unfinished):
                one.unlink(missing_ok=True)
                os.close(os.open(one, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            if copy_records is not None:
                await copy_records(records)
            made = BackupManifest(FORM, version, now.isoformat(timespec="seconds"))
            async for step in self._write(copy, records if copy_records else None, unfinished, made):
                yield step
            await asyncio.to_thread(_put_in_place, unfinished, path)
        except OSError as problem:
            raise BackupUnwritable(str(path), problem.strerror or str(problem)) from problem
        finally:
            for one in (copy, records, unfinished):
                with suppress(OSError):
                    one.unlink(missing_ok=True)

    async def _write(
        self, copy: Path, records: Path | None, unfinished: Path, made: BackupManifest
    ) -> AsyncIterator[Step]:
        with self._archive.reading() as connection:
            source = Path(str(connection.engine.url.database))
        expected = await asyncio.to_thread(_size, source)
        copying = asyncio.ensure_future(asyncio.to_thread(copy_to, source, copy))
        try:
            while not copying.done():
                yield Step(0, expected)
                await asyncio.wait({copying}, timeout=_POLL_S)
        finally:
            await asyncio.wait({copying})
        copying.result()
        ids = await asyncio.to_thread(_passage_ids, copy)
        total, done = await asyncio.to_thread(_size, copy), 0
        with zipfile.ZipFile(unfinished, "w") as bundle:
            with _Member(bundle, ARCHIVE, made, zipfile.ZIP_DEFLATED) as member, copy.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                    await asyncio.to_thread(member.write, chunk)
                    yield Step(done := done + len(chunk), total)
            held: list[str] = []
            with _Member(bundle, VECTORS, made, zipfile.ZIP_STORED) as member:
                for start in range(0, len(ids), _VECTORS):
                    found, vectors = await self._worker.run(
                        Lane.INTAKE, self._dense.read, ids[start : start + _VECTORS]
                    )
                    if found:
                        held += found
                        made.dimensions = vectors.shape[1]
                        raw = _as_bytes(vectors)
                        await asyncio.to_thread(member.write, raw)
                        yield Step(done := done + len(raw), max(total, done))
            with _Member(bundle, PASSAGES, made, zipfile.ZIP_DEFLATED) as member:
                member.write("".join(f"{one}\n" for one in held).encode())
            if records is not None:
                with _Member(bundle, RECORDS, made, zipfile.ZIP_DEFLATED) as member, records.open("rb") as file:
                    while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                        await asyncio.to_thread(member.write, chunk)
            bundle.writestr(MANIFEST, json.dumps(asdict(made)), zipfile.ZIP_DEFLATED)


class _Member:
    """One member of a backup, hashed while it is written; its hash goes into the manifest at the end."""

    def __init__(self, bundle: zipfile.ZipFile, name: str, manifest: BackupManifest, compression: int) -> None:
        self._info = zipfile.ZipInfo(name)
        self._info.compress_type = compression
        # Level 1: a third of the time of the usual 6, and a tenth larger.
        self._info._compresslevel = 1  # type: ignore[attr-defined]  # public from Python 3.13 on
        self._bundle = bundle
        self._manifest = manifest
        self._hash = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> _Member:
        self._file: IO[bytes] = self._bundle.open(self._info, "w", force_zip64=True)
        return self

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self._bytes += len(chunk)

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._manifest.members[self._info.filename] = (self._bytes, self._hash.hexdigest())


def _size(path: Path) -> int:
    return path.stat().st_size


def _as_bytes(vectors: Vectors) -> bytes:
    return vectors.astype("<f4").tobytes()


def _passage_ids(copy: Path) -> list[str]:
    with closing(sqlite3.connect(copy)) as connection:
        rows: Iterator[tuple[str]] = connection.execute("SELECT id FROM passages ORDER BY number")
        return [passage_id for (passage_id,) in rows]


def _put_in_place(unfinished: Path, path: Path) -> None:
    """Give a finished file its name, so that it is there whole even after a power cut."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
