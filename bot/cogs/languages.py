"""In which language somebody is answered, and what the commands are called in it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands

from bot.locales.speaking import ENGLISH, catalogue, language_of, prepare, speak

# What Discord tells of every server that has not chosen a language.
_NOT_CHOSEN = discord.Locale.american_english


def speak_to(asker: discord.Interaction[Any] | discord.Message, *, otherwise: str = ENGLISH) -> None:
    """Answer in the language of whoever uses a command or presses a button; for a message in that of its server.

    Args:
        asker: what is answered, in this task.
        otherwise: the language where Discord does not tell one: in direct messages, and in a server that chose none.
    """
    if isinstance(asker, discord.Interaction):
        speak(asker.locale.value)
        return
    chosen = None if asker.guild is None else asker.guild.preferred_locale
    speak(otherwise if chosen in (None, _NOT_CHOSEN) else chosen.value)


class SpokenTree(app_commands.CommandTree[Any]):
    """A tree whose commands, with their autocompletion and errors, answer in the language of whoever uses them."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Set the language of the task that answers; everybody may go on."""
        speak_to(interaction)
        return True


class CommandTranslator(app_commands.Translator):
    """Gives Discord the names and descriptions of the commands in our languages, for its own lists."""

    async def load(self) -> None:
        """Read all catalogues, on a thread, so that no answer has to wait for its language."""
        await asyncio.to_thread(prepare)

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Translate one; None leaves it English, as for the locales of which there are no catalogues."""
        language = language_of(locale.value)
        if language is None or language == ENGLISH:
            return None
        said = catalogue(language, "commands").gettext(string.message)
        return None if said == string.message else said
