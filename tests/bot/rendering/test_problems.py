"""Every error of ours, and Discord's that matter, has one plain sentence with a remedy."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.answering.errors import (
    AnsweringError,
    ChatModelMisconfigured,
    ChatModelUnavailable,
    LimitsReversed,
    LimitUnreadable,
    QuestionEmpty,
)
from bot.rendering.asking_problems import QuestionNotTaken
from bot.rendering.problems import is_expected, is_known, lacks_permission, sentence_for
from bot.rendering.records_problems import RecordsRefused
from retrieval.errors import HomeInUse, IndexMismatch, QueueFull, RetrievalError, VectorStoreUnavailable

PATH = "/srv/home/marker"


def leaves(root: type[BaseException]) -> Iterator[type[BaseException]]:
    children = root.__subclasses__()
    if not children:
        yield root
    for child in children:
        yield from leaves(child)


def make(kind: type[BaseException]) -> BaseException:
    """Build an error of ours: every text a path, every number 7."""
    made: dict[str, Any] = {}
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        annotation = str(parameter.annotation)
        if name == "self" or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if annotation.startswith("dict"):
            made[name] = {PATH: (PATH, PATH)}
        else:
            made[name] = PATH if annotation.startswith("str") else 7
    return kind(**made)


class Refused:
    """The response part of an exception of discord.py."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "Refused"


