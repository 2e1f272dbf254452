"""What the parts of `eval_news.py` share: figures, homes that hold the articles of a data set, and asking them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
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
    wanted = len(read_lines(articles))
    status = read_status(home)
    if status["index"]["articles"] != wanted or status["pending_vectors"]:
        print(f"taking {wanted} articles into {home} ...", file=sys.stderr)  # noqa: T201 - progress of a benchmark
        command = [sys.executable, "-m", "bot", "ingest", str(articles), "--home", str(home)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return home


def take_in_made(name: str, articles: Iterable[Mapping[str, Any]], homes: Path) -> Path:
    """Take articles that a part has made into a home of its own; other articles make another home."""
    text = "".join(json.dumps(article) + "\n" for article in articles)
    home = homes / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    homes.mkdir(parents=True, exist_ok=True)
    file = home.with_suffix(".jsonl")
    file.write_text(text, "utf-8")
    return take_in(file, home)


class Remembering:
    """The settings' embedder, which embeds no question or sentence twice. Holds nothing to close.

    For parts that put a few questions to copies of a few articles; never where time is measured.
    """

    def __init__(self) -> None:
        embedding = load_settings().embedding
        self._embedder = load_embedder(embedding.model, device=embedding.device)
        self._known: dict[str, Vectors] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed those texts that are new; shape (n, d)."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.embed_queries(new), strict=True))
        return np.stack([self._known[text] for text in texts])


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
