"""What is dropped into a watched folder is taken in once it is whole, and nothing that goes wrong ends the watch."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from bot.watching import watch_folders
from retrieval.errors import InputNotFound

#: Generous: a change is seen within two seconds.
SOON_S = 30


class Taking:
    """Takes paths in, by writing them down; some are refused, as a test says."""

    def __init__(self):
        self.taken = []
        self.problems = {}
        self._changed = asyncio.Condition()

    async def __call__(self, paths):
        async with self._changed:
            self.taken += paths
            self._changed.notify_all()
        for path in paths:
            if path in self.problems:
                raise self.problems[path]
        yield {"report": {"rejected": [{"input": path, "reason": "has no title"} for path in paths]}}

    async def until(self, seen):
        async with asyncio.timeout(SOON_S), self._changed:
            await self._changed.wait_for(lambda: seen(self.taken))


@pytest.fixture
def taking():
    return Taking()


@asynccontextmanager
async def watching(taking, *folders):
    task = asyncio.create_task(watch_folders(folders, taking))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_is_there_is_taken_in_first_and_then_what_comes_or_changes(tmp_path, taking):
    folder = tmp_path / "not made yet"
    async with watching(taking, folder):
        await taking.until(lambda taken: taken == [str(folder)])
        (folder / "a.txt").write_text("Ferry\n\nIt sank.")
        await taking.until(lambda taken: str(folder / "a.txt") in taken)
        (folder / "deep").mkdir()
        (folder / "deep" / "b.txt").write_text("Goats\n\nSeven.")
        await taking.until(lambda taken: any(path.startswith(str(folder / "deep")) for path in taken))
        before = len(taking.taken)
        (folder / "a.txt").write_text("Ferry\n\nIt did not sink.")
        await taking.until(lambda taken: str(folder / "a.txt") in taken[before:])


async def test_a_file_that_is_deleted_changes_nothing_and_a_failure_ends_nothing(tmp_path, taking, caplog):
    (tmp_path / "a.txt").write_text("Ferry\n\nIt sank.")
    taking.problems = {
        str(tmp_path / "b.txt"): ZeroDivisionError("a mistake"),
        str(tmp_path / "c.txt"): InputNotFound("gone"),
    }
    async with watching(taking, tmp_path) as task:
        await taking.until(lambda taken: taken == [str(tmp_path)])
        (tmp_path / "a.txt").unlink()
        for name in ("b.txt", "c.txt", "d.txt"):
            (tmp_path / name).write_text("Goats\n\nSeven.")
        await taking.until(lambda taken: str(tmp_path / "d.txt") in taken)
        assert not task.done()
    assert str(tmp_path / "a.txt") not in taking.taken
    assert "b.txt could not be taken in; it is tried again in 30 s" in caplog.text
    assert f"{tmp_path}/d.txt: has no title" in caplog.text


async def test_a_folder_that_cannot_be_watched_is_tried_again_later(tmp_path, taking, caplog):
    (tmp_path / "file").write_text("")
    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await watch_folders([tmp_path / "file" / "below"], taking, sleep=sleep)
    assert waited == [30.0, 30.0]
    assert taking.taken == []
    assert "watching" in caplog.text
