"""The real `dateline serve` as a process of its own, logged in to the fake Discord."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fake_discord import FakeDiscord, Message

#: What a message says while its answer is being looked for.
WAITING = re.compile(r"Looking for articles|Reading \d|before yours|Being written")


def is_settled(message: Message) -> bool:
    """Tell whether a message shows what was asked for, and not that it is being looked for."""
    return not WAITING.search(message.text)


def environment(home: Path) -> dict[str, str]:
    """Give a process the home, and none of the settings of whoever runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    # Rules find the names: loading a model costs each process some seconds.
    own = {"DATELINE_HOME": str(home), "HF_HUB_OFFLINE": "1", "DATELINE_EMBEDDING__TAGGER": "rules"}
    own["DATELINE_HEALTH__PORT"] = "0"  # two processes at once would want the same port
    return inherited | own


async def take_in_samples(home: Path) -> None:
    """Take the packaged samples into a home, by a process of its own."""
    await take_in(home, "--samples")


async def take_in(home: Path, *places: str) -> None:
    """Take files into a home, by a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "ingest", *places, env=environment(home), stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


@asynccontextmanager
async def serving(discord: FakeDiscord, home: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `dateline serve` until the block ends, then SIGTERM it unless it has ended; it is ready when this enters.

    Args:
        discord: what it connects to.
        home: the folder it serves.
        settings: further variables, such as DATELINE_HEALTH__PORT.
    """
    sync = f"PUT /applications/{discord.state.application_id}/commands"
    syncs = discord.requests.count(sync)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        env=environment(home)
        | {
            "DATELINE_DISCORD__TOKEN": discord.token,
            "DATELINE_DISCORD__API_URL": discord.rest_url,
            "DATELINE_DISCORD__GATEWAY_URL": discord.gateway_url,
            # Tests ask more than a person may.
            "DATELINE_DISCORD__QUESTIONS_PER_MINUTE": "0",
        }
        | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await discord.requested(sync, syncs + 1, 120)
        await discord.ready(60)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()
