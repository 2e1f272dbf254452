"""Chat models by name, and their failures: how they are built, what their errors mean, what readers are told."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httpx
import pytest
from langchain_core.exceptions import ModelRateLimitError, ModelTimeoutError
from langchain_core.messages import HumanMessage
from openai_server import Act, Body, Drop, Hang, OpenAIServer, Refusal, Structured, Text, open_openai_server

from bot.answering.answers import Citation, Claim, Draft
from bot.answering.errors import (
    ChatModelFailed,
    ChatModelMisconfigured,
    ChatModelOverQuota,
    ChatModelTimedOut,
    ChatModelUnavailable,
)
from bot.answering.generative import ChatModelWriter
from bot.answering.llm import build_chat_model, refuses_request, translate_provider_error
from bot.answering.relevance import RelevanceCheck
from bot.answering.support import SupportCheck
from bot.answering.testing import ScriptedChatModel, ScriptedWriter, embed_alike, make_evidence, make_hit

KEY = "sk-loopback-0123456789"
HIT = make_hit("Fog lay in Tolm until noon. A crane fell into the dock.")
EVIDENCE = make_evidence(HIT)
QUOTE = Citation(1, HIT.article, HIT.article.version, 0, 27, HIT.article.text[:27], HIT.passage)
QUOTED = Draft((Claim(QUOTE.quote, (1,), 1.0, is_quote=True),), (QUOTE,), "extractive")
FOG = {"can_answer": True, "claims": [{"sentence": "Fog lay in Tolm.", "citations": [1]}]}


def build(model: str, *, base_url: str | None = None, api_key: str | None = KEY, timeout_s: float = 10.0) -> Any:
    """Build a chat model with usual settings."""
    return build_chat_model(
        model, temperature=0.0, timeout_s=timeout_s, max_tokens=300, base_url=base_url, api_key=api_key
    )


def write_with(model: Any, *, fallback: ScriptedWriter | None = None, timeout_s: float = 10.0) -> ChatModelWriter:
    """Make a writer over a chat model whose fallback quotes a sentence."""
    fallback = fallback or ScriptedWriter(QUOTED)
    return ChatModelWriter(
        model,
        name="test:model",
        fallback=fallback,
        check=SupportCheck(embed_alike),
        relevance=RelevanceCheck(embed_alike),
        timeout_s=timeout_s,
        max_passages=8,
    )


# --- building ---


async def test_the_named_model_is_built_and_asked_with_the_settings() -> None:
    async with open_openai_server([Text("Hello.")]) as server:
        reply = await build("openai:test:model", base_url=server.base_url).ainvoke([HumanMessage("Hi")])
    assert str(reply.text) == "Hello."
    (request,) = server.requests
    assert (request["model"], request["temperature"]) == ("test:model", 0.0)
    assert 300 in (request.get("max_tokens"), request.get("max_completion_tokens"))
    assert server.keys == [f"Bearer {KEY}"]


async def test_a_server_of_ones_own_never_gets_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    async with open_openai_server([Text("Hello.")]) as server:
        await build("openai:m", base_url=server.base_url, api_key=None).ainvoke([HumanMessage("Hi")])
    assert server.keys == ["Bearer no-key"]


@pytest.mark.parametrize("name", ["", "gpt", "openai", "openai:", ":gpt", " : ", "openai: "])
def test_a_name_without_provider_and_model_is_refused_with_the_form_wanted(name: str) -> None:
    with pytest.raises(ChatModelMisconfigured, match="provider:model") as caught:
        build(name)
    assert caught.value.model == name


def test_an_unknown_provider_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ChatModelMisconfigured, match="unknown provider 'opnai'; known are anthropic, ollama, openai"):
        build("opnai:gpt")


@pytest.mark.parametrize("provider", ["anthropic", "ollama"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # None in sys.modules makes an import fail, whether or not the package is installed here.
    monkeypatch.setitem(sys.modules, f"langchain_{provider}", None)
    with pytest.raises(ChatModelMisconfigured, match=f"pip install langchain-{provider}"):
        build(f"{provider}:model")


def test_a_missing_key_is_said_without_a_traceback_that_could_hold_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ChatModelMisconfigured, match="DATELINE_LLM__API_KEY"):
        build("openai:m", api_key=None)


def test_refused_settings_do_not_show_the_key() -> None:
    hot: Any = "hot"
    with pytest.raises(ChatModelMisconfigured) as caught:
        build_chat_model("openai:m", temperature=hot, timeout_s=1.0, max_tokens=1, base_url=None, api_key=KEY)
    assert KEY not in f"{caught.value} {caught.value.detail}"
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


# --- translating ---


class _WithStatus(Exception):
    def __init__(self, status_code: int) -> None:
        super().__init__(f"the key {KEY} is wrong")
        self.status_code = status_code


class RateLimitError(Exception):
    """Named as the providers' SDKs name theirs."""


