"""What comes of real files in the agencies' forms and of real web archives: one line of JSON for each file.

Usage: python tests/benchmarks/exchange_forms.py --data PATH

PATH is a folder with the folders "newsml-g2", "ninjs" and "warc", such as copies of the IPTC's own examples and of
the test files of a WARC library. Each line has the file, its articles (id, title, words, published), the withdrawals
(id, reason), the rejections (place, reason), and the seconds taken. Files of other endings are read as the form of
their folder where their name holds its ending, as "broken.warc.gz.bad" does.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from retrieval.articles import Article, Withdrawal, published_text
from retrieval.errors import ArticleRejected
from retrieval.news.files import read_articles
from retrieval.news.forms import KNOWN_ENDINGS
from retrieval.news.parts import read_here
from retrieval.news.warc import split_warc

FOLDERS = ("newsml-g2", "ninjs", "warc")


def main() -> None:
    """Read every file and print what came of it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--data", type=Path, required=True, help='the folder that holds "newsml-g2", "ninjs", "warc"'
    )
    data = arguments.parse_args().data
    for folder in FOLDERS:
        for path in sorted(each for each in (data / folder).rglob("*") if each.is_file()):
            print(json.dumps(_outcome(path, data), ensure_ascii=False))  # noqa: T201


def _outcome(path: Path, data: Path) -> dict[str, object]:
    begun = time.perf_counter()
    rejected: list[ArticleRejected] = []
    if ".warc" in path.name and not path.name.endswith(KNOWN_ENDINGS):
        with path.open("rb") as stream:
            found: list[object] = list(read_here(split_warc(stream, input=str(path), advance=lambda size: None)))
    else:
        found = list(read_articles([path], reject=rejected.append))
    rejected += [each for each in found if isinstance(each, ArticleRejected)]
    return {
        "file": str(path.relative_to(data)),
        "articles": [
            {
                "id": each.id,
                "title": each.title,
                "words": len(each.text.split()),
                "published": published_text(each.published_at, each.published_precision),
                "source": each.source,
                "authors": each.authors,
                "updated": each.updated_at and each.updated_at.isoformat(),
                "embargoed": each.embargoed_until and each.embargoed_until.isoformat(),
                "usage_terms": each.usage_terms,
                "language": each.language,
            }
            for each in found
            if isinstance(each, Article)
        ],
        "withdrawals": [(each.article_id, each.reason) for each in found if isinstance(each, Withdrawal)],
        "rejected": [(each.input.replace(f"{data}/", ""), each.reason) for each in rejected],
        "elapsed_s": round(time.perf_counter() - begun, 3),
    }


if __name__ == "__main__":
    main()
