"""Measure an intake as a person runs it: articles per second, peak memory, and a second run that adds nothing.

.venv/bin/python tests/benchmarks/ingest_rate.py ARTICLES.jsonl HOME
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def run_measured(command: list[str]) -> tuple[dict[str, Any], float, float]:
    """Run a command that prints one JSON object; return it with the seconds taken and the peak memory in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return json.loads(printed), time.perf_counter() - begun, usage.ru_maxrss / 1024


def main() -> None:
    """Take the articles in twice and print what each run came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("home", type=Path)
    given = parser.parse_args()
    command = [sys.executable, "-m", "bot", "ingest", str(given.articles), "--home", str(given.home), "--json"]
    for name in ("first run", "second run"):
        report, seconds, peak_mib = run_measured(command)
        seen = report["added"] + report["updated"] + report["unchanged"]
        print(  # noqa: T201 - a benchmark's output
            f"{name}: {seen} articles ({report['added']} added, {len(report['rejected'])} rejected), "
            f"{report['passages_added']} passages in {seconds:.1f} s: {seen / seconds:.2f} articles/s, "
            f"{report['passages_added'] / seconds:.1f} passages/s, peak {peak_mib:.0f} MiB"
        )


if __name__ == "__main__":
    main()
