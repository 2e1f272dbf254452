"""Where a command is used: what may be seen from there, and where commands are offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.answering.questions import Question, server_scope

T = TypeVar("T", bound=Callable[..., Any] | app_commands.Command[Any, ..., Any])

#: How the dates by which people limit what they want are asked for, in every command that takes them.
SINCE = "Only articles from then on: 29 September 2020, 2020-09-29, March, last week"
UNTIL = "Only articles up to then: 29 September 2020, 2020-09-29, March, last week"
#: A topic is a few words.
TOPIC_CHARS = 300

#: Every command can be installed in servers and by people for themselves, and works in servers, in direct messages to
#: the bot and in private channels.
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


def everywhere(command: T) -> T:
    """Let people use a command wherever they can ask."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def installed_in(asker: discord.Interaction | discord.Message) -> int | None:
    """Tell in which server a command is used, or a message written, if that server has the bot installed.

    In direct messages, in private channels, and in a server where only a person has the bot, it is none.
    """
    if isinstance(asker, discord.Message):
        return None if asker.guild is None else asker.guild.id
    return asker.guild_id if asker.is_guild_integration() else None


def scope_of(asker: discord.Interaction | discord.Message) -> str | None:
    """Tell whose private feeds may be seen where somebody asks: those of the server that has the bot installed."""
    return server_scope(installed_in(asker))


def question_of(
    interaction: discord.Interaction,
    text: str,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    sources: Sequence[str] = (),
) -> Question:
    """Make the question that a command asks, with what may be seen from where it is asked."""
    return Question(
        text,
        now,
        str(interaction.id),
        since=since,
        until=until,
        sources=tuple(sources),
        scope=scope_of(interaction),
    )
