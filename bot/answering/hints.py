"""How to ask better: what an abstention suggests, as values; their sentences stand in `bot/rendering/wording.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskBefore:
    """The articles end before the time asked about: ask about what was until then.

    Attributes:
        date: of the newest article known, ISO 8601 to no more than its precision, at most to the day.
    """

    date: str


@dataclass(frozen=True, slots=True)
class WithoutLimits:
    """Without the limits that came with the question its articles would be answered from.

    Attributes:
        limits: those that were given, of "since", "until" and "sources", in this order.
    """

    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotMentioned:
    """No article has these words.

    Attributes:
        names: as they were typed, in order, each once, at most three.
    """

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameSomething:
    """The question has no word of content to search by: name a person, a place or an event."""


Hint = AskBefore | WithoutLimits | NotMentioned | NameSomething
