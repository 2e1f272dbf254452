"""The line of questions: so many are answered at once, the others wait their turn, first come, first served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Place:
    """Where one question stands; `turn` is set once it may be answered."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.turn = asyncio.Event()

    @property
    def before(self) -> int:
        """How many questions are answered first; 0 once it is this one's turn."""
        return 0 if self.turn.is_set() else self._line.before(self)


class Line:
    """Gives each question its place and lets the first ones through.

    Without it all questions would make their calls to the one worker in turns and all end last; in line the first ends
    first, and each can be told how many are before it.

    Args:
        at_once: questions answered at a time, >= 1.
    """

    def __init__(self, *, at_once: int) -> None:
        self._at_once = at_once
        self._places: list[Place] = []

    @property
    def waiting(self) -> int:
        """How many questions wait for their turn."""
        return max(0, len(self._places) - self._at_once)

    def before(self, place: Place) -> int:
        """Count the questions that joined before one that is still in line, and have not left."""
        return self._places.index(place)

    @contextmanager
    def joined(self) -> Iterator[Place]:
        """Stand in line until the block ends, however it ends; then the next one's turn may have come."""
        place = Place(self)
        self._places.append(place)
        self._call()
        try:
            yield place
        finally:
            self._places.remove(place)
            self._call()

    def _call(self) -> None:
        for place in self._places[: self._at_once]:
            place.turn.set()
