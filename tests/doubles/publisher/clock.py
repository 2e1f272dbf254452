"""A clock that runs fast, the same in every process that is told when it began."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.plan import BEGINS_AT


@dataclass(frozen=True, slots=True)
class FastClock:
    """Shows `BEGINS_AT` at `began` (seconds since the epoch) and runs `speed` times as fast as the world."""

    began: float
    speed: float

    def seconds(self) -> float:
        """Seconds that it has run."""
        return (time.time() - self.began) * self.speed

    def now(self) -> datetime:
        """The moment that it shows."""
        return BEGINS_AT + timedelta(seconds=self.seconds())

    async def sleep(self, seconds: float) -> None:
        """Sleep so many of its seconds."""
        await asyncio.sleep(max(seconds, 0.0) / self.speed)
