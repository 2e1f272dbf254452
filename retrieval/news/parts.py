"""Parts of a file that are read each by itself, so that what hangs in one costs none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.wire import Found

T = TypeVar("T", str, bytes)

# What is as small as this, and plain, is read within a quarter of a second however it was made: of all forms Markdown
# takes longest, 0.2 s for nothing but brackets, and twice as much text takes four times as long.
QUICK_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Part:
    """What is still to be read: a whole file, some of its elements, or a record.

    Attributes:
        input: how it is named in a rejection.
        read: a function that can be imported by its name, and never raises for what it reads; what it takes and
            returns is such as pickle takes.
        args: what it takes.
        is_quick: whether it may be read in the process that answers questions; all else is read in another one.
    """

    input: str
    read: Callable[..., Sequence[Step]]
    args: tuple[Any, ...]
    is_quick: bool = False


#: What comes of reading on: something found, a part to read, or None where there is nothing to tell yet.
Step: TypeAlias = "Found | SavedFeed | Part | None"


def read_here(steps: Iterable[Step]) -> Iterator[Found | SavedFeed]:
    """Read all parts in this process, in order, each when what it comes to is asked for."""
    for step in steps:
        if isinstance(step, Part):
            yield from read_here(step.read(*step.args))
        elif step is not None:
            yield step


def grouped(elements: Iterable[T], *, limit: int) -> Iterator[tuple[int, list[T]]]:
    """Put neighbours together to groups of at most `limit` in length; what is larger is a group by itself.

    Yields:
        The number of a group's first element, from 0, and the group.
    """
    group: list[T] = []
    start = size = 0
    for number, element in enumerate(elements):
        if group and size + len(element) > limit:
            yield start, group
            group, start, size = [], number, 0
        group.append(element)
        size += len(element)
    if group:
        yield start, group