class APITimeoutError(Exception):
    """Named as the providers' SDKs name theirs."""


@pytest.mark.parametrize(
    ("exc", "ours"),
    [
        (TimeoutError(), ChatModelTimedOut),
        (ModelTimeoutError(), ChatModelTimedOut),
        (APITimeoutError(), ChatModelTimedOut),
        (httpx.ReadTimeout(KEY), ChatModelTimedOut),
        (httpx.PoolTimeout(KEY), ChatModelTimedOut),
        (_WithStatus(408), ChatModelTimedOut),
        (_WithStatus(504), ChatModelTimedOut),
        (ModelRateLimitError(), ChatModelOverQuota),
        (RateLimitError(), ChatModelOverQuota),
        (_WithStatus(402), ChatModelOverQuota),
        (_WithStatus(429), ChatModelOverQuota),
        (httpx.ConnectError(KEY), ChatModelUnavailable),
        (ConnectionError(KEY), ChatModelUnavailable),
        (_WithStatus(401), ChatModelUnavailable),
        (_WithStatus(503), ChatModelUnavailable),
        (_WithStatus(-1), ChatModelUnavailable),
        (ValueError(KEY), ChatModelUnavailable),
    ],
)
def test_a_providers_exception_becomes_ours_without_the_providers_words(
    exc: Exception, ours: type[ChatModelFailed]
) -> None:
    error = translate_provider_error(exc, "openai:m")
    assert type(error) is ours
    assert error.model == "openai:m"
    assert type(exc).__name__ in error.detail
    assert KEY not in str(error)


def test_an_error_of_ours_is_given_back_as_it_is() -> None:
    error = ChatModelOverQuota("openai:m")
    assert translate_provider_error(error, "other:m") is error


def test_only_a_refused_form_is_worth_asking_again() -> None:
    assert [status for status in (400, 401, 404, 415, 422, 429, 500, 501) if refuses_request(_WithStatus(status))] == [
        400,
        415,
        422,
        501,
    ]


# --- the writer over a failing model ---


async def test_a_slow_model_is_given_up_and_its_call_is_cancelled() -> None:
    model = ScriptedChatModel(script=[asyncio.Event()])
    draft = await write_with(model, timeout_s=0.2).write(EVIDENCE)
    assert draft.notice == "The language model did not answer in time; this answer quotes the articles directly."
    assert (draft.writer, draft.claims) == ("extractive", QUOTED.claims)
    assert model.cancelled == 1


async def test_cancelling_the_writer_cancels_the_model_and_asks_no_fallback() -> None:
    model, fallback = ScriptedChatModel(script=[asyncio.Event()]), ScriptedWriter(QUOTED)
    task = asyncio.create_task(write_with(model, fallback=fallback).write(EVIDENCE))
    await model.is_waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.cancelled == 1 and fallback.evidence == []


async def test_an_error_of_ours_keeps_its_meaning() -> None:
    draft = await write_with(ScriptedChatModel(script=[ChatModelOverQuota("test:model")])).write(EVIDENCE)
    assert draft.notice == "The language model's quota is used up for now; this answer quotes the articles directly."


async def test_a_failing_model_and_an_empty_fallback_still_say_what_failed() -> None:
    nothing = ScriptedWriter(Draft((), (), "extractive"))
    draft = await write_with(ScriptedChatModel(script=[OSError("refused")]), fallback=nothing).write(EVIDENCE)
    assert draft.notice == "The language model is not available at the moment."


