"""What somebody sees who judged an answer: that it was taken, and the button to say why."""

from __future__ import annotations

import discord

from bot.locales.speaking import say
from bot.rendering.card import Card
from bot.rendering.card_buttons import Verb, why_row

_COLOUR = discord.Colour(0x8A94A6)


def thanks_card(number: int, *, why: str | None, words_dropped: bool = False) -> Card:
    """Render thanks for a judgement.

    Args:
        number: of the kept answer.
        why: "up" or "down" to offer a button that asks why; None where that has been told.
        words_dropped: words were written, but not to be kept.
    """
    said = say("Thank you: your judgement is noted.")
    if words_dropped:
        said += " " + say("Your words were not kept, as you wished.")
    rows = [why_row(number, Verb(why))] if why is not None else []
    return Card([[said]], _COLOUR, rows)
