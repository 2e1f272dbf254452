"""Public news and what five servers have privately beside it, made to be told apart, and questions about all of it.

What a server has is made to shine through where anything can: it tells of the same things as the public news, with
other numbers, later, word for word and nearly so, under the same addresses, misspelt, and by publishers of its own.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langchain_core.runnables import Runnable

from bot.answering.answers import Abstention, Answer
from bot.answering.chain import build_answer_chain
from bot.answering.contract import to_contract
from bot.answering.extractive import ExtractiveWriter
from bot.answering.questions import Exchange, Question, server_scope
from bot.answering.timeline import build_timeline
from config.settings import load_settings
from retrieval.articles import Article, Precision
from retrieval.build import Engine, open_engine
from retrieval.passages import Findings
from retrieval.testing import HashingEmbedder

SERVERS = (101, 202, 303, 404, 505)
ASKED_AT = datetime(2026, 3, 20, 18, tzinfo=UTC)
_FIRST_DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
_SYLLABLES = "bal cor dun el far gran hol ist jor kal lum mar nor os pel quin rov sal tem ul ven wex yar zor".split()
_THINGS = (
    "ferry bridge tunnel theatre reservoir refinery museum stadium lighthouse hospital orchard observatory".split()
)
_OFFICES = "harbour office|city council|regional court|fire service|water board|railway company".split("|")
_EVENTS = "burned down|was sold|reopened|collapsed|was flooded|was evacuated|stopped work|got a new name".split("|")
_OUTLETS = "Averden Courier|Sirte Coast Wire|Corvane Post|Tidewater Lantern|Harbour Gazette".split("|")
# More than there are passages: of those that are equally near Chroma gives any, in two equal homes not the same ones.
_CANDIDATES = 2_000


@dataclass(frozen=True)
class News:
    """The public articles, those of each server, and the names that questions ask for."""

    public: list[Article]
    private: dict[int, list[Article]]
    names: list[str]


def mark_of(server: int) -> str:
    """Give the word that stands in each private article of a server that is not a copy, and in no question."""
    return f"qzvault{server}"


def make_news(seed: int) -> News:
    """Make some forty public articles and twenty of each server; the same for the same seed."""
    dice = random.Random(seed)
    topics = [_topic(dice) for _ in range(24)]
    public = [_article(dice, topic, f"public-{n}", dice.choice(_OUTLETS)) for n, topic in enumerate(topics)]
    public += [_reprint(dice, article, f"reprint-{n}") for n, article in enumerate(dice.sample(public, 8))]
    bridge = _sentences(dice, topics[0], 14)
    for n, some in enumerate((bridge[:10], bridge[4:])):  # too unlike to be copies, but for what stands between them
        public.append(replace(public[0], id=f"bank-{n}", url=f"https://bank{n}.example/a", text=" ".join(some)))
    private: dict[int, list[Article]] = {}
    names = [name for name, *_ in topics]
    for server in SERVERS:
        own = [_topic(dice) for _ in range(6)]
        names += [name for name, *_ in own]
        slipped = [(_slip(dice, name), *rest) for name, *rest in dice.sample(topics, 4)]
        told = [*own, *dice.sample(topics, 6), *slipped]
        outlets = [*_OUTLETS, f"Guild Tribune {server}"]
        made = [
            _article(dice, topic, f"own-{n}", dice.choice(outlets), mark=mark_of(server), late=True)
            for n, topic in enumerate(told)
        ]
        made += dice.sample(public, 2)  # the very same, under the same id and address
        made += [_reprint(dice, article, f"copy-{n}") for n, article in enumerate(dice.sample(public, 3))]
        title, address = f"{public[0].title} {mark_of(server)}", f"https://s{server}.example/b"
        made.append(replace(public[0], id="between", title=title, url=address, text=" ".join(bridge[2:12])))
        private[server] = made
    return News(public, private, names)


def make_questions(news: News, seed: int, count: int) -> Iterator[Question]:
    """Ask for what is public, for what is some server's, for both misspelt, with and without limits."""
    dice = random.Random(seed)
    outlets = [*_OUTLETS, *(f"Guild Tribune {server}" for server in SERVERS)]
    for n in range(count):
        name, other = dice.choice(news.names), dice.choice(news.names)
        written = _slip(dice, name) if dice.random() < 0.25 else name
        thing, outlet = dice.choice(_THINGS), dice.choice(outlets)
        text = dice.choice(
            (
                f"What happened to the {thing} {written}?",
                f"How many people were in {written}?",
                f"When was {written} opened?",
                f"Who leads the {dice.choice(_OFFICES)} of {written}?",
                f"What is the latest on {written}?",
                f"Why did the {thing} {written} stop work last week?",
                f"Is {written} the same as {other}?",
                f"What did the {outlet} article say about {written}, and what did the report by the "
                f"{dice.choice(outlets)} say about {other} afterwards?",
                f"What happened to {written}? And how many people were in {other}?",
                f"Which {thing} was evacuated on 12 March?",
                f"{written}",
                f"Tell me about {written}, {other} and {dice.choice(news.names)}",
            )
        )
        limits: dict[str, Any] = {}
        if dice.random() < 0.2:
            limits["sources"] = (outlet,)
        if dice.random() < 0.15:
            limits["since"] = _FIRST_DAY + timedelta(days=dice.randrange(20))
        if dice.random() < 0.15:
            limits["until"] = _FIRST_DAY + timedelta(days=dice.randrange(20))
        if dice.random() < 0.15:
            limits["history"] = (Exchange(f"What happened to {other}?", ""),)
            text = dice.choice(("And when?", "How many people were in it?", f"What about {written}?"))
        asked_at = ASKED_AT if dice.random() < 0.8 else _FIRST_DAY + timedelta(days=dice.randrange(20))
        yield Question(text, asked_at, id=str(n), **limits)


