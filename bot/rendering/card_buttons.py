"""The buttons of a card: what is written on them, and the custom ids by which they answer after any restart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import discord

from bot.locales.speaking import say

_IN_A_ROW = 5
#: Number buttons of one page: two rows of them. What else a page quotes has its button on a later page.
MOST_NUMBERS = 10
#: Components of the buttons of a page at most, with their rows: numbers, pages and sources, and what can be done.
MOST_COMPONENTS = 2 + MOST_NUMBERS + 1 + 3 + 1 + 4


class Verb(StrEnum):
    """What a button does; the second part of its custom id."""

    #: Show a quote where it stands; `more` is its number.
    QUOTE = "quote"
    #: Turn to the page `more` of the card, for everybody if whoever asked turns, else on a copy.
    PAGE = "page"
    #: Turn to the page `more` of one's own copy.
    LEAF = "leaf"
    SOURCES = "sources"
    FOLLOW = "follow"
    UP = "up"
    DOWN = "down"
    #: Say why; `more` is "up" or "down".
    WHY = "why"
    DELETE = "delete"


class ButtonId(NamedTuple):
    """What a custom id says: what to do with which kept answer."""

    verb: Verb
    number: int
    more: str | None = None

    def __str__(self) -> str:
        """Write the custom id: "dl:quote:17:2"."""
        return f"dl:{self.verb}:{self.number}" + (f":{self.more}" if self.more is not None else "")


#: What the custom ids of the buttons look like, and those of the modals that they open.
TEMPLATE = re.compile(rf"dl:(?P<verb>{'|'.join(Verb)}):(?P<number>\d{{1,19}})(?::(?P<more>[a-z0-9]{{1,9}}))?")


def read_button_id(custom_id: str) -> ButtonId | None:
    """Read a custom id; None if it is not one of ours."""
    match = TEMPLATE.fullmatch(custom_id)
    return None if match is None else ButtonId(Verb(match["verb"]), int(match["number"]), match["more"])


def button_rows(
    kept: Mapping[str, Any], number: int, quoted: Sequence[int], page: int, pages: int, *, is_copy: bool
) -> list[discord.ui.ActionRow[discord.ui.LayoutView]]:
    """Make the rows of buttons of one page of a card.

    Args:
        kept: what is kept of the answer.
        number: under which it is kept.
        quoted: the numbers of the citations that the page names, ascending.
        page: from 1.
        pages: how many the card has.
        is_copy: a page for the eyes of one person, without what concerns the answer itself.
    """
    ways = [_button(f"[{n}]", ButtonId(Verb.QUOTE, number, f"{n}")) for n in quoted[:MOST_NUMBERS]]
    turns = Verb.LEAF if is_copy else Verb.PAGE
    if page > 1:
        ways.append(_button(say("‹ Back"), ButtonId(turns, number, f"{page - 1}")))
    if page < pages:
        ways.append(_button(say("Next ›"), ButtonId(turns, number, f"{page + 1}")))
    if has_more_sources(kept):
        ways.append(_button(say("More sources"), ButtonId(Verb.SOURCES, number)))
    about = []
    if not is_copy:
        about = [
            _button(say("Follow up"), ButtonId(Verb.FOLLOW, number), discord.ButtonStyle.primary),
            _button("👍", ButtonId(Verb.UP, number)),
            _button("👎", ButtonId(Verb.DOWN, number)),
            _button(say("Delete"), ButtonId(Verb.DELETE, number)),
        ]
    rows = [*(ways[i : i + _IN_A_ROW] for i in range(0, len(ways), _IN_A_ROW)), about]
    return [discord.ui.ActionRow(*row) for row in rows if row]


def has_more_sources(kept: Mapping[str, Any]) -> bool:
    """Say whether there are sources beside those that an answer quotes; an abstention names its own."""
    return kept["status"] == "answered" and bool(kept["found"] or any(one["also_in"] for one in kept["citations"]))


def why_row(number: int, way: Verb) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    """Make the button by which somebody says why an answer was good or bad."""
    return discord.ui.ActionRow(_button(say("Say why"), ButtonId(Verb.WHY, number, way.value)))


def _button(
    label: str, button_id: ButtonId, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=label, custom_id=str(button_id), style=style)
