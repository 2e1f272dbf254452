"""Reading the gateway so that one burst of its events does not keep everything else waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from discord.http import HTTPClient


def read_fairly(http: HTTPClient) -> None:
    """Let the event loop run between two events of a gateway connection, for all connections made from now on.

    Events that have arrived already are handed out by aiohttp without a pause, and discord.py takes them one after the
    other: of two hundred questions at once the first would not even begin to be acknowledged before all are read, and
    the loop would stand still for a fifth of a second.
    """
    connect = http.ws_connect

    async def ws_connect(url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        socket = await connect(url, **options)
        receive = socket.receive

        async def receive_fairly(*args: Any, **limits: Any) -> aiohttp.WSMessage:
            await asyncio.sleep(0)
            return await receive(*args, **limits)

        socket.receive = receive_fairly  # type: ignore[method-assign]
        return socket

    http.ws_connect = ws_connect  # type: ignore[method-assign]
