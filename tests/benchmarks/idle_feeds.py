"""Measure what an intake costs while nothing is new: CPU seconds with many feeds that stay as they are.

.venv/bin/python tests/benchmarks/idle_feeds.py --feeds 200 --minutes 30
.venv/bin/python tests/benchmarks/idle_feeds.py --minutes 10 --interval 300     # each feed asked every five minutes

The feeds lie on hosts of their own, answered by a process beside this one, whose time is not counted. Each lists one
article that its feed gives whole; every later request is answered 304. The first minute, in which all feeds are
fetched for the first time, is told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from config.settings import load_settings
from retrieval.archive.archive import utc_now
from retrieval.archive.feed_ledger import FeedKind, FeedLedger
from retrieval.build import open_engine, open_intake
from retrieval.testing import HashingEmbedder

_SETTLING_S = 60.0
_SENTENCE = "The council of Averden put off the vote on the harbour wall once more, said its clerk. "


def serve(telling: Connection) -> None:
    """Answer feeds in a process of its own until it is ended; tell the port first."""
    published_at = format_datetime(datetime.now(UTC) - timedelta(hours=2))
    asked = 0

    async def feed(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if request.headers.get("If-None-Match") == '"same"':
            return web.Response(status=304)
        text = _SENTENCE * 12
        body = (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{request.host}</title><item><title>Vote at {request.host} put off</title>"
            f"<guid>{request.host}</guid><pubDate>{published_at}</pubDate>"
            f"<content:encoded><![CDATA[<p>{text} This is {request.host}.</p>]]></content:encoded>"
            "</item></channel></rss>"
        )
        return web.Response(text=body, headers={"ETag": '"same"', "Content-Type": "application/rss+xml"})

    async def count(request: web.Request) -> web.Response:
        return web.Response(text=str(asked))

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/feed", feed)
        app.router.add_get("/asked", count)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        telling.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def used_s() -> float:
    """CPU seconds of this process, user's and system's, without children."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def measure(feeds: int, minutes: float, interval_s: int | None, port: int) -> None:
    """Run the intake and print what it used."""
    settings = load_settings()
    hosts = [f"paper{n}.example:{port}" for n in range(feeds)]
    changed: dict[str, object] = {"private_hosts": hosts}
    if interval_s is not None:
        changed |= {"min_interval_s": interval_s, "max_interval_s": interval_s}
    intake_settings = settings.intake.model_copy(update=changed)
    embedding = settings.embedding.model_copy(update={"tagger": "rules"})

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with tempfile.TemporaryDirectory() as home:
        async with open_engine(Path(home), settings.retrieval, embedding, load=HashingEmbedder) as engine:
            await engine.indexer.open()
            with engine.archive.writing() as connection:
                for host in hosts:
                    url = f"http://{host}/feed"
                    FeedLedger().add(connection, url, kind=FeedKind.FEED, interval_s=3600, now=utc_now())
            begun, used_before = time.perf_counter(), used_s()
            async with open_intake(engine, intake_settings, version="0", resolve=resolve) as intake:
                running = asyncio.create_task(intake.run())
                await asyncio.sleep(min(_SETTLING_S, 30.0 * minutes))
                settled, used_settled = time.perf_counter(), used_s()
                await asyncio.sleep(max(60.0 * minutes - (settled - begun), 0.0))
                ended, used_after = time.perf_counter(), used_s()
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            await engine.indexer.close()
    # Closing has ended the process that reads feeds; what answers feeds still runs, so its time is not in here.
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    apart_s = children.ru_utime + children.ru_stime
    whole_s = used_after - used_before + apart_s
    print(f"{feeds} feeds, {ended - begun:.0f} s")  # noqa: T201 - a benchmark's output
    print(f"first {settled - begun:.0f} s: {used_settled - used_before:.2f} CPU s")  # noqa: T201
    print(f"process that reads feeds, its start included: {apart_s:.2f} CPU s")  # noqa: T201
    steady = (used_after - used_settled) / (ended - settled)
    print(f"then: {used_after - used_settled:.2f} CPU s in {ended - settled:.0f} s, {steady:.2%} of one core")  # noqa: T201
    print(f"all: {whole_s:.2f} CPU s, {whole_s / (ended - begun):.2%} of one core")  # noqa: T201
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak_mib:.0f} MiB")  # noqa: T201


async def count_requests(port: int) -> int:
    """Ask the server how often it was asked."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /asked HTTP/1.0\r\n\r\n")
    answered = await reader.read()
    writer.close()
    return int(answered.rpartition(b"\n")[2])


def main() -> None:
    """Start the server, measure, end the server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--interval", type=int, help="seconds between two requests to a feed; default: as set")
    given = parser.parse_args()
    spawned = multiprocessing.get_context("spawn")
    told, telling = spawned.Pipe()
    server = spawned.Process(target=serve, args=(telling,), daemon=True)
    server.start()
    try:
        port = told.recv()
        asyncio.run(measure(given.feeds, given.minutes, given.interval, port))
        print(f"{asyncio.run(count_requests(port))} requests")  # noqa: T201
    finally:
        server.kill()
        server.join()


if __name__ == "__main__":
    main()
