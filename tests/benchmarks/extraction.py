"""Measure what is extracted from news pages whose true text is known, beside trafilatura alone in the same run.

.venv/bin/python tests/benchmarks/extraction.py --data ../data/html-pages

A text is the multiset of its tokens, the runs of letters and digits (`\\w+`) of its case-folded words; with n the
tokens that both texts share, each as often as in the text that has it less often, P = n / extracted, R = n / true and
F1 = 2 P R / (P + R), 0 where n is 0. Our text is scored before any page is rejected as a stub; trafilatura's is
`trafilatura.extract(html)` with its defaults. The interval of the mean difference is that of 2,000 bootstrap samples of
the pages. Pages are read once untimed, then once timed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura
from trafilatura.utils import load_html

from retrieval.news.decoding import decode_page
from retrieval.news.extract import Reading, read_tree

_TOKEN = re.compile(r"\w+")
# Differences below it are a mark or a caption more.
_LOSS = 0.005


@dataclass(frozen=True, slots=True)
class Scored:
    """One page: how it was read, and the scores (F1, P, R) of our text and of trafilatura's."""

    page: dict[str, Any]
    reading: Reading
    ours: tuple[float, float, float]
    plain: tuple[float, float, float]
    ours_ms: float
    plain_ms: float


def score(extracted: str, true: str) -> tuple[float, float, float]:
    """Return F1, precision and recall of an extracted text against the true one."""
    a, b = (Counter(_TOKEN.findall(text.casefold())) for text in (extracted, true))
    shared = (a & b).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / a.total(), shared / b.total()
    return 2 * precision * recall / (precision + recall), precision, recall


def measure(data: Path) -> Iterator[Scored]:
    """Read and score each page of the manifest."""
    for line in (data / "manifest.jsonl").read_text("utf-8").splitlines():
        page = json.loads(line)
        raw = gzip.decompress((data / page["html"]).read_bytes())
        html, _ = decode_page(raw)
        read_tree(load_html(html), page["url"])
        begun = time.perf_counter()
        reading = read_tree(load_html(decode_page(raw)[0]), page["url"])
        halfway = time.perf_counter()
        plain = trafilatura.extract(html) or ""
        ended = time.perf_counter()
        yield Scored(
            page,
            reading,
            score(reading.text, page["text"]),
            score(plain, page["text"]),
            (halfway - begun) * 1000,
            (ended - halfway) * 1000,
        )


def report(scored: list[Scored]) -> Iterator[str]:
    """Write the figures, the pages that lose, and the pages that would be rejected."""
    for name, scores, times in (
        ("ours", [one.ours for one in scored], [one.ours_ms for one in scored]),
        ("trafilatura", [one.plain for one in scored], [one.plain_ms for one in scored]),
    ):
        f1, precision, recall = np.mean(scores, axis=0)
        yield f"{name:12} F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}  {np.mean(times):.0f} ms a page (mean)"
    differences = np.array([one.ours[0] - one.plain[0] for one in scored])
    samples = np.random.default_rng(0).choice(differences, (2000, len(differences))).mean(axis=1)
    low, high = np.quantile(samples, [0.025, 0.975])
    yield f"difference   {differences.mean():+.4f}  95 % interval {low:+.4f} to {high:+.4f}, {len(scored)} pages"
    yield "better on {}, worse on {}".format(*((sign * differences > _LOSS).sum() for sign in (1, -1)))
    for one in scored:
        if one.ours[0] < one.plain[0] - _LOSS:
            yield f"  loses: {one.page['id']}  {one.plain[0]:.3f} -> {one.ours[0]:.3f}  {one.page['url'][:80]}"
    yield from _metadata(scored)
    yield "rejected as stubs:"
    for one in scored:
        if one.reading.stub is not None:
            yield f"  {one.page['id']}  {one.page['url'][:80]}"
            yield f"      {one.reading.stub.kind}: {one.reading.stub.evidence}"
            yield f"      {len(one.reading.text)} characters extracted, {len(one.page['text'])} true"
    yield "below F1 .9:"
    for one in scored:
        if one.ours[0] < 0.9:
            yield "  {}  F1 {:.3f} P {:.3f} R {:.3f}  {}".format(one.page["id"], *one.ours, one.page["url"][:80])


def _metadata(scored: list[Scored]) -> Iterator[str]:
    """Compare titles and days where the manifest has them, and say how often each fact is found at all."""
    titled = [(one.page["title"], one.reading.metadata.title) for one in scored if one.page["title"]]
    exact = sum(true == found for true, found in titled)
    near = sum(score(found, true)[0] >= 0.8 for true, found in titled)
    yield f"titles       {exact} exact, {near} with F1 of at least .8, of {len(titled)} that the manifest has"
    dated = [(one.page["published"], one.reading.metadata.published) for one in scored if one.page["published"]]
    same = sum(true[:10] == (found or "")[:10] for true, found in dated)
    yield f"days         {same} the same, of {len(dated)} that the manifest has"
    for name in ("title", "source", "url", "published", "updated", "authors", "language", "stated"):
        yield f"  {sum(bool(getattr(one.reading.metadata, name)) for one in scored):3} pages have: {name}"


def main() -> None:
    """Measure the pages of a folder with a manifest.jsonl (id, html, url, title, published, text)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the pages")
    parser.add_argument("--facts", action="store_true", help="print what each page says of itself, too")
    given = parser.parse_args()
    scored = list(measure(given.data))
    for line in report(scored):
        print(line)  # noqa: T201 - a benchmark's output
    if given.facts:
        for one in scored:
            said = one.reading.metadata
            print(one.page["url"][:70], said.title, said.source, said.published, said.updated, said.authors, sep=" | ")  # noqa: T201


if __name__ == "__main__":
    main()
