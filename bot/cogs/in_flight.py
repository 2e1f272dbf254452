"""The questions being answered: admitted, put in line, counted, and waited for when the process stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.answering.answers import Abstention, Answer
from bot.answering.errors import AnswerTimedOut, QuestionRefused
from bot.answering.progress import watch
from bot.answering.questions import Question
from bot.cogs.audience import installed_in
from bot.cogs.cooldowns import Cooldowns, ServerCooldowns
from bot.cogs.line import Line, Place
from bot.cogs.waiting import Sleep, Tell, Told, Waiting
from bot.metrics import Metrics, Surface
from bot.rendering.asking_problems import LineFull, QuestionNotTaken, ShuttingDown
from retrieval.errors import QueueFull

AnswerQuestion = Callable[[Question], Awaitable[Answer | Abstention]]
"""The answering chain as the cogs see it."""

# How long people who wait in vain are being told so, in seconds, before the connection closes.
_TELLING_S = 1.0
# An interaction can be answered for 15 minutes; the answer itself must still fit in.
_LONGEST_IN_LINE_S = 600.0
_NOT_TAKEN = (QuestionNotTaken, QuestionRefused, QueueFull)


@dataclass(frozen=True, slots=True)
class AskingLimits:
    """How much may be asked.

    Attributes:
        per_minute: questions of one person in a minute; 0 for as many as they like.
        most: questions in flight, >= 1; further ones are refused.
        at_once: questions answered at a time, >= 1; the others wait in line and are told their place.
    """

    per_minute: int = 0
    most: int = 256
    at_once: int = 8


@dataclass(frozen=True, slots=True)
class Admitted:
    """Where a question that was admitted comes from, and how its asker is told what it waits for.

    Attributes:
        surface: for the metrics.
        tell: shows a card where the answer will stand; None where nothing is shown before the answer.
    """

    surface: Surface = Surface.UNKNOWN
    tell: Tell | None = None


class QuestionsInFlight:
    """Hand questions to the answering chain and know which of them still wait, until their answer has been sent.

    discord.py runs each command and each message in a task of its own; the task that asks here is the one that sends
    the answer afterwards, so a question is in flight until that task ends.

    Args:
        answer: the answering chain.
        limits: how much may be asked.
        metrics: counts what is asked and what comes of it.
        longest_in_line_s: whoever has waited so long for their turn, in seconds, is told that there is no answer.
        sleep: waits between two words to whoever waits.
        clock: monotonic seconds, for the wait in line.
    """

    def __init__(
        self,
        answer: AnswerQuestion,
        limits: AskingLimits,
        *,
        metrics: Metrics | None = None,
        longest_in_line_s: float = _LONGEST_IN_LINE_S,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._answer = answer
        self._most = limits.most
        self._cooldowns = Cooldowns(per_minute=limits.per_minute)
        self._server_cooldowns = ServerCooldowns()
        self._line = Line(at_once=limits.at_once)
        self._waiting = Waiting(sleep=sleep)
        self._metrics = metrics or Metrics()
        self._longest_in_line_s = longest_in_line_s
        self._clock = clock
        self._asking: set[asyncio.Task[Any]] = set()
        self._is_stopping = False
        self._cut_short = asyncio.Event()
        self._metrics.in_flight.set_function(lambda: len(self._asking))
        self._metrics.waiting.set_function(lambda: self._line.waiting)

    def __len__(self) -> int:
        """Count the questions in flight."""
        return len(self._asking)

    def admit(self, asker: discord.Interaction | discord.Message, *, server_per_minute: int | None = None) -> Admitted:
        """Take a question, before anything is acknowledged: what is refused here only its asker need see.

        Args:
            asker: who asks.
            server_per_minute: questions of one person a minute in this server, beside what holds everywhere.

        Raises:
            CoolingDown: its asker has asked too many.
            LineFull: too many are in flight.
            ShuttingDown: the process is stopping.
        """
        surface = surface_of(asker)
        user = asker.user if isinstance(asker, discord.Interaction) else asker.author
        try:
            if self._is_stopping:
                raise ShuttingDown
            if len(self._asking) >= self._most:
                raise LineFull(len(self._asking))
            if server_per_minute and (guild_id := installed_in(asker)) is not None:
                self._server_cooldowns.count(guild_id, user.id, server_per_minute)
            self._cooldowns.count(user.id)
            self._count()
        except QuestionNotTaken as refusal:
            self._metrics.refused(surface, refusal)
            raise
        tell = _teller(asker) if isinstance(asker, discord.Interaction) else None
        return Admitted(surface, tell)

    async def answer(self, question: Question, admitted: Admitted | None = None) -> Answer | Abstention:
        """Answer a question when its turn has come.

        Args:
            question: what is asked.
            admitted: what `admit` gave; None for a question that nobody is told about.

        Raises:
            ShuttingDown: `finish` was called, and its grace is over.
        """
        self._count()
        admitted = admitted or Admitted()
        told: Told | None = None
        try:
            with self._line.joined() as place:
                told = self._waiting.begin(place, admitted.tell) if admitted.tell is not None else None
                return await self._answer_or_stop(question, place, told, admitted.surface)
        finally:
            if told is not None:  # out of line by now: an edit that Discord is slow with holds nobody up
                await told.end()

    async def finish(self, grace_s: float) -> None:
        """Let the answers in flight be sent; whoever still waits after `grace_s` seconds is told that none will come.

        From now on `admit` refuses, and after the grace every question. Returns at once if no question is in flight, or
        the second time.
        """
        self._is_stopping = True
        if self._cut_short.is_set():
            return
        if self._asking:
            await asyncio.wait(self._asking, timeout=grace_s)
        self._cut_short.set()
        if self._asking:
            await asyncio.wait(self._asking, timeout=_TELLING_S)

    async def _answer_or_stop(
        self, question: Question, place: Place, told: Told | None, surface: Surface
    ) -> Answer | Abstention:
        answering = asyncio.ensure_future(self._answer_in_turn(question, place, told, surface))
        cut_short = asyncio.ensure_future(self._cut_short.wait())
        try:
            await asyncio.wait((answering, cut_short), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self._metrics.refused(surface, ShuttingDown())
                raise ShuttingDown
            return answering.result()
        finally:
            cut_short.cancel()
            answering.cancel()

    def _count(self) -> None:
        """Count the question of this task until the task ends."""
        asking = asyncio.current_task()
        assert asking is not None
        if asking not in self._asking:
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    async def _answer_in_turn(
        self, question: Question, place: Place, told: Told | None, surface: Surface
    ) -> Answer | Abstention:
        begun = self._clock()
        try:
            if not place.turn.is_set():
                await asyncio.wait_for(place.turn.wait(), self._longest_in_line_s)
        except TimeoutError:
            self._metrics.failed(surface)
            raise AnswerTimedOut(self._longest_in_line_s) from None
        line_s = self._clock() - begun
        if told is not None:
            watch(told)
        try:
            outcome = await self._answer(question)
        except _NOT_TAKEN as refusal:
            self._metrics.refused(surface, refusal)
            raise
        except Exception:
            self._metrics.failed(surface)
            raise
        self._metrics.answered(surface, outcome, line_s)
        return outcome


def surface_of(asker: discord.Interaction | discord.Message) -> Surface:
    """Say where a question is asked; an application that only its user installed counts apart from a server's."""
    if isinstance(asker, discord.Interaction):
        if asker.context.dm_channel:
            return Surface.DM
        if asker.is_user_integration() and not asker.is_guild_integration():
            return Surface.USER_INSTALL
    elif asker.guild is None:
        return Surface.DM
    return Surface.THREAD if isinstance(asker.channel, discord.Thread) else Surface.GUILD


def _teller(interaction: discord.Interaction) -> Tell:
    async def tell(card: discord.ui.LayoutView) -> None:
        await interaction.edit_original_response(view=card, allowed_mentions=discord.AllowedMentions.none())

    return tell
