"""One process owns a home at a time, and a crash leaves nothing that blocks the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.home import Owner, hold_home, read_owner
from retrieval.errors import ArchiveUnreadable, HomeInUse

# Waits for a line, tries to take the home, says how it went, and keeps the home until another line or the end of input.
HOLD = """
import os, sys
from pathlib import Path
from bot.home import hold_home
from retrieval.errors import HomeInUse
print("ready", flush=True)
sys.stdin.readline()
try:
    with hold_home(Path(sys.argv[1]), "dateline serve"):
        if "fork" in sys.argv and not (child := os.fork()):
            sys.stdin.readline()
            os._exit(0)
        print("held", flush=True)
        sys.stdin.readline()
except HomeInUse as error:
    print("in use", flush=True)
"""


@contextmanager
def processes(home: Path, count: int, *options: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that are ready to take the home and wait for the word."""
    command = [sys.executable, "-c", HOLD, str(home), *options]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    try:
        assert [said(process) for process in started] == ["ready"] * count
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_home_is_made_with_its_parents_and_for_its_user_only(tmp_path: Path) -> None:
    home = tmp_path / "share" / "dateline"
    with hold_home(home, "dateline serve"):
        assert home.stat().st_mode & 0o777 == 0o700
        assert (home / "home.lock").stat().st_mode & 0o777 == 0o600


