"""Whoever waits is told each checked sentence while the chat model writes the next, and never what was not checked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from openai_server import Act, Body, Drop, OpenAIServer, Refusal, Structured, Text, open_openai_server

from bot.answering.answers import Draft
from bot.answering.generative import ChatModelWriter
from bot.answering.llm import build_chat_model
from bot.answering.progress import tell_reading, tell_written, watch
from bot.answering.relevance import RelevanceCheck
from bot.answering.support import SupportCheck
from bot.answering.testing import ScriptedChatModel, ScriptedWriter, embed_alike, make_evidence, make_hit

EVIDENCE = make_evidence(make_hit("Fog lay in Tolm. A crane fell in Tolm. The harbour of Tolm is closed."))
FOG, CRANE, CLOSED = "Fog lay in Tolm.", "A crane fell in Tolm.", "The harbour of Tolm is closed."
INVENTED = "The mayor of Tolm resigned in tears."


class Watching:
    """Notes what it is told, and lets the server end its reply once the first sentence has come."""

    def __init__(self) -> None:
        self.articles: list[int] = []
        self.sentences: list[str] = []
        self.ends = asyncio.Event()

    def read(self, articles: int) -> None:
        self.articles.append(articles)

    def wrote(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self.ends.set()


def fields(*sentences: str) -> dict[str, Any]:
    return {"can_answer": True, "claims": [{"sentence": one, "citations": [1]} for one in sentences]}


def writer_over(model: Any, *, embed: Any = embed_alike) -> ChatModelWriter:
    """Make a writer over a chat model whose fallback has nothing to say."""
    return ChatModelWriter(
        model,
        name="test:model",
        fallback=ScriptedWriter(Draft((), (), "extractive")),
        check=SupportCheck(embed),
        relevance=RelevanceCheck(embed),
        timeout_s=10.0,
        max_passages=8,
    )


async def write(
    *acts: Act, watching: Watching | None, model: str = "openai:test-model", embed: Any = embed_alike
) -> tuple[Draft, OpenAIServer]:
    """Let the real OpenAI client talk to a scripted server while somebody watches, or nobody."""
    async with open_openai_server(acts) as server:
        settings = {"temperature": 0.0, "timeout_s": 10.0, "max_tokens": 500, "api_key": "test"}
        writer = writer_over(build_chat_model(model, base_url=server.base_url, **settings), embed=embed)

        async def ask() -> Draft:
            if watching is not None:
                watch(watching)
            return await writer.write(EVIDENCE)

        draft = await asyncio.create_task(ask())  # a task of its own: who watches one question watches no other
    return draft, server


@pytest.mark.parametrize("act", [Structured, Text])
async def test_a_sentence_is_told_while_the_model_still_writes(act: type[Structured] | type[Text]) -> None:
    watching = Watching()
    said = [FOG, CRANE, CLOSED]
    told: Act = (
        Structured(fields(*said), watching.ends)
        if act is Structured
        else Text(" ".join(f"{one} [1]" for one in said), watching.ends)
    )
    draft, server = await write(told, watching=watching)  # the server ends its reply only once a sentence was told
    assert server.requests[0]["stream"] is True
    assert [claim.text for claim in draft.claims] == said
    assert watching.sentences == said[:-1]


async def test_a_tool_call_is_read_while_it_is_written_too() -> None:
    watching = Watching()
    with pytest.warns(UserWarning, match="Cannot use method='json_schema'"):
        draft, server = await write(
            Structured(fields(FOG, CRANE), watching.ends), watching=watching, model="openai:gpt-4"
        )
    assert server.requests[0]["tools"]
    assert [claim.text for claim in draft.claims] == [FOG, CRANE]
    assert watching.sentences == [FOG]


async def test_what_no_passage_carries_is_never_told() -> None:
    watching = Watching()
    draft, _ = await write(Structured(fields(INVENTED, FOG, INVENTED, CRANE)), watching=watching)
    assert watching.sentences == [FOG]
    assert [claim.text for claim in draft.claims] == [FOG, CRANE]
    assert draft.struck == (INVENTED,)


async def test_watched_and_unwatched_the_draft_is_the_same() -> None:
    act = Structured(fields(INVENTED, FOG, FOG, CLOSED))
    watched, streamed = await write(act, watching=Watching())
    unwatched, asked = await write(act, watching=None)
    assert watched == unwatched
    assert streamed.requests[0].get("stream")
    assert not asked.requests[0].get("stream")


@pytest.mark.parametrize("act", [Refusal(500), Drop(), Body(b"not json{{")])
async def test_a_server_that_fails_while_somebody_watches_is_replaced_by_the_fallback(act: Act) -> None:
    watching = Watching()
    draft, _ = await write(act, watching=watching)
    assert draft.writer == "extractive"
    assert draft.notice == "The language model is not available at the moment."
    assert watching.sentences == []


async def test_a_server_that_refuses_the_schema_is_watched_writing_text() -> None:
    watching = Watching()
    draft, _ = await write(Refusal(400, "unknown field"), Text(f"{FOG} [1] {CRANE} [1]"), watching=watching)
    assert [claim.text for claim in draft.claims] == [FOG, CRANE]
    assert watching.sentences == [FOG]


async def test_a_model_that_cannot_stream_is_asked_for_the_whole_reply() -> None:
    watch(Watching())
    draft = await writer_over(ScriptedChatModel(script=[fields(FOG, CRANE)])).write(EVIDENCE)
    assert [claim.text for claim in draft.claims] == [FOG, CRANE]


async def test_a_check_that_fails_meanwhile_costs_the_telling_and_not_the_answer() -> None:
    failures = [RuntimeError("busy")]

    async def embed(texts: Any) -> Any:
        if failures:
            raise failures.pop()
        return await embed_alike(texts)

    draft, _ = await write(Structured(fields(FOG, CRANE)), watching=Watching(), embed=embed)
    assert not failures
    assert [claim.text for claim in draft.claims] == [FOG, CRANE]


def test_without_anybody_who_watches_nothing_is_told() -> None:
    tell_reading(3)
    tell_written(FOG)
