"""Long lists of keys in pieces that one statement takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

# SQLite allows 32,766 variables in a statement; two per key and some slack.
KEYS_PER_STATEMENT = 500

T = TypeVar("T")


def batched(keys: Iterable[T]) -> Iterator[list[T]]:
    """Yield the keys, each once, in their order, in lists of at most 500."""
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), KEYS_PER_STATEMENT):
        yield unique[start : start + KEYS_PER_STATEMENT]
