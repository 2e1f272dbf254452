"""How far an answer is, told to whoever waits for it: a watcher of the task that asks, or nobody."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Watcher(Protocol):
    """Is told how far an answer is."""

    def read(self, articles: int) -> None:
        """Hear that so many articles have been found and are read now."""
        ...

    def wrote(self, sentence: str) -> None:
        """Hear a sentence that a chat model wrote and that its passages carry; others may follow."""
        ...


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def watch(watcher: Watcher) -> None:
    """Let somebody watch the questions that this task, or one it starts, asks from now on."""
    _watcher.set(watcher)


def is_watched() -> bool:
    """Say whether anybody watches the question that is being answered in this task."""
    return _watcher.get() is not None


def tell_reading(articles: int) -> None:
    """Tell whoever watches that so many articles have been found and are read now."""
    if (watcher := _watcher.get()) is not None:
        watcher.read(articles)


def tell_written(sentence: str) -> None:
    """Tell whoever watches a sentence that may be shown: one that was checked, never what a model just wrote."""
    if (watcher := _watcher.get()) is not None:
        watcher.wrote(sentence)
