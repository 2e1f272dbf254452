"""One owner per home: the kernel lock on the folder that holds the archive and the index (Linux and macOS only).

Two lock files stand in the home and are never deleted. `home.lock` is held for as long as a process owns the home;
the kernel frees it when the process ends in any way. Whoever tries `home.lock`, be it to take it or to see whether it
is taken, first passes `gate.lock`, for microseconds: so a look at the home can never make a start fail, and
`owner.json` is always there when the lock is seen to be taken.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from retrieval.errors import ArchiveUnreadable, HomeInUse

# Nobody stands in the gate longer than a few system calls; only a process stopped right there can use this up.
GATE_TIMEOUT_S = 2.0
GATE_POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a home; a field is None where the owner left no readable word.

    Attributes:
        command: what it was started as, such as "dateline serve".
        pid: its process id, as it sees itself (another container counts its own).
        since: when it took the home, ISO 8601 in UTC.
    """

    command: str | None
    pid: int | None
    since: str | None


@contextmanager
def hold_home(home: Path, owner: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[None]:
    """Own a home until the end of the `with` block; of any number of processes and threads that try, one succeeds.

    The folder is made if it is missing (mode 0700; an existing folder keeps its mode). A crash leaves nothing that
    blocks the next owner, and neither do child processes that outlive this one. It does not wait for another owner.

    Args:
        home: the folder.
        owner: the command that takes it, such as "dateline ingest"; other commands show it to people.
        clock: gives the moment that stands in `owner.json`, aware.

    Raises:
        HomeInUse: another process, or another block of this one, owns the home.
        ArchiveUnreadable: the folder cannot be made, written or locked.
    """
    lock = _take(home, Owner(owner, os.getpid(), clock().astimezone(UTC).isoformat(timespec="seconds")))
    try:
        yield
    finally:
        with suppress(OSError):
            _owner_file(home).unlink()
        lock.release()


def read_owner(home: Path) -> Owner | None:
    """Say who owns a home now, without disturbing an owner or a start and without making any folder.

    An `owner.json` that a crash left behind is not believed: only the lock counts.

    Returns:
        None if nobody owns it or it does not exist.

    Raises:
        ArchiveUnreadable: the home belongs to somebody else, so its lock cannot be looked at.
    """
    try:
        if not _lock_file(home).exists():
            return None
        with _gate(home):
            _kernel_lock(_lock_file(home)).acquire(timeout=0).lock.release()
            return None
    except Timeout:
        return _read_owner_file(home)
    except OSError as error:
        raise ArchiveUnreadable(str(home), str(error)) from error


def _take(home: Path, owner: Owner) -> BaseFileLock:
    """Lock the home and write `owner.json`, or raise and hold nothing."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _kernel_lock(_lock_file(home))
        with _gate(home):
            lock.acquire(timeout=0)
            try:
                _write_owner_file(home, owner)
            except BaseException:
                lock.release()
                raise
    except Timeout:
        found = _read_owner_file(home)
        raise HomeInUse(str(home), found.command, found.pid, found.since) from None
    except OSError as error:
        raise ArchiveUnreadable(str(home), str(error)) from error
    return lock


@contextmanager
def _gate(home: Path) -> Iterator[None]:
    with _kernel_lock(home / "gate.lock").acquire(timeout=GATE_TIMEOUT_S, poll_interval=GATE_POLL_S):
        yield


def _kernel_lock(path: Path) -> BaseFileLock:
    # A soft lock (a file whose existence is the lock) outlives kill -9, so a file system without flock is an error.
    return FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)


def _lock_file(home: Path) -> Path:
    return home / "home.lock"


def _owner_file(home: Path) -> Path:
    return home / "owner.json"


def _write_owner_file(home: Path, owner: Owner) -> None:
    unfinished = home / "owner.json.unfinished"
    unfinished.write_text(json.dumps(asdict(owner)), encoding="utf-8")
    unfinished.replace(_owner_file(home))


def _read_owner_file(home: Path) -> Owner:
    """Read what the owner wrote about itself; anything missing or of the wrong kind becomes None."""
    try:
        told = json.loads(_owner_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return Owner(None, None, None)
    command, pid, since = told.get("command"), told.get("pid"), told.get("since")
    return Owner(
        command if isinstance(command, str) else None,
        pid if type(pid) is int else None,
        since if isinstance(since, str) else None,
    )
