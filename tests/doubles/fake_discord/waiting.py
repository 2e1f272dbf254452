"""Lets tests wait for something to become true, with a time limit and no polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    """One condition that everything which happens on the server announces itself on."""

    def __init__(self) -> None:
        self._condition = asyncio.Condition()

    async def announce(self) -> None:
        """Wake everybody who waits, so that each looks again at what it waits for."""
        async with self._condition:
            self._condition.notify_all()

    async def until(self, is_true: Callable[[], bool], timeout_s: float, waiting_for: Callable[[], str]) -> None:
        """Wait until `is_true()`; returns at once if it already is.

        Args:
            is_true: Looked at now and after every announcement.
            timeout_s: How long to wait, in seconds.
            waiting_for: Says what was waited for; asked only when time runs out.

        Raises:
            TimeoutError: If it is still false after `timeout_s` seconds.
        """
        try:
            async with asyncio.timeout(timeout_s), self._condition:
                await self._condition.wait_for(is_true)
        except TimeoutError:
            raise TimeoutError(f"waited {timeout_s:g} s in vain for {waiting_for()}") from None
