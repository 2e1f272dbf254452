"""Watched folders: what is dropped into them is taken in, within seconds, for as long as the home is served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from watchfiles import Change, awatch

from retrieval.errors import InputNotFound

log = logging.getLogger(__name__)

# A file that is still being written is left alone: each change begins this wait anew ...
_SETTLED_MS = 1_600
# ... but a folder in which something always changes is looked at this often.
_LONGEST_MS = 20_000
_RETRY_S = 30.0

#: Takes in files and folders by path; yields events, the last of which is a report.
TakeIn = Callable[[Sequence[str]], AsyncIterator[dict[str, Any]]]


async def watch_folders(
    folders: Sequence[Path], take_in: TakeIn, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Take in what is in the folders, then whatever comes or changes, for ever.

    A folder that is missing is made. What cannot be taken in is logged with its reason and tried again once it changes;
    a file that is deleted changes nothing.

    Args:
        folders: to watch, with all that is below them.
        take_in: takes in paths.
        sleep: waits, in seconds, before a failed watch begins again.
    """
    while True:
        try:
            for folder in folders:
                await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            # Watching begins before the first look, so that nothing falls in between.
            changes = awatch(*folders, step=_SETTLED_MS, debounce=_LONGEST_MS, recursive=True)
            upcoming = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            try:
                await _take(take_in, [str(folder) for folder in folders])
                while True:
                    changed = await upcoming
                    upcoming = asyncio.ensure_future(anext(changes))
                    paths = sorted({path for change, path in changed if change is not Change.deleted})
                    await _take(take_in, paths)
            finally:
                upcoming.cancel()
                await asyncio.gather(upcoming, return_exceptions=True)
                await changes.aclose()
        except Exception:
            named = ", ".join(map(str, folders))
            log.exception("watching %s failed; it begins again in %.0f s", named, _RETRY_S)
            await sleep(_RETRY_S)


async def _take(take_in: TakeIn, paths: Sequence[str]) -> None:
    for path in paths:
        try:
            async for event in take_in([path]):
                for one in event.get("report", {}).get("rejected", ()):
                    log.warning("watched folder: %s: %s", one["input"], one["reason"])
        except InputNotFound:
            log.info("watched folder: %s is gone again", path)
        except Exception:
            log.exception("watched folder: %s could not be taken in; it is tried again once it changes", path)
