"""Staying connected to Discord: clients that fail are followed by others, and answers in flight are waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import convoy
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.client import DatelineClient
from bot.connection import point_discord_at, serve_discord


async def answer(question: Question) -> Answer:
    return convoy.convoy_answer(question.text)


def build_client(**options: Any) -> DatelineClient:
    return DatelineClient(answer, now=lambda: convoy.ASKED_AT, question_limit_chars=500, **options)


def test_another_discord_is_one_call_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)

    point_discord_at("http://127.0.0.1:8080/api/v10/", "ws://127.0.0.1:8081/")

    assert Route("GET", "/users/@me").url == "http://127.0.0.1:8080/api/v10/users/@me"
    assert yarl.URL("ws://127.0.0.1:8081/") == DiscordWebSocket.DEFAULT_GATEWAY


def test_empty_addresses_leave_discord_where_it_is() -> None:
    point_discord_at("", "")

    assert Route.BASE == "https://discord.com/api/v10"
    assert DiscordWebSocket.DEFAULT_GATEWAY.host == "gateway.discord.gg"


class Script:
    """What happens to the clients that `serve_discord` makes: one entry per client, its failure or None to stay up."""

    def __init__(self, *entries: Exception | None) -> None:
        self.entries = list(entries)
        self.clients: list[ScriptedClient] = []
        self.waits: list[float] = []
        self.stop = asyncio.Event()
        self.last_started = asyncio.Event()

    def build(self) -> ScriptedClient:
        is_last = len(self.clients) == len(self.entries) - 1
        started = self.last_started if is_last else asyncio.Event()
        self.clients.append(ScriptedClient(self.entries[len(self.clients)], started))
        return self.clients[-1]

    async def sleep(self, delay_s: float) -> None:
        self.waits.append(delay_s)

    def serve(self, token: str = "token", **options: Any) -> asyncio.Task[None]:
        options = {"stop": self.stop, "sleep": self.sleep, "dice": lambda: 1.0, "monotonic": lambda: 0.0} | options
        return asyncio.create_task(serve_discord(self.build, token, **options))

    async def last_client(self) -> ScriptedClient:
        """Wait until the last client has been started."""
        await self.last_started.wait()
        return self.clients[-1]


class ScriptedClient(DatelineClient):
    """A client whose connection fails, or comes up and stays, without any network."""

    def __init__(self, failure: Exception | None, started: asyncio.Event) -> None:
        super().__init__(self.slowly, now=lambda: convoy.ASKED_AT, question_limit_chars=500, grace_s=60.0)
        self.failure = failure
        self.started = started
        self.closed: list[str] = []
        self.may_answer = asyncio.Event()

    async def slowly(self, question: Question) -> Answer:
        await self.may_answer.wait()
        return convoy.convoy_answer(question.text)

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        await self._async_setup_hook()  # as `login` does; `close` needs it
        self.started.set()
        if self.failure is not None:
            raise self.failure
        await self.on_shard_connect(0)
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed.append("online" if self.gateway.online.is_set() else "offline")
        await super().close()


def closed_with(code: int) -> discord.ConnectionClosed:
    class Socket:
        close_code = code

    return discord.ConnectionClosed(Socket(), shard_id=None)  # type: ignore[arg-type]


async def test_a_first_connection_that_fails_is_made_anew_by_a_new_client_after_growing_waits() -> None:
    script = Script(
        KeyError("an event without its guild"),
        aiohttp.ClientConnectionError("no route"),
        discord.GatewayNotFound(),
        None,
    )

    serving = script.serve()
    await script.last_client()
    script.stop.set()
    await serving

    assert script.waits == [1.0, 2.0, 4.0]
    assert all(client.closed for client in script.clients)


async def test_an_unknown_failure_leaves_its_trace_in_the_log_and_a_known_one_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(ZeroDivisionError(), aiohttp.ClientConnectionError(), None)

    serving = script.serve()
    await script.last_client()
    script.stop.set()
    await serving

    unknown, known = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert unknown.exc_info
    assert not known.exc_info
    assert "check the network" in known.getMessage()


async def test_a_connection_that_held_for_long_ends_the_row_of_failures() -> None:
    clock = iter([0.0, 1.0, 10.0, 1000.0, 2000.0, 2001.0, 3000.0])
    script = Script(OSError(), OSError(), OSError(), None)

    serving = script.serve(monotonic=lambda: next(clock))
    await script.last_client()
    script.stop.set()
    await serving

    assert script.waits == [1.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (discord.LoginFailure("Improper token has been passed."), discord.LoginFailure),
        (closed_with(4004), discord.LoginFailure),
        (discord.PrivilegedIntentsRequired(None), discord.PrivilegedIntentsRequired),
        (closed_with(4011), discord.ConnectionClosed),
    ],
)
async def test_what_no_retry_mends_ends_the_service(failure: Exception, raised: type[Exception]) -> None:
    script = Script(failure)

    with pytest.raises(raised):
        await script.serve()

    assert script.waits == []
    assert script.clients[0].closed


@pytest.mark.parametrize("token", ["", "  ", "tök€n", "two\nlines"])
async def test_what_cannot_be_a_token_is_refused_before_anything_is_sent(token: str) -> None:
    script = Script(None)

    with pytest.raises(discord.LoginFailure):
        await script.serve(token)

    assert script.clients == []


async def test_a_stop_during_the_wait_ends_it() -> None:
    script = Script(OSError())
    waiting = asyncio.Event()

    async def sleep_for_ever(delay_s: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    serving = script.serve(sleep=sleep_for_ever)
    await waiting.wait()
    script.stop.set()

    await asyncio.wait_for(serving, 5.0)


async def test_answers_in_flight_are_awaited_before_the_connection_is_closed() -> None:
    script = Script(None)
    serving = script.serve()
    client = await script.last_client()
    asking = asyncio.create_task(client.questions.answer(Question("What weapons?", convoy.ASKED_AT)))
    await asyncio.sleep(0)

    script.stop.set()
    for _ in range(10):
        await asyncio.sleep(0)
    closed_early = list(client.closed)
    client.may_answer.set()
    await serving

    assert closed_early == []
    assert isinstance(asking.result(), Answer)
    assert client.closed


async def test_a_client_that_was_never_online_is_closed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connecting(ScriptedClient):
        async def start(self, token: str, *, reconnect: bool = True) -> None:
            await self._async_setup_hook()
            self.started.set()
            await asyncio.Event().wait()

    monkeypatch.setattr("bot.connection._CONNECTING_S", 0.0)
    client, stop = Connecting(None, asyncio.Event()), asyncio.Event()
    serving = asyncio.create_task(serve_discord(lambda: client, "token", stop=stop))
    await client.started.wait()
    stop.set()

    await asyncio.wait_for(serving, 5.0)
    assert client.closed


async def test_a_close_amid_a_reconnect_waits_until_the_connection_stands() -> None:
    script = Script(None)
    serving = script.serve()
    client = await script.last_client()
    await client.on_shard_disconnect(0)

    script.stop.set()
    for _ in range(10):
        await asyncio.sleep(0)
    closed_early = list(client.closed)
    await client.on_shard_resumed(0)
    await serving

    assert closed_early == []
    assert client.closed == ["online"]


async def test_a_real_client_whose_discord_refuses_connections_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port_factory: Callable[[], int]
) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    point_discord_at(f"http://127.0.0.1:{unused_tcp_port_factory()}", "")
    script, stop = Script(), asyncio.Event()

    async def sleep(delay_s: float) -> None:
        script.waits.append(delay_s)
        if len(script.waits) == 3:
            stop.set()

    await serve_discord(build_client, "token", stop=stop, sleep=sleep, dice=lambda: 1.0)

    assert script.waits == [1.0, 2.0, 4.0]
