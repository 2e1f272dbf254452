"""What the parts of `eval_news.py` share: figures, homes that hold the articles of a data set, and asking them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.language_models import BaseChatModel

from bot.app import open_operations
from bot.evaluation.run import Perform
from bot.inspection import read_status
from config.settings import load_settings
from retrieval.evaluation.metrics import bootstrap_interval, mean
from retrieval.index.embedding import Embedder, Vectors, load_embedder


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: a count, a share or a time, with the number of cases behind it, if it is a mean."""

    what: str
    value: float | int | None
    interval: Sequence[float] | None = None
    cases: int | None = None


def share(what: str, values: Iterable[bool | float]) -> Figure:
    """Give the mean of what holds of each case, with its 95 % bootstrap interval."""
    counted = [float(value) for value in values]
    return Figure(what, mean(counted), bootstrap_interval(counted), len(counted))


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Read a JSONL file."""
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]


def take_in(articles: Path, home: Path) -> Path:
    """Take a file of articles into a home with `dateline ingest`, unless it holds as many; go on where one stopped."""
    if _lacks(articles, home):
        command = [sys.executable, "-m", "bot", "ingest", str(articles), "--home", str(home)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return home


async def take_in_copies(articles: Path, home: Path, embedder: Embedder) -> Path:
    """Take articles in that are mostly copies of each other, as `take_in` does but with an embedder that remembers."""
    if _lacks(articles, home):
        paths = {"paths": [str(articles)]}
        async with open_home(home, embedder=embedder) as perform, aclosing(perform("ingest", paths)) as events:
            async for _ in events:
                pass
    return home


def write_articles(name: str, articles: Iterable[Mapping[str, Any]], homes: Path) -> tuple[Path, Path]:
    """Write articles that a part has made; return their file and their home, another one for other articles."""
    text = "".join(json.dumps(article) + "\n" for article in articles)
    home = homes / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    file = home.with_suffix(".jsonl")
    file.write_text(text, "utf-8")
    return file, home


def _lacks(articles: Path, home: Path) -> bool:
    wanted, status = len(read_lines(articles)), read_status(home)
    lacks = status["index"]["articles"] != wanted or status["pending_vectors"] > 0
    if lacks:
        print(f"taking {wanted} articles into {home} ...", file=sys.stderr)  # noqa: T201 - progress of a benchmark
    return lacks


class Remembering:
    """The settings' embedder, which embeds no text twice. Holds nothing to close.

    For parts that put a few questions to copies of a few articles; never where time is measured.
    """

    def __init__(self) -> None:
        embedding = load_settings().embedding
        self._embedder = load_embedder(embedding.model, device=embedding.device)
        self._passages: dict[str, Vectors] = {}
        self._queries: dict[str, Vectors] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed those texts that are new; shape (n, d)."""
        return _embed_new(self._embedder.embed_passages, texts, self._passages)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed those texts that are new; shape (n, d)."""
        return _embed_new(self._embedder.embed_queries, texts, self._queries)


def _embed_new(embed: Callable[[list[str]], Vectors], texts: Sequence[str], known: dict[str, Vectors]) -> Vectors:
    if not texts:
        return embed([])
    if new := [text for text in dict.fromkeys(texts) if text not in known]:
        known.update(zip(new, embed(new), strict=True))
    return np.stack([known[text] for text in texts])


@asynccontextmanager
async def open_home(
    home: Path, *, chat_model: BaseChatModel | None = None, embedder: Embedder | None = None
) -> AsyncIterator[Perform]:
    """Open a home and give what performs its operations.

    Args:
        home: the folder.
        chat_model: writes the answers; None leaves that to the settings.
        embedder: embeds in place of the settings' one.
    """
    settings, load = load_settings(), None if embedder is None else lambda: embedder
    if chat_model is not None:
        llm = settings.llm.model_copy(update={"model": "scripted:obedient"})
        settings = settings.model_copy(update={"llm": llm})
    async with open_operations(home, settings, "eval_news", load=load, chat_model=chat_model) as operations:
        await operations.open_index()
        yield operations.perform
