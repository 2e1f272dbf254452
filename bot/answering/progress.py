"""How far an answer is, told to whoever waits for it: a watcher of the task that asks, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_reading: ContextVar[Callable[[int], None] | None] = ContextVar("reading", default=None)


def watch_reading(told: Callable[[int], None]) -> None:
    """Let `told` know how many articles are read for questions that this task, or one it starts, asks from now on."""
    _reading.set(told)


def tell_reading(articles: int) -> None:
    """Tell whoever watches that so many articles have been found and are read now."""
    told = _reading.get()
    if told is not None:
        told(articles)
