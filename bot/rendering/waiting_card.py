"""What people see who wait for their answer: how many questions are before theirs, and how many articles are read."""

from __future__ import annotations

import discord

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
        return f"Reading {articles:,} article{'' if articles == 1 else 's'} …"
    return "Looking for articles …"


def waiting_card(words: str) -> discord.ui.LayoutView:
    """Render what `waiting_words` says."""
    container: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=WAITING_COLOUR)
    container.add_item(discord.ui.TextDisplay(f"-# {words}"))
    return discord.ui.LayoutView(timeout=None).add_item(container)
