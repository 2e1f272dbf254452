"""Serving a home until told to stop: Discord, the socket of other commands, and the intake of news."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from bot.app import SERVE, open_operations
from bot.client import DatelineClient, backoff_s
from bot.cogs.in_flight import AskingLimits
from bot.cogs.server_feeds import ServerFeeds
from bot.connection import point_discord_at, serve_discord
from bot.control import serve_control
from bot.gateway_state import GatewayState
from bot.health import Health, LoopWatch, serve_health
from bot.metrics import Metrics
from bot.operations import Operations
from bot.rendering.problems import sentence_for
from bot.watching import watch_folders
from config.feeds import NamedFeed, load_feeds
from config.settings import Settings, SettingsInvalid
from retrieval.archive.archive import utc_now
from retrieval.errors import HomeInUse

log = logging.getLogger(__name__)

# A question on the terminal ends within seconds; an intake may take much longer, and then `serve` says who is there.
_ANOTHER_S = 60.0
_RETRY_S = 0.2
_DAY_S = 86_400.0
# A conversation outlives its time in the file by no more than this.
_SWEEP_S = 300.0
# Fetching that went on so long begins a new row of failures.
_HELD_S = 600.0


class Served:
    """What is told of a serving process before, while and after its home is open.

    Attributes:
        metrics: what it counts.
        gateway: which connections are up.
        operations: once the home is open.
    """

    def __init__(self, settings: Settings, *, with_discord: bool) -> None:
        """Open nothing yet."""
        self.metrics = Metrics()
        self.gateway = GatewayState(self.metrics)
        self.operations: Operations | None = None
        self._settings = settings
        self._with_discord = with_discord

    def is_ready(self) -> dict[str, bool]:
        """Tell which parts are ready; the model is loaded before the operations are there."""
        operations = self.operations
        parts = {"model": operations is not None, "index": operations is not None and operations.is_open}
        return parts | ({"gateway": self.gateway.online.is_set()} if self._with_discord else {})

    async def status(self) -> dict[str, Any] | None:
        """Tell how the home is; None before it is open."""
        return None if self.operations is None else await self.operations.status(sees_all=True)

    async def serve_health(self, stack: AsyncExitStack, tell: Callable[[str], None]) -> None:
        """Answer /healthz, /readyz and /metrics for as long as `stack` lasts; a port that is taken is told."""
        settings = self._settings.health
        if not settings.port:
            return
        watch = LoopWatch(self.metrics)
        health = Health(self.metrics, watch, self.is_ready, self.status, allowed_hosts=settings.allowed_hosts)
        try:
            await stack.enter_async_context(serve_health(health, watch, settings.host, settings.port))
        except OSError as problem:
            # People's questions are worth more than the operator's figures.
            told = f"{settings.host}, port {settings.port}, cannot be had ({problem.strerror or problem})"
            tell(f"Health and metrics are not served: {told}; set health.port to another one, or to 0.")

    def feeds_per_server(self) -> int:
        """Tell how many feeds of its own a server may have; 0 where they could lead into the operator's network.

        What a server adds may link, and redirect, to any address that is fetched at all.
        """
        discord, intake = self._settings.discord, self._settings.intake
        return discord.feeds_per_server if discord.private_hosts_for_servers or not intake.private_hosts else 0

    def build_client(self) -> DatelineClient:
        """Make a client that answers from the open home."""
        assert self.operations is not None
        discord = self._settings.discord
        return DatelineClient(
            self.operations.answer,
            now=utc_now,
            question_limit_chars=self._settings.answering.question_limit_chars,
            language=discord.language,
            status=self.operations.status,
            news=self.operations.browsing,
            sync_guild_id=discord.guild_id or None,
            limits=AskingLimits(discord.questions_per_minute, discord.max_questions, discord.answers_at_once),
            records=self.operations.records,
            read_in_place=self.operations.read_in_place,
            server_feeds=ServerFeeds(self.operations.feeds, most=self.feeds_per_server()),
            gateway=self.gateway,
            metrics=self.metrics,
        )


async def serve(home: Path, settings: Settings, *, with_discord: bool, tell: Callable[[str], None]) -> None:
    """Serve a home until SIGTERM or SIGINT: Discord, and other commands through the home's socket.

    Args:
        home: the folder.
        settings: all settings.
        with_discord: False serves the socket only.
        tell: takes sentences about the state, for people.

    Raises:
        SettingsInvalid: Discord is wanted and there is no token; or the file of feeds cannot be used.
        HomeInUse: another command owns the home and does not end within a minute.
        And what opening and Discord's client raise.
    """
    token = settings.discord.token.get_secret_value() if settings.discord.token else ""
    if with_discord and not token:
        raise SettingsInvalid(
            "DATELINE_DISCORD__TOKEN is not set: put your application's bot token there (README, Discord), "
            "or serve without Discord: dateline serve --no-discord."
        )
    named = load_feeds(settings)  # a file that is wrong is told now, not in the log of a running process
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    served = Served(settings, with_discord=with_discord)
    async with AsyncExitStack() as stack:
        await served.serve_health(stack, tell)
        operations = await _own(home, settings, stack, stop, tell, served.metrics)
        if operations is None:
            return
        served.operations = operations
        repair = await operations.open_index()
        if repair.was_interrupted or repair.pending:
            tell(f"Index checked: {repair.lacking} lacking, {repair.surplus} too many, {repair.pending} to make.")
        # What models and libraries have made stays: 600,000 objects, which the collector would look through again and
        # again, for .6 s each time, while nothing else runs.
        gc.collect()
        gc.freeze()
        async with serve_control(home, operations.perform, lambda problem: sentence_for(problem, audience="operator")):
            beside = [asyncio.create_task(one) for one in _beside(operations, settings, named)]
            try:
                tell(f"Serving {home}. Stop with Ctrl-C or SIGTERM.")
                if with_discord:
                    point_discord_at(settings.discord.api_url, settings.discord.gateway_url)
                    await serve_discord(served.build_client, token, stop=stop)
                else:
                    await stop.wait()
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
    tell("Stopped.")


async def _own(
    home: Path,
    settings: Settings,
    stack: AsyncExitStack,
    stop: asyncio.Event,
    tell: Callable[[str], None],
    metrics: Metrics,
) -> Operations | None:
    """Own a home for as long as `stack` lasts, once a shorter command that has it is done; None if told to stop."""
    given_up_at: float | None = None
    while True:
        try:
            return await stack.enter_async_context(
                open_operations(home, settings, SERVE, asked_chat_model=metrics.asked_chat_model)
            )
        except HomeInUse as problem:
            if problem.owner == SERVE or (given_up_at is not None and time.monotonic() > given_up_at):
                raise
            if given_up_at is None:
                tell(f"{sentence_for(problem, audience='operator')} Waiting a minute for it.")
                given_up_at = time.monotonic() + _ANOTHER_S
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _RETRY_S)
            return None


def _beside(
    operations: Operations, settings: Settings, named: Sequence[NamedFeed]
) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what runs beside answering, for as long as the home is served."""
    yield _catch_up(operations)
    yield _fetch_news(operations, named)
    yield _expire_daily(operations)
    yield _sweep_records(operations)
    if settings.intake.watch_dirs:
        yield watch_folders([Path(one).expanduser() for one in settings.intake.watch_dirs], operations.take_in)


