"""Holds one message: what its author sent, how it was edited since, and waiting for it to change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fake_discord.places import Channel, User
from fake_discord.timing import now_iso
from fake_discord.waiting import Changes

Json: TypeAlias = dict[str, Any]
"""A JSON object as it travels."""

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15

USER_MENTION = re.compile(r"<@!?(\d+)>")


def walk_components(components: list[Json]) -> Iterator[Json]:
    """Yield every component of a tree, parents first, including a section's accessory and a label's child."""
    for component in components:
        yield component
        yield from walk_components(component.get("components") or [])
        for only_child in ("accessory", "component"):
            if component.get(only_child):
                yield from walk_components([component[only_child]])


@dataclass(eq=False)
class Message:
    """A message with the merged payload its author sent; `revisions` keeps each payload as it arrived."""

    id: str
    channel: Channel
    author: User
    payload: Json
    changes: Changes = field(repr=False)
    reference: Message | None = field(default=None, repr=False)
    answers_interaction: bool = False
    ephemeral: bool = False
    loading: bool = False
    deleted: bool = False
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    reactions: list[str] = field(default_factory=list)
    revisions: list[Json] = field(default_factory=list, repr=False)
    interaction_json: Json | None = field(default=None, repr=False)
    sent_at: str = field(default_factory=now_iso)
    edited_at: str | None = None

    @property
    def content(self) -> str:
        """The plain content; empty for a Components V2 message."""
        return self.payload.get("content") or ""

    @property
    def embeds(self) -> list[Json]:
        """The embeds as sent."""
        return self.payload.get("embeds") or []

    @property
    def components(self) -> list[Json]:
        """The top-level components as sent."""
        return self.payload.get("components") or []

    @property
    def flags(self) -> int:
        """Discord's message flags, with the ones that the server itself sets."""
        sent = int(self.payload.get("flags") or 0) & ~(EPHEMERAL | LOADING)
        return sent | (EPHEMERAL if self.ephemeral else 0) | (LOADING if self.loading else 0)

    @property
    def text(self) -> str:
        """Everything a person can read in it: content, embeds, text displays, button labels; one part a line."""
        parts: list[str | None] = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title"), embed.get("description")]
            for entry in embed.get("fields") or []:
                parts += [entry.get("name"), entry.get("value")]
            parts.append((embed.get("footer") or {}).get("text"))
        for component in walk_components(self.components):
            parts += [component.get("content"), component.get("label")]
        return "\n".join(part for part in parts if part)

    @property
    def custom_ids(self) -> list[str]:
        """The custom ids of everything that can be pressed or chosen, in reading order."""
        return [entry["custom_id"] for entry in walk_components(self.components) if entry.get("custom_id")]

    def component(self, custom_id: str) -> Json:
        """Return the component with this custom id.

        Raises:
            LookupError: If the message has none.
        """
        for component in walk_components(self.components):
            if component.get("custom_id") == custom_id:
                return component
        raise LookupError(f"no component {custom_id!r} in the message; it has {self.custom_ids}")

    def _text_that_can_ping(self) -> str:
        """Embeds and buttons never notify anybody; content and text displays do."""
        return "\n".join([self.content, *(entry.get("content") or "" for entry in walk_components(self.components))])

    def pings(self) -> list[str]:
        """Return the ids of the users this message notifies, after its allowed_mentions; without these, all named."""
        allowed = self.payload.get("allowed_mentions")
        named = list(dict.fromkeys(USER_MENTION.findall(self._text_that_can_ping())))
        if allowed is not None and "users" not in (allowed.get("parse") or []):
            named = [user_id for user_id in named if user_id in map(str, allowed.get("users") or [])]
        pings_reply = True if allowed is None else bool(allowed.get("replied_user", False))
        if self.reference is not None and pings_reply and not self.reference.answers_interaction:
            named.append(self.reference.author.id)
        return list(dict.fromkeys(named))

    def pings_everyone(self) -> bool:
        """Say whether the message would notify a whole channel."""
        allowed = self.payload.get("allowed_mentions")
        is_allowed = allowed is None or "everyone" in (allowed.get("parse") or [])
        text = self._text_that_can_ping()
        return is_allowed and ("@everyone" in text or "@here" in text)

    async def when(self, where: Callable[[Message], bool], timeout_s: float) -> Message:
        """Wait until the message satisfies `where`, for instance after an edit.

        Raises:
            TimeoutError: If it does not within `timeout_s` seconds.
        """
        await self.changes.until(lambda: where(self), timeout_s, lambda: f"message {self.id} to change: {self.payload}")
        return self
