"""Measure how much later answers come while news is being taken in: idle, during intake, and idle again, in one run.

.venv/bin/python tests/benchmarks/intake_latency.py HOME QUESTIONS.jsonl --questions 60

Work on a fresh copy each time: articles of invented words are added to HOME (they answer none of the questions). A
process beside this one publishes many more than can be taken in meanwhile, so that fetching, reading, storing and
embedding never rest; all the rest is one process, as `dateline serve` runs it. Each question is put three times, once
in each phase. Beside the times it prints the pieces of intake that a question may have had to wait for, the longest
first.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.app import open_operations
from bot.evaluation.run import Perform, perform_once
from bot.feeds import FeedOperations
from bot.operations import Operations
from config.settings import load_settings
from retrieval.archive.archive import utc_now
from retrieval.archive.feed_ledger import FeedKind, FeedLedger
from retrieval.evaluation.judgements import Judgement, read_judgements
from retrieval.evaluation.metrics import percentile
from retrieval.worker import Lane, Worker

_FEEDS, _LISTED = 40, 100
_SENTENCES = 24
_WARMING = 5
_TOLD = 10
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def invent(number: int) -> tuple[str, list[str]]:
    """Make up an article, the same for the same number: its title and its paragraphs, some 400 words."""
    dice = random.Random(number)
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(150)]
    small = "the of to in and said on for was with that at by from".split()

    def sentence() -> str:
        picked = [dice.choice(small) if dice.random() < 0.4 else dice.choice(words) for _ in range(dice.randint(8, 25))]
        return f"{dice.choice(words).title()} {' '.join(picked)}."

    paragraphs = [" ".join(sentence() for _ in range(3)) for _ in range(_SENTENCES // 3)]
    return f"{dice.choice(words).title()} {' '.join(dice.choices(words, k=5))}", paragraphs


def serve(telling: Connection) -> None:
    """Publish in a process of its own until it is ended; tell the port first."""

    async def feed(request: web.Request) -> web.Response:
        first = int(request.match_info["number"]) * _LISTED
        now = format_datetime(datetime.now(UTC) - timedelta(minutes=5))
        listed = "".join(
            f"<item><title>{invent(n)[0]}</title><link>http://{request.host}/articles/{n}</link>"
            f"<guid>{n}</guid><pubDate>{now}</pubDate></item>"
            for n in range(first, first + _LISTED)
        )
        body = f'<rss version="2.0"><channel><title>{request.host}</title>{listed}</channel></rss>'
        return web.Response(text=body, content_type="application/rss+xml")

    async def page(request: web.Request) -> web.Response:
        title, paragraphs = invent(int(request.match_info["number"]))
        text = "".join(f"<p>{one}</p>" for one in paragraphs)
        body = (
            f"<!doctype html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a></nav>"
            f"<article><h1>{title}</h1>{text}</article></body></html>"
        )
        return web.Response(text=body, content_type="text/html")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/feeds/{number}", feed)
        app.router.add_get("/articles/{number}", page)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        telling.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def ask(perform: Perform, judged: Sequence[Judgement], pause_s: float) -> tuple[list[float], list[float]]:
    """Put questions one by one; return the ms that each took, and those that it waited for the worker at first."""
    took, waited = [], []
    for one in judged:
        begun = time.perf_counter()
        outcome = await perform_once(perform, "ask", one.fields, "outcome")
        took.append(1000 * (time.perf_counter() - begun))
        waited.append(_wait_ms(outcome))
        await asyncio.sleep(pause_s)
    return took, waited


def _wait_ms(outcome: Any) -> float:
    timings = outcome.get("timings_ms") or {}
    return float(timings.get("wait", 0.0))


async def measure(home: Path, judged: Sequence[Judgement], pause_s: float, port: int) -> None:
    """Open the home, ask in the three phases, and print what came of it."""
    settings = load_settings()
    hosts = [f"paper{n}.example:{port}" for n in range(_FEEDS)]
    intake = settings.intake.model_copy(update={"private_hosts": hosts, "host_delay_s": 0.2, "feeds_file": ""})
    settings = settings.model_copy(update={"intake": intake})

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with open_operations(home, settings, "intake_latency") as operations:
        await operations.open_index()
        await operations.warm()
        async for _ in operations.perform("embed", {}):
            pass
        await ask(operations.perform, judged[:_WARMING], 0.0)
        phases = {"idle": await ask(operations.perform, judged, pause_s)}
        feeds = _with_resolver(operations, resolve)
        engine = feeds._engine

        def follow() -> None:
            with engine.archive.writing() as connection:
                for n, host in enumerate(hosts):
                    url = f"http://{host}/feeds/{n}"
                    FeedLedger().add(connection, url, kind=FeedKind.FEED, interval_s=3600, now=utc_now())

        await engine.worker.run(Lane.INTAKE, follow)
        before = await engine.worker.run(Lane.QUESTION, engine.archive.size)
        pieces = _timed(engine.worker)
        running = asyncio.create_task((await feeds.intake()).run())
        while (await engine.worker.run(Lane.QUESTION, engine.archive.size)).articles < before.articles + 10:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        begun = time.perf_counter()
        at_first = await engine.worker.run(Lane.QUESTION, engine.archive.size)
        phases["intake"] = await ask(operations.perform, judged, pause_s)
        seconds = time.perf_counter() - begun
        after = await engine.worker.run(Lane.QUESTION, engine.archive.size)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        phases["idle again"] = await ask(operations.perform, judged, pause_s)
    taken = after.articles - at_first.articles
    print(f"{taken} articles taken in meanwhile, {taken / seconds:.1f} a second")  # noqa: T201 - a benchmark's output
    for name, (took, waited) in phases.items():
        p50, p95, w95 = percentile(took, 0.5), percentile(took, 0.95), percentile(waited, 0.95)
        print(f"{name:11} p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {max(took):.0f} ms; waiting p95 {w95:.0f} ms")  # noqa: T201
    idle = phases["idle"][0] + phases["idle again"][0]
    for name, times in sorted(pieces.items(), key=lambda one: -max(one[1]))[:_TOLD]:
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
        print(f"  {name:40} {len(times):5} times, p50 {p50:5.0f} ms, p95 {p95:5.0f} ms, max {max(times):5.0f} ms")  # noqa: T201
    for share in (0.5, 0.95):
        plain, busy = percentile(idle, share), percentile(phases["intake"][0], share)
        assert plain and busy
        print(f"p{100 * share:.0f} during intake to idle: {busy / plain:.2f}")  # noqa: T201


def _timed(worker: Worker) -> dict[str, list[float]]:
    """Note from now on the ms that each piece of intake takes, by its name."""
    pieces: dict[str, list[float]] = defaultdict(list)
    run = worker.run

    async def run_timed(lane: Lane, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if lane is Lane.QUESTION:
            return await run(lane, call, *args, **kwargs)

        def timed() -> Any:
            begun = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                pieces[getattr(call, "__qualname__", repr(call))].append(1000 * (time.perf_counter() - begun))

        return await run(lane, timed)

    worker.run = run_timed  # type: ignore[method-assign,assignment]  # only in this benchmark
    return pieces


def _with_resolver(operations: Operations, resolve: Any) -> FeedOperations:
    """Let the feeds' intake find all hosts on loopback."""
    feeds = operations.feeds
    opening = feeds._open_intake
    feeds._open_intake = lambda engine: opening(engine, resolve=resolve)  # type: ignore[call-arg]  # a partial
    return feeds


def main() -> None:
    """Start the publisher, measure, end it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="a copy, which this changes")
    parser.add_argument("file", type=Path, help="questions in the batch contract")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between an answer and the next question")
    given = parser.parse_args()
    judged = list(itertools.islice(read_judgements(given.file), given.questions))
    spawned = multiprocessing.get_context("spawn")
    told, telling = spawned.Pipe()
    publisher = spawned.Process(target=serve, args=(telling,), daemon=True)
    publisher.start()
    try:
        asyncio.run(measure(given.home, judged, given.pause, told.recv()))
    finally:
        publisher.kill()
        publisher.join()


if __name__ == "__main__":
    main()
