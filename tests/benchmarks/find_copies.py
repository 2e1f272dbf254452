"""Measure the linking of copies: time at intake and when reading, groups, pairs that the buckets miss, pairs to read.

.venv/bin/python tests/benchmarks/find_copies.py ARTICLES.jsonl --show 30 --from .5 --to .7
.venv/bin/python tests/benchmarks/find_copies.py ARTICLES.jsonl --times 6     # a larger archive, no pairs

It prints titles of the articles given; their texts stay where they are.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from retrieval.archive.archive import Archive, utc_now
from retrieval.archive.database import ARCHIVE_FILE, open_archive
from retrieval.archive.tables import copy_buckets, copy_groups, copy_links
from retrieval.articles import Article
from retrieval.index.linking import Comparable, CopyLinker
from retrieval.news.duplicates import WINDOW_DAYS, are_copies, compare
from retrieval.news.files import read_articles

BATCH = 16
# Runs of words that more articles have than this are phrases of the trade; they pair none by themselves.
COMMON = 300


def take_in(archive: Archive, articles: list[Article]) -> tuple[list[Comparable], list[float]]:
    """Store and link all articles as the intake does; return what they are compared by, and each batch's seconds."""
    linker, compared, seconds = CopyLinker(archive), [], []
    for start in range(0, len(articles), BATCH):
        batch = articles[start : start + BATCH]
        with archive.writing() as connection:
            for article, change in zip(batch, archive.changes(connection, batch), strict=True):
                archive.put(connection, article, change, generation=1, now=utc_now())
        begun = time.perf_counter()
        prepared = [linker.prepare(article) for article in batch]
        with archive.writing() as connection:
            linker.link(connection, prepared)
        seconds.append(time.perf_counter() - begun)
        compared += prepared
    return compared, seconds


def near_pairs(compared: list[Comparable]) -> Iterator[tuple[Comparable, Comparable]]:
    """Yield the pairs within the window that share a sixth of the shingles of one of them, found without buckets."""
    holders: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(compared):
        for shingle in one.wording.shingles:
            holders[shingle].append(place)
    for place, one in enumerate(compared):
        common: Counter[int] = Counter()
        for shingle in one.wording.shingles:
            if len(holders[shingle]) <= COMMON:
                common.update(other for other in holders[shingle] if other > place)
        for other, count in common.items():
            fewer = min(len(one.wording.shingles), len(compared[other].wording.shingles))
            if 6 * count >= fewer and abs(one.wording.day - compared[other].wording.day) <= WINDOW_DAYS:
                yield one, compared[other]


def measure(archive: Archive, articles: list[Article]) -> tuple[list[Comparable], set[tuple[str, str]]]:
    """Take in, and print times and counts; return what the articles are compared by, and the links."""
    compared, seconds = take_in(archive, articles)
    with archive.reading() as connection:
        links = {(row.first_id, row.second_id) for row in connection.execute(select(copy_links))}
        sizes = Counter(Counter(connection.scalars(select(copy_groups.c.group_id))).values())
        buckets = connection.scalar(select(func.count()).select_from(copy_buckets))
    each = sorted(1000 * one / BATCH for one in seconds)
    last = 1000 * sum(seconds[-100:]) / (BATCH * len(seconds[-100:]))
    print(f"{len(articles)} articles, {buckets} rows of buckets")  # noqa: T201 - a benchmark's output
    print(  # noqa: T201
        f"linking: {1000 * sum(seconds) / len(articles):.2f} ms an article, 95 % of batches up to "
        f"{each[int(0.95 * len(each))]:.2f} ms, the last 100 batches {last:.2f} ms"
    )
    print(f"links: {len(links)}; groups: {sizes.total()}, by size {sorted(sizes.items())}")  # noqa: T201
    dice, reads = random.Random(1), []
    linked = sorted({one for link in links for one in link})
    for _ in range(200):
        ids = dice.sample(linked, 5) + [article.id for article in dice.sample(articles, 5)]
        begun = time.perf_counter()
        archive.copies(ids)
        reads.append(1000 * (time.perf_counter() - begun))
    print(f"reading the copies of ten: median {sorted(reads)[100]:.2f} ms, 95 % up to {sorted(reads)[190]:.2f} ms")  # noqa: T201
    return compared, links


def main() -> None:
    """Measure, and print pairs to be read by a person."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--times", type=int, default=1, help="take the articles in again, 30 days later each time")
    parser.add_argument("--show", type=int, default=0, help="pairs to print")
    parser.add_argument("--from", type=float, default=0.0, dest="low", help="smallest resemblance of pairs shown")
    parser.add_argument("--to", type=float, default=1.1, dest="high", help="resemblance that pairs shown stay below")
    parser.add_argument("--refused", action="store_true", help="show pairs that are no copies")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    read = read_articles([given.articles], reject=lambda problem: None)
    once = [each for each in read if isinstance(each, Article)]
    articles = [
        replace(
            article,
            id=f"{article.id}/{time_}",
            published_at=article.published_at and article.published_at + timedelta(days=30 * time_),
        )
        for time_ in range(given.times)
        for article in once
    ]
    with tempfile.TemporaryDirectory() as home, open_archive(Path(home)) as archive:
        compared, links = measure(archive, articles)
        print(f"{ARCHIVE_FILE}: {(Path(home) / ARCHIVE_FILE).stat().st_size / 2**20:.0f} MiB")  # noqa: T201
    if given.times > 1:
        return
    titles = {article.id: article.title for article in articles}
    found: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    shown = []
    for one, other in near_pairs(compared):
        resemblance, containment = compare(one.wording, other.wording)
        is_copy = are_copies(one.wording, other.wording)
        if is_copy:
            linked = (min(one.id, other.id), max(one.id, other.id)) in links
            (found if linked else missed)[min(9, int(10 * resemblance))] += 1
        if given.low <= resemblance < given.high and is_copy != given.refused:
            shown.append((resemblance, containment, titles[one.id], titles[other.id], one.id, other.id))
    for tenth in sorted(found | missed):
        total = found[tenth] + missed[tenth]
        print(f"resemblance .{tenth}: {total} pairs of copies, {found[tenth] / total:.3f} linked")  # noqa: T201
    print(f"all: {found.total() / (found + missed).total():.3f} linked")  # noqa: T201
    for pair in sorted(random.Random(given.seed).sample(shown, min(given.show, len(shown)))):
        print("r {:.2f} c {:.2f} | {} | {} | {} {}".format(*pair))  # noqa: T201


if __name__ == "__main__":
    main()
