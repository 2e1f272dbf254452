"""A publisher's days at speed: its server here, the intake as a process that may be killed, and the verdict."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from publisher.clock import FastClock
from publisher.plan import Item, Plan
from publisher.server import Publisher
from retrieval.archive.archive import Archive
from retrieval.archive.database import ARCHIVE_FILE, build_engine
from retrieval.archive.feed_tables import entries
from retrieval.archive.tables import articles

# The last look at a page is a week after it was first seen.
_AFTER = timedelta(days=7, hours=12)


@dataclass(slots=True)
class Verdict:
    """How the archive compares with the publisher's truth."""

    articles: int = 0
    wrong: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    elapsed_s: float = 0.0


async def simulate(
    home: Path,
    plan: Plan,
    *,
    speed: float,
    faults: float,
    kills: int,
    timeout_s: float = 1.0,
    seed: int = 1,
    settings: dict[str, Any] | None = None,
) -> Verdict:
    """Run a plan against an intake in `home`, killed `kills` times with SIGKILL, until it is quiet; then compare.

    Faults end with the plan's days: what is left after that must come right.
    """
    begun = time.perf_counter()
    clock = FastClock(time.time() + 2.0, speed)
    publisher = Publisher(plan, clock.now, faults=faults, hangs_s=2 * timeout_s, seed=seed)
    publisher.port = await publisher.start()
    dice = random.Random(seed)
    days_s = (plan.ends_at - plan.feeds[0].items[0].versions[0].at).total_seconds() / speed
    moments = sorted(dice.uniform(3, max(days_s, 4)) for _ in range(kills))
    given = {
        "home": str(home),
        "began": clock.began,
        "speed": speed,
        "port": publisher.port,
        "hosts": sorted({feed.host for feed in plan.feeds}),
        "feeds": [f"http://{publisher.host(feed)}/feeds/{feed.number}" for feed in plan.feeds],
        "until_s": (plan.ends_at + timedelta(hours=48) - clock.now()).total_seconds() + clock.seconds(),
        "timeout_s": timeout_s,
        "settings": settings or {},
    }
    try:
        done = 0
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "publisher.intake_process",
                json.dumps(given),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdout=asyncio.subprocess.PIPE,
            )
            ending = asyncio.ensure_future(process.communicate())
            while not ending.done():
                await asyncio.wait({ending}, timeout=0.2)
                publisher.calm = clock.now() > plan.ends_at
                if done < kills and time.time() - clock.began > moments[done]:
                    done += 1
                    process.send_signal(signal.SIGKILL)
                    break
            out, _ = await ending
            if process.returncode == 0 and b"quiet" in out:
                break
            if process.returncode != -signal.SIGKILL:
                raise AssertionError(f"the intake ended with {process.returncode}: {out!r}")
    finally:
        await publisher.stop()
    verdict = compare(home, plan, publisher)
    verdict.kills, verdict.elapsed_s = done, time.perf_counter() - begun
    verdict.requests = publisher.requests
    return verdict


def compare(home: Path, plan: Plan, publisher: Publisher) -> Verdict:
    """Hold the archive against the truth: each item once, as it was last published; what was deleted is not shown."""
    verdict = Verdict()
    engine = build_engine(home / ARCHIVE_FILE, read_only=True)
    archive = Archive(engine)
    with archive.reading() as connection:
        by_url = {row.url: row for row in connection.execute(select(entries))}
        kept = {row.id: row for row in connection.execute(select(articles))}
    used: Counter[str] = Counter()
    for item in plan.items():
        url = f"http://{publisher.host(plan.feeds[item.feed])}/articles/{item.number}"
        row = by_url.get(url)
        said = item.at(plan.ends_at + _AFTER)
        article = None if row is None or row.article_id is None else archive.current(row.article_id)
        if row is not None and row.article_id is not None:
            used[row.article_id] += 1
        problem = _problem(item, said, article, kept)
        if problem:
            state = None if row is None else (row.state, row.reason, row.visits)
            verdict.wrong.append(f"item {item.number}: {problem}; its entry: {state}")
    verdict.articles = len(kept)
    verdict.wrong += [f"{article_id} is {count} items" for article_id, count in used.items() if count > 1]
    verdict.wrong += [f"{article_id} is no item" for article_id in kept.keys() - used.keys()]
    engine.dispose()
    return verdict


def _problem(item: Item, said: Any, article: Any, kept: dict[str, Any]) -> str | None:
    if said is None:
        if article is not None and kept[article.id].withdrawn_at is None:
            return "deleted, and still shown"
        return None
    if article is None:
        return "not there"
    if kept[article.id].withdrawn_at is not None:
        return "withdrawn without reason"
    if article.is_excerpt:
        return "kept as an excerpt only"
    if article.title != said.title:
        return f"title is {article.title!r}, not {said.title!r}"
    if article.text.split() != said.text.split():
        return f"text differs: {article.text[:120]!r} for {said.text[:120]!r}"
    stated = item.stated_at.replace(microsecond=0)
    if article.published_at != stated:
        return f"date is {article.published_at}, not {stated}"
    return None
