"""Two hundred hostile titles, texts, publishers and questions, through the whole bot: no ping, no broken card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest_asyncio
import yarl
from connected_bot import Bot, button
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord_markdown import LIVE, hostile_texts, links, unescaped, without_links
from fake_discord import FakeDiscord, Interaction, Message
from fake_discord.messages import walk_components
from private_feeds import ASKED_AT, Home, News, open_home
from serving import is_settled

from bot.answering.answers import Abstention, Answer
from bot.answering.questions import Question
from bot.browsing import Browsing
from retrieval.articles import Article, Precision

HOSTILE = hostile_texts(200)
SITE = "https://paper.example/"
_SYLLABLES = "bal cor dun fel gran hol jor kal lum mar nor pel rov sal tem ven".split()


@dataclass
class Answering(Bot):
    """The bot over a real engine and the default writer."""

    engine: Home | None = None

    async def answer(self, question: Question) -> Answer | Abstention:
        assert self.engine is not None
        self.questions.append(question)
        return await self.engine.chain.ainvoke(question)


def name_of(number: int) -> str:
    """Name a ferry as no other is named."""
    return "".join(_SYLLABLES[number // 16**k % 16] for k in (1, 0)).capitalize() + f"ok{'a' * (number // 256)}"


def article_of(number: int, hostile: str) -> Article:
    """Write an article whose title, text, address and publisher are hostile."""
    name = name_of(number)
    text = f"The ferry {name} burned down on Monday, {hostile} the harbour office said. Nobody was hurt on the {name}."
    return Article(
        id=f"hostile-{number}",
        title=f"{hostile} ferry {name} {hostile}",
        text=f"{text}\n\n{hostile}",
        url=f"{SITE}{number}/{quote(hostile, safe='()*_~@:!')}",
        source=f"{hostile} Post {number}",
        published_at=ASKED_AT - timedelta(hours=number + 1),
        published_precision=Precision.TIME,
        authors=(hostile,),
        language="en",
    )


@pytest_asyncio.fixture
async def bot(tmp_path: Path, monkeypatch: Any) -> AsyncIterator[tuple[FakeDiscord, Answering]]:
    news = News([article_of(number, hostile) for number, hostile in enumerate(HOSTILE)], {}, [])
    (tmp_path / "home").mkdir()
    async with open_home(tmp_path / "home", news, ()) as home, FakeDiscord() as discord:
        monkeypatch.setattr(Route, "BASE", discord.rest_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        browsing = Browsing(home.engine, now=lambda: ASKED_AT, check=lambda: None)
        made = Answering(tmp_path, at=ASKED_AT, news=browsing, engine=home)
        async with made.running(discord):
            yield discord, made


def is_broken(message: Message) -> bool:
    """Say whether anything in a card is live but its own links, or its formatting does not end where it began."""
    texts = [str(one["content"]) for one in walk_components(message.components) if one.get("content")]
    for text in texts:
        plain = without_links(text)
        if LIVE.search(plain) or any(not target.startswith(SITE) for target in links(text)):
            return True
        for line in unescaped(plain).split("\n"):
            if line.count("**") % 2 or line.count("~~") % 2 or "||" in line or "```" in line:
                return True
            if re.match(r"\s*(?:#|>>>)", line):
                return True
    return bool(re.search(r"went wrong|ging etwas schief", "\n".join(texts)))


async def test_two_hundred_hostile_words_in_every_card_ping_nobody_and_break_nothing(
    bot: tuple[FakeDiscord, Answering],
) -> None:
    discord, _ = bot
    reader = discord.add_user("Leserin", locale="de")
    counted: Counter[str] = Counter()

    async def look_at(kind: str, asked: Interaction | Message) -> Message:
        message = asked if isinstance(asked, Message) else await asked.answer(30, where=is_settled)
        counted[kind] += 1
        counted["pings"] += len(message.pings()) + message.pings_everyone()
        counted["broken"] += is_broken(message)
        return message

    for number, hostile in enumerate(HOSTILE):
        user = reader if number % 2 else discord.user
        question = f"Who said that the ferry {name_of(number)} burned down {hostile}?"
        card = await look_at("answers", await discord.slash("ask", {"question": question[:500]}, user=user))
        counted["quoting"] += f"ferry {name_of(number)} burned" in card.text
        if any(":quote:" in custom_id for custom_id in card.custom_ids):
            await look_at("passages", await discord.press(card, button(card, "quote"), user=user))
        if any(":sources:" in custom_id for custom_id in card.custom_ids):
            await look_at("more sources", await discord.press(card, button(card, "sources"), user=user))
        topic = f"{name_of(number)} {hostile}"
        match number % 5:
            case 0:
                await look_at("abstentions", await discord.slash("ask", {"question": f"Why? {hostile}"}, user=user))
            case 1:
                await look_at("latest", await discord.slash("latest", {"topic": topic}, user=user))
            case 2:
                await look_at("timelines", await discord.slash("timeline", {"topic": topic}, user=user))
            case 3:
                said = await discord.say(f"“The ferry {name_of(number)} burned down on Friday, {hostile}”", user=user)
                await look_at("quotes", await discord.use_on(said, "Where is this quote from?", user=user))
            case 4:
                await discord.say(f"<@{discord.bot.id}> {topic}", user=user)
                await look_at("replies", await discord.next_message(timeout_s=30))
    await look_at("sources", await discord.slash("sources"))

    assert (counted.pop("pings"), counted.pop("broken")) == (0, 0), counted
    assert counted["quoting"] > 150
    assert counted["answers"] == 200
    assert {counted[kind] for kind in ("abstentions", "latest", "timelines", "quotes", "replies")} == {40}
    assert min(counted["passages"], counted["more sources"]) > 100
