"""The Discord client as a whole: what it asks of Discord, syncing, and staying connected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import convoy
import discord
import pytest
import simcord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.client import DatelineClient, backoff_s, point_discord_at, serve_discord


async def answer(question: Question) -> Answer:
    return convoy.convoy_answer(question.text)


def build_client(**options: Any) -> DatelineClient:
    return DatelineClient(answer, now=lambda: convoy.ASKED_AT, question_limit_chars=500, **options)


@pytest.fixture
def simcord_bot() -> DatelineClient:
    return build_client(dice=lambda: 1.0)


def test_it_asks_for_no_privileged_intent_and_no_more_than_it_reads() -> None:
    asked = {name for name, wanted in build_client().intents if wanted}

    assert asked == {"guilds", "guild_messages", "dm_messages"}


def test_it_pings_nobody_and_keeps_no_messages() -> None:
    client = build_client()

    assert client.allowed_mentions is not None
    assert client.allowed_mentions.to_dict() == discord.AllowedMentions.none().to_dict()
    assert client._connection.max_messages is None


@pytest.mark.simcord(approved_intents=discord.Intents.none())
async def test_it_connects_where_no_privileged_intent_is_approved(simcord_env: simcord.Env) -> None:
    assert simcord_env.bot.is_ready()
    assert simcord_env.errors == []


async def test_the_commands_are_synced_everywhere(simcord_env: simcord.Env) -> None:
    puts = [r.path for r in simcord_env.http_requests if r.method == "PUT"]

    assert puts == [f"/applications/{simcord_env.bot.application_id}/commands"]


async def test_with_a_server_to_try_them_out_the_commands_are_synced_there_alone() -> None:
    async with simcord.run(build_client(sync_guild_id=4242)) as env:
        puts = [r.path for r in env.http_requests if r.method == "PUT"]

        assert puts == [f"/applications/{env.bot.application_id}/guilds/4242/commands"]


async def test_a_sync_that_fails_is_tried_again_and_mentions_are_answered_meanwhile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    again, waits = asyncio.Semaphore(0), list[float]()

    async def sleep(delay_s: float) -> None:
        waits.append(delay_s)
        await env.external_wait(again.acquire(), reason="the test says when to try again")

    bot = build_client(sleep=sleep, dice=lambda: 1.0)
    env = simcord.Env(bot)
    env.inject_error("PUT", "/applications/*/commands", status=500, times=2)
    await env.start()
    try:
        channel = env.create_guild().create_text_channel("news")
        assert bot.user is not None
        await env.guild.add_member(env.create_user("ann")).send(channel, f"{bot.user.mention} What weapons?")
        synced = [len(await bot.tree.fetch_commands())]
        for _ in range(2):
            again.release()
            await env.settle()
            synced.append(len(await bot.tree.fetch_commands()))
    finally:
        await env.shutdown()

    assert len(channel.history()) == 2
    assert synced == [0, 0, 1]
    assert waits == [1.0, 2.0]
    assert caplog.text.count("commands not synced") == 2


async def test_an_event_that_is_no_message_fails_into_the_log_alone(
    simcord_env: simcord.Env, caplog: pytest.LogCaptureFixture
) -> None:
    async def on_guild_join(guild: discord.Guild) -> None:
        raise ZeroDivisionError

    simcord_env.bot.event(on_guild_join)
    simcord_env.bot.dispatch("guild_join", object())
    await simcord_env.settle()

    assert "event on_guild_join failed" in caplog.text
    assert [type(error) for error in simcord_env.errors] == [ZeroDivisionError]


def test_the_wait_doubles_with_every_failure_up_to_five_minutes() -> None:
    assert [backoff_s(n, lambda: 1.0) for n in (1, 2, 3, 9, 10, 10_000)] == [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]


def test_the_dice_shorten_the_wait_by_up_to_half() -> None:
    assert [backoff_s(3, lambda thrown=thrown: thrown) for thrown in (0.0, 0.5, 1.0)] == [2.0, 3.0, 4.0]


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
        super().__init__(self.slowly, now=lambda: convoy.ASKED_AT, question_limit_chars=500)
        self.failure = failure
        self.started = started
        self.closed: list[str] = []
        self.may_answer = asyncio.Event()

    async def slowly(self, question: Question) -> Answer:
        await self.may_answer.wait()
        return convoy.convoy_answer(question.text)

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        self.started.set()
        if self.failure is not None:
            raise self.failure
        self.online.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed.append("online" if self.online.is_set() else "offline")
        await super().close()


def closed_with(code: int) -> discord.ConnectionClosed:
    class Socket:
        close_code = code

    return discord.ConnectionClosed(Socket(), shard_id=None)  # type: ignore[arg-type]


async def test_a_first_connection_that_fails_is_made_anew_by_a_new_client_after_growing_waits() -> None:
    script = Script(
        AttributeError("'NoneType' object has no attribute 'sequence'"),
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


async def test_a_first_gateway_connection_that_fails_is_told_by_its_reason_and_not_by_what_discord_py_makes_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stumbled = AttributeError("'NoneType' object has no attribute 'sequence'")
    stumbled.__context__ = aiohttp.ClientConnectionError("refused")
    script = Script(stumbled, None)

    serving = script.serve()
    await script.last_client()
    script.stop.set()
    await serving

    (told,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "check the network" in told.getMessage()
    assert not told.exc_info


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
    serving = script.serve(grace_s=60.0)
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
            self.started.set()
            await asyncio.Event().wait()

    monkeypatch.setattr("bot.client._CONNECTING_S", 0.0)
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
    await client.on_disconnect()

    script.stop.set()
    for _ in range(10):
        await asyncio.sleep(0)
    closed_early = list(client.closed)
    await client.on_resumed()
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
