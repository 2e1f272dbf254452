"""What forgetting costs: time, bytes written, and how long questions wait meanwhile; and what a backup takes.

python tests/benchmarks/forget_cost.py [--articles 3000] [--home DIR]

Articles of invented words and the hashing embedder, so that nothing but the stores is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from retrieval.archive.database import open_archive
from retrieval.articles import Article, Precision
from retrieval.backup import Backups
from retrieval.forgetting import Forgetter
from retrieval.index.dense import open_dense_index
from retrieval.index.entities import RuleTagger
from retrieval.index.ingest import Indexer
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.sentences import Annotator
from retrieval.passages import Query
from retrieval.restoring import Restored, restore
from retrieval.search.retriever import Retriever
from retrieval.testing import HashingEmbedder
from retrieval.worker import open_worker

_WORDS = [
    f"{a}{b}{c}"
    for a in "mar tol bren ask hul wem".split()
    for b in "ido ula eki ano uvi".split()
    for c in "ne st rk lt sk bo pa ti du ge".split()
]


def invented(number: int) -> Article:
    """Make an article of 400 invented words and a number of its own in each sentence."""
    dice = random.Random(number)
    text = " ".join(" ".join(dice.choices(_WORDS, k=15)).capitalize() + f" {number}x{line}." for line in range(25))
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number % 300)
    url = f"https://news.example/{number}"
    return Article(f"a-{number}", f"Report {number}", f"Outlet {number % 20}", url, day, Precision.DAY, (), "en", text)


def written_bytes() -> int:
    """Tell how much this process has had written to disk so far, as Linux counts; 0 elsewhere."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return 0
    return int(dict(line.split(": ") for line in lines)["wchar"])


def disk_bytes(home: Path) -> int:
    """Add up the files of a home."""
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


async def measured(name: str, doing: asyncio.Task[object], retriever: Retriever) -> None:
    """Ask questions until the work is done, and print what both took."""
    begun, before, waits = time.perf_counter(), written_bytes(), []
    while not doing.done():
        asked = time.perf_counter()
        await retriever.retrieve(Query("maridone tolulast brenekirk report 77", limit=10))
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.05)
    await doing
    waits.sort()
    print(  # noqa: T201
        f"{name:24} {time.perf_counter() - begun:7.2f} s  {(written_bytes() - before) / 2**20:8.1f} MiB written  "
        f"{len(waits):4} questions: median {waits[len(waits) // 2] * 1000:5.0f} ms, longest {waits[-1] * 1000:5.0f} ms"
    )


async def run(home: Path, count: int) -> None:
    """Fill a home, then forget 1 and 100 articles and a publisher's, back up and restore."""
    with ExitStack() as stack:
        worker = stack.enter_context(open_worker(max_waiting=64))
        archive = stack.enter_context(open_archive(home))
        dense = stack.enter_context(open_dense_index(home))
        embedder = HashingEmbedder(384)
        annotator = Annotator(embedder, RuleTagger())
        parts = (archive, Ledger(), LexicalIndex(), dense, embedder, annotator, worker)
        indexer = Indexer(*parts, passage_tokens=128)
        await indexer.open()
        retriever = Retriever(*parts, dense_weight=0.5, lexical_weight=0.5, candidates=50)
        begun = time.perf_counter()
        for start in range(0, count, 100):
            await indexer.add([invented(number) for number in range(start, min(count, start + 100))])
            await indexer.embed_pending()
        size = archive.size()
        print(  # noqa: T201
            f"{size.articles} articles, {size.passages} passages, {disk_bytes(home) / 2**20:.1f} MiB, "
            f"filled in {time.perf_counter() - begun:.0f} s"
        )
        forgetter = Forgetter(archive, parts[1], parts[2], dense, worker)
        backups = Backups(archive, dense, worker)

        async def forget(*names: str) -> None:
            for name in names:
                await forgetter.bury(name)
            async for _ in forgetter.remove():
                pass
            await forgetter.scrub()

        async def back_up() -> None:
            async for _ in backups.make(home.parent / "home.backup", datetime.now(UTC)):
                pass

        await retriever.retrieve(Query("maridone", limit=10))
        await measured("nothing, for comparison", asyncio.ensure_future(asyncio.sleep(3)), retriever)
        await measured("forgetting 1", asyncio.ensure_future(forget("https://news.example/0")), retriever)
        hundred = [f"https://news.example/{number}" for number in range(1, 101)]
        await measured("forgetting 100", asyncio.ensure_future(forget(*hundred)), retriever)
        await measured("forgetting a publisher", asyncio.ensure_future(forget("outlet 7")), retriever)
        await measured("backing up", asyncio.ensure_future(back_up()), retriever)
        await indexer.close()
    backup = home.parent / "home.backup"
    begun = time.perf_counter()
    restored = Restored()
    other = home.parent / "other"
    other.mkdir()
    for _ in restore(backup, other, replaces=False, restored=restored):
        pass
    print(  # noqa: T201
        f"backup of {backup.stat().st_size / 2**20:.1f} MiB restored in {time.perf_counter() - begun:.1f} s: "
        f"{restored.articles} articles, {restored.passages} passages"
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--home", type=Path, help="a folder for the homes; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.home) as folder:
        home = Path(folder) / "home"
        os.mkdir(home)
        asyncio.run(run(home, given.articles))


if __name__ == "__main__":
    main()
