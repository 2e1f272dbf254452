"""Kill an intake with SIGKILL at random moments, resume it each time, and compare archive, both indexes and the file.

.venv/bin/python tests/benchmarks/kill_ingest.py ARTICLES.jsonl HOME --kills 10 --longest-s 120 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from retrieval.archive.database import open_archive
from retrieval.archive.tables import articles, versions
from retrieval.index.dense import open_dense_index
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.manifest import read_manifest


def main() -> None:
    """Kill, resume, finish, compare; exit code 1 if anything is lost, twice or out of step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--longest-s", type=float, default=120.0, help="each run is killed after 0..this many seconds")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    command = [sys.executable, "-m", "bot", "ingest", str(given.articles), "--home", str(given.home), "--json"]
    begun = time.perf_counter()
    for kill in range(1, given.kills + 1):
        after_s = dice.uniform(0, given.longest_s)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            _, told = process.communicate(timeout=after_s)
            print(f"kill {kill}: the intake ended by itself before {after_s:.1f} s")  # noqa: T201 - a benchmark's output
        except subprocess.TimeoutExpired:
            process.kill()
            _, told = process.communicate()
            print(f"kill {kill}: SIGKILL after {after_s:.1f} s; it had said: {told.strip() or '-'}")  # noqa: T201
    last = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begun
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"last run: {last.stdout.strip()}; it had said: {last.stderr.strip() or '-'}")  # noqa: T201
    print(f"all runs: {seconds:.0f} s, starts and lost work included; largest peak {peak_mib:.0f} MiB")  # noqa: T201
    sys.exit(compare(given.articles, given.home))


def compare(file: Path, home: Path) -> int:
    """Print what file, archive and indexes hold; 0 if they agree."""
    with file.open(encoding="utf-8") as lines:
        wanted = Counter(json.loads(line)["id"] for line in lines if line.strip())
    with open_archive(home) as archive, open_dense_index(home) as dense:
        with archive.reading() as connection:
            stored = set(connection.scalars(select(articles.c.id)))
            version_count = connection.scalar(select(func.count()).select_from(versions))
            passage_ids = Ledger().ids(connection)
            keyword_count = LexicalIndex().count(connection)
            pending = Ledger().count_pending(connection)
            kept = read_manifest(connection)
        assert kept is not None
        dense.use(kept.index_id, kept.generation)
        vector_ids = dense.ids()
    findings = {
        "articles in the file": len(wanted),
        "articles in the archive": len(stored),
        "lost articles": len(wanted.keys() - stored),
        "versions": version_count,
        "passages": len(passage_ids),
        "passages in the keyword index": keyword_count,
        "vectors in Chroma": len(vector_ids),
        "passages without a vector": len(passage_ids - vector_ids),
        "vectors without a passage": len(vector_ids - passage_ids),
        "pending": pending,
    }
    for name, count in findings.items():
        print(f"{name}: {count}")  # noqa: T201 - a benchmark's output
    agree = stored == wanted.keys() and vector_ids == passage_ids and keyword_count == len(passage_ids) and not pending
    print("agree" if agree and version_count == len(stored) else "DO NOT AGREE")  # noqa: T201
    return 0 if agree else 1


if __name__ == "__main__":
    main()
