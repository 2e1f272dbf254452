"""What every script that fits weights takes from its user, and how it keeps what it made."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path


def read_arguments(description: str | None, inputs: Sequence[str] = ("home", "questions")) -> argparse.Namespace:
    """Read a path for each of `inputs`, then `write` (None only prints) and `data`, from the command line.

    More of the same inputs may follow `--also`, to learn from several sets together: `sets` lists them all.
    """
    parser = argparse.ArgumentParser(description=description)
    for name in inputs:
        parser.add_argument(name, type=Path)
    parser.add_argument("--also", type=Path, nargs=len(inputs), action="append", default=[], metavar="PATH")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--data", default="", help="what was learned from, for the file")
    parser.set_defaults(inputs=inputs)
    given = parser.parse_args()
    given.sets = [[getattr(given, name) for name in inputs], *given.also]
    return given


def write_weights(given: argparse.Namespace, weights: Mapping[str, float]) -> None:
    """Print weights and, if asked to, write them with the command, the data and the date that made them."""
    rounded = {name: round(float(weight), 2) for name, weight in weights.items()}
    print(rounded)  # noqa: T201 - the scripts' output
    if given.write:
        named = " ".join(name.upper() + ("" if name == "home" else ".jsonl") for name in given.inputs)
        named += f" --also {named}" * len(given.also)
        made = {
            "command": f"tests/benchmarks/{Path(sys.argv[0]).name} {named} --write FILE",
            "data": given.data,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
        }
        given.write.write_text(json.dumps({"made": made, "weights": rounded}, indent=2) + "\n", "utf-8")
