"""Read feeds and lists of feeds as the intake does, and print what came of each, one JSON line a file.

.venv/bin/python tests/benchmarks/feed_forms.py --data FOLDER     # with feeds/ and opml/ in it
.venv/bin/python tests/benchmarks/feed_forms.py --data FOLDER --show 3

The feeds stay where they are; with --show, the first entries of each are printed to be held against the file.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from retrieval.errors import FeedUnreadable
from retrieval.news.entries import Entry
from retrieval.news.feeds import is_whole, parse_feed
from retrieval.news.opml import read_opml


def main() -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with feeds/ and opml/")
    parser.add_argument("--show", type=int, default=0, help="how many entries of each to print")
    args = parser.parse_args()
    for path in sorted((args.data / "feeds").iterdir()):
        print(json.dumps(feed_line(path, args.show), ensure_ascii=False, default=str))  # noqa: T201
    for path in sorted((args.data / "opml").iterdir()):
        print(json.dumps(list_line(path, args.show), ensure_ascii=False))  # noqa: T201


def feed_line(path: Path, show: int) -> dict[str, object]:
    """Read one feed."""
    body = path.read_bytes()
    begun = time.perf_counter()
    try:
        contents = parse_feed(body, url=f"https://feeds.example/{path.name}")
    except FeedUnreadable as refused:
        return {"file": path.name, "refused": refused.reason}
    seconds = time.perf_counter() - begun
    entries = contents.entries
    return {
        "file": path.name,
        "ms": round(seconds * 1000),
        "title": contents.title,
        "language": contents.language,
        "entries": len(entries),
        "guid": sum(entry.guid is not None for entry in entries),
        "url": sum(entry.url is not None for entry in entries),
        "titled": sum(entry.title is not None for entry in entries),
        "published": sum(entry.published_at is not None for entry in entries),
        "updated": sum(entry.updated_at is not None for entry in entries),
        "authors": sum(bool(entry.authors) for entry in entries),
        "summary": sum(bool(entry.summary) for entry in entries),
        "content": sum(bool(entry.content) for entry in entries),
        "whole": sum(map(is_whole, entries)),
        "problems": contents.problems,
        **({"shown": [shown(entry) for entry in entries[:show]]} if show else {}),
    }


def shown(entry: Entry) -> dict[str, object]:
    """Shorten an entry to what can be compared by eye."""
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "published": entry.published_at,
        "authors": entry.authors,
        "summary": entry.summary[:200],
        "content": entry.content[:200],
        "end": entry.content[-200:],
    }


def list_line(path: Path, show: int) -> dict[str, object]:
    """Read one list of feeds."""
    try:
        found = read_opml(path.read_bytes(), input=path.name)
    except FeedUnreadable as refused:
        return {"file": path.name, "refused": refused.reason}
    return {
        "file": path.name,
        "feeds": len(found.feeds),
        "tags": sorted({tag for feed in found.feeds for tag in feed.tags}),
        "problems": found.problems,
        **({"shown": [[feed.url, feed.title] for feed in found.feeds[:show]]} if show else {}),
    }


if __name__ == "__main__":
    main()
