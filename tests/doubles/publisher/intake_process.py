"""An intake as a process of its own, on a fast clock: `python -m publisher.intake_process '{"home": ..., ...}'`.

It fetches until everything is quiet: the clock is past `until_s`, nothing is due any more, every vector is made. Then
it prints one line and ends. It may be killed at any moment.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from config.settings import EmbeddingSettings, IntakeSettings, RetrievalSettings, load_settings
from publisher.clock import FastClock
from publisher.plan import BEGINS_AT
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FETCHED, FeedKind, FeedLedger
from retrieval.build import Engine, open_engine, open_intake
from retrieval.testing import HashingEmbedder

_LOOK_S = 0.3


async def main(given: dict) -> None:
    """Run until quiet."""
    logging.basicConfig(level=given.get("log", "ERROR"))
    clock = FastClock(given["began"], given["speed"])
    defaults = load_settings()
    retrieval: RetrievalSettings = defaults.retrieval
    embedding: EmbeddingSettings = defaults.embedding.model_copy(update={"tagger": "rules"})
    hosts = [f"{host}:{given['port']}" for host in given["hosts"]]
    settings: IntakeSettings = defaults.intake.model_copy(
        update={
            "private_hosts": hosts,
            "host_delay_s": 0.0,
            "timeout_s": given["timeout_s"],
            "connections": 32,
            "host_connections": 4,
            **given.get("settings", {}),
        }
    )

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    home = Path(given["home"])
    await asyncio.to_thread(home.mkdir, exist_ok=True)
    async with open_engine(home, retrieval, embedding, load=HashingEmbedder) as engine:
        await engine.indexer.open()
        with engine.archive.writing() as connection:
            for url in given["feeds"]:
                FeedLedger().add(connection, url, kind=FeedKind.FEED, interval_s=3600, now=clock.now())
        opening = open_intake(
            engine, settings, version="0", now=clock.now, seconds=clock.seconds, sleep=clock.sleep, resolve=resolve
        )
        async with opening as intake:
            running = asyncio.create_task(intake.run())
            await _until_quiet(engine, clock, given["until_s"], running)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        await engine.indexer.close()
    print("quiet", flush=True)  # noqa: T201  # whoever started it waits for this line


async def _until_quiet(engine: Engine, clock: FastClock, until_s: float, running: asyncio.Task[None]) -> None:
    ends_at = BEGINS_AT + timedelta(seconds=until_s)
    while True:
        await asyncio.sleep(_LOOK_S)
        if running.done():
            running.result()
        if clock.now() < ends_at:
            continue
        with engine.archive.reading() as connection:
            due_at = EntryLedger().next_due_at(connection)
            feeds = FeedLedger().all(connection)
        # A process that comes up late, on a busy machine, has not fetched what it is to be quiet about.
        if any(feed.state in FETCHED and (feed.succeeded_at or BEGINS_AT) < ends_at for feed in feeds):
            continue
        if due_at is None and not await engine.indexer.embed_pending():
            return


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
