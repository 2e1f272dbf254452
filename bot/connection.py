"""Staying connected to Discord: what discord.py does not mend itself is mended by a new client, for ever."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import LONGEST_WAIT_S, DatelineClient, Dice, Sleep, backoff_s
from bot.rendering.problems import is_known, sentence_for

log = logging.getLogger(__name__)

# Gateway close codes that no retry mends: wrong token, wrong or too few shards, wrong version, wrong intents.
_WRONG_TOKEN = 4004
_FATAL_CLOSE_CODES = (4010, 4011, 4012, 4013, 4014)

_CONNECTING_S = 5.0  # longest wait for a connection in the making, before it is closed all the same
_CLOSING_S = 10.0
# A client whose gateway connection has been down for so long is given up, whatever discord.py still tries with it: its
# own waits between two attempts grow up to a quarter of an hour.
_LOST_S = 300.0


def point_discord_at(rest_url: str, gateway_url: str) -> None:
    """Let every Discord client of this process talk to another Discord, such as the stand-in of the tests.

    discord.py takes neither address as an argument; both are class attributes, so this holds for the whole process.

    Args:
        rest_url: before the path of a request, such as "http://127.0.0.1:8080/api/v10"; empty changes nothing.
        gateway_url: a web socket, such as "ws://127.0.0.1:8080/"; empty changes nothing.
    """
    if rest_url:
        Route.BASE = rest_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


async def serve_discord(
    build_client: Callable[[], DatelineClient],
    token: str,
    *,
    stop: asyncio.Event,
    lost_s: float = _LOST_S,
    sleep: Sleep = asyncio.sleep,
    dice: Dice = random.random,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Stay connected to Discord until told to stop; return once the connection is closed.

    Where discord.py does not mend a connection itself (an event it cannot read ends `start()` with any exception, and
    its waits between two attempts grow without bound), a new client makes a new one after `backoff_s`, for ever.
    Answers in flight get the client's `grace_s` seconds first.

    Args:
        build_client: makes a client for one attempt.
        token: the bot's token.
        stop: set to stop.
        lost_s: a client whose gateway connection is down for longer, in seconds, is replaced.
        sleep: waits between two attempts.
        dice: uniform in 0..1.
        monotonic: tells, in seconds, how long a connection held.

    Raises:
        discord.LoginFailure: Discord does not take the token.
        discord.PrivilegedIntentsRequired: Discord does not allow an intent.
        discord.ConnectionClosed: Discord closed with a code that no retry mends (too many servers for one connection).
    """
    if not (token.strip() and token.isascii() and token.isprintable()):  # aiohttp would fail on it as a header
        raise discord.LoginFailure("the token is empty or holds characters that no token has")
    failures = 0
    while not stop.is_set():
        began = monotonic()
        failure = await _serve_once(build_client(), token, stop, lost_s)
        if stop.is_set():
            return
        if isinstance(failure, discord.LoginFailure | discord.PrivilegedIntentsRequired):
            raise failure
        if isinstance(failure, discord.ConnectionClosed):
            if failure.code == _WRONG_TOKEN:
                raise discord.LoginFailure("the gateway does not take the token") from failure
            if failure.code in _FATAL_CLOSE_CODES:
                raise failure
        failures = 1 if monotonic() - began > LONGEST_WAIT_S else failures + 1
        delay_s = backoff_s(failures, dice)
        words = sentence_for(failure, "operator")
        log.warning(
            "no connection to Discord, again in %.0f s: %s",
            delay_s,
            words,
            exc_info=None if is_known(failure) else failure,
        )
        await _first_of(stop.wait(), sleep(delay_s))


async def _serve_once(client: DatelineClient, token: str, stop: asyncio.Event, lost_s: float) -> BaseException:
    """Run one client until it fails, is lost or `stop` is set, then close it; return what ended it."""
    serving = asyncio.create_task(client.start(token))
    try:
        await _first_of(stop.wait(), asyncio.wait((serving,)), _lost(client, lost_s))
        is_lost = not (stop.is_set() or serving.done())
        await client.questions.finish(client.grace_s)
        # A close amid a reconnect breaks discord.py (`_MissingSentinel`): give the connection time to stand first.
        patience_s = 0.0 if is_lost else _CONNECTING_S
        await _first_of(client.gateway.online.wait(), asyncio.wait((serving,)), timeout_s=patience_s)
        failure = serving.exception() if serving.done() else None
        return failure or aiohttp.ClientConnectionError("the connection was closed")
    finally:
        try:
            await asyncio.wait_for(client.close(), _CLOSING_S)
        except Exception:
            log.exception("the Discord client did not close cleanly")
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _lost(client: DatelineClient, lost_s: float) -> None:
    """Wait until the gateway connection has been down for so long in one piece; REST may work all the while."""
    while True:
        await client.gateway.offline.wait()
        try:
            await asyncio.wait_for(client.gateway.online.wait(), lost_s)
        except TimeoutError:
            log.warning("no gateway connection for %.0f s; a new client tries", lost_s)
            return


async def _first_of(*waits: Awaitable[Any], timeout_s: float | None = None) -> None:
    """Wait for whichever ends first and cancel the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
