"""What people who wait are told, how often, and that the answer always comes last."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.cogs.line import Line
from bot.cogs.waiting import PAUSE_S, Waiting


class Pauses:
    """Sleeps that end when a test says so; `asked` is how long each was to last."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._going_on: list[asyncio.Future[None]] = []

    async def __call__(self, delay_s: float) -> None:
        self.asked.append(delay_s)
        self._going_on.append(asyncio.get_running_loop().create_future())
        await self._going_on[-1]

    async def end(self) -> None:
        """End every sleep there is, and let what follows happen."""
        ending, self._going_on = self._going_on, []
        for sleep in ending:
            if not sleep.done():
                sleep.set_result(None)
        for _ in range(20):
            await asyncio.sleep(0)


class Screen:
    """Where one person sees the cards; an edit lasts until `arrives` is set."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.arrives = asyncio.Event()
        self.arrives.set()

    async def show(self, card: discord.ui.LayoutView) -> None:
        await self.arrives.wait()
        self.shown.append(words_of(card))


def words_of(card: discord.ui.LayoutView) -> str:
    (container,) = card.to_components()
    return "\n".join(part["content"] for part in container["components"] if "content" in part)


async def test_after_a_second_the_place_in_line_is_told_and_then_what_is_read_each_once() -> None:
    pauses, screen, line = Pauses(), Screen(), Line(at_once=1)
    leaving = line.joined()
    leaving.__enter__()
    with line.joined() as place:
        told = Waiting(sleep=pauses).begin(place, screen.show)
        await pauses.end()
        assert screen.shown == []  # the first second has only begun
        for _ in range(4):
            await pauses.end()
        in_line = list(screen.shown)
        leaving.__exit__(None, None, None)
        told.read(6)
        for _ in range(4):
            await pauses.end()
        await told.end()

    assert in_line == ["-# 1 question is before yours."]
    assert screen.shown[1:] == ["-# Reading 6 articles …"]
    assert pauses.asked.count(PAUSE_S) >= 3


async def test_an_edit_under_way_is_waited_for_so_that_it_cannot_replace_the_answer() -> None:
    pauses, screen, line = Pauses(), Screen(), Line(at_once=1)
    screen.arrives.clear()
    with line.joined() as place:
        told = Waiting(sleep=pauses).begin(place, screen.show)
        for _ in range(2):
            await pauses.end()
        ending = asyncio.create_task(told.end())
        for _ in range(5):
            await asyncio.sleep(0)
        ended_early = ending.done()
        screen.arrives.set()
        await ending

    assert not ended_early
    assert screen.shown == ["-# Looking for articles …"]


async def test_nothing_is_told_once_the_answer_is_there() -> None:
    pauses, screen, line = Pauses(), Screen(), Line(at_once=1)
    with line.joined() as place:
        told = Waiting(sleep=pauses).begin(place, screen.show)
        await told.end()
        for _ in range(3):
            await pauses.end()

    assert screen.shown == []


async def test_a_message_that_cannot_be_edited_is_left_alone_and_holds_nobody_up() -> None:
    pauses, line, tried = Pauses(), Line(at_once=1), list[Any]()

    async def refuse(card: discord.ui.LayoutView) -> None:
        tried.append(card)
        raise discord.DiscordException

    screen = Screen()
    waiting = Waiting(sleep=pauses)
    with line.joined() as first, line.joined() as second:
        told = [waiting.begin(first, refuse), waiting.begin(second, screen.show)]
        for _ in range(6):
            await pauses.end()
        for one in told:
            await one.end()

    assert len(tried) == 1
    assert screen.shown == ["-# 1 question is before yours."]


async def test_of_many_who_wait_two_are_told_at_a_time() -> None:
    pauses, line, screens = Pauses(), Line(at_once=1), [Screen() for _ in range(9)]
    waiting = Waiting(sleep=pauses)
    begun = [line.joined() for _ in screens]
    told = [waiting.begin(one.__enter__(), screen.show) for one, screen in zip(begun, screens, strict=True)]
    counts = []
    for _ in range(3):
        await pauses.end()
        counts.append(sum(len(screen.shown) for screen in screens))
    for one in told:
        await one.end()

    assert counts == [0, 2, 4]


async def test_sentences_that_are_written_are_shown_as_text_at_most_once_a_second() -> None:
    pauses, screen, line = Pauses(), Screen(), Line(at_once=1)
    with line.joined() as place:
        told = Waiting(sleep=pauses).begin(place, screen.show)
        told.read(2)
        told.wrote("Fog lay in **Tolm**.")
        told.wrote("A crane fell.")
        for _ in range(4):
            await pauses.end()
        told.wrote("@everyone left.")
        for _ in range(4):
            await pauses.end()
        await told.end()

    assert screen.shown == [
        "Fog lay in \\*\\*Tolm\\*\\*. A crane fell.\n-# Being written; the sources follow …",
        "Fog lay in \\*\\*Tolm\\*\\*. A crane fell. @\u200beveryone left.\n-# Being written; the sources follow …",
    ]
    assert pauses.asked.count(PAUSE_S) >= len(screen.shown)
