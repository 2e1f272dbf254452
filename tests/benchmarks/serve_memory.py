"""Measure a serving bot: seconds from its start to the first answer on (a stand-in for) Discord, and its peak memory.

.venv/bin/python tests/benchmarks/serve_memory.py HOME QUESTIONS.jsonl --questions 100
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "doubles"))

from fake_discord import FakeDiscord


def read_peak_kib(pid: int) -> int:
    """Read a process's peak resident memory from Linux."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def measure(home: Path, questions: list[str]) -> None:
    """Start `dateline serve` against the fake, ask, and print the figures."""
    async with FakeDiscord() as discord:
        environment = os.environ | {
            "DATELINE_HOME": str(home),
            "DATELINE_DISCORD__TOKEN": discord.token,
            "DATELINE_DISCORD__API_URL": discord.rest_url,
            "DATELINE_DISCORD__GATEWAY_URL": discord.gateway_url,
        }
        begun = time.perf_counter()
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", env=environment)
        try:
            await discord.commands_synced(120)
            await discord.ready(120)
            waits: list[float] = []
            for question in questions:
                asked = time.perf_counter()
                interaction = await discord.slash("ask", {"question": question})
                await interaction.answer(60)
                waits.append(time.perf_counter() - asked)
                if len(waits) == 1:
                    print(f"start to first answer: {time.perf_counter() - begun:.1f} s")  # noqa: T201 - its output
            peak_kib = read_peak_kib(process.pid)
            print(  # noqa: T201
                f"after {len(waits)} questions: peak {peak_kib / 1024:.0f} MiB; "
                f"answer p50 {1000 * statistics.median(waits):.0f} ms, "
                f"p95 {1000 * sorted(waits)[int(0.95 * len(waits)) - 1]:.0f} ms"
            )
        finally:
            process.send_signal(signal.SIGTERM)
            print(f"exit code after SIGTERM: {await process.wait()}")  # noqa: T201


def main() -> None:
    """Read the questions, repeat them as needed, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--questions", type=int, default=100)
    given = parser.parse_args()
    with given.file.open(encoding="utf-8") as lines:
        asked = [json.loads(line)["question"] for line in lines]
    asyncio.run(measure(given.home, list(itertools.islice(itertools.cycle(asked), given.questions))))


if __name__ == "__main__":
    main()
