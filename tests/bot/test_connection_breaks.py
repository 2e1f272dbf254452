"""The real client at a fake Discord whose gateway and REST break in every way that Discord's do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import convoy
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from fake_discord import FakeDiscord, Guild, Interaction

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.client import DatelineClient
from bot.connection import point_discord_at, serve_discord
from bot.gateway_state import GatewayState
from bot.metrics import Metrics
from bot.records.pending import PendingQuestion
from bot.records.records import open_records

QUESTION = {"question": "What weapons were in the convoy?"}


@dataclass
class Bot:
    """The bot under test: its answers come once `may_answer` is set; `clients` are those made so far."""

    metrics: Metrics = field(default_factory=Metrics)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    clients: list[DatelineClient] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.gateway = GatewayState(self.metrics)
        self.may_answer.set()

    async def answer(self, question: Question) -> Answer:
        self.asked += 1
        await self.may_answer.wait()
        return convoy.convoy_answer(question.text)

    def told(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"dateline_{name}", labels) or 0.0


@pytest.fixture(autouse=True)
def _another_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the addresses of Discord as they were."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


@asynccontextmanager
async def connected(discord: FakeDiscord, *, lost_s: float = 300.0, **options: Any) -> AsyncIterator[Bot]:
    """Serve the fake Discord until the block ends; it is connected and its commands are there when this enters."""
    bot, stop = Bot(), asyncio.Event()
    point_discord_at(discord.rest_url, discord.gateway_url)

    def build() -> DatelineClient:
        bot.clients.append(
            DatelineClient(
                bot.answer,
                now=lambda: convoy.ASKED_AT,
                question_limit_chars=500,
                gateway=bot.gateway,
                metrics=bot.metrics,
                **({"guild_ready_timeout": 0.05} | options),
            )
        )
        return bot.clients[-1]

    serving = asyncio.create_task(serve_discord(build, discord.token, stop=stop, lost_s=lost_s, dice=lambda: 0.0))
    try:
        await discord.commands_synced()
        await discord.ready()
        await asyncio.wait_for(bot.gateway.online.wait(), 5)
        yield bot
    finally:
        stop.set()
        await asyncio.wait_for(serving, 30)


async def is_answered_once(interaction: Interaction) -> bool:
    message = await interaction.answer(15, where=lambda message: convoy.GUNS in message.text)
    answers = [revision for revision in message.revisions if convoy.GUNS in str(revision)]
    return len(interaction.shown()) == 1 and len(answers) == 1


async def test_questions_are_counted_by_where_they_are_asked() -> None:
    async with FakeDiscord() as discord, connected(discord) as bot:
        friend, installer = discord.add_user("Friend"), discord.add_user("Installer", has_installed_app=True)
        elsewhere = discord.add_guild("Elsewhere", bot_is_member=False)
        unknown = discord.add_channel("general", guild=elsewhere)
        for user, channel in (
            (discord.user, discord.channel),
            (discord.user, discord.dm()),
            (installer, discord.dm(installer)),
            (installer, discord.private_channel(installer, friend)),
            (installer, unknown),
        ):
            assert await is_answered_once(await discord.slash("ask", QUESTION, user=user, channel=channel))

        told = {
            surface: bot.told("questions_total", surface=surface, outcome="answered")
            for surface in ("guild", "dm", "user_install")
        }
    assert told == {"guild": 1, "dm": 2, "user_install": 2}


async def test_an_event_that_cannot_be_read_costs_no_answer_in_flight_and_a_new_client_takes_over() -> None:
    async with FakeDiscord() as discord, connected(discord) as bot:
        bot.may_answer.clear()
        in_flight = await discord.slash("ask", QUESTION)
        await in_flight.acknowledged()

        discord.send_unreadable_event()
        await bot.gateway.offline.wait()
        bot.may_answer.set()

        assert await is_answered_once(in_flight)
        await bot.gateway.online.wait()
        assert len(bot.clients) == 2
        assert await is_answered_once(await discord.slash("ask", QUESTION))


async def test_a_gateway_that_is_gone_while_rest_works_is_found_out_and_a_new_client_tries() -> None:
    async with FakeDiscord() as discord, connected(discord, lost_s=0.2) as bot:
        discord.gateway.connects_to_refuse = 1
        discord.drop_connections()
        await bot.gateway.offline.wait()
        assert bot.told("gateway_shards_online") == 0
        await discord.state.changes.until(lambda: len(bot.clients) > 1, 10, lambda: "a second client")
        await asyncio.wait_for(bot.gateway.online.wait(), 15)

        assert await is_answered_once(await discord.slash("ask", QUESTION))


async def test_heartbeats_that_nobody_acknowledges_lead_to_a_new_connection() -> None:
    async with (
        FakeDiscord(heartbeat_interval_s=0.2) as discord,
        connected(discord, heartbeat_timeout=0.4) as bot,
    ):
        discord.gateway.acknowledges_heartbeats = False
        await bot.gateway.offline.wait()
        discord.gateway.acknowledges_heartbeats = True
        await discord.resumed()
        await asyncio.wait_for(bot.gateway.online.wait(), 5)

        assert len(bot.clients) == 1
        assert await is_answered_once(await discord.slash("ask", QUESTION))


async def test_questions_asked_while_the_connection_is_cut_are_answered_after_it_resumes() -> None:
    async with FakeDiscord() as discord, connected(discord) as bot:
        discord.drop_connections()
        asked = [await discord.slash("ask", QUESTION) for _ in range(5)]

        assert [await is_answered_once(one) for one in asked] == [True] * 5
        assert bot.told("gateway_connects_total", kind="resumed") >= 1


async def test_as_many_shards_as_discord_asks_for_answer_for_their_servers_and_one_for_direct_messages() -> None:
    async with FakeDiscord(shards=2) as discord:
        channels = {shard_of(discord.guild): discord.channel}
        while len(channels) < 2:
            guild = discord.add_guild("Another")
            channels.setdefault(shard_of(guild), discord.add_channel("news", guild=guild))
        async with connected(discord) as bot:
            assert discord.requests.count("GET /gateway/bot") == 1
            assert bot.told("gateway_shards_online") == 2
            asked = [await discord.slash("ask", QUESTION, channel=channel) for channel in channels.values()]
            asked.append(await discord.slash("ask", QUESTION, channel=discord.dm()))

            assert [await is_answered_once(one) for one in asked] == [True] * 3
            assert bot.asked == 3

            discord.reconnect()
            await discord.resumed(2)
            await asyncio.wait_for(bot.gateway.online.wait(), 5)
            asked = [await discord.slash("ask", QUESTION, channel=channel) for channel in channels.values()]
            assert [await is_answered_once(one) for one in asked] == [True] * 2


async def test_what_a_stop_cuts_short_is_answered_in_the_same_place_by_the_next_start(tmp_path: Path) -> None:
    opening = open_records(tmp_path, now=lambda: convoy.ASKED_AT, keep_days=1, conversation_minutes=1)
    async with opening as records, FakeDiscord() as discord:
        async with connected(discord, records=records, grace_s=0.0) as bot:
            bot.may_answer.clear()
            asked = await discord.slash("ask", QUESTION)
            await asked.acknowledged()
            await discord.say(f"<@{discord.bot.id}> {QUESTION['question']}")
            await discord.requested(f"POST /channels/{discord.channel.id}/typing")
        told, replies = [message.text for message in asked.shown()], len(discord.messages())

        async with connected(discord, records=records) as bot:
            await asked.answer(15, where=lambda message: convoy.GUNS in message.text)
            assert convoy.GUNS in (await discord.next_message(timeout_s=15)).text
            assert bot.asked == 2
        assert await records.pending.unfinished() == []

    assert told == ["I am being restarted; your answer will stand here in a minute. If it does not, please ask again."]
    assert replies == 0
    assert len(asked.shown()) == len(discord.messages()) == 1


async def test_what_can_no_longer_be_answered_is_given_up_and_the_rest_is_answered(tmp_path: Path) -> None:
    opening = open_records(tmp_path, now=lambda: convoy.ASKED_AT, keep_days=1, conversation_minutes=1)
    async with opening as records, FakeDiscord() as discord:
        words = await discord.say(f"<@{discord.bot.id}> What weapons?")

        def left(**fields: Any) -> PendingQuestion:
            given = {"user_id": 1, "channel_id": 1, "guild_id": None, "question": "What weapons?", "options": {}}
            return PendingQuestion(**given | {"accepted_at": convoy.ASKED_AT} | fields)

        application_id = int(discord.state.application_id)
        await records.pending.accept(left(interaction_id=5, token="ended", application_id=application_id))
        await records.pending.accept(left(message_id=5, channel_id=6))
        await records.pending.accept(left(message_id=int(words.id), channel_id=int(discord.channel.id)))
        async with connected(discord, records=records):
            answer = await discord.next_message(timeout_s=15)
        remaining = await records.pending.unfinished()
        assert [violation.code for violation in discord.violations] == [10015]  # there is no such interaction
        discord.violations.clear()

    assert convoy.GUNS in answer.text
    assert answer.reference is words
    assert remaining == []


@pytest.mark.parametrize("status", [0, 429, 500, 503])
@pytest.mark.parametrize("acts", [False, True], ids=["lost", "carried out, its reply lost"])
@pytest.mark.parametrize("path", ["/callback", "/messages/@original"])
async def test_a_request_of_an_interaction_that_fails_shows_the_answer_once(path: str, acts: bool, status: int) -> None:
    async with FakeDiscord() as discord, connected(discord):
        discord.fail_rest("POST" if path == "/callback" else "PATCH", path, status, acts=acts)
        asked = await discord.slash("ask", QUESTION)
        await asked.answer(15, where=lambda message: convoy.GUNS in message.text)
        assert len(asked.shown()) == 1
        # Discord refuses the second acknowledgement after one whose reply was lost; that is how it is known.
        discord.violations.clear()


@pytest.mark.parametrize("status", [0, 429, 500, 503])
@pytest.mark.parametrize("acts", [False, True], ids=["lost", "carried out, its reply lost"])
async def test_a_reply_to_a_message_that_fails_is_sent_once(acts: bool, status: int) -> None:
    async with FakeDiscord() as discord, connected(discord):
        discord.fail_rest("POST", f"/channels/{discord.channel.id}/messages", status, acts=acts)
        await discord.say(f"<@{discord.bot.id}> {QUESTION['question']}")

        assert convoy.GUNS in (await discord.next_message(timeout_s=15)).text
        await discord.requested(f"POST /channels/{discord.channel.id}/messages", 2)
        assert len(discord.messages()) == 1


def shard_of(guild: Guild) -> int:
    return (int(guild.id) >> 22) % 2
