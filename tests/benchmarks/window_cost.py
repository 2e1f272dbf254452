"""Measure what a window of dates costs a search: the time of retrieving with windows of several widths and without.

.venv/bin/python tests/benchmarks/window_cost.py --home /tmp/window-cost --passages 100000

The home is made of invented words in some minutes, without a model, and kept in the folder that --home names. The same
questions are put with every window in turn, so that other work on the machine touches all of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from config.settings import load_settings
from retrieval.archive.archive import Archive
from retrieval.archive.database import open_archive
from retrieval.archive.tables import articles, passages, sentences, versions
from retrieval.articles import Article, Precision
from retrieval.evaluation.metrics import percentile
from retrieval.index.dense import DenseIndex, open_dense_index
from retrieval.index.embedding import Vectors
from retrieval.index.entities import RuleTagger
from retrieval.index.ingest import Indexer
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.sentences import Annotator, as_int8
from retrieval.passages import Passage, Query
from retrieval.search.rerank import FeatureReranker
from retrieval.search.retriever import Retriever
from retrieval.search.weights import read_weights
from retrieval.worker import open_worker

BEGIN, DAYS = datetime(2024, 1, 1, tzinfo=UTC), 1000
NOW = BEGIN + timedelta(days=DAYS + 1)
# 2 % of 100,000 is the most that is compared exactly.
SHARES = (None, 0.5, 0.1, 0.02, 0.01)
_PASSAGES_EACH, _WORDS_EACH, _TOPIC_WORDS = 4, 90, 12
_VOCABULARY, _DIMENSIONS = 40_000, 384
_ARTICLES_AT_ONCE = 250
_WARMING = 5


class InventedWords:
    """Words as frequent as those of a language (Zipf), and texts of them; an embedder by the words alone.

    A text's vector is the sum of its words' own random vectors, each weighed by how rare the word is, so that a
    question lies near the articles that it was made from, as it does with a real model.
    """

    name, dimensions, max_tokens = "invented-words", _DIMENSIONS, 256

    def __init__(self) -> None:
        self._dice = np.random.default_rng(1)
        syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
        drawn = self._dice.choice(syllables, size=(_VOCABULARY, 4))
        self.words = [f"{''.join(row)}{'tk'[n % 2]}" for n, row in enumerate(drawn)]
        chances = 1.0 / (np.arange(_VOCABULARY) + 10.0)
        self._rising = np.cumsum(chances / chances.sum())
        self._numbers = {word: n for n, word in enumerate(self.words)}
        self._rarity = np.log(np.arange(_VOCABULARY) + 10.0).astype(np.float32) - 2.0
        self._vectors = self._dice.normal(size=(_VOCABULARY, _DIMENSIONS)).astype(np.float32)

    def draw(self, count: int) -> list[int]:
        """Draw words by how frequent they are."""
        return np.minimum(np.searchsorted(self._rising, self._dice.random(count)), _VOCABULARY - 1).tolist()

    def draw_article(self) -> list[list[int]]:
        """Draw the words of an article's passages, which share some rare ones."""
        topic = self._dice.integers(200, _VOCABULARY, size=_TOPIC_WORDS).tolist()
        return [self.draw(_WORDS_EACH) + topic for _ in range(_PASSAGES_EACH)]

    def embed(self, numbers: Sequence[int]) -> Vectors:
        """Embed a text given by the numbers of its words; shape (d,), length 1."""
        chosen = np.asarray(numbers, dtype=np.int64)
        vector = self._rarity[chosen] @ self._vectors[chosen]
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(text.split()) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts by the invented words in them; shape (n, d)."""
        rows = [self.embed([self._numbers[word] for word in text.split() if word in self._numbers]) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, _DIMENSIONS), dtype=np.float32)

    embed_queries = embed_passages


def fill(archive: Archive, lexical: LexicalIndex, dense: DenseIndex, words: InventedWords, wanted: int) -> None:
    """Put invented articles straight into the tables and both indexes."""
    total = wanted // _PASSAGES_EACH
    for first in range(0, total, _ARTICLES_AT_ONCE):
        batch = [_invent(words, n, total) for n in range(first, min(first + _ARTICLES_AT_ONCE, total))]
        pairs = [pair for _, made in batch for pair in made]
        vectors = np.stack([vector for _, vector in pairs])
        numbers = [first * _PASSAGES_EACH + n for n in range(1, len(pairs) + 1)]
        with archive.writing() as connection:
            connection.execute(insert(articles), [_article_row(article) for article, _ in batch])
            connection.execute(insert(versions), [_version_row(article) for article, _ in batch])
            connection.execute(
                insert(passages),
                [
                    {
                        "number": number,
                        "id": one.id,
                        "article_id": one.article_id,
                        "version": one.version,
                        "start_char": one.start,
                        "end_char": one.end,
                    }
                    for number, (one, _) in zip(numbers, pairs, strict=True)
                ],
            )
            lexical.add(
                connection, ((number, "Notice", one.text) for number, (one, _) in zip(numbers, pairs, strict=True))
            )
            connection.execute(
                insert(sentences),
                [
                    {"passage_id": one.id, "spans": [[0, len(one.text)]], "vectors": row.tobytes(), "entities": []}
                    for (one, _), row in zip(pairs, as_int8(vectors), strict=True)
                ],
            )
        dense.add([one.id for one, _ in pairs], vectors)
        print(f"\r{first + len(batch)} of {total} articles", end="", file=sys.stderr, flush=True)  # noqa: T201
    print(file=sys.stderr)  # noqa: T201 - progress of a benchmark


def _invent(words: InventedWords, n: int, total: int) -> tuple[Article, list[tuple[Passage, Vectors]]]:
    drawn = words.draw_article()
    texts = [" ".join(words.words[k] for k in one) + "." for one in drawn]
    at = BEGIN + timedelta(days=DAYS * n / total)
    article = Article(f"a-{n}", "Notice", f"Source {n % 40}", None, at, Precision.TIME, (), "en", "\n".join(texts))
    made, start = [], 0
    for text, numbers in zip(texts, drawn, strict=True):
        end = start + len(text)
        passage_id = Passage.make_id(article.id, article.version, start, end)
        passage = Passage(passage_id, article.id, article.version, start, end, text)
        made.append((passage, words.embed(numbers)))
        start = end + 1
    return article, made


def _article_row(article: Article) -> dict[str, object]:
    source = article.source or ""
    dated = {"published_at": article.published_at, "published_precision": article.published_precision}
    stored = {"added_at": NOW, "changed_at": NOW, "generation": 1, "copies_scheme": 1}
    named = {"id": article.id, "version": article.version, "source": source, "source_folded": source.casefold()}
    return named | dated | stored


def _version_row(article: Article) -> dict[str, object]:
    return {
        "article_id": article.id,
        "version": article.version,
        "added_at": NOW,
        "title": article.title,
        "source": article.source,
        "url": None,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
        "authors": [],
        "language": "en",
        "text": article.text,
    }


def queries(archive: Archive, count: int) -> Iterator[dict[float | None, Query]]:
    """Make questions of an article's words: four rare ones and four frequent ones.

    Each comes without a window and with one of every width; every other question's windows hold that article, the
    others lie anywhere.
    """
    dice = np.random.default_rng(2)
    total = archive.size().articles
    for n in range(count):
        article = archive.current(f"a-{dice.integers(total)}")
        assert article is not None and article.published_at is not None
        written = article.text.split("\n")[0].rstrip(".").split()
        text = " ".join([*dice.choice(written[_WORDS_EACH:], size=4, replace=False).tolist(), *written[:4]])
        found: dict[float | None, Query] = {None: Query(text, known_by=NOW)}
        for share in (share for share in SHARES if share is not None):
            since = BEGIN + timedelta(days=DAYS * (1.0 - share) * float(dice.random()))
            if n % 2:
                since = article.published_at - timedelta(days=DAYS * share * float(dice.random()))
            found[share] = Query(text, known_by=NOW, since=since, until=since + timedelta(days=DAYS * share))
        yield found


async def measure(home: Path, wanted: int, count: int) -> None:
    """Make the home if it is not there, ask, and print the median, the 95th percentile and both ratios a window."""
    settings = load_settings().retrieval
    words = InventedWords()
    with open_worker(max_waiting=8) as worker, open_archive(home) as archive, open_dense_index(home) as dense:
        annotator = Annotator(words, RuleTagger())
        lexical = LexicalIndex()
        parts = (archive, Ledger(), lexical, dense, words, annotator, worker)
        indexer = Indexer(*parts, passage_tokens=settings.passage_tokens)
        await indexer.open()
        if archive.size().passages == 0:
            begun = time.perf_counter()
            fill(archive, lexical, dense, words, wanted)
            print(f"made in {time.perf_counter() - begun:.0f} s", file=sys.stderr)  # noqa: T201
        retriever = Retriever(
            *parts,
            dense_weight=settings.dense_weight,
            lexical_weight=settings.lexical_weight,
            candidates=settings.candidates,
            reranker=FeatureReranker(read_weights("retrieval.search", "rerank_weights.json")),
        )
        took: dict[float | None, list[dict[str, float]]] = {share: [] for share in SHARES}
        for n, asked in enumerate(queries(archive, count + _WARMING)):
            for share, query in asked.items():
                begun = time.perf_counter()
                findings = await retriever.retrieve(query)
                total = 1000 * (time.perf_counter() - begun)
                if n >= _WARMING:
                    took[share].append({"total": total, **findings.timings_ms})
        await indexer.close()
        print(f"{archive.size().passages} passages, {count} questions a window")  # noqa: T201
    _report(took)


def _report(took: dict[float | None, list[dict[str, float]]]) -> None:
    stages = [stage for stage in took[None][0] if stage not in ("total", "wait")]
    print("| window | p50 ms | p95 ms | p50 ratio | p95 ratio | " + " | ".join(f"{s} p50" for s in stages) + " |")  # noqa: T201
    print("|" + "---|" * (5 + len(stages)))  # noqa: T201
    plain = _percentiles(took[None], "total")
    for share, times in took.items():
        p50, p95 = _percentiles(times, "total")
        shown = [f"{p50:.1f}", f"{p95:.1f}", f"{p50 / plain[0]:.2f}", f"{p95 / plain[1]:.2f}"]
        shown += [f"{_percentiles(times, stage)[0]:.1f}" for stage in stages]
        print(f"| {'none' if share is None else f'{share:.0%}'} | {' | '.join(shown)} |")  # noqa: T201


def _percentiles(times: Sequence[dict[str, float]], stage: str) -> tuple[float, float]:
    values = [one.get(stage, 0.0) for one in times]
    median, high = percentile(values, 0.5), percentile(values, 0.95)
    assert median is not None and high is not None
    return median, high


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="where the invented home is made and kept")
    parser.add_argument("--passages", type=int, default=100_000, help="passages of a home that is made")
    parser.add_argument("--questions", type=int, default=100, help="questions put with each window")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    asyncio.run(measure(given.home, given.passages, given.questions))


if __name__ == "__main__":
    main()
