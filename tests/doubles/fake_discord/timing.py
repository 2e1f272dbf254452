"""Gives the fake its time: a clock that tests can push forward, and ids that carry the moment they were made."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Returns seconds that never go backwards; only differences mean something."""

DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first second of 2015, from which every Discord id counts."""


class SteppedClock:
    """A monotonic clock that a test pushes forward instead of sleeping."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def __call__(self) -> float:
        """Return the seconds of `time.monotonic` plus everything it was advanced by."""
        return time.monotonic() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Push the clock forward by `seconds`.

        Raises:
            ValueError: If `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("a clock only goes forward")
        self._offset_s += seconds


class Snowflakes:
    """Hands out unique, growing Discord ids (as strings) whose upper bits are the wall-clock milliseconds."""

    def __init__(self) -> None:
        self._counter = itertools.count(1)

    def __call__(self) -> str:
        """Return the next id."""
        milliseconds = int(time.time() * 1000) - DISCORD_EPOCH_MS
        return str((milliseconds << 22) + next(self._counter) % (1 << 22))


def now_iso() -> str:
    """Return the current time as Discord writes it: ISO 8601, UTC, microseconds."""
    return datetime.now(UTC).isoformat()
