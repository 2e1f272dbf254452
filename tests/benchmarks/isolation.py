"""Ask 1,000 random questions of a home that holds five servers' private feeds, and count what leaks.

.venv/bin/python tests/benchmarks/isolation.py [COUNT] [SEED]

Each is asked by nobody's scope or by a server's, and its outcome compared, letter for letter, with that of a home which
holds no more than whoever asks may see. Any difference is a leak.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "doubles"))

from private_feeds import SERVERS, Home, asked_by, make_news, make_questions, mark_of, open_home


async def measure(count: int, seed: int) -> None:
    """Print how many questions were answered, how many abstained from, and how many leaked."""
    news, begun = make_news(seed), time.perf_counter()
    answered = leaks = 0
    async with AsyncExitStack() as stack:

        async def opened(servers: tuple[int, ...]) -> Home:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            return await stack.enter_async_context(open_home(Path(folder), news, servers))

        mixed, alone = await opened(SERVERS), {None: await opened(())}
        alone |= {server: await opened((server,)) for server in SERVERS}
        for n, question in enumerate(make_questions(news, seed, count)):
            server = (None, SERVERS[n // 2 % len(SERVERS)])[n % 2]
            asked = asked_by(question, server)
            told = await mixed.outcome(asked)
            marks = [mark_of(other) for other in SERVERS if other != server]
            is_same = told == await alone[server].outcome(asked)
            leaks += not is_same or any(mark in json.dumps(told) for mark in marks)
            answered += told["status"] == "answered"
    elapsed_s = time.perf_counter() - begun
    print(f"{count} questions, {answered} answered, leaks {leaks}, {elapsed_s:.0f} s")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(measure(*map(int, (sys.argv[1:] + ["1000", "7"][len(sys.argv) - 1 :])[:2])))
