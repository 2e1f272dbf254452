"""What is kept of people, as the cards of /privacy say it: what and for how long, handed over, or erased."""

from __future__ import annotations

import discord

from bot.locales.speaking import marked, say, say_counted
from bot.rendering.answer_card import ABSTENTION_COLOUR
from bot.rendering.card import Card

#: The name of the file that an export is.
EXPORT_FILE = "dateline-about-you.json"

_KEPT = marked(
    "**What I keep of you**\n"
    "- Your questions and their answers, for the buttons below them: {keep_days} days\n"
    "- The last things you asked in each channel, so that “and when?” is understood: {minutes} minutes\n"
    "- A question that is being answered, in case I am restarted: 15 minutes at most\n"
    "- Your thumbs up and down; your words with them only if you agree\n\n"
    "I read no messages but those addressed to me. Whoever runs this bot can read what I keep; nobody else can."
)
_WAYS = marked(
    "**/privacy** `do: export` hands you all of it as a file.\n"
    "**/privacy** `do: forget me` erases all of it at once. Cards of your answers stay where they are, and their "
    "buttons do nothing any more; delete a card by its own button first."
)


def privacy_card(*, keep_days: int, conversation_minutes: int) -> Card:
    """Render what is kept and for how long, and what somebody can do about it."""
    kept = say(_KEPT, keep_days=keep_days, minutes=conversation_minutes)
    return Card([[kept], [say(_WAYS)]], ABSTENTION_COLOUR)


def export_card(record_count: int) -> Card:
    """Render an export; the file EXPORT_FILE goes with the message."""
    told = say_counted(
        "All that I keep of you: {count} record.", "All that I keep of you: {count} records.", record_count
    )
    card = Card([[told]], ABSTENTION_COLOUR)
    return card.add_item(discord.ui.File[Card](f"attachment://{EXPORT_FILE}"))


def forgotten_card(record_count: int) -> Card:
    """Render that somebody was forgotten."""
    told = say_counted("Erased: {count} record.", "Erased: {count} records.", record_count)
    until = say("I know nothing of you any more until you ask me again.")
    return Card([[f"{told} {until}"]], ABSTENTION_COLOUR)
