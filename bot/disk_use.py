"""How much room a folder's files take; of a home that is served, looked up at most once a minute."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# 100,000 files take 0.7 s, and a home may hold the folders that it watches.
_REMEMBERED_S = 60.0


def disk_bytes(folder: Path) -> int:
    """Add up the sizes of the files in a folder and below; links are not followed, and a missing folder takes none."""
    total, waiting = 0, [os.fspath(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):  # the owner may remove a file meanwhile
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        total += entry.stat(follow_symlinks=False).st_size
    return total


class DiskUse:
    """Tells how much room a folder takes, on a thread that neither the event loop nor a question waits for."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Wire it; `clock` gives monotonic seconds."""
        self._folder = folder
        self._clock = clock
        self._lock = asyncio.Lock()
        self._told: tuple[float, int] | None = None

    async def read(self) -> int:
        """Tell the size in bytes, as it was within the last minute."""
        async with self._lock:
            if self._told is None or self._clock() - self._told[0] >= _REMEMBERED_S:
                size_bytes = await asyncio.to_thread(disk_bytes, self._folder)
                self._told = self._clock(), size_bytes
            return self._told[1]
