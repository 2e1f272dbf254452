"""Many people ask the real `dateline serve` at once, at a fake Discord that may break: is every answer given once?

.venv/bin/python tests/benchmarks/discord_load.py HOME [--run load] [--run cooldown] [--run breaks]

HOME is a home with articles, best a copy (`dateline ingest --samples`). `load` lets 50 people use /ask 200 times at
once without a limit, `cooldown` the same with two questions a minute each, so that half are refused; the longest stall
of the event loop is the process's own figure from /metrics, for the minute that the run is in. `breaks` asks 100
questions, every fifth by a mention, amid op 7, op 9, cut connections and 429, 500 and 503, some of them after the
request was carried out: of the questions that Discord accepted, how many had no answer, how many two?
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import aiohttp
from fake_discord import FakeDiscord, Interaction, Message, User
from serving import WAITING, serving

from retrieval.evaluation.metrics import percentile

PEOPLE, QUESTIONS = 50, 200
WAVE = 10  # ten of these are a hundred
WINDOW_S = 61.0
ANSWERED_WITHIN_S = 600.0
ASKED = (
    "Where did the convoy go?",
    "How old is the seagrass in Marrow Bay?",
    "Who was elected mayor of Port Ellery?",
    "How many hectares did the wildfire near Vallesombra burn?",
    "How do I bake sourdough bread?",
)


def is_final(text: str) -> bool:
    """Say whether a text is an answer or a problem, not a word to somebody who waits."""
    return bool(text) and not WAITING.search(text)


def finals(message: Message) -> int:
    """Count how often a final text was shown in a message."""
    return sum(not WAITING.search(str(one)) for one in message.revisions)


def free_port() -> int:
    """Find a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def read_metrics(port: int) -> dict[str, float]:
    """Read what the process measured of itself."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


async def until_final(discord: FakeDiscord, asked: Sequence[Interaction]) -> float:
    """Wait until all have a final answer; return how long that took, in seconds."""
    begun = time.perf_counter()

    def are_done() -> bool:
        return all(any(is_final(message.text) for message in one.shown()) for one in asked)

    await discord.state.changes.until(are_done, ANSWERED_WITHIN_S, lambda: "every answer")
    return time.perf_counter() - begun


async def run_load(home: Path, per_minute: int, questions: int, people: int) -> None:
    """Let everybody ask at once and tell what became of it."""
    port = free_port()
    settings = {"DATELINE_HEALTH__PORT": str(port), "DATELINE_DISCORD__QUESTIONS_PER_MINUTE": str(per_minute)}
    async with FakeDiscord() as discord, serving(discord, home, **settings):
        users = [discord.add_user(f"Reader {n}") for n in range(people)]
        await until_final(discord, [await discord.slash("ask", {"question": ASKED[0]}, user=discord.user)])
        await asyncio.sleep(WINDOW_S)  # what starting cost has left the window by then
        asked = [
            await discord.slash("ask", {"question": ASKED[n % len(ASKED)]}, user=users[n % people])
            for n in range(questions)
        ]
        took_s = await until_final(discord, asked)
        measured = await read_metrics(port)
    acknowledged = [one.acknowledgement.after_s for one in asked if one.acknowledgement is not None]
    refused = [one for one in asked if "questions a minute" in one.shown()[0].text]
    tell("asked at once", questions)
    tell("acknowledged within 3 s", sum(after_s <= 3 for after_s in acknowledged) / questions)
    tell("acknowledged after, s: p50 / p95 / max", *spread(acknowledged))
    tell("refused for their limit, to their askers alone", len(refused), sum(one.ephemeral for one in refused))
    tell("answered once", sum(len(one.shown()) == 1 and finals(one.shown()[0]) == 1 for one in asked) - len(refused))
    tell("all answered after, s", round(took_s, 1))
    tell("edits for those who wait", sum(len(one.shown()[0].revisions) - finals(one.shown()[0]) for one in asked))
    tell("longest stall of the event loop, ms", round(1000 * measured["dateline_event_loop_longest_stall_seconds"]))


def breaks(discord: FakeDiscord) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Give ten ways in which Discord breaks, each with its name."""
    post, patch, messages = ("POST", "/callback"), ("PATCH", "/messages/@original"), ("POST", "/messages")

    async def op_7() -> None:
        discord.reconnect()

    async def abort() -> None:
        discord.drop_connections()

    async def op_9() -> None:
        discord.forget_sessions()
        discord.drop_connections()
        await discord.ready(60)

    def failing(where: tuple[str, str], status: int, *, acts: bool) -> Callable[[], Awaitable[None]]:
        async def fail() -> None:
            discord.fail_rest(*where, status, times=3, acts=acts)

        return fail

    yield "op 7", op_7
    yield "TCP abort of the gateway", abort
    yield "op 9", op_9
    yield "429 on answers", failing(patch, 429, acts=False)
    yield "500 on answers, carried out", failing(patch, 500, acts=True)
    yield "503 on replies, carried out", failing(messages, 503, acts=True)
    yield "503 on answers", failing(patch, 503, acts=False)
    yield "cut connection on answers, carried out", failing(patch, 0, acts=True)
    yield "cut connection on acknowledgements, carried out", failing(post, 0, acts=True)
    yield "cut connection on replies, carried out", failing(messages, 0, acts=True)


