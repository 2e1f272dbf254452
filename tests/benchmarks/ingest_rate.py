"""Measure an intake against bare encoding of the same passages, in one run, block by block by turns.

.venv/bin/python tests/benchmarks/ingest_rate.py ARTICLES.jsonl --limit 1500
.venv/bin/python tests/benchmarks/ingest_rate.py ARTICLES.jsonl --copies 5 --fill --runtime onnx --every 10

Each block of articles is taken in as `dateline ingest` does it, up to where both searches find all of it. Then, of
every block or of one in --every, the passages, headlines included, go through the embedder in one call with its own
batching; and as many passages as these are read ahead, as the command does at its end. The share is the time of
encoding over that of taking in the same blocks, so 1 would be an intake that costs nothing but encoding passages. The
same is told in processor seconds, which other work on the machine changes less.

With --copies each article comes several times under other ids: about half of its words of four letters and more are
replaced in each copy by invented words of the same length, the same word by the same one within a copy, so that no two
are equal or near copies. With --fill only the blocks that are compared are encoded, and compared only among the
articles and their last copies: for all others random unit vectors stand in for those of the model, so that an archive
grows to its size in a sixth of the time. What is measured last then tells of an intake into a large home. Random
vectors are the harder ones for Chroma's graph.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bot.app import open_operations
from config.settings import load_settings
from retrieval.archive.tables import passages, versions
from retrieval.build import Engine
from retrieval.index.embedding import Embedder, Vectors, load_embedder
from retrieval.index.onnx_embedding import load_onnx_embedder

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


def blocks(file: Path, limit: int | None, copies: int, size: int) -> Iterator[tuple[int, list[str]]]:
    """Read articles and their copies in blocks of lines, each with its copy's number; all articles come first (0)."""
    for copy in range(copies):
        with file.open(encoding="utf-8") as lines:
            given = islice((line for line in lines if line.strip()), limit)
            written = (json.dumps(altered(json.loads(line), copy)) for line in given)
            while block := list(islice(written, size)):
                yield copy, block


class Filling:
    """An embedder that gives random unit vectors for passages while `fills` is set."""

    def __init__(self, embedder: Embedder) -> None:
        """Stand before an embedder, under its name."""
        self._embedder = embedder
        self._dice = np.random.default_rng(0)
        self.fills = False

    def __getattr__(self, name: str) -> Any:
        """Leave all but the passages to the embedder."""
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages, or give each a random direction."""
        if not self.fills:
            return self._embedder.embed_passages(texts)
        vectors = self._dice.standard_normal((len(texts), self._embedder.dimensions), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


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


class Measured:
    """What is added up from one moment on: articles, passages and the clocks."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.taking, self.compared, self.bare, self.reading = Clock(), Clock(), Clock(), Clock()
        self.archived = self.rejected = self.articles = self.passages = self.encoded = self.read = 0

    def __str__(self) -> str:
        """Write the sums, a line each."""
        share, cpu_share = self.bare.wall_s / self.compared.wall_s, self.bare.cpu_s / self.compared.cpu_s
        both_s = self.compared.wall_s + self.reading.wall_s * self.encoded / self.read
        rates = (
            f"{self.articles / self.taking.wall_s:.2f} articles/s, {self.passages / self.taking.wall_s:.2f} passages/s"
        )
        return "\n".join(
            (
                f"{self.archived} articles ({self.rejected} rejected), of which {self.articles} are measured",
                f"{self.taking.wall_s:.1f} s until these are found: {rates}, {peak()}",
                f"encoding {self.encoded} of them: {self.encoded / self.bare.wall_s:.2f} passages/s",
                f"share: {share:.3f} of the time, {cpu_share:.3f} of processor seconds",
                f"reading ahead {self.read} of them: share with it {self.bare.wall_s / both_s:.3f}",
            )
        )


async def measure(home: Path, given: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Take blocks in and encode them, by turns; print the sums, for each stretch that is measured."""
    settings = load_settings()
    is_onnx = given.runtime == "onnx"
    model = settings.embedding.model
    embedder = Filling(load_onnx_embedder(model, cache_dir=home / "onnx") if is_onnx else load_embedder(model))
    measured, number, stretch = Measured(), 0, 0
    async with open_operations(home, settings, "ingest_rate", load=lambda: embedder) as operations:
        await operations.open_index()
        async with aclosing(operations.perform("ingest", {"samples": True})) as events:  # loads what is loaded late
            async for _ in events:
                pass
        engine = operations._engine
        number = read_passages(engine, 0)[1]
        file = home / "block.jsonl"
        for count, (copy, block) in enumerate(blocks(given.articles, given.limit, given.copies, given.block), start=1):
            is_compared = count % given.every == 0 and (not given.fill or copy in (0, given.copies - 1))
            embedder.fills = given.fill and not is_compared
            if given.fill and copy != stretch:
                if measured.encoded:
                    tell(f"{given.runtime}, copy {stretch}: {measured}")
                measured, stretch = Measured(), copy
            file.write_text("\n".join(block) + "\n", "utf-8")
            counts = is_compared or not given.fill
            with measured.taking if counts else nullcontext(), measured.compared if is_compared else nullcontext():
                async with aclosing(operations.perform("ingest", {"paths": [str(file)]})) as events:
                    async for event in events:
                        report = event.get("report")
            assert report is not None
            taken = report["added"] + report["updated"]
            measured.archived += taken
            measured.rejected += len(report["rejected"])
            if counts:
                measured.articles += taken
                measured.passages += report["passages_added"]
            texts, number = read_passages(engine, number)
            if is_compared:
                measured.encoded += len(texts)
                with measured.bare:
                    embedder.embed_passages(texts)
                with measured.reading:
                    measured.read += await engine.indexer.sentences.make(len(texts))
            if count % _TOLD_EVERY == 0:
                share = measured.bare.wall_s / measured.compared.wall_s if measured.encoded else 0.0
                tell(f"  copy {copy}, {measured.archived} articles: share {share:.3f}, {peak()}")
    tell(f"{given.runtime}: {measured}")


def peak() -> str:
    """Tell the most memory that this process has held."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def main() -> None:
    """Read the arguments and measure in a new home."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--limit", type=int, help="take only the first so many articles")
    parser.add_argument("--copies", type=int, default=1, help="how often each article comes, altered")
    parser.add_argument("--fill", action="store_true", help="encode only the articles and their last copies")
    parser.add_argument("--block", type=int, default=100, help="articles in a block")
    parser.add_argument("--every", type=int, default=1, help="compare one block in so many")
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="torch")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(measure(Path(home), given, lambda line: print(line, flush=True)))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
