"""Getting acknowledgements and answers to Discord through its hiccups, once, however often a request has to be made.

discord.py repeats what Discord itself refuses with 429 or 5xx, but gives up when a connection breaks, and for plain
messages at 503. Whether a request whose connection broke was carried out, nobody knows; so only what may be made twice
is made again: an edit, an acknowledgement (the second one is refused), a message under the same nonce.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import discord

from bot.metrics import Metrics

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

#: Key of `Interaction.extras`: Discord has taken our acknowledgement, though discord.py may not know.
ACKNOWLEDGED = "acknowledged"

# Discord's code for a second acknowledgement, which says that the first one arrived.
_ALREADY_ACKNOWLEDGED = 40060
# An acknowledgement counts for 3 s; what is not there by then is not worth a further try.
_ACKNOWLEDGING_S = 2.5
# A token lives 15 minutes, which the question has begun to use up.
_DELIVERING_S = 14 * 60.0
# Discord remembers a nonce for "a few minutes"; after that a further try could show the answer twice.
_REPLYING_S = 120.0
_FIRST_S = 0.25
_LONGEST_S = 30.0
# Discord's code for a second thread on a message: the first request arrived, or somebody was faster.
_HAS_THREAD = 160004
# An answer that is ready waits no longer than this for its thread.
_OPENING_S = 5.0
# What may be gone by the next try. A 403, 404 or 400 stays.
_PASSING = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


class Delivery:
    """Sends acknowledgements and cards; nothing to close.

    Args:
        metrics: counts what was sent, and what was lost.
        sleep: waits between two tries.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        metrics: Metrics | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._sleep = sleep
        self._clock = clock

    async def acknowledge(self, interaction: discord.Interaction, *, ephemeral: bool = False) -> None:
        """Let Discord show that the bot is thinking: to all who can read the channel, or to the asker alone.

        Raises:
            discord.NotFound: Discord no longer waits (10062).
            And what the last try raised.
        """

        async def defer() -> None:
            try:
                await interaction.response.defer(thinking=True, ephemeral=ephemeral)
            except discord.HTTPException as refused:
                if refused.code != _ALREADY_ACKNOWLEDGED:
                    raise
            interaction.extras[ACKNOWLEDGED] = True

        await self._insist(defer, _ACKNOWLEDGING_S)

    async def deliver(
        self, interaction: discord.Interaction, card: discord.ui.LayoutView, *, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Put a card where the acknowledgement stands. An edit made twice shows the same card once.

        Args:
            interaction: acknowledged.
            card: what to show.
            files: go with it, by name; the card refers to them as "attachment://NAME".

        Raises:
            What the last try raised: for good, or after 14 minutes.
        """

        async def edit() -> None:
            # Made for each try: a file that was sent, or half sent, is at its end.
            attached = [discord.File(io.BytesIO(written), name) for name, written in (files or {}).items()]
            silent = discord.AllowedMentions.none()
            await interaction.edit_original_response(view=card, attachments=attached, allowed_mentions=silent)

        await self._insist_on_answer(edit, _DELIVERING_S)

    async def deliver_later(
        self, client: discord.Client, application_id: int, token: str, card: discord.ui.LayoutView
    ) -> None:
        """Put a card where the acknowledgement of an earlier process stands; see `deliver`."""
        webhook = discord.Webhook.partial(application_id, token, client=client)

        async def edit() -> None:
            original: Any = "@original"
            await webhook.edit_message(original, view=card, allowed_mentions=discord.AllowedMentions.none())

        await self._insist_on_answer(edit, _DELIVERING_S)

    async def reply(self, message: discord.Message, card: discord.ui.LayoutView) -> None:
        """Send a card as a reply that pings nobody; if the message is gone by then, as a plain message.

        Raises:
            What the last try raised: for good, or after two minutes.
        """
        await self.reply_to(message.channel, message.id, card)

    async def reply_to(
        self, channel: discord.abc.MessageableChannel, message_id: int, card: discord.ui.LayoutView
    ) -> None:
        """Reply to a message of which only the number is known; see `reply`.

        The nonce is the number of the message: Discord takes one reply to it, however often it is sent, over a restart
        too. A second reply, such as what went wrong with the first one, is shown only if the first one never came.
        """
        reference = discord.MessageReference(message_id=message_id, channel_id=channel.id, fail_if_not_exists=False)

        async def send() -> None:
            await channel.send(
                view=card,
                reference=reference,
                mention_author=False,
                allowed_mentions=discord.AllowedMentions.none(),
                nonce=message_id,
            )

        await self._insist_on_answer(send, _REPLYING_S)

    async def open_thread(self, message: discord.Message, name: str) -> discord.Thread | None:
        """Open a thread on a message, or find the one that is there; None where that cannot be: reply in place then.

        Args:
            message: in a server.
            name: of the thread, 1 to 100 characters.
        """
        channel, guild = message.channel, message.guild
        if guild is None or not isinstance(channel, discord.TextChannel):
            return None
        allowed = channel.permissions_for(guild.me)
        if not (allowed.create_public_threads and allowed.send_messages_in_threads):
            return None
        opened: list[discord.Thread] = []

        async def create() -> None:
            opened.append(await message.create_thread(name=name))

        try:
            await self._insist(create, _OPENING_S)
        except (discord.HTTPException, *_PASSING) as failure:
            if isinstance(failure, discord.HTTPException) and failure.code == _HAS_THREAD:
                return guild.get_thread(message.id)
            log.info("no thread could be opened (%s); the answer stands in its channel", type(failure).__name__)
            return None
        return opened[0]

    async def post(self, thread: discord.Thread, message_id: int, card: discord.ui.LayoutView) -> None:
        """Send a card into the thread on a message, once, as `reply_to` does.

        Raises:
            What the last try raised: for good, or after two minutes.
        """

        async def send() -> None:
            silent = discord.AllowedMentions.none()
            await thread.send(view=card, allowed_mentions=silent, nonce=message_id)

        await self._insist_on_answer(send, _REPLYING_S)

    async def _insist_on_answer(self, send: Callable[[], Awaitable[None]], within_s: float) -> None:
        try:
            tries = await self._insist(send, within_s)
        except BaseException:
            self._metrics.delivered("lost")
            raise
        self._metrics.delivered("sent" if tries == 1 else "retried")

    async def _insist(self, send: Callable[[], Awaitable[None]], within_s: float) -> int:
        """Try until it works; return how many tries it took."""
        given_up_at, wait_s, tries = self._clock() + within_s, _FIRST_S, 1
        while True:
            try:
                await send()
            except _PASSING as failure:
                if self._clock() + wait_s > given_up_at:
                    raise
                log.info("Discord could not be reached (%s), again in %.2f s", type(failure).__name__, wait_s)
            else:
                return tries
            await self._sleep(wait_s)
            tries, wait_s = tries + 1, min(2 * wait_s, _LONGEST_S)
