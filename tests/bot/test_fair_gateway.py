"""Between two events of a gateway connection the rest of the program has its turn."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import aiohttp
from discord.http import HTTPClient

from bot.fair_gateway import read_fairly


class Burst:
    """A socket that has received so many messages already, and hands them out without a pause."""

    def __init__(self, messages: int) -> None:
        self.left = messages

    async def receive(self, timeout: float | None = None) -> str:  # noqa: ASYNC109 - as aiohttp has it
        assert timeout == 60.0
        self.left -= 1
        return f"{self.left} left"


class Connecting:
    """Makes a connection."""

    def __init__(self, socket: Burst) -> None:
        self.socket = socket

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        assert (url, compress) == ("wss://gateway.example", 15)
        return cast(aiohttp.ClientWebSocketResponse, self.socket)


async def test_whoever_waits_has_a_turn_after_each_event_of_a_burst() -> None:
    http = cast(HTTPClient, Connecting(Burst(5)))
    read_fairly(http)
    socket: Any = await http.ws_connect("wss://gateway.example", compress=15)
    seen: list[str] = []

    async def other() -> None:
        for turn in range(5):
            seen.append(f"turn {turn}")
            await asyncio.sleep(0)

    waiting = asyncio.create_task(other())
    while socket.left:
        seen.append(await socket.receive(timeout=60.0))
    await waiting

    turns = [seen.index(f"turn {turn}") for turn in range(5)]
    assert turns[-1] < len(seen) - 1, "the other would have had all its turns after the burst"
    assert seen[:4] == ["turn 0", "4 left", "turn 1", "3 left"]