async def run_breaks(home: Path) -> None:
    """Ask in waves, break something amid each, and count what was lost and doubled."""
    interactions: list[Interaction] = []
    mentions: list[Message] = []
    async with FakeDiscord() as discord, serving(discord, home):
        people = [discord.add_user(f"Reader {n}") for n in range(PEOPLE)]
        for name, break_something in breaks(discord):
            for n in range(WAVE):
                if n == WAVE // 2:
                    await break_something()
                question, user = ASKED[n % len(ASKED)], people[(len(interactions) + n) % PEOPLE]
                if n % 5 == 4:
                    mentions.append(await mention(discord, question, user))
                else:
                    interactions.append(await discord.slash("ask", {"question": question}, user=user))
            tell("broke amid ten questions", name)
            await asyncio.sleep(2)
            await discord.ready(60)
        accepted = [one for one in interactions if one.acknowledgement is not None]
        await until_final(discord, accepted)
        replies = Counter[str]()
        with suppress(TimeoutError):  # what is lacking is counted below
            await discord.state.changes.until(
                lambda: set(answers_to(discord)) >= {one.id for one in mentions}, 60, lambda: "every reply"
            )
        replies.update(answers_to(discord))
        # A second acknowledgement after one whose reply was lost is refused; that is how the bot knows the first.
        told = [one for one in discord.violations if one.code != 40060]
        discord.violations.clear()
    tell("asked", len(interactions) + len(mentions))
    tell("accepted by Discord (acknowledged), of those by /ask", len(accepted), len(interactions))
    tell("lost, of those accepted", sum(not one.shown() for one in accepted))
    tell("doubled, of those accepted", sum(len(one.shown()) > 1 for one in accepted))
    tell(
        "mentions unanswered / answered twice",
        sum(not replies[one.id] for one in mentions),
        sum(replies[one.id] > 1 for one in mentions),
    )
    tell("rules of Discord broken", len(told), *told[:3])


async def mention(discord: FakeDiscord, question: str, user: User) -> Message:
    """Ask in a channel by mentioning the bot."""
    return await discord.say(f"<@{discord.bot.id}> {question}", user=user)


def answers_to(discord: FakeDiscord) -> list[str]:
    """List the messages that the bot replied to, once for each reply."""
    return [one.reference.id for one in discord.messages() if one.reference is not None]


def spread(values: Sequence[float]) -> list[float]:
    """Return median, 95th percentile and maximum, in milliseconds' precision."""
    return [round(percentile(values, share) or 0.0, 3) for share in (0.5, 0.95, 1.0)]


def tell(what: str, *values: object) -> None:
    """Print one line."""
    print(f"  {what}: {' / '.join(map(str, values))}", flush=True)  # noqa: T201 - a benchmark's output


def main() -> None:
    """Run what is asked for, by default everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--run", action="append", choices=("load", "cooldown", "breaks"))
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="of load and cooldown")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of load and cooldown")
    given = parser.parse_args()
    size = (given.questions, given.people)
    runs = {"load": lambda: run_load(given.home, 0, *size), "cooldown": lambda: run_load(given.home, 2, *size)}
    runs["breaks"] = lambda: run_breaks(given.home)
    for name in given.run or runs:
        print(name, flush=True)  # noqa: T201 - a benchmark's output
        asyncio.run(runs[name]())


if __name__ == "__main__":
    main()
