"""The Discord client as a whole: what it asks of Discord, syncing, and what fails."""

from __future__ import annotations

import asyncio
from typing import Any

import convoy
import discord
import pytest
import simcord

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.client import DatelineClient, backoff_s


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
    async with simcord.run(build_client(sync_guild_id=4242), shard_count=1) as env:
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
    env = simcord.Env(bot, shard_count=1)
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
