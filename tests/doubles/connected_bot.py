"""A bot with a scripted chain and real records in this process, for the fake Discord; and where people are in that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import convoy
from fake_discord import Channel, FakeDiscord, Message, User
from fake_discord.places import ChannelKind

from bot.answering.answers import Abstention, Answer
from bot.answering.questions import Question
from bot.answering.rereading import QuoteInPlace, Since
from bot.client import DatelineClient
from bot.cogs.looking_up import LooksUp
from bot.cogs.server_feeds import OperatesFeeds, ServerFeeds
from bot.records.records import Records, open_records

#: Where people ask: what `place_of` takes.
SURFACES = ("guild", "thread", "dm", "user install")


@dataclass
class Bot:
    """What a bot under test is made of, and what a test changes: its answers, its clock, the quotes read again."""

    home: Path
    outcome: Answer | Abstention = field(default_factory=convoy.convoy_answer)
    questions: list[Question] = field(default_factory=list)
    at: datetime = convoy.ASKED_AT
    place: QuoteInPlace | Exception = field(
        default_factory=lambda: QuoteInPlace(Since.UNCHANGED, "Before it. ", convoy.GUNS, " After it.")
    )
    records: Records | None = None
    news: LooksUp | None = None
    feeds: OperatesFeeds | None = None
    feeds_per_server: int = 25
    language: str = "en"

    async def answer(self, question: Question) -> Answer | Abstention:
        self.questions.append(question)
        return replace(self.outcome, evidence=replace(self.outcome.evidence, question=question))

    async def read_in_place(self, citation: object) -> QuoteInPlace:
        if isinstance(self.place, Exception):
            raise self.place
        return self.place

    @asynccontextmanager
    async def running(self, discord: FakeDiscord) -> AsyncIterator[None]:
        """Run the bot: started anew, it has what its home keeps and nothing else."""
        async with open_records(self.home, now=lambda: self.at, keep_days=30, conversation_minutes=60) as self.records:
            client = DatelineClient(
                self.answer,
                now=lambda: self.at,
                question_limit_chars=500,
                language=self.language,
                records=self.records,
                read_in_place=self.read_in_place,
                news=self.news,
                server_feeds=None if self.feeds is None else ServerFeeds(self.feeds, most=self.feeds_per_server),
            )
            serving = asyncio.create_task(client.start(discord.token))
            await discord.commands_synced()
            await discord.ready()
            try:
                yield
            finally:
                await client.close()
                await serving


def place_of(discord: FakeDiscord, surface: str) -> tuple[User, Channel, User | None]:
    """Give who asks, where, and somebody else who sees it there, if anybody does."""
    other = discord.add_user("Other")
    match surface:
        case "guild":
            return discord.user, discord.channel, other
        case "thread":
            thread = Channel(discord.state.next_id(), ChannelKind.PUBLIC_THREAD, "thread", discord.guild)
            thread.parent = discord.channel
            discord.state.channels[thread.id] = discord.guild.threads[thread.id] = thread
            return discord.user, thread, other
        case "dm":
            return discord.user, discord.dm(), None
    installer = discord.add_user("Installer", has_installed_app=True)
    return installer, discord.private_channel(installer, other), other


async def ask(discord: FakeDiscord, user: User, channel: Channel, question: str = "What weapons?") -> Message:
    asked = await discord.slash("ask", {"question": question}, user=user, channel=channel)
    return await asked.answer()


def button(message: Message, verb: str, more: str | None = None) -> str:
    """Find the custom id of a button by what it does, and to what."""
    for custom_id in message.custom_ids:
        _, its_verb, _, *rest = custom_id.split(":")
        if its_verb == verb and (more is None or rest == [more]):
            return custom_id
    raise LookupError(f"no {verb} {more} among {message.custom_ids}")