def asked_by(question: Question, server: int | None) -> Question:
    """Let a server, or nobody's scope, ask."""
    return replace(question, scope=server_scope(server))


@dataclass(frozen=True)
class Home:
    """An open home, and what it says to a question: all but the time that it took."""

    engine: Engine
    chain: Runnable[Question, Answer | Abstention]

    async def outcome(self, question: Question) -> dict[str, Any]:
        """Answer, as the JSON contract has it."""
        told = to_contract(await self.chain.ainvoke(question))
        del told["timings_ms"]
        return told

    async def findings(self, question: Question) -> Findings:
        """Search: hits and scores, weights, spellings, copies, dates, sizes."""
        found = await self.engine.retriever.retrieve(question.as_query(limit=50))
        return replace(found, timings_ms={})

    async def timeline(self, question: Question) -> dict[str, Any]:
        """Tell the story of what is asked about."""
        told = (await build_timeline(self.engine.retriever, question, question_limit_chars=1000)).as_fields()
        del told["timings_ms"]
        return told


@asynccontextmanager
async def open_home(folder: Path, news: News, servers: Sequence[int]) -> AsyncIterator[Home]:
    """Open a home in an existing folder, and take in the public news and that of some servers, by turns."""
    settings = load_settings()
    retrieval = settings.retrieval.model_copy(update={"candidates": _CANDIDATES})
    embedding = settings.embedding.model_copy(update={"tagger": "rules"})
    async with open_engine(folder, retrieval, embedding, load=HashingEmbedder) as engine:
        await engine.indexer.open()
        half = len(news.public) // 2
        await engine.indexer.add(news.public[:half])
        for server in servers:
            await engine.indexer.add(news.private[server], server_scope(server))
        await engine.indexer.add(news.public[half:])
        await engine.indexer.embed_pending()
        chain = build_answer_chain(
            engine.retriever,
            ExtractiveWriter(max_quotes=3),
            hits=settings.retrieval.hits,
            min_confidence=0.3,  # the embedding double knows no meaning
            question_limit_chars=1_000,
            timeout_s=60.0,
        )
        yield Home(engine, chain)
        await engine.indexer.close()


def _topic(dice: random.Random) -> tuple[str, str, str, str]:
    name, place = (" ".join(_word(dice) for _ in range(2)) for _ in range(2))
    return name, place, dice.choice(_THINGS), dice.choice(_OFFICES)


def _word(dice: random.Random) -> str:
    return "".join(dice.sample(_SYLLABLES, 3)).capitalize()


def _slip(dice: random.Random, name: str) -> str:
    at = dice.randrange(2, len(name) - 1)
    return f"{name[:at]}{dice.choice('aeioubdlnrst')}{name[at + 1 :]}"


def _sentences(dice: random.Random, topic: tuple[str, str, str, str], count: int) -> list[str]:
    name, place, thing, office = topic
    people, day = dice.randrange(12, 900), dice.choice("Monday Tuesday Wednesday Thursday Friday".split())
    told = [
        f"The {thing} {name} in {place} {dice.choice(_EVENTS)} on {day}, the {office} said.",
        f"There were {people} people in {name} when the alarm was raised.",
        f"{_word(dice)} {_word(dice)}, who leads the {office} of {name}, asked everybody to stay away from {place}.",
    ]
    while len(told) < count:
        told.append(
            f"The {dice.choice(_THINGS)} of {_word(dice)} had {dice.randrange(100)} visitors from {_word(dice)} "
            f"before it {dice.choice(_EVENTS)}, a {dice.choice(_OFFICES)} report from {_word(dice)} says."
        )
    return told


def _article(
    dice: random.Random, topic: tuple[str, str, str, str], id: str, source: str, *, mark: str = "", late: bool = False
) -> Article:
    text = " ".join(_sentences(dice, topic, 6))
    name, _, thing, _ = topic
    day = dice.randrange(18) if not late else dice.randrange(10, 20)
    return Article(
        id=id,
        title=f"{thing.capitalize()} {name} {dice.choice(_EVENTS)}{' ' + mark if mark else ''}",
        source=source,
        url=f"https://{source.split()[0].lower()}.example/{mark or 'news'}/{id}",
        published_at=_FIRST_DAY + timedelta(days=day, minutes=dice.randrange(600)),
        published_precision=Precision.TIME,
        authors=(),
        language="en",
        text=f"{text} {mark}".rstrip(),
    )


def _reprint(dice: random.Random, article: Article, id: str) -> Article:
    """Make a copy that another outlet prints, with a word changed."""
    text = article.text.replace("everybody", "all", 1)
    source = dice.choice(_OUTLETS)
    return replace(article, id=id, source=source, url=f"https://{id}.example/{article.id}", text=text)