def test_the_mode_of_a_folder_that_is_there_already_is_kept(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    with hold_home(tmp_path, "dateline serve"):
        assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_owner_is_told_while_the_home_is_held_and_nobody_before_and_after(tmp_path: Path) -> None:
    taken_at = datetime(2020, 9, 29, 10, 15, 30, 999, tzinfo=timezone(timedelta(hours=2)))
    assert read_owner(tmp_path) is None
    with hold_home(tmp_path, "dateline ingest", clock=lambda: taken_at):
        assert read_owner(tmp_path) == Owner("dateline ingest", os.getpid(), "2020-09-29T08:15:30+00:00")
    assert read_owner(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gate.lock", "home.lock"]


def test_since_is_the_present_moment_in_utc_unless_a_clock_is_given(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with hold_home(tmp_path, "dateline serve"):
        owner = read_owner(tmp_path)
    assert owner is not None and owner.since is not None
    assert before <= datetime.fromisoformat(owner.since) <= datetime.now(UTC)


def test_looking_at_a_home_that_does_not_exist_does_not_make_it(tmp_path: Path) -> None:
    assert read_owner(tmp_path / "home") is None
    assert not (tmp_path / "home").exists()


def test_a_held_home_is_refused_with_its_owner_and_stays_held(tmp_path: Path) -> None:
    with hold_home(tmp_path, "dateline serve"):
        owner = read_owner(tmp_path)
        for _ in range(2):  # the first attempt must not have freed or replaced the lock
            with pytest.raises(HomeInUse) as refusal, hold_home(tmp_path, "dateline ingest"):
                pass
            assert (refusal.value.home, refusal.value.owner) == (str(tmp_path), "dateline serve")
            assert (refusal.value.pid, refusal.value.since) == (os.getpid(), owner and owner.since)
        assert read_owner(tmp_path) == owner


def test_home_is_free_again_after_an_error_within_the_block(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), hold_home(tmp_path, "dateline serve"):
        raise OSError("disk")
    with hold_home(tmp_path, "dateline serve"):
        pass


def test_home_may_be_left_from_another_thread_than_took_it(tmp_path: Path) -> None:
    held = hold_home(tmp_path, "dateline serve")
    held.__enter__()
    thread = threading.Thread(target=held.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert read_owner(tmp_path) is None


@pytest.mark.parametrize("race", range(3))
def test_of_processes_that_race_for_a_home_exactly_one_wins(tmp_path: Path, race: int) -> None:
    with processes(tmp_path / "home", 6) as racing:
        for process in racing:
            tell(process)
        assert sorted(said(process) for process in racing) == ["held", *["in use"] * 5]


def test_of_threads_that_race_for_a_home_exactly_one_wins(tmp_path: Path) -> None:
    starting, ending = threading.Barrier(8), threading.Barrier(8)
    outcomes: list[str] = []

    def race() -> None:
        starting.wait()
        try:
            with hold_home(tmp_path, "dateline serve"):
                outcomes.append("held")
                ending.wait()
        except HomeInUse:
            outcomes.append("in use")
            ending.wait()

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held", *["in use"] * 7]


def test_another_process_is_read_as_the_owner(tmp_path: Path) -> None:
    with processes(tmp_path, 1) as [process]:
        tell(process)
        assert said(process) == "held"
        owner = read_owner(tmp_path)
        assert owner is not None and (owner.command, owner.pid) == ("dateline serve", process.pid)


def test_a_killed_owner_leaves_a_home_that_is_free_though_its_owner_file_is_still_there(tmp_path: Path) -> None:
    with processes(tmp_path, 1) as [process]:
        tell(process)
        assert said(process) == "held"
        process.kill()
        process.wait()
        assert json.loads((tmp_path / "owner.json").read_text())["pid"] == process.pid
        assert read_owner(tmp_path) is None
        with hold_home(tmp_path, "dateline ingest"):
            owner = read_owner(tmp_path)
        assert owner is not None and (owner.command, owner.pid) == ("dateline ingest", os.getpid())


def test_a_child_process_that_outlives_a_killed_owner_does_not_keep_the_home(tmp_path: Path) -> None:
    with processes(tmp_path, 1, "fork") as [process]:
        tell(process)
        assert said(process) == "held"
        process.kill()
        assert process.wait() == -signal.SIGKILL
        # A child that has only just been forked lets go of the lock as its first act, for which it may have to wait.
        begun = time.monotonic()
        while not can_be_held(tmp_path):
            assert time.monotonic() - begun < 10
        # The child holds the other end of the pipe, which proves that it lives; the end of its input ends it.
        assert process.stdout is not None and not is_readable(process.stdout.fileno())


def can_be_held(home: Path) -> bool:
    try:
        with hold_home(home, "dateline serve"):
            return True
    except HomeInUse:
        return False


def is_readable(descriptor: int) -> bool:
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 1) is not None  # the end of the pipe is readable as b""
    except BlockingIOError:
        return False
    finally:
        os.set_blocking(descriptor, True)


def test_looking_at_a_home_never_makes_a_start_fail(tmp_path: Path) -> None:
    done = threading.Event()
    commands: set[str | None] = set()

    def look() -> None:
        while not done.is_set():
            if (owner := read_owner(tmp_path)) is not None:
                commands.add(owner.command)

    looking = [threading.Thread(target=look) for _ in range(3)]
    for thread in looking:
        thread.start()
    try:
        for _ in range(150):
            with hold_home(tmp_path, "dateline serve"):
                pass
    finally:
        done.set()
        for thread in looking:
            thread.join()
    assert commands <= {"dateline serve", None}  # None only while the owner is leaving


@pytest.mark.parametrize(
    ("left", "owner"),
    [
        (None, Owner(None, None, None)),
        (b"", Owner(None, None, None)),
        (b'{"command": "dateline se', Owner(None, None, None)),
        (b"\xff\xfe", Owner(None, None, None)),
        (b"[" * 100_000, Owner(None, None, None)),
        (b"[1]", Owner(None, None, None)),
        (b'{"command": 1, "pid": true, "since": []}', Owner(None, None, None)),
        (b'{"command": "dateline serve", "pid": "12"}', Owner("dateline serve", None, None)),
    ],
)
def test_an_unreadable_owner_file_leaves_the_owner_unknown_but_the_home_held(
    tmp_path: Path, left: bytes | None, owner: Owner
) -> None:
    with hold_home(tmp_path, "dateline serve"):
        (tmp_path / "owner.json").unlink()
        if left is not None:
            (tmp_path / "owner.json").write_bytes(left)
        assert read_owner(tmp_path) == owner
        with pytest.raises(HomeInUse) as refusal, hold_home(tmp_path, "dateline ingest"):
            pass
        assert Owner(refusal.value.owner, refusal.value.pid, refusal.value.since) == owner


def test_a_home_that_cannot_be_a_folder_is_named_with_the_reason(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    with pytest.raises(ArchiveUnreadable, match="File exists") as refusal, hold_home(home, "dateline serve"):
        pass
    assert refusal.value.path == str(home)


def test_a_home_whose_owner_file_cannot_be_written_is_not_kept_locked(tmp_path: Path) -> None:
    (tmp_path / "owner.json").mkdir()
    with pytest.raises(ArchiveUnreadable), hold_home(tmp_path, "dateline serve"):
        pass
    (tmp_path / "owner.json").rmdir()
    with hold_home(tmp_path, "dateline serve"):
        pass


def test_leaving_a_home_that_was_removed_meanwhile_is_quiet(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with hold_home(home, "dateline serve"):
        for path in home.iterdir():
            path.unlink()
        home.rmdir()
    assert not home.exists()
