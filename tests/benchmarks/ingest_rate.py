"""Measure an intake against bare encoding of the same passages, in one run, block by block by turns.

.venv/bin/python tests/benchmarks/ingest_rate.py ARTICLES.jsonl --limit 1500
.venv/bin/python tests/benchmarks/ingest_rate.py ARTICLES.jsonl --copies 5 --runtime onnx --every 10

Each block of articles is taken in as `dateline ingest` does it, up to where both searches find all of it. Then, of
every block or of one in --every, the passages, headlines included, go through the embedder in one call with its own
batching; and as many passages as these are read ahead, as the command does at its end. The share is the time of
encoding over that of taking in the same blocks, so 1 would be an intake that costs nothing but encoding passages. The
same is told in processor seconds, which other work on the machine changes less.

With --copies each article comes several times under other ids: about half of its words of four letters and more are
replaced in each copy by invented words of the same length, the same word by the same one within a copy, so that no two
are equal or near copies.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.app import open_operations
from config.settings import load_settings
from retrieval.archive.tables import passages, versions
from retrieval.build import Engine

_LETTERS = "etaoinshrdlu"
_TOLD_EVERY = 20


def altered(fields: dict[str, Any], copy: int) -> dict[str, Any]:
    """Alter an article's title and text for a copy >= 1; 0 is the article itself."""
    if copy == 0:
        return fields

    def alter(word: str) -> str:
        dice = random.Random(f"{copy} {word}")
        if len(word) < 4 or dice.random() < 0.5:
            return word
        made = "".join(dice.choices(_LETTERS, k=len(word)))
        return made.title() if word[0].isupper() else made

    changed = {
        name: "\n".join(" ".join(map(alter, line.split(" "))) for line in fields[name].split("\n"))
        for name in ("title", "text")
    }
    return {**fields, **changed, "id": f"{fields['id']}-copy-{copy}"}


def blocks(file: Path, limit: int | None, copies: int, size: int) -> Iterator[list[str]]:
    """Read articles and their copies in blocks of lines; all articles first, then all their first copies, and so on."""
    for copy in range(copies):
        with file.open(encoding="utf-8") as lines:
            given = islice((line for line in lines if line.strip()), limit)
            written = (json.dumps(altered(json.loads(line), copy)) for line in given)
            while block := list(islice(written, size)):
                yield block


def read_passages(engine: Engine, above: int) -> tuple[list[str], int]:
    """Read the passages numbered above `above` as they are embedded, and the highest number."""
    with engine.archive.reading() as connection:
        rows = connection.execute(
            select(
                versions.c.title,
                func.substr(
                    versions.c.text, passages.c.start_char + 1, passages.c.end_char - passages.c.start_char
                ).label("text"),
            )
            .join(
                versions, (versions.c.article_id == passages.c.article_id) & (versions.c.version == passages.c.version)
            )
            .where(passages.c.number > above)
        ).all()
        highest = connection.scalar(select(func.max(passages.c.number))) or above
    titles = engine.indexer._pending._shortened([row.title for row in rows])
    return [f"{title}\n{row.text}" for title, row in zip(titles, rows, strict=True)], highest


class Clock:
    """Adds up seconds of the wall and of the processor."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    def __enter__(self) -> Clock:
        """Begin to count."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop counting."""
        self.wall_s += time.perf_counter() - self._wall
        self.cpu_s += time.process_time() - self._cpu


async def measure(home: Path, given: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Take blocks in and encode them, by turns; print the sums."""
    settings = load_settings()
    embedding = settings.embedding.model_copy(update={"runtime": given.runtime})
    settings = settings.model_copy(update={"embedding": embedding})
    taking, compared, bare, reading = Clock(), Clock(), Clock(), Clock()
    articles = rejected = passages_added = encoded = read = number = 0
    async with open_operations(home, settings, "ingest_rate") as operations:
        await operations.open_index()
        async with aclosing(operations.perform("ingest", {"samples": True})) as events:  # loads what is loaded late
            async for _ in events:
                pass
        engine = operations._engine
        embedder = engine.indexer._pending._embedder
        number = read_passages(engine, 0)[1]
        file = home / "block.jsonl"
        for count, block in enumerate(blocks(given.articles, given.limit, given.copies, given.block), start=1):
            file.write_text("\n".join(block) + "\n", "utf-8")
            is_compared = count % given.every == 0
            with taking, compared if is_compared else nullcontext():
                async with aclosing(operations.perform("ingest", {"paths": [str(file)]})) as events:
                    async for event in events:
                        report = event.get("report")
            assert report is not None
            articles += report["added"] + report["updated"]
            rejected += len(report["rejected"])
            passages_added += report["passages_added"]
            texts, number = read_passages(engine, number)
            if is_compared:
                encoded += len(texts)
                with bare:
                    embedder.embed_passages(texts)
                with reading:
                    read += await engine.indexer.sentences.make(len(texts))
            if count % _TOLD_EVERY == 0 and encoded:
                share = bare.wall_s / compared.wall_s
                tell(f"  {articles} articles: {articles / taking.wall_s:.2f} a second, share {share:.3f}, {peak()}")
    tell(f"{given.runtime}: {articles} articles ({rejected} rejected), {passages_added} passages")
    rates = f"{articles / taking.wall_s:.2f} articles/s, {passages_added / taking.wall_s:.2f} passages/s"
    tell(f"{taking.wall_s:.1f} s until all is found: {rates}, {peak()}")
    tell(f"encoding {encoded} of them: {bare.wall_s:.1f} s, {encoded / bare.wall_s:.2f} passages/s")
    share, cpu_share = bare.wall_s / compared.wall_s, bare.cpu_s / compared.cpu_s
    tell(f"share: {share:.3f} of the time, {cpu_share:.3f} of processor seconds")
    both_s = compared.wall_s + reading.wall_s * encoded / read
    tell(f"reading ahead {read} of them: {reading.wall_s:.1f} s; share with it: {bare.wall_s / both_s:.3f}")


def peak() -> str:
    """Tell the most memory that this process has held."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def main() -> None:
    """Read the arguments and measure in a new home."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--limit", type=int, help="take only the first so many articles")
    parser.add_argument("--copies", type=int, default=1, help="how often each article comes, altered")
    parser.add_argument("--block", type=int, default=100, help="articles in a block")
    parser.add_argument("--every", type=int, default=1, help="compare one block in so many")
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="torch")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(measure(Path(home), given, lambda line: print(line, flush=True)))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
