"""/status as people in a simulated Discord use it."""

from __future__ import annotations

from typing import Any

import convoy
import discord
import pytest
import simcord

from bot.answering.answers import Answer
from bot.answering.questions import Question
from bot.client import DatelineClient
from retrieval.errors import ArchiveUnreadable

STATUS = {
    "home": "/srv/secret/home",
    "index": {"articles": 1234, "passages": 9000, "newest_published_at": "2026-03-01"},
    "freshness": {"newest_age_hours": 30.5, "is_stale": True},
    "checked_at": "2026-03-02T06:30:00+00:00",
    "feeds": [{"state": "active", "failures": 3, "url": "http://10.0.0.7/feed", "problem": "10.0.0.7 is shut"}],
}


class Home:
    """Tells a status, or raises what a test set."""

    def __init__(self) -> None:
        self.problem: Exception | None = None

    async def __call__(self, scope: str | None) -> dict[str, Any]:
        if self.problem is not None:
            raise self.problem
        return STATUS


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def simcord_bot(home: Home) -> DatelineClient:
    async def answer(question: Question) -> Answer:
        return convoy.convoy_answer()

    return DatelineClient(answer, now=lambda: convoy.ASKED_AT, question_limit_chars=500, status=home)


async def asked(env: simcord.Env) -> Any:
    guild = env.create_guild()
    return await guild.add_member(env.create_user("ann")).slash(guild.create_text_channel("news"), "status")


def text_of(shown: Any) -> str:
    (container,) = shown.components
    return "\n".join(one.get("content", "---") for one in container["components"])


async def test_whoever_asks_is_told_numbers_and_ages_and_nobody_else_sees_it(simcord_env: simcord.Env) -> None:
    status = await asked(simcord_env)

    text = text_of(status.response)
    assert text.splitlines() == [
        "**1,234 articles**",
        "The newest is of 1 March 2026 (yesterday).",
        "**The news is stale:** nothing newer has come in; please tell whoever runs this bot.",
        "1 feed, of which 1 fails.",
    ]
    assert status.response.ephemeral
    assert not any(secret in text for secret in ("/srv", "10.0.0.7", "http"))


async def test_a_home_that_cannot_be_read_becomes_one_sentence_without_its_path(
    simcord_env: simcord.Env, home: Home
) -> None:
    home.problem = ArchiveUnreadable("/srv/secret/home/archive.db", "disk I/O error")

    text = text_of((await asked(simcord_env)).response)

    assert text.startswith("The articles cannot be searched right now")
    assert "/srv" not in text
    assert len(simcord_env.errors) == 1


async def test_people_can_use_it_wherever_they_can_ask(simcord_env: simcord.Env) -> None:
    commands = {one.name: one.to_dict(simcord_env.bot.tree) for one in simcord_env.bot.tree.get_commands()}  # type: ignore[attr-defined]

    assert sorted(commands) == ["ask", "status"]
    for part in ("integration_types", "contexts"):
        assert sorted(commands["status"][part]) == sorted(commands["ask"][part])
    assert isinstance(simcord_env.bot, discord.Client)