async def _catch_up(operations: Operations) -> None:
    try:
        await operations.warm()
        async for event in operations.perform("embed", {}):
            log.info("pending vectors made: %s", event)
    except Exception:
        log.exception("warming or making pending vectors failed; it is tried again at the next start or intake")


async def _expire_daily(operations: Operations) -> None:
    """Forget once a day what is older than the settings keep it, beginning now."""
    while True:
        try:
            async for event in operations.perform("expire", {}):
                log.info("older than is kept: %s", event)
        except Exception:
            log.exception("forgetting what is older than is kept failed; it is tried again tomorrow")
        await asyncio.sleep(_DAY_S)


async def _sweep_records(operations: Operations) -> None:
    """Delete what people left and what has been kept long enough: conversations are, after minutes."""
    while True:
        await asyncio.sleep(_SWEEP_S)
        try:
            await operations.records.expire()
        except Exception:
            log.exception("sweeping people's records failed; it is tried again soon")


async def _fetch_news(operations: Operations, named: Sequence[NamedFeed]) -> None:
    """Add the feeds that the operator's file names, then fetch all feeds, for ever."""
    failures, begun = 0, time.monotonic()
    while True:
        try:
            await operations.feeds.seed(named)
            begun = time.monotonic()
            await (await operations.feeds.intake()).run()
        except Exception:
            failures = 1 if time.monotonic() - begun > _HELD_S else failures + 1
            delay_s = backoff_s(failures, random.random)
            log.exception("fetching news failed; it begins again in %.0f s", delay_s)
            await asyncio.sleep(delay_s)
