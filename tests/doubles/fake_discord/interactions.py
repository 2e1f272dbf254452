"""Holds one interaction as the person who started it sees it: acknowledged when, answered with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from fake_discord.messages import Json, Message
from fake_discord.places import Channel, User
from fake_discord.waiting import Changes

ACKNOWLEDGE_WITHIN_S = 3.0
TOKEN_LIFE_S = 15 * 60.0
FOLLOWUPS_OF_USER_INSTALL = 5


class InteractionKind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackKind(IntEnum):
    """Discord's interaction callback types."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(frozen=True)
class Acknowledgement:
    """The bot's first reaction: what kind, after how many seconds, seen by whom, with what in it."""

    kind: CallbackKind
    after_s: float
    ephemeral: bool
    payload: Json

    @property
    def deferred(self) -> bool:
        """True if the bot only asked for time."""
        return self.kind in (CallbackKind.DEFERRED_MESSAGE, CallbackKind.DEFERRED_UPDATE)


@dataclass(eq=False)
class Interaction:
    """A command used, a component pressed, a text completed or a modal sent, and what the bot made of it.

    `messages` are all messages the bot sent for it, in order, `original` is what Discord calls `@original`.
    """

    id: str
    token: str
    kind: InteractionKind
    name: str
    user: User
    channel: Channel
    started_s: float
    changes: Changes = field(repr=False)
    owners: dict[str, str] = field(default_factory=dict)
    source: Message | None = None
    acknowledgement: Acknowledgement | None = None
    original: Message | None = None
    messages: list[Message] = field(default_factory=list)
    followups: int = 0

    @property
    def ephemeral(self) -> bool:
        """True once it is acknowledged for the eyes of one person only."""
        return self.acknowledgement is not None and self.acknowledgement.ephemeral

    def shown(self) -> list[Message]:
        """Return the messages that a person sees for it now: neither deleted nor still "thinking"."""
        return [message for message in self.messages if not message.deleted and not message.loading]

    async def acknowledged(self, timeout_s: float = ACKNOWLEDGE_WITHIN_S) -> Acknowledgement:
        """Wait for the bot's first reaction.

        Raises:
            TimeoutError: If there is none within `timeout_s` seconds.
        """
        is_done = self._is_acknowledged
        await self.changes.until(is_done, timeout_s, lambda: f"an acknowledgement of {self.name!r}")
        assert self.acknowledgement is not None
        return self.acknowledgement

    async def answer(self, timeout_s: float = 10.0, where: Callable[[Message], bool] | None = None) -> Message:
        """Wait for the first message shown for this interaction (that satisfies `where`, if given).

        A bot that edits its answer changes the same message: use `where`, or `Message.when`, to wait for the edit.

        Raises:
            TimeoutError: If there is none within `timeout_s` seconds.
        """

        def matching() -> list[Message]:
            return [message for message in self.shown() if where is None or where(message)]

        def waiting_for() -> str:
            return f"an answer to {self.name!r}; {self.acknowledgement}; shown: {[m.payload for m in self.shown()]}"

        await self.changes.until(lambda: bool(matching()), timeout_s, waiting_for)
        return matching()[0]

    async def modal(self, timeout_s: float = ACKNOWLEDGE_WITHIN_S) -> Json:
        """Wait for the modal that the bot opens and return its payload.

        Raises:
            TimeoutError: If nothing comes within `timeout_s` seconds.
            AssertionError: If the bot acknowledges with something else.
        """
        return await self._payload_of(CallbackKind.MODAL, timeout_s)

    async def choices(self, timeout_s: float = ACKNOWLEDGE_WITHIN_S) -> list[Json]:
        """Wait for the choices that the bot's autocomplete offers, each with `name` and `value`.

        Raises:
            TimeoutError: If nothing comes within `timeout_s` seconds.
            AssertionError: If the bot acknowledges with something else.
        """
        payload = await self._payload_of(CallbackKind.AUTOCOMPLETE, timeout_s)
        offered: list[Json] = payload.get("choices") or []
        return offered

    def _is_acknowledged(self) -> bool:
        return self.acknowledgement is not None

    async def _payload_of(self, kind: CallbackKind, timeout_s: float) -> Json:
        acknowledgement = await self.acknowledged(timeout_s)
        assert acknowledgement.kind is kind, f"expected {kind.name}, the bot sent {acknowledgement}"
        return acknowledgement.payload
