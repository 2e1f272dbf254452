"""Reading a backup that may be damaged or made to do harm: names, sizes and hashes are checked first."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.backup import ARCHIVE, FORM, MANIFEST, PASSAGES, RECORDS, VECTORS, Step
from retrieval.errors import BackupUnreadable
from retrieval.index.embedding import Vectors

_CHUNK_BYTES = 4 * 2**20
_MANIFEST_LIMIT_BYTES = 65_536
_MOST_DIMENSIONS = 65_536
_FLOAT_BYTES = 4
# Ten million passages: far more than one home searches well, and small enough to read at once.
_PASSAGES_LIMIT_BYTES = 33 * 10_000_000
_PASSAGE_ID = re.compile(r"[0-9a-f]{32}")
# What reading a damaged or hostile zip file raises, besides a member that is missing.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, KeyError, ValueError)


class Backup:
    """An open backup, whose manifest has been read. Closed by `open_backup`."""

    def __init__(self, path: Path, bundle: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self._path = path
        self._bundle = bundle
        self._members: dict[str, tuple[int, str]] = manifest["members"]
        self._dimensions: int = manifest["dimensions"]
        self.made_at: str = manifest["made_at"]

    @property
    def total_bytes(self) -> int:
        """How large the archive and the vectors are, unpacked."""
        return self.member_bytes(ARCHIVE) + self.member_bytes(VECTORS)

    @property
    def has_records(self) -> bool:
        """Whether it holds what the application kept beside the archive."""
        return RECORDS in self._members

    def member_bytes(self, name: str) -> int:
        """How large a member is, unpacked."""
        return self._members[name][0]

    def check(self) -> Iterator[Step]:
        """Compare every member with its hash.

        Raises:
            BackupUnreadable: one differs.
        """
        for name, (_, expected) in self._members.items():
            found = hashlib.sha256()
            for chunk in self._read(name):
                found.update(chunk)
                yield Step(0, self.total_bytes)
            if found.hexdigest() != expected:
                raise BackupUnreadable(str(self._path), f"{name} is not what was written, its hash differs")
        ids = self.passage_ids()
        if len(ids) * self._dimensions * _FLOAT_BYTES != self.member_bytes(VECTORS):
            raise BackupUnreadable(str(self._path), "there are not as many vectors as passages")
        if not all(map(_PASSAGE_ID.fullmatch, ids)):
            raise BackupUnreadable(str(self._path), f"{PASSAGES} holds what is no passage's id")

    def unpack(self, name: str, target: Path) -> Iterator[Step]:
        """Write the database into a new file (mode 0600), and look through it.

        Raises:
            BackupUnreadable: it is damaged, or holds what runs by itself: triggers, views.
        """
        done = 0
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for chunk in self._read(name):
                file.write(chunk)
                yield Step(done := done + len(chunk), self.total_bytes)
        self._look_through(target)

    def passage_ids(self) -> list[str]:
        """Read the ids of the passages whose vectors it holds, in the order of the vectors."""
        return b"".join(self._read(PASSAGES)).decode("ascii", "replace").split("\n")[:-1]

    def vectors(self, *, rows: int) -> Iterator[Vectors]:
        """Read the vectors, shape (n, d), at most `rows` at a time.

        Raises:
            BackupUnreadable: some are no numbers.
        """
        row_bytes = self._dimensions * _FLOAT_BYTES
        held = bytearray()
        for chunk in self._read(VECTORS):
            held += chunk
            while len(held) >= rows * row_bytes:
                yield self._as_vectors(bytes(held[: rows * row_bytes]))
                del held[: rows * row_bytes]
        if held:
            yield self._as_vectors(bytes(held))

    def _as_vectors(self, raw: bytes) -> Vectors:
        vectors = np.frombuffer(raw, dtype="<f4").reshape(-1, self._dimensions).astype(np.float32)
        if not np.isfinite(vectors).all():
            raise BackupUnreadable(str(self._path), "some vectors are no numbers")
        return vectors

    def _read(self, name: str) -> Iterator[bytes]:
        with _translated(self._path), self._bundle.open(name) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def _look_through(self, database: Path) -> None:
        try:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA trusted_schema=OFF")
                runs = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
                if (found := connection.execute(runs).fetchone()) is not None:
                    raise BackupUnreadable(
                        str(self._path), f"its archive holds {found[0]}, which Dateline did not make"
                    )
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise BackupUnreadable(str(self._path), f"its archive is damaged: {verdict}")
        except sqlite3.Error as problem:
            raise BackupUnreadable(str(self._path), f"its archive is no database: {problem}") from problem


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup and read its manifest; no name in it is ever used as a path.

    Raises:
        BackupUnreadable: it cannot be read, or is no backup or one of a later form.
    """
    with _translated(path):
        bundle = zipfile.ZipFile(path)
    with bundle:
        with _translated(path):
            backup = _read_backup(path, bundle)
        yield backup


def _read_backup(path: Path, bundle: zipfile.ZipFile) -> Backup:
    listed = {one.filename: one for one in bundle.infolist()}
    wanted = {ARCHIVE, VECTORS, PASSAGES, MANIFEST}
    if listed.keys() - {RECORDS} != wanted or len(bundle.infolist()) != len(listed):
        raise BackupUnreadable(str(path), "it is no backup of Dateline's: other members were expected")
    manifest = _read_manifest(path, bundle, listed[MANIFEST])
    if manifest["members"].keys() != listed.keys() - {MANIFEST}:
        raise BackupUnreadable(str(path), "its manifest lacks something")
    for name, (size, _) in manifest["members"].items():
        if listed[name].file_size != size:
            raise BackupUnreadable(str(path), f"{name} is not as large as its manifest says")
    return Backup(path, bundle, manifest)


def _read_manifest(path: Path, bundle: zipfile.ZipFile, info: zipfile.ZipInfo) -> dict[str, Any]:
    if info.file_size > _MANIFEST_LIMIT_BYTES:
        raise BackupUnreadable(str(path), "its manifest is too long")
    with bundle.open(info) as file:
        told = json.loads(file.read(_MANIFEST_LIMIT_BYTES))
    if not isinstance(told, dict) or not isinstance(told.get("form"), int):
        raise BackupUnreadable(str(path), "its manifest does not say its form")
    if told["form"] != FORM:
        raise BackupUnreadable(str(path), f"it is of form {told['form']}, this Dateline reads form {FORM}: upgrade")
    members, dimensions, made_at = told.get("members"), told.get("dimensions"), told.get("made_at")
    is_sound = (
        isinstance(made_at, str)
        and isinstance(dimensions, int)
        and 0 <= dimensions <= _MOST_DIMENSIONS
        and isinstance(members, dict)
        and members.keys() - {RECORDS} == {ARCHIVE, VECTORS, PASSAGES}
        and all(_is_member(one) for one in members.values())
        and members[PASSAGES][0] <= _PASSAGES_LIMIT_BYTES
    )
    if not is_sound:
        raise BackupUnreadable(str(path), "its manifest lacks something")
    return told


def _is_member(told: object) -> bool:
    if not isinstance(told, list) or len(told) != 2:
        return False
    size, digest = told
    return type(size) is int and size >= 0 and isinstance(digest, str)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except BackupUnreadable:
        raise
    except _DAMAGE as problem:
        raise BackupUnreadable(str(path), f"{type(problem).__name__}: {problem}") from problem
