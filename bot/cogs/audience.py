"""Where a command is used: what may be seen from there, and where commands are offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.answering.questions import Question, server_scope

T = TypeVar("T", bound=Callable[..., Any] | app_commands.Command[Any, ..., Any])

#: Every command can be installed in servers and by people for themselves, and works in servers, in direct messages to
#: the bot and in private channels.
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


def everywhere(command: T) -> T:
    """Let people use a command wherever they can ask."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def scope_of(interaction: discord.Interaction) -> str | None:
    """Tell whose private feeds may be seen where a command is used: a server's own where it has the bot installed.

    In direct messages, in private channels, and in a server where only a person has the bot, nobody's are.
    """
    return server_scope(interaction.guild_id if interaction.is_guild_integration() else None)


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
