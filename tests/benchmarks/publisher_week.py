"""A week of a large publisher at speed: does the archive equal the publisher's truth in the end?

.venv/bin/python tests/benchmarks/publisher_week.py HOME --feeds 200 --items 20000 --kills 20 --speed 600
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

from publisher.plan import make_plan  # its folder is put on the path above
from publisher.simulation import simulate


def main() -> None:
    """Simulate, compare, print; exit code 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--speed", type=float, default=600.0, help="how much faster than the world the clock runs")
    parser.add_argument("--faults", type=float, default=0.05, help="the share of requests that are answered wrongly")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = make_plan(feeds=given.feeds, items=given.items, days=given.days, seed=given.seed)
    verdict = asyncio.run(
        simulate(given.home, plan, speed=given.speed, faults=given.faults, kills=given.kills, seed=given.seed)
    )
    print(  # noqa: T201 - a benchmark's output
        json.dumps(
            {
                "items": given.items,
                "articles": verdict.articles,
                "wrong": len(verdict.wrong),
                "kills": verdict.kills,
                "requests": dict(verdict.requests),
                "elapsed_s": round(verdict.elapsed_s, 1),
            }
        )
    )
    for line in verdict.wrong[:40]:
        print(line)  # noqa: T201
    sys.exit(bool(verdict.wrong))


if __name__ == "__main__":
    main()
