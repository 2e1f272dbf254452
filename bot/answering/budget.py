"""How many requests a day may go to the chat model: in all, and for each place where questions are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

#: The place under which all requests are counted.
EVERYWHERE = "everywhere"


class Spent(StrEnum):
    """Whose budget is spent."""

    EVERYWHERE = "everywhere"
    HERE = "here"


class Quotas(Protocol):
    """Counts by place and day that outlive the process."""

    async def count(self, place: str, day: date) -> int:
        """Return what has been counted; 0 for a day or place that nothing was counted for."""
        ...

    async def add(self, place: str, day: date, n: int) -> None:
        """Count n more."""
        ...


class QuotasInMemory:
    """Counts that end with the process; only the latest day is kept."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._counts: dict[str, int] = {}

    async def count(self, place: str, day: date) -> int:
        """Return what has been counted on the latest day; 0 for any other."""
        return self._counts.get(place, 0) if day == self._day else 0

    async def add(self, place: str, day: date, n: int) -> None:
        """Count n more."""
        if day != self._day:
            self._day, self._counts = day, {}
        self._counts[place] = self._counts.get(place, 0) + n


class Budget:
    """Counts the requests to a chat model, and says when there may be no more that day. A day is one in UTC.

    Args:
        quotas: keeps the counts.
        per_day: requests in all; 0 for any number.
        per_place_per_day: requests for one place; 0 for any number.
        now: the clock, aware UTC.
        told: hears of each request whether it was "allowed", or not made because the budget is "spent".
    """

    def __init__(
        self,
        quotas: Quotas,
        *,
        per_day: int,
        per_place_per_day: int,
        now: Callable[[], datetime],
        told: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._quotas = quotas
        self._per_day = per_day
        self._per_place_per_day = per_place_per_day
        self._now = now
        self._told = told
        self._counting = asyncio.Lock()  # two requests at once must not both take the last one

    async def spend(self, place: str | None) -> Spent | None:
        """Count a request before it is made, one that fails included.

        Args:
            place: where the question was asked; None for one that counts in all only, such as on the terminal.

        Returns:
            None if it may be made, else whose budget is spent; then nothing is counted.
        """
        day = self._now().date()
        limits = [(EVERYWHERE, self._per_day, Spent.EVERYWHERE)]
        if place is not None:
            limits.append((place, self._per_place_per_day, Spent.HERE))
        async with self._counting:
            for counted, limit, spent in limits:
                if limit and await self._quotas.count(counted, day) >= limit:
                    self._told("spent")
                    return spent
            for counted, limit, _ in limits:
                if limit:
                    await self._quotas.add(counted, day, 1)
        self._told("allowed")
        return None