def http(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    return kind(Refused(status), {"code": code, "message": "Refused"})  # type: ignore[arg-type]


def closed_with(code: int) -> discord.ConnectionClosed:
    class Socket:
        close_code = code

    return discord.ConnectionClosed(Socket(), shard_id=None)  # type: ignore[arg-type]


OURS = [*leaves(RetrievalError), *leaves(AnsweringError), *leaves(QuestionNotTaken), *leaves(RecordsRefused)]
SAY_WHAT_THE_PERSON_WROTE = (LimitUnreadable, LimitsReversed)
DISCORDS = [
    discord.LoginFailure("Improper token has been passed."),
    discord.PrivilegedIntentsRequired(None),
    discord.GatewayNotFound(),
    closed_with(4011),
    discord.RateLimited(3.0),
    http(discord.Forbidden, 403, 50013),
    http(discord.NotFound, 404, 10062),
    http(discord.DiscordServerError, 503, 0),
    http(discord.HTTPException, 400, 50035),
    app_commands.CommandNotFound("ask", []),
    app_commands.CheckFailure(),
    aiohttp.ClientConnectionError("no route"),
]


def name_of(kind: type[BaseException] | BaseException) -> str:
    return kind.__name__ if isinstance(kind, type) else type(kind).__name__


@pytest.mark.parametrize("kind", OURS, ids=name_of)
@pytest.mark.parametrize("audience", ["person", "operator"])
def test_every_error_of_ours_has_a_sentence(kind: type[BaseException], audience: Any) -> None:
    sentence = sentence_for(make(kind), audience)

    assert is_known(make(kind))
    assert "\n" not in sentence
    assert sentence[0].isupper() or sentence[0] in "/`0123456789"
    assert len(sentence) > 40


@pytest.mark.parametrize("kind", OURS, ids=name_of)
def test_people_in_discord_are_told_no_path_command_or_setting(kind: type[BaseException]) -> None:
    sentence = sentence_for(make(kind), "person")

    assert PATH not in sentence or kind in SAY_WHAT_THE_PERSON_WROTE
    assert "`" not in sentence
    assert "DATELINE_" not in sentence


@pytest.mark.parametrize("exc", DISCORDS, ids=name_of)
@pytest.mark.parametrize("audience", ["person", "operator"])
def test_every_error_of_discord_that_matters_has_a_sentence(exc: BaseException, audience: Any) -> None:
    assert is_known(exc)
    assert sentence_for(exc, audience).endswith(".")


def test_the_operator_is_told_what_to_run_against_a_mismatched_index() -> None:
    sentence = sentence_for(IndexMismatch({"model": ("old", "new")}), "operator")

    assert sentence == (
        "The index was made with other settings (model: index old, settings new): run `dateline reindex`."
    )


def test_a_refused_token_names_the_variable_that_holds_it() -> None:
    assert "DATELINE_DISCORD__TOKEN" in sentence_for(discord.LoginFailure(), "operator")


def test_a_home_in_use_by_nobody_knows_whom_is_said_without_none() -> None:
    sentence = sentence_for(HomeInUse("/home", None, None, None), "operator")

    assert sentence.startswith("/home is in use by another process (process unknown, since unknown)")


class Command:
    """The command part of an exception of discord.py."""

    name = "ask"


def test_what_discord_py_wrapped_is_looked_up() -> None:
    wrapped = app_commands.CommandInvokeError(Command(), QueueFull(3))  # type: ignore[arg-type]

    assert sentence_for(wrapped) == sentence_for(QueueFull(3))
    assert is_expected(wrapped)


def test_the_cause_is_looked_up_where_the_exception_itself_is_unknown() -> None:
    unknown = RuntimeError("no news")
    unknown.__cause__ = QuestionEmpty()

    assert sentence_for(unknown) == sentence_for(QuestionEmpty())


def test_the_exception_itself_comes_before_its_cause() -> None:
    known = QuestionEmpty()
    known.__cause__ = QueueFull(3)

    assert sentence_for(known) == sentence_for(QuestionEmpty())


def test_a_ring_of_causes_ends() -> None:
    one, two = RuntimeError("one"), RuntimeError("two")
    one.__cause__, two.__cause__ = two, one

    assert not is_known(one)


def test_a_subclass_has_the_sentence_of_its_class() -> None:
    class LateQuestion(QuestionEmpty):
        pass

    assert sentence_for(LateQuestion()) == sentence_for(QuestionEmpty())


def test_what_is_unknown_names_the_question_and_no_detail() -> None:
    sentence = sentence_for(ZeroDivisionError(PATH), question_id="17")

    assert sentence == "Something went wrong on our side; it has been logged (question id 17)."
    assert not is_known(ZeroDivisionError())


def test_the_operator_is_told_the_kind_of_what_is_unknown() -> None:
    assert "ZeroDivisionError" in sentence_for(ZeroDivisionError(PATH), "operator")


def test_everyday_refusals_are_expected_and_faults_are_not() -> None:
    assert is_expected(QueueFull(3))
    assert not is_expected(IndexMismatch({}))
    assert not is_expected(ZeroDivisionError())


@pytest.mark.parametrize("code", [50001, 50013])
def test_a_missing_permission_is_recognised_inside_discord_pys_wrapping(code: int) -> None:
    refused = http(discord.Forbidden, 403, code)

    assert lacks_permission(app_commands.CommandInvokeError(Command(), refused))  # type: ignore[arg-type]


def test_a_reply_refused_for_want_of_history_is_a_missing_permission_though_it_is_not_forbidden() -> None:
    refused = http(discord.HTTPException, 400, 160002)

    assert lacks_permission(refused)
    assert "Read Message History" in sentence_for(refused)


def test_other_refusals_are_no_missing_permission() -> None:
    assert not lacks_permission(http(discord.HTTPException, 400, 50035))
    assert not lacks_permission(QueueFull(3))


def test_credentials_in_an_address_are_left_out() -> None:
    sentence = sentence_for(VectorStoreUnavailable("http://ann:hunter22@chroma:8000", "refused"), "operator")

    assert "http://chroma:8000" in sentence
    assert "hunter22" not in sentence


def test_a_key_that_a_provider_repeats_is_left_out() -> None:
    sentence = sentence_for(ChatModelMisconfigured("openai:x", "no such key sk-proj-abc123def456ghi"), "operator")

    assert "abc123" not in sentence


def test_the_words_of_a_provider_are_not_told_to_anyone() -> None:
    assert "marker" not in sentence_for(ChatModelUnavailable("openai:x", "marker"), "operator")


def test_many_lines_of_another_program_become_one_line_of_at_most_500_characters() -> None:
    sentence = sentence_for(VectorStoreUnavailable("here", "Traceback\n" + "  line\n" * 500), "operator")

    assert "\n" not in sentence
    assert len(sentence) == 500
