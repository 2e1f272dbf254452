"""What keeps a home in order, as streams of plain events: forgetting, backing up, restoring."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, astuple
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.control_lines import own_version
from bot.leftovers import Leftovers
from bot.records.backups import RecordsRestored, copy_for_backup, restore_records
from bot.records.records import Records
from bot.records.resting import RestsOn
from retrieval.backup import Step
from retrieval.build import Engine
from retrieval.index.burial import Named
from retrieval.restoring import Restored, restore
from retrieval.traces import find_gone

Event = dict[str, Any]

_MIB = 2**20


class Upkeep:
    """Forgets and backs up in the open engine of one home. Closed by nobody: it owns nothing."""

    def __init__(
        self,
        engine: Engine,
        records: Records,
        leftovers: Leftovers,
        *,
        now: Callable[[], datetime],
        check: Callable[[], None],
    ) -> None:
        """Wire it; `check` raises while the index is being rebuilt, which forgetting must not disturb."""
        self._engine = engine
        self._records = records
        self._leftovers = leftovers
        self._now = now
        self._check = check
        # What one has begun to look for, another one that ends first must not take for its own.
        self._forgetting = asyncio.Lock()

    async def forget(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Forget "names" (addresses, ids of articles, publishers), all or none of which are known.

        What rests on them in people's records is erased too.

        With "look" true it only tells what would be forgotten; with "undo" true the names may come again.
        """
        names = [str(name) for name in arguments["names"]]
        forgetter = self._engine.forgetter
        if arguments.get("undo"):
            allowed = [{"name": name, "tombstones": await forgetter.allow_again(name)} for name in names]
            yield {"report": {"allowed": allowed}}
            return
        found = [await forgetter.find(name) for name in names]
        if arguments.get("look"):
            yield {"report": {"found": [_told(named) for named in found]}}
            return
        self._check()
        begun = time.perf_counter()
        total = len({article_id for named in found for article_id in named.article_ids})
        yield _progress(0, total, 0)
        removed = 0
        async with self._forgetting:
            await self._leftovers.begin(found)
            for name in names:
                await forgetter.bury(name)
            async for count in forgetter.remove():
                removed += count
                yield _progress(removed, total, removed)
            await forgetter.scrub()
            erased = await self._leftovers.finish()
        elapsed_s = round(time.perf_counter() - begun, 3)
        forgotten = [_told(named) for named in found]
        yield {"report": {"articles": removed, "records": erased, "forgotten": forgotten, "elapsed_s": elapsed_s}}

    async def expire(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Forget the articles that are older than the settings keep them, and what of people's records is, or rests on.

        The records' file is written anew, so that nothing of what left it in the last day stays there.
        """
        self._check()
        articles = await self._engine.forgetter.expire(self._engine.retention)
        expired = await self._records.expire()
        async with self._forgetting:
            erased = await self._leftovers.finish()
        await self._records.store.scrub()
        yield {"report": {"articles": articles, "records": expired + erased}}

    async def backup(self, arguments: dict[str, Any]) -> AsyncIterator[Event]:
        """Back the home up into the file "path", an absolute one: of people's records what `copy_for_backup` takes."""
        begun, path = time.perf_counter(), Path(arguments["path"])
        copy_records = partial(copy_for_backup, self._records.store)
        making = self._engine.backups.make(path, self._now(), version=own_version(), copy_records=copy_records)
        async for step in making:
            yield _stepped(step)
        size = (await asyncio.to_thread(path.stat)).st_size
        yield {"report": {"path": str(path), "bytes": size, "elapsed_s": round(time.perf_counter() - begun, 3)}}


async def restore_home(path: Path, home: Path, *, replaces: bool, server_url: str) -> AsyncIterator[Event]:
    """Restore a backup into a home that this process holds and in which no engine is open; see `restore`."""
    begun, restored, records = time.perf_counter(), Restored(), list[RecordsRestored]()

    def put_records(own: Path, backed_up: Path | None, target: Path, archive: Connection) -> None:
        def gone(resting: RestsOn) -> RestsOn:
            return RestsOn(*astuple(find_gone(archive, **asdict(resting))))

        records.append(restore_records(own, backed_up, target, gone))

    steps = restore(path, home, replaces=replaces, restored=restored, server_url=server_url, put_records=put_records)
    try:
        while (step := await _finished(next, steps, None)) is not None:
            yield _stepped(step)
    finally:
        steps.close()
    told = asdict(restored)
    del told["tombstones"]
    told["lost_tombstones"] |= any(one.lost for one in records)
    for one in records:
        told |= {"guilds": one.guilds, "feedback": one.feedback, "records_left_out": one.left_out}
    yield {"report": told | {"elapsed_s": round(time.perf_counter() - begun, 3)}}


async def _finished(call: Callable[..., Any], *args: Any) -> Any:
    """Run a call on a thread and wait for its end even when cancelled: what it works on is closed next."""
    running = asyncio.ensure_future(asyncio.to_thread(call, *args))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def _told(named: Named) -> Event:
    return {"name": named.name, "kind": str(named.kind), "articles": len(named.article_ids)}


def _progress(done: int, total: int, articles: int) -> Event:
    return {"progress": {"done": done, "total": total, "articles": articles}}


def _stepped(step: Step) -> Event:
    return _progress(step.done, step.total, step.done // _MIB)
