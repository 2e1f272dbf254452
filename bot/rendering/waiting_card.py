"""What people see who wait for their answer: how many questions are before theirs, and how many articles are read."""

from __future__ import annotations

import discord

from bot.locales.speaking import say, say_counted
from bot.rendering.card import Card

WAITING_COLOUR = discord.Colour(0x8A94A6)


def waiting_words(before: int, articles: int | None) -> str:
    """Say what a question waits for.

    Args:
        before: questions that are answered first; 0 if this one is being answered.
        articles: articles that are being read for it; None if that is not known yet.
    """
    if before:
        return say_counted("{count} question is before yours.", "{count} questions are before yours.", before)
    if articles:
        return say_counted("Reading {count} article …", "Reading {count} articles …", articles)
    return say("Looking for articles …")


def waiting_card(words: str) -> Card:
    """Render what `waiting_words` says."""
    return Card([[f"-# {words}"]], WAITING_COLOUR)
