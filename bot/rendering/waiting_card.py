"""What people see who wait for their answer: what it waits for, and what of it is written and checked already."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.locales.speaking import say, say_counted
from bot.rendering.card import Card
from bot.rendering.markdown import escaped, one_line, shortened

WAITING_COLOUR = discord.Colour(0x8A94A6)

_WRITTEN = 3000


def waiting_words(before: int, articles: int | None, *, is_being_written: bool = False) -> str:
    """Say what a question waits for.

    Args:
        before: questions that are answered first; 0 if this one is being answered.
        articles: articles that are being read for it; None if that is not known yet.
        is_being_written: a part of the answer is shown already.
    """
    if is_being_written:
        return say("Being written; the sources follow …")
    if before:
        return say_counted("{count} question is before yours.", "{count} questions are before yours.", before)
    if articles:
        return say_counted("Reading {count} article …", "Reading {count} articles …", articles)
    return say("Looking for articles …")


def waiting_card(words: str, written: Sequence[str] = ()) -> Card:
    """Render what `waiting_words` says, below the sentences of the answer that stand already.

    Args:
        words: what is waited for.
        written: sentences of a chat model that were checked; what does not fit waits for the answer.
    """
    said = escaped(shortened(one_line(" ".join(written)), _WRITTEN))
    return Card([[said] if said else [], [f"-# {words}"]], WAITING_COLOUR)
