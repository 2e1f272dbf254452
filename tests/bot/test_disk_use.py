"""A folder's size is that of its files, and is looked up on a thread of its own, at most once a minute."""

import asyncio
import threading

import pytest

from bot import disk_use
from bot.disk_use import DiskUse, disk_bytes


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "home"
    (made / "chroma" / "deep").mkdir(parents=True)
    (made / "archive.db").write_bytes(b"x" * 1000)
    (made / "chroma" / "deep" / "graph").write_bytes(b"x" * 200)
    return made


def test_the_files_of_all_folders_count_and_those_behind_links_do_not(tmp_path, folder):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "large").write_bytes(b"x" * 50_000)
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "file").symlink_to(tmp_path / "elsewhere" / "large")
    (folder / "itself").symlink_to(folder)
    assert disk_bytes(folder) == 1200
    assert disk_bytes(tmp_path / "none") == disk_bytes(folder / "archive.db") == 0


async def test_a_size_is_remembered_for_a_minute(folder):
    passed = [0.0]
    use = DiskUse(folder, clock=lambda: passed[0])
    assert await use.read() == 1200
    (folder / "new").write_bytes(b"x" * 34)
    passed[0] = 59.0
    assert await use.read() == 1200
    passed[0] = 60.0
    assert await use.read() == 1234


async def test_whoever_asks_meanwhile_waits_for_the_same_look_off_the_event_loop(folder, monkeypatch):
    threads = []

    def looked(_):
        threads.append(threading.current_thread())
        return 7

    monkeypatch.setattr(disk_use, "disk_bytes", looked)
    use = DiskUse(folder)
    assert await asyncio.gather(*(use.read() for _ in range(5))) == [7] * 5
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
