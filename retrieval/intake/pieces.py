"""Parting what a feed lists into pieces of work, so that a question waits for one of them at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from retrieval.worker import Worker

T = TypeVar("T")

# Recording an entry takes about a millisecond, and feeds list up to some thousand.
_AT_ONCE = 50
# While questions come, they wait for less.
_AT_ONCE_WHEN_ASKED = 10


def pieces(listed: Sequence[T], worker: Worker) -> Iterator[Sequence[T]]:
    """Part entries, in their order, into pieces of 50, or of 10 while the worker is asked."""
    start = 0
    while start < len(listed):
        end = start + (_AT_ONCE_WHEN_ASKED if worker.is_asked else _AT_ONCE)
        yield listed[start:end]
        start = end