async def test_an_error_of_the_fallback_is_not_swallowed() -> None:
    broken = ScriptedWriter(RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        await write_with(ScriptedChatModel(script=[OSError()]), fallback=broken).write(EVIDENCE)


# --- the writer over the real client and a server on loopback ---


async def write_over(acts: list[Act], *, timeout_s: float = 10.0, times: int = 1) -> tuple[Draft, OpenAIServer]:
    """Let the real OpenAI client talk to a scripted server; gives the last draft."""
    async with open_openai_server(acts) as server:
        model = build("openai:test-model", base_url=server.base_url, timeout_s=timeout_s)
        writer = write_with(model, timeout_s=timeout_s)
        for _ in range(times):
            draft = await writer.write(EVIDENCE)
        if isinstance(acts[0], Hang):
            await asyncio.wait_for(server.hung_up.wait(), timeout=5)
    return draft, server


async def test_the_real_client_asks_for_the_schema_and_its_answer_stands() -> None:
    draft, server = await write_over([Structured(FOG)])
    assert [claim.text for claim in draft.claims] == ["Fog lay in Tolm."]
    assert (draft.writer, draft.notice) == ("test:model", None)
    (request,) = server.requests
    assert request["response_format"]["json_schema"]["name"] == "WrittenAnswer"
    assert "tools" not in request
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


async def test_a_model_from_before_schemas_is_asked_by_a_tool_call() -> None:
    async with open_openai_server([Structured(FOG)]) as server:
        with pytest.warns(UserWarning, match="Cannot use method='json_schema'"):
            writer = write_with(build("openai:gpt-4", base_url=server.base_url))
        draft = await writer.write(EVIDENCE)
    assert [tool["function"]["name"] for tool in server.requests[0]["tools"]] == ["WrittenAnswer"]
    assert [claim.text for claim in draft.claims] == ["Fog lay in Tolm."]


async def test_a_server_that_ignores_the_schema_is_read_as_text() -> None:
    draft, server = await write_over([Text("Fog lay in Tolm [1]. A crane fell [1].")])
    assert [claim.text for claim in draft.claims] == ["Fog lay in Tolm.", "A crane fell."]
    assert len(server.requests) == 1


async def test_a_server_that_refuses_the_schema_is_asked_for_text_from_then_on() -> None:
    draft, server = await write_over([Refusal(400, "unknown field"), Text("Fog lay in Tolm [1].")], times=2)
    assert draft.writer == "test:model"
    assert ["response_format" in request for request in server.requests] == [True, False, False]


QUOTA = "The language model's quota is used up for now"
GONE = "The language model is not available at the moment"
LATE = "The language model did not answer in time"


@pytest.mark.parametrize(
    ("act", "cause", "requests"),
    [
        (Refusal(429, "slow down", "rate_limit_exceeded"), QUOTA, {2}),
        (Refusal(429, "no money", "insufficient_quota"), QUOTA, {1, 2}),
        (Refusal(500), GONE, {2}),
        (Refusal(401, f"Incorrect API key provided: {KEY}"), GONE, {1}),
        (Refusal(504), LATE, {2}),
        (Body(b"not json{{"), GONE, {1}),
        (Body(b'{"choices": null}'), GONE, {1}),
        (Drop(), GONE, {2}),
    ],
)
async def test_a_failing_server_is_tried_twice_at_most_and_replaced_by_the_fallback_with_one_plain_sentence(
    act: Act, cause: str, requests: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    draft, server = await write_over([act])
    assert (draft.writer, draft.claims) == ("extractive", QUOTED.claims)
    assert draft.notice == f"{cause}; this answer quotes the articles directly."
    assert len(server.requests) in requests
    assert KEY not in caplog.text


async def test_a_hanging_server_is_given_up_in_time_and_hung_up_on() -> None:
    draft, server = await write_over([Hang()], timeout_s=0.2)
    assert draft.notice == f"{LATE}; this answer quotes the articles directly."
    assert len(server.requests) == 1
