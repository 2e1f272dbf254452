"""What people see who wait for their answer: how many questions are before theirs, and how many articles are read."""

from __future__ import annotations

import discord

from bot.rendering.card import Card
from bot.rendering.wording import counted

WAITING_COLOUR = discord.Colour(0x8A94A6)


def waiting_words(before: int, articles: int | None) -> str:
    """Say what a question waits for.

    Args:
        before: questions that are answered first; 0 if this one is being answered.
        articles: articles that are being read for it; None if that is not known yet.
    """
    if before:
        return f"{before:,} question{' is' if before == 1 else 's are'} before yours."
    if articles:
        return f"Reading {counted(articles, 'article')} …"
    return "Looking for articles …"


def waiting_card(words: str) -> Card:
    """Render what `waiting_words` says."""
    return Card([[f"-# {words}"]], WAITING_COLOUR)
