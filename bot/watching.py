"""Watched folders: what is dropped into them is taken in, within seconds, for as long as the home is served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from watchfiles import Change, awatch

from retrieval.errors import InputNotFound
from retrieval.news.forms import KNOWN_ENDINGS, ending_of

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

    A folder that is missing is made. What is rejected is logged with its reason and tried again once it changes; what
    could not be taken in for another reason, such as an index being made anew, is tried again soon. Hidden files, those
    of unknown ending and deleted ones change nothing.

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
                failed = await _take(take_in, [str(folder) for folder in folders])
                while True:
                    await asyncio.wait({upcoming}, timeout=_RETRY_S if failed else None)
                    paths = set(failed)
                    if upcoming.done():
                        paths |= {path for change, path in upcoming.result() if _is_meant(change, path, folders)}
                        upcoming = asyncio.ensure_future(anext(changes))
                    failed = await _take(take_in, sorted(paths))
            finally:
                upcoming.cancel()
                await asyncio.gather(upcoming, return_exceptions=True)
                await changes.aclose()
        except Exception:
            named = ", ".join(map(str, folders))
            log.exception("watching %s failed; it begins again in %.0f s", named, _RETRY_S)
            await sleep(_RETRY_S)


def _is_meant(change: Change, path: str, folders: Sequence[Path]) -> bool:
    """Whether a change is one of a file that taking in its whole folder would read."""
    folder = next((one for one in folders if Path(path).is_relative_to(one)), None)
    below = Path(path).parts if folder is None else Path(path).relative_to(folder).parts
    is_hidden = any(part.startswith(".") for part in below)
    return change is not Change.deleted and not is_hidden and ending_of(Path(path).name) in KNOWN_ENDINGS


async def _take(take_in: TakeIn, paths: Sequence[str]) -> list[str]:
    """Take in one path after the other; return those that are to be tried again."""
    failed = []
    for path in paths:
        try:
            async for event in take_in([path]):
                for one in event.get("report", {}).get("rejected", ()):
                    log.warning("watched folder: %s: %s", one["input"], one["reason"])
        except InputNotFound:
            log.info("watched folder: %s is gone again", path)
        except Exception:
            log.exception("watched folder: %s could not be taken in; it is tried again in %.0f s", path, _RETRY_S)
            failed.append(path)
    return failed
