"""A command sees a server's private feeds only where that server has the bot installed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import convoy
import pytest

from bot.answering.questions import Question
from bot.cogs.audience import question_of, scope_of


@pytest.mark.parametrize(
    ("guild_id", "is_installed", "scope"),
    [(7, True, "guild:7"), (7, False, None), (None, False, None), (None, None, None)],
    ids=["server", "server without the bot", "direct message", "private channel"],
)
def test_only_a_server_with_the_bot_has_a_scope(
    guild_id: int | None, is_installed: bool | None, scope: str | None
) -> None:
    interaction: Any = SimpleNamespace(guild_id=guild_id, is_guild_integration=lambda: is_installed)
    assert scope_of(interaction) == scope


def test_a_question_sees_what_may_be_seen_from_where_it_is_asked() -> None:
    server: Any = SimpleNamespace(id=1, guild_id=7, is_guild_integration=lambda: True)
    direct: Any = SimpleNamespace(id=1, guild_id=None, is_guild_integration=lambda: None)
    assert question_of(server, "Where?", now=convoy.ASKED_AT, sources=["Wire"]) == Question(
        "Where?", convoy.ASKED_AT, "1", sources=("Wire",), scope="guild:7"
    )
    assert question_of(direct, "Where?", now=convoy.ASKED_AT).scope is None
