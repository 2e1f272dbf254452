"""The Discord client: intents, cogs, command sync, and the one place for errors."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.cogs.answers import Answers
from bot.cogs.buttons import Buttons, ReadInPlace
from bot.cogs.command_cogs import build_cogs
from bot.cogs.house_rules import HouseRules
from bot.cogs.in_flight import AnswerQuestion, AskingLimits, QuestionsInFlight
from bot.cogs.keeping import Keeping
from bot.cogs.languages import CommandTranslator, SpokenTree
from bot.cogs.looking_up import LooksUp
from bot.cogs.news import News
from bot.cogs.privacy import Privacy
from bot.cogs.server_feeds import ServerFeeds
from bot.cogs.status import ReadStatus
from bot.cogs.unfinished import Unfinished
from bot.delivery import ACKNOWLEDGED, Delivery
from bot.fair_gateway import read_fairly
from bot.gateway_state import GatewayState
from bot.locales.speaking import ENGLISH
from bot.metrics import Metrics
from bot.records.records import Records
from bot.rendering.answer_card import problem_card
from bot.rendering.asking_problems import AnswerPostponed, CoolingDown
from bot.rendering.problems import is_expected, is_known, lacks_permission, sentence_for

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
Dice = Callable[[], float]

# What a request to Discord raises when it fails: refusals, broken connections, and time-outs.
DISCORD_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)

# After these the original response of an interaction is the card whose button was pressed.
_CARD_STAYS = (discord.InteractionResponseType.deferred_message_update, discord.InteractionResponseType.modal)

LONGEST_WAIT_S = 300.0  # longest wait between two attempts; a connection that held longer ends a row of failures


class DatelineClient(commands.AutoShardedBot):
    """A connection to Discord that answers questions with zero privileged intents; as many shards as Discord asks for.

    It pings nobody and keeps no messages. Every exception of a command or message ends here: whoever asked is told
    the sentence of `rendering/problems.py`, the log gets the rest. `serve_discord` starts and closes it, once.

    Args:
        answer: the answering chain.
        now: the clock, aware UTC.
        question_limit_chars: longest question that /ask takes, 1..6000.
        status: tells how the index does, for /status; None offers no /status.
        news: looks up what the commands beside /ask tell; None offers /ask alone, without limits.
        records: where questions, answers, conversations and feedback are kept; None keeps none, and cards have no
            buttons.
        read_in_place: reads a quote of a kept answer again; given with the records.
        server_feeds: the feeds of servers' own, for /news; given with the records, or there is no /news.
        language: of the answers to messages where Discord does not tell one, as "en".
        sync_guild_id: offer the commands in this server alone, to try them out; None offers them everywhere.
        limits: how much may be asked.
        gateway: is told which connections are up.
        metrics: counts what happens.
        grace_s: how long answers in flight may still take when the client is closed, in seconds.
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
        server_feeds: ServerFeeds | None = None,
        language: str = ENGLISH,
        sync_guild_id: int | None = None,
        limits: AskingLimits | None = None,
        gateway: GatewayState | None = None,
        metrics: Metrics | None = None,
        grace_s: float = 10.0,
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
            tree_cls=SpokenTree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            **options,
        )
        read_fairly(self.http)
        self._metrics = metrics or Metrics()
        self._metrics.gateway_latency.set_function(lambda: self.latency)
        self.gateway = gateway or GatewayState(self._metrics)
        self.questions = QuestionsInFlight(answer, limits or AskingLimits(), metrics=self._metrics)
        self.keeping = Keeping(None if records is None else records.pending)
        self.grace_s = grace_s
        self.delivery = Delivery(metrics=self._metrics)
        self._now = now
        self._question_limit_chars = question_limit_chars
        self._status = status
        self._news = news
        self._records = records
        self._read_in_place = read_in_place
        self._server_feeds = server_feeds
        self._language = language
        self._sync_guild = discord.Object(sync_guild_id) if sync_guild_id is not None else None
        self._sleep = sleep
        self._dice = dice
        self._syncing: asyncio.Task[None] | None = None
        self._finishing: list[asyncio.Task[None]] = []
        self.tree.error(self._on_command_error)

    async def setup_hook(self) -> None:
        """Add the cogs and begin to sync the commands; called once by discord.py, after logging in."""
        now, limit_chars = self._now, self._question_limit_chars
        rules = HouseRules(None if self._records is None else self._records.guilds)
        answers = Answers(self.questions, self.keeping, self.delivery, self._records, rules)
        await self.tree.set_translator(CommandTranslator())
        for cog in build_cogs(
            self,
            answers,
            self.delivery,
            self._news,
            self._status,
            now=now,
            limit_chars=limit_chars,
            rules=rules,
            language=self._language,
        ):
            await self.add_cog(cog)
        if (records := self._records) is not None:
            times = {"keep_days": records.keep_days, "conversation_minutes": records.conversation_minutes}
            await self.add_cog(Privacy(self.delivery, records.people, **times))
            if (reading := self._read_in_place) is not None:
                what = (self.delivery, answers, records, reading)
                await self.add_cog(Buttons(self, *what, now=now, limit_chars=limit_chars))
            if self._server_feeds is not None:
                await self.add_cog(News(self.delivery, self._server_feeds, records.guilds))
        self._syncing = asyncio.create_task(self._sync_commands())
        self._finishing = await Unfinished(self, self.keeping, answers, self.delivery).begin()

    async def _sync_commands(self) -> None:
        """Tell Discord our commands; people can ask by mention meanwhile, so a failure is retried, not fatal."""
        if self._sync_guild is not None:
            self.tree.copy_global_to(guild=self._sync_guild)
        failures = 0
        while True:
            try:
                synced = await self.tree.sync(guild=self._sync_guild)
            except DISCORD_FAILURES as failure:
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
            if failure is not None:
                self._metrics.went_wrong(failure)
            return
        card = self._logged_problem(failure, message.id)
        if isinstance(failure, AnswerPostponed) or (isinstance(failure, CoolingDown) and not failure.is_first):
            return  # the reply comes later; and whoever goes on writing gets no reply to each message
        if lacks_permission(failure):
            await _tell(message.author.send(view=card, allowed_mentions=discord.AllowedMentions.none()), message.id)
        else:
            await _tell(self.delivery.reply(message, card), message.id)

    async def _on_command_error(self, interaction: discord.Interaction, failure: BaseException) -> None:
        """Tell whoever used the command, in place of the answer or, if nothing was acknowledged yet, to them alone.

        A card whose button was pressed stays as it is.
        """
        card, silent = self._logged_problem(failure, interaction.id), discord.AllowedMentions.none()
        if interaction.response.type in _CARD_STAYS:
            await _tell(interaction.followup.send(view=card, allowed_mentions=silent, ephemeral=True), interaction.id)
        elif interaction.response.is_done() or ACKNOWLEDGED in interaction.extras:
            await _tell(self.delivery.deliver(interaction, card), interaction.id)
        else:
            sending = interaction.response.send_message(view=card, allowed_mentions=silent, ephemeral=True)
            await _tell(sending, interaction.id)

    async def on_ready(self) -> None:
        """Say that all connections stand."""
        log.info("online as %s in %d servers, %d shards", self.user, len(self.guilds), self.shard_count or 1)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note that a connection has a new session."""
        self.gateway.came_up(shard_id, of=self.shard_count or 1, resumed=False)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that a connection goes on with its session from before."""
        self.gateway.came_up(shard_id, of=self.shard_count or 1, resumed=True)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that a connection is down; discord.py makes it anew by itself."""
        self.gateway.went_down(shard_id)

    async def close(self) -> None:
        """Let the answers in flight be sent, then close the connections and stop syncing; may be called twice.

        discord.py calls it too, for an event that it cannot read, and takes the way to Discord's REST away with it.
        """
        self.gateway.closed()
        if self._syncing is not None:
            self._syncing.cancel()
        await self.questions.finish(self.grace_s)
        await super().close()

    def _logged_problem(self, failure: BaseException, asked_id: int) -> discord.ui.LayoutView:
        """Write a failure to the log, its trace only where no sentence explains it, and render it for people."""
        if not is_expected(failure):
            self._metrics.went_wrong(getattr(failure, "original", failure))
        level = logging.INFO if is_expected(failure) else logging.ERROR
        words = sentence_for(failure, "operator")
        log.log(level, "question %d: %s", asked_id, words, exc_info=None if is_known(failure) else failure)
        return problem_card(sentence_for(failure, question_id=str(asked_id)))


async def _tell(sending: Awaitable[object], asked_id: int) -> None:
    """Send, or log that it failed: what broke the answer, such as an unknown interaction (10062), often breaks this."""
    try:
        await sending
    except DISCORD_FAILURES as unsaid:
        log.warning("question %d: its problem could not be told: %s", asked_id, sentence_for(unsaid, "operator"))


def backoff_s(failures: int, dice: Dice, *, first_s: float = 1.0, longest_s: float = LONGEST_WAIT_S) -> float:
    """Say how long to wait after the n-th failure in a row: min(longest, first * 2^(n-1)), times 1/2 to 1 by the dice.

    At the defaults an outage costs at most 24 connections an hour; Discord allows 1000 a day.

    Args:
        failures: failures in a row, >= 1.
        dice: uniform in 0..1, so that bots that lost the same connection do not come back at the same moment.
        first_s: in seconds.
        longest_s: in seconds.
    """
    return min(longest_s, first_s * 2.0 ** min(failures - 1, 60)) * (0.5 + dice() / 2)
