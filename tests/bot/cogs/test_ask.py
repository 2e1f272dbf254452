"""/ask as people in a simulated Discord use it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import convoy
import discord
import pytest
import simcord

from bot.answering.answers import Abstention, Answer
from bot.answering.errors import QuestionTooLong
from bot.answering.questions import Question
from bot.client import DatelineClient
from bot.cogs.in_flight import AskingLimits
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR, PROBLEM_COLOUR
from retrieval.errors import IndexMismatch, QueueFull


class Chain:
    """An answering chain that gives or raises what a test set, and keeps the questions."""

    def __init__(self) -> None:
        self.outcome: Answer | Abstention | Exception = convoy.convoy_answer()
        self.questions: list[Question] = []
        self.before: Callable[[], None] = lambda: None

    async def __call__(self, question: Question) -> Answer | Abstention:
        self.before()
        self.questions.append(question)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def simcord_bot(chain: Chain) -> DatelineClient:
    return DatelineClient(chain, now=lambda: convoy.ASKED_AT, question_limit_chars=500)


def requests(env: simcord.Env, method: str, ending: str) -> list[Any]:
    return [r for r in env.http_requests if r.method == method and r.path.endswith(ending)]


def card_of(shown: Any) -> tuple[int, str]:
    """Return the colour and the text of the one container of a message."""
    (container,) = shown.components
    return container["accent_color"], "\n".join(c.get("content", "---") for c in container["components"])


async def ask(env: simcord.Env, question: str) -> Any:
    channel = env.create_guild().create_text_channel("news")
    return await env.guild.add_member(env.create_user("ann")).slash(channel, "ask", question=question)


async def test_ask_is_answered_with_a_card_that_quotes_its_sources(simcord_env: simcord.Env, chain: Chain) -> None:
    asked = await ask(simcord_env, "What weapons were in the convoy?")

    colour, text = card_of(asked.response)
    assert colour == ANSWER_COLOUR.value
    assert f"“{convoy.GUNS}” [[1]]({convoy.WIRE.url})" in text
    assert f"**{convoy.GUNS}**" in text
    assert "Sirte Coast Wire · 29 September 2020, 08:15 UTC" in text
    assert "-# Question: What weapons were in the convoy?" in text
    assert not asked.ephemeral


async def test_ask_hands_the_words_the_clock_and_an_id_to_the_chain(simcord_env: simcord.Env, chain: Chain) -> None:
    await ask(simcord_env, "What weapons?")

    (question,) = chain.questions
    assert (question.text, question.asked_at) == ("What weapons?", convoy.ASKED_AT)
    assert question.id is not None
    assert question.id.isdigit()


async def test_ask_is_acknowledged_before_the_chain_begins(simcord_env: simcord.Env, chain: Chain) -> None:
    acknowledged: list[Any] = []
    chain.before = lambda: acknowledged.extend(r.json for r in requests(simcord_env, "POST", "/callback"))

    await ask(simcord_env, "What weapons?")

    assert acknowledged == [{"type": discord.InteractionResponseType.deferred_channel_message.value}]


async def test_the_answer_edits_the_deferred_message_instead_of_following_it_up(simcord_env: simcord.Env) -> None:
    asked = await ask(simcord_env, "What weapons?")

    assert asked.followups == []
    assert len(requests(simcord_env, "PATCH", "/messages/@original")) == 1


async def test_ask_in_a_direct_message_is_answered(simcord_env: simcord.Env) -> None:
    asked = await simcord_env.create_user("ann").slash("ask", question="What weapons?")

    assert convoy.GUNS in card_of(asked.response)[1]


async def test_ask_works_in_a_channel_where_the_bot_may_not_write(simcord_env: simcord.Env) -> None:
    guild = simcord_env.create_guild()
    assert guild.me is not None
    muted = {guild.me: discord.PermissionOverwrite(send_messages=False)}
    channel = guild.create_text_channel("announcements", overwrites=muted)

    asked = await guild.add_member(simcord_env.create_user("ann")).slash(channel, "ask", question="What weapons?")

    assert convoy.GUNS in card_of(asked.response)[1]


async def test_an_abstention_says_so_and_names_the_nearest_articles(simcord_env: simcord.Env, chain: Chain) -> None:
    chain.outcome = convoy.abstention()

    colour, text = card_of((await ask(simcord_env, "Who won the cup?")).response)

    assert colour == ABSTENTION_COLOUR.value
    assert "The articles I have do not say." in text
    assert f"[{convoy.LEDGER.title}]({convoy.LEDGER.url})" in text


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (QueueFull(64), "Many questions are waiting already; please ask again in a minute."),
        (QuestionTooLong(900, 500), "Your question has 900 characters; please shorten it to 500."),
        (IndexMismatch({"model": ("a", "/srv/models/b")}), "The articles cannot be searched right now"),
    ],
)
async def test_a_known_problem_becomes_its_one_sentence(
    simcord_env: simcord.Env, chain: Chain, problem: Exception, sentence: str
) -> None:
    chain.outcome = problem

    colour, text = card_of((await ask(simcord_env, "What weapons?")).response)

    assert colour == PROBLEM_COLOUR.value
    assert text.startswith(sentence)
    assert "/srv" not in text
    assert len(simcord_env.errors) == 1


async def test_an_unknown_problem_is_logged_with_its_trace_under_the_id_that_the_person_sees(
    simcord_env: simcord.Env, chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    chain.outcome = ZeroDivisionError("a secret detail")

    text = card_of((await ask(simcord_env, "What weapons?")).response)[1]

    (question,) = chain.questions
    assert text == f"Something went wrong on our side; it has been logged (question id {question.id})."
    (record,) = [r for r in caplog.records if r.name == "bot.client" and r.levelno == logging.ERROR]
    assert f"question {question.id}" in record.getMessage()
    assert record.exc_info is not None
    assert len(simcord_env.errors) == 1


async def test_an_interaction_that_discord_no_longer_knows_is_survived(
    simcord_env: simcord.Env, chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    simcord_env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, times=None)

    asked = await ask(simcord_env, "What weapons?")

    assert not asked.acknowledged
    assert chain.questions == []
    assert "its problem could not be told" in caplog.text
    assert len(simcord_env.errors) == 1


async def test_the_operators_limit_is_told_to_discord(simcord_env: simcord.Env) -> None:
    (command,) = await simcord_env.bot.tree.fetch_commands()  # type: ignore[attr-defined]

    option, private = command.options
    assert (option.name, option.min_length, option.max_length, option.required) == ("question", 1, 500, True)
    assert (private.name, private.required) == ("private", False)


async def test_a_private_answer_is_for_the_askers_eyes_only(simcord_env: simcord.Env) -> None:
    channel = simcord_env.create_guild().create_text_channel("news")
    member = simcord_env.guild.add_member(simcord_env.create_user("ann"))

    asked = await member.slash(channel, "ask", question="What weapons?", private=True)

    assert convoy.GUNS in card_of(asked.response)[1]
    assert asked.ephemeral


async def test_people_can_install_ask_themselves_and_use_it_everywhere(simcord_env: simcord.Env) -> None:
    (command,) = simcord_env.bot.tree.get_commands()  # type: ignore[attr-defined]

    sent = command.to_dict(simcord_env.bot.tree)  # type: ignore[attr-defined]
    assert sorted(sent["integration_types"]) == [0, 1]
    assert sorted(sent["contexts"]) == [0, 1, 2]


async def test_hostile_article_text_pings_nobody_and_links_nowhere_else(simcord_env: simcord.Env, chain: Chain) -> None:
    guild = simcord_env.create_guild()
    victim = guild.add_member(simcord_env.create_user("victim"))
    text = f"@everyone {victim.mention} <@&{guild.default_role.id}> [win](https://evil.example) https://evil.example/x"
    hostile = convoy.article(text, title=f"**{text}**", source=text, url="https://paper.example/a")
    chain.outcome = convoy.answer_quoting(convoy.citation(1, hostile, text), notice=text)
    channel = guild.create_text_channel("news")

    asked = await guild.add_member(simcord_env.create_user("ann")).slash(channel, "ask", question=text)

    shown = asked.response.message
    assert (shown.mentions, shown.role_mentions, shown.mention_everyone) == ([], [], False)
    (edit,) = requests(simcord_env, "PATCH", "/messages/@original")
    assert edit.json["allowed_mentions"] == {"parse": []}
    assert "https://evil.example" not in card_of(asked.response)[1]


class TestWithLimits:
    """One question a minute, and a chain that answers when told to."""

    @pytest.fixture
    def simcord_bot(self, chain: Chain) -> DatelineClient:
        limits = AskingLimits(per_minute=1)
        return DatelineClient(chain, now=lambda: convoy.ASKED_AT, question_limit_chars=500, limits=limits)

    async def test_a_question_too_many_is_refused_to_its_asker_alone(
        self, simcord_env: simcord.Env, chain: Chain
    ) -> None:
        channel = simcord_env.create_guild().create_text_channel("news")
        ann = simcord_env.guild.add_member(simcord_env.create_user("ann"))
        await ann.slash(channel, "ask", question="What weapons?")

        refused = await ann.slash(channel, "ask", question="And when?")

        assert refused.ephemeral
        assert card_of(refused.response)[1].startswith("You can ask 1 question a minute")
        assert len(chain.questions) == 1
        assert [type(getattr(one, "original", one)).__name__ for one in simcord_env.errors] == ["CoolingDown"]

    async def test_somebody_who_goes_on_mentioning_the_bot_is_told_once(
        self, simcord_env: simcord.Env, chain: Chain
    ) -> None:
        channel = simcord_env.create_guild().create_text_channel("news")
        ann = simcord_env.guild.add_member(simcord_env.create_user("ann"))
        assert simcord_env.guild.me is not None
        for _ in range(4):
            await ann.send(channel, f"{simcord_env.guild.me.mention} What weapons?")

        told = [message for message in channel.history() if message.author.bot]
        assert len(told) == 2
        assert len(chain.questions) == 1
        assert len(simcord_env.errors) == 3
