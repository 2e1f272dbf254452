"""Telling people who wait what they wait for, by editing the message that Discord shows meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord

from bot.cogs.line import Place
from bot.rendering.waiting_card import waiting_card, waiting_words

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
Tell = Callable[[discord.ui.LayoutView], Awaitable[object]]
"""Shows a card where the answer will stand."""

#: One message is edited at most this often, in seconds, and not at all if the answer is there by then.
PAUSE_S = 1.0
# All messages together: this many edits at a time, each followed by a rest. With 200 people waiting each is told anew
# about every ten seconds; more edits would take the time away that the answers need.
_EDITS_AT_ONCE = 2
_REST_S = 0.1


class Waiting:
    """Keeps the messages of all who wait up to date.

    Args:
        sleep: waits, in seconds.
    """

    def __init__(self, *, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._editing = asyncio.Semaphore(_EDITS_AT_ONCE)

    def begin(self, place: Place, tell: Tell) -> Told:
        """Tell whoever waits at a place, from a second on, until `Told.end`."""
        return Told(place, tell, self._editing, self._sleep)


class Told:
    """Tells one person, as the watcher of their question (`bot.answering.progress`)."""

    def __init__(self, place: Place, tell: Tell, editing: asyncio.Semaphore, sleep: Sleep) -> None:
        self._reading: int | None = None
        self._written: list[str] = []
        self._place = place
        self._tell = tell
        self._editing = editing
        self._sleep = sleep
        self._edit = asyncio.Lock()
        self._telling = asyncio.create_task(self._keep_telling())

    async def end(self) -> None:
        """Tell nothing from now on; an edit under way is waited for, since the answer must come after it."""
        async with self._edit:
            self._telling.cancel()

    def read(self, articles: int) -> None:
        """Note that so many articles are read now."""
        self._reading = articles

    def wrote(self, sentence: str) -> None:
        """Note a sentence of the answer that may be shown."""
        self._written.append(sentence)

    async def _keep_telling(self) -> None:
        told: tuple[str, int] | None = None
        while True:
            await self._sleep(PAUSE_S)
            async with self._editing:
                async with self._edit:
                    words = waiting_words(self._place.before, self._reading, is_being_written=bool(self._written))
                    if (words, len(self._written)) == told:
                        continue
                    told = words, len(self._written)
                    try:
                        await self._tell(waiting_card(words, self._written))
                    except Exception as failure:
                        # The answer is what matters; it is sent with more patience.
                        log.info("whoever waits could not be told: %s", type(failure).__name__)
                        return
                await self._sleep(_REST_S)
