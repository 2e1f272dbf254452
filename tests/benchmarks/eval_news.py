"""Measure Dateline on a folder of news data sets: one command, one report as Markdown and JSON.

.venv/bin/python tests/benchmarks/eval_news.py --data ../data --homes data/eval-news
.venv/bin/python tests/benchmarks/eval_news.py --data ../data --only conflict --only multihop

The homes that hold the articles are made by `dateline ingest` (newsquiz takes some 20 minutes on two cores) and kept
in the folder that --homes names, with the report; a part that is measured anew takes its former place there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from news_conflict import measure_conflict
from news_groundedness import measure_groundedness
from news_home import Figure
from news_injection import measure_injection
from news_multihop import measure_multihop
from news_quiz import measure_latency, measure_quiz

PARTS: dict[str, Callable[[Path, Path], Awaitable[list[Figure]]]] = {
    "newsquiz": measure_quiz,
    "conflict": measure_conflict,
    "multihop": measure_multihop,
    "injection": measure_injection,
    "groundedness": measure_groundedness,
    "latency": measure_latency,
}


def to_markdown(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a report as one table a part."""
    lines = ["# Measured", ""]
    for name in (name for name in PARTS if name in report):
        part = report[name]
        lines += [f"## {name}", "", f"`{part['command']}`, {part['date']}, {part['took_s']:.0f} s", ""]
        lines += ["| what | figure | 95 % interval | cases |", "|---|---|---|---|"]
        for figure in part["figures"]:
            low_high = figure["interval"]
            between = f"{low_high[0]:.3f}-{low_high[1]:.3f}" if low_high else ""
            shown = [figure["what"], _number(figure["value"]), between, str(figure["cases"] or "")]
            lines.append(f"| {' | '.join(shown)} |")
        lines.append("")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1f}" if value > 1 else f"{value:.3f}"


def main() -> None:
    """Measure what was asked for, part by part; keep the report after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--homes", type=Path, default=Path("data/eval-news"), help="where homes and report are kept")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part to measure; may be repeated")
    given = parser.parse_args()
    given.homes.mkdir(parents=True, exist_ok=True)
    logging.getLogger("bot").setLevel(logging.ERROR)  # what the obedient chat model wrote is struck a thousand times
    kept = given.homes / "report.json"
    report = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for name in given.only or PARTS:
        begun = time.perf_counter()
        figures = asyncio.run(PARTS[name](given.data, given.homes))
        report[name] = {
            "command": f"python {shlex.join(sys.argv)}",
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "took_s": round(time.perf_counter() - begun, 1),
            "figures": [asdict(figure) for figure in figures],
        }
        kept.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
        kept.with_suffix(".md").write_text(to_markdown(report), "utf-8")
        print(to_markdown({name: report[name]}), flush=True)  # noqa: T201 - a benchmark's output


if __name__ == "__main__":
    main()
