"""How many requests a day may go to the chat model: in all, and for each server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol


class Spent(StrEnum):
    """Whose budget is spent."""

    IN_ALL = "in all"
    HERE = "here"


class Used(Protocol):
    """What was used of a day, in one server and in all."""

    @property
    def in_guild(self) -> int:
        """In one server, or outside of servers together."""
        ...

    @property
    def in_all(self) -> int:
        """Everywhere."""
        ...


class Quotas(Protocol):
    """Counts by server and day (UTC) that outlive the process; `bot.records.quotas` keeps them."""

    async def used(self, guild_id: int | None) -> Used:
        """Tell what was used today; `guild_id` None is outside of servers."""
        ...

    async def take(
        self, guild_id: int | None, *, guild_limit: int | None = None, total_limit: int | None = None
    ) -> bool:
        """Count one more today unless a limit is reached, None being no limit; whether it was counted."""
        ...


class Budget:
    """Counts the requests to a chat model, and says when there may be no more that day.

    Args:
        quotas: keeps the counts.
        per_day: requests in all; 0 for any number.
        per_guild_per_day: requests for one server, or for all that is asked outside of servers; 0 for any number.
        own_limit: tells how many of these a server wants to use at most, 0 being none; None being as many as it may.
        told: hears of each request whether it was "allowed", or not made because the budget is "spent".
    """

    def __init__(
        self,
        quotas: Quotas,
        *,
        per_day: int,
        per_guild_per_day: int,
        own_limit: Callable[[int], Awaitable[int | None]] | None = None,
        told: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._quotas = quotas
        self._per_day = per_day or None
        self._per_guild_per_day = per_guild_per_day or None
        self._own_limit = own_limit
        self._told = told

    async def spend(self, guild_id: int | None) -> Spent | None:
        """Count a request before it is made, one that fails included.

        Args:
            guild_id: the server where the question was asked; None outside of servers.

        Returns:
            None if it may be made, else whose budget is spent; then nothing is counted.
        """
        limits = {"guild_limit": await self._limit_of(guild_id), "total_limit": self._per_day}
        is_limited = any(limit is not None for limit in limits.values())
        if not is_limited or await self._quotas.take(guild_id, **limits):
            self._told("allowed")
            return None
        self._told("spent")
        used = await self._quotas.used(guild_id)
        return Spent.IN_ALL if self._per_day is not None and used.in_all >= self._per_day else Spent.HERE

    async def _limit_of(self, guild_id: int | None) -> int | None:
        own = None if guild_id is None or self._own_limit is None else await self._own_limit(guild_id)
        limits = [limit for limit in (own, self._per_guild_per_day) if limit is not None]
        return min(limits, default=None)
