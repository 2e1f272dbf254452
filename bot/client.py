"""The Discord client: intents, cogs, command sync, the one place for errors, and what keeps it connected."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.cogs.answers import Answers
from bot.cogs.buttons import Buttons, ReadInPlace
from bot.cogs.command_cogs import build_cogs
from bot.cogs.conversation import reply
from bot.cogs.in_flight import AnswerQuestion, QuestionsInFlight
from bot.cogs.looking_up import LooksUp
from bot.cogs.status import ReadStatus
from bot.records.records import Records
from bot.rendering.answer_card import problem_card
from bot.rendering.problems import is_expected, is_known, lacks_permission, sentence_for

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
Dice = Callable[[], float]

# What a request to Discord raises when it fails: refusals, broken connections, and time-outs.
_DISCORD_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)

# Gateway close codes that no retry mends: wrong token, wrong or too few shards, wrong version, wrong intents.
_WRONG_TOKEN = 4004
_FATAL_CLOSE_CODES = (4010, 4011, 4012, 4013, 4014)

# After these the original response of an interaction is the card whose button was pressed.
_CARD_STAYS = (discord.InteractionResponseType.deferred_message_update, discord.InteractionResponseType.modal)

_CONNECTING_S = 5.0  # longest wait for a connection in the making, before it is closed all the same
_CLOSING_S = 10.0
_LONGEST_S = 300.0  # longest wait between two attempts; a connection that held longer ends a row of failures


class DatelineClient(commands.Bot):
    """One connection to Discord that answers questions with zero privileged intents.

    It pings nobody and keeps no messages. Every exception of a command or message ends here: whoever asked is told
    the sentence of `rendering/problems.py`, the log gets the rest. `serve_discord` starts and closes it, once.

    Args:
        answer: the answering chain.
        now: the clock, aware UTC.
        question_limit_chars: longest question that /ask takes, 1..6000.
        status: tells how the index does, for /status; None offers no /status.
        news: looks up what the commands beside /ask tell; None offers /ask alone, without limits.
        records: where answers, conversations and feedback are kept; None keeps none, and cards have no buttons.
        read_in_place: reads a quote of a kept answer again; given with the records.
        sync_guild_id: offer the commands in this server alone, to try them out; None offers them everywhere.
        sleep: waits between two attempts to sync the commands.
        dice: uniform in 0..1, spreads those attempts.
        options: passed on to `discord.Client`, such as `connector`.
    """

    def __init__(
        self,
        answer: AnswerQuestion,
        *,
        now: Callable[[], datetime],
        question_limit_chars: int,
        status: ReadStatus | None = None,
        news: LooksUp | None = None,
        records: Records | None = None,
        read_in_place: ReadInPlace | None = None,
        sync_guild_id: int | None = None,
        sleep: Sleep = asyncio.sleep,
        dice: Dice = random.random,
        **options: Any,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it warns of packages for voice
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            **options,
        )
        self.questions = QuestionsInFlight(answer)
        self._now = now
        self._question_limit_chars = question_limit_chars
        self._status = status
        self._news = news
        self._records = records
        self._read_in_place = read_in_place
        self._sync_guild = discord.Object(sync_guild_id) if sync_guild_id is not None else None
        self._sleep = sleep
        self._dice = dice
        self._syncing: asyncio.Task[None] | None = None
        self.online = asyncio.Event()  # set while the gateway connection is up
        self.tree.error(self._on_command_error)

    async def setup_hook(self) -> None:
        """Add the cogs and begin to sync the commands; called once by discord.py, after logging in."""
        now, limit_chars = self._now, self._question_limit_chars
        answers = Answers(self.questions.answer, self._records)
        for cog in build_cogs(self, answers, self._news, self._status, now=now, limit_chars=limit_chars):
            await self.add_cog(cog)
        if self._records is not None and self._read_in_place is not None:
            reading = self._read_in_place
            await self.add_cog(Buttons(self, answers, self._records, reading, now=now, limit_chars=limit_chars))
        self._syncing = asyncio.create_task(self._sync_commands())

    async def _sync_commands(self) -> None:
        """Tell Discord our commands; people can ask by mention meanwhile, so a failure is retried, not fatal."""
        if self._sync_guild is not None:
            self.tree.copy_global_to(guild=self._sync_guild)
        failures = 0
        while True:
            try:
                synced = await self.tree.sync(guild=self._sync_guild)
            except _DISCORD_FAILURES as failure:
                failures += 1
                delay_s = backoff_s(failures, self._dice)
                log.warning("commands not synced, again in %.0f s: %s", delay_s, sentence_for(failure, "operator"))
                await self._sleep(delay_s)
            else:
                log.info("commands synced: %s", ", ".join(command.name for command in synced))
                return

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore prefix commands; messages are the matter of `cogs/conversation.py`."""

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell whoever wrote the message or pressed the button that could not be answered; log other failed events."""
        failure = sys.exc_info()[1]
        message = args[0] if args else None
        if failure is not None and isinstance(message, discord.Interaction):
            await self._on_command_error(message, failure)
            return
        if failure is None or not isinstance(message, discord.Message):
            log.error("event %s failed", event_method, exc_info=failure)
            return
        card = _logged_problem(failure, message.id)
        if lacks_permission(failure):
            await _tell(message.author.send(view=card, allowed_mentions=discord.AllowedMentions.none()), message.id)
        else:
            await _tell(reply(message, card), message.id)

    async def _on_command_error(self, interaction: discord.Interaction, failure: BaseException) -> None:
        """Tell whoever used the command, in place of the answer or, if nothing was acknowledged yet, to them alone.

        A card whose button was pressed stays as it is.
        """
        card, silent = _logged_problem(failure, interaction.id), discord.AllowedMentions.none()
        if interaction.response.type in _CARD_STAYS:
            await _tell(interaction.followup.send(view=card, allowed_mentions=silent, ephemeral=True), interaction.id)
        elif interaction.response.is_done():
            await _tell(interaction.edit_original_response(view=card, allowed_mentions=silent), interaction.id)
        else:
            sending = interaction.response.send_message(view=card, allowed_mentions=silent, ephemeral=True)
            await _tell(sending, interaction.id)

    async def on_ready(self) -> None:
        """Note that the connection is up."""
        self.online.set()
        log.info("online as %s in %d servers", self.user, len(self.guilds))

    async def on_resumed(self) -> None:
        """Note that the connection is up again."""
        self.online.set()

    async def on_disconnect(self) -> None:
        """Note that the connection is down; discord.py reconnects by itself."""
        self.online.clear()

    async def close(self) -> None:
        """Close the connection and stop syncing; may be called twice."""
        self.online.clear()
        if self._syncing is not None:
            self._syncing.cancel()
        await super().close()


def _logged_problem(failure: BaseException, asked_id: int) -> discord.ui.LayoutView:
    """Write a failure to the log, with its trace only where no sentence explains it, and render it for people."""
    level = logging.INFO if is_expected(failure) else logging.ERROR
    words = sentence_for(failure, "operator")
    log.log(level, "question %d: %s", asked_id, words, exc_info=None if is_known(failure) else failure)
    return problem_card(sentence_for(failure, question_id=str(asked_id)))


async def _tell(sending: Awaitable[object], asked_id: int) -> None:
    """Send, or log that it failed: what broke the answer, such as an unknown interaction (10062), often breaks this."""
    try:
        await sending
    except _DISCORD_FAILURES as unsaid:
        log.warning("question %d: its problem could not be told: %s", asked_id, sentence_for(unsaid, "operator"))


def backoff_s(failures: int, dice: Dice, *, first_s: float = 1.0, longest_s: float = _LONGEST_S) -> float:
    """Say how long to wait after the n-th failure in a row: min(longest, first * 2^(n-1)), times 1/2 to 1 by the dice.

    At the defaults an outage costs at most 24 connections an hour; Discord allows 1000 a day.

    Args:
        failures: failures in a row, >= 1.
        dice: uniform in 0..1, so that bots that lost the same connection do not come back at the same moment.
        first_s: in seconds.
        longest_s: in seconds.
    """
    return min(longest_s, first_s * 2.0 ** min(failures - 1, 60)) * (0.5 + dice() / 2)


def point_discord_at(rest_url: str, gateway_url: str) -> None:
    """Let every Discord client of this process talk to another Discord, such as the stand-in of the tests.

    discord.py takes neither address as an argument; both are class attributes, so this holds for the whole process.

    Args:
        rest_url: before the path of a request, such as "http://127.0.0.1:8080/api/v10"; empty changes nothing.
        gateway_url: a web socket, such as "ws://127.0.0.1:8080/"; empty changes nothing.
    """
    if rest_url:
        Route.BASE = rest_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


async def serve_discord(
    build_client: Callable[[], DatelineClient],
    token: str,
    *,
    stop: asyncio.Event,
    grace_s: float = 10.0,
    sleep: Sleep = asyncio.sleep,
    dice: Dice = random.random,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Stay connected to Discord until told to stop; return once the connection is closed.

    Where discord.py does not mend a connection itself (a first gateway connection that fails ends `start()` with an
    AttributeError, an event it cannot read with any exception), a new client makes a new one after `backoff_s`, for
    ever. Answers in flight get `grace_s` seconds first.

    Args:
        build_client: makes a client for one attempt.
        token: the bot's token.
        stop: set to stop.
        grace_s: how long answers in flight may still take, in seconds.
        sleep: waits between two attempts.
        dice: uniform in 0..1.
        monotonic: tells, in seconds, how long a connection held.

    Raises:
        discord.LoginFailure: Discord does not take the token.
        discord.PrivilegedIntentsRequired: Discord does not allow an intent.
        discord.ConnectionClosed: Discord closed with a code that no retry mends (too many servers for one connection).
    """
    if not (token.strip() and token.isascii() and token.isprintable()):  # aiohttp would fail on it as a header
        raise discord.LoginFailure("the token is empty or holds characters that no token has")
    failures = 0
    while not stop.is_set():
        began = monotonic()
        failure = await _serve_once(build_client(), token, stop, grace_s)
        if stop.is_set():
            return
        if isinstance(failure, discord.LoginFailure | discord.PrivilegedIntentsRequired):
            raise failure
        if isinstance(failure, discord.ConnectionClosed):
            if failure.code == _WRONG_TOKEN:
                raise discord.LoginFailure("the gateway does not take the token") from failure
            if failure.code in _FATAL_CLOSE_CODES:
                raise failure
        failures = 1 if monotonic() - began > _LONGEST_S else failures + 1
        delay_s = backoff_s(failures, dice)
        words = sentence_for(failure, "operator")
        log.warning(
            "no connection to Discord, again in %.0f s: %s",
            delay_s,
            words,
            exc_info=None if is_known(failure) else failure,
        )
        await _first_of(stop.wait(), sleep(delay_s))


async def _serve_once(client: DatelineClient, token: str, stop: asyncio.Event, grace_s: float) -> BaseException:
    """Run one client until it fails or `stop` is set, then close it; return what ended it."""
    serving = asyncio.create_task(client.start(token))
    try:
        await _first_of(stop.wait(), asyncio.wait((serving,)))
        await client.questions.finish(grace_s)
        # A close amid a reconnect breaks discord.py (`_MissingSentinel`): give the connection time to stand first.
        await _first_of(client.online.wait(), asyncio.wait((serving,)), timeout_s=_CONNECTING_S)
        failure = serving.exception() if serving.done() else None
        if isinstance(failure, AttributeError) and isinstance(failure.__context__, _DISCORD_FAILURES):
            failure = failure.__context__  # what discord.py stumbled over after a first gateway connection failed
        return failure or aiohttp.ClientConnectionError("the connection was closed")
    finally:
        try:
            await asyncio.wait_for(client.close(), _CLOSING_S)
        except Exception:
            log.exception("the Discord client did not close cleanly")
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _first_of(*waits: Awaitable[Any], timeout_s: float | None = None) -> None:
    """Wait for whichever ends first and cancel the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
