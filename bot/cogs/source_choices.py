"""Which publishers are offered for what somebody types, and which are meant by what they send."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

# What Discord takes: choices of one autocomplete, and characters of one.
_MOST_CHOICES, _CHOICE_CHARS = 25, 100
# Of a part of a name that many publishers share.
_MOST_MEANT = 10


def source_choices(names: Sequence[str], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the publishers whose names begin with what is typed, then those that hold it; 25 at most.

    Args:
        names: those that whoever types may see, in the order in which they are offered.
        typed: so far; empty offers the first ones.
    """
    wanted = " ".join(typed.casefold().split())
    holding = [name for name in names if wanted in name.casefold() and len(name) <= _CHOICE_CHARS]
    holding.sort(key=lambda name: not name.casefold().startswith(wanted))
    return [app_commands.Choice(name=name, value=name) for name in holding[:_MOST_CHOICES]]


def meant_sources(names: Sequence[str], sent: str | None) -> tuple[str, ...]:
    """Name the publishers that are meant: the one so called, else those whose names hold it, else it as it stands.

    Args:
        names: those that whoever asks may see.
        sent: a choice, or what was typed instead; None means any publisher.
    """
    wanted = " ".join((sent or "").casefold().split())
    if not wanted:
        return ()
    called = [name for name in names if name.casefold() == wanted]
    holding = [name for name in names if wanted in name.casefold()]
    return tuple(called or holding[:_MOST_MEANT] or [wanted])
