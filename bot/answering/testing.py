"""Doubles for tests of answering: a scripted chat model, a writer of one draft, quotas, evidence of plain texts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from numpy.typing import NDArray
from pydantic import Field

from bot.answering.answers import Draft, Evidence
from bot.answering.questions import Question
from retrieval.articles import Article, Precision
from retrieval.passages import Findings, Hit, IndexSize
from retrieval.testing import hit_in

#: One turn of a script: text; fields for structured output; a whole message; an exception to raise; an event to
#: wait for before the next turn is taken.
Turn = str | Mapping[str, Any] | AIMessage | BaseException | asyncio.Event

_ASKED_AT = datetime(2019, 3, 8, tzinfo=UTC)
_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>(.*?)</passage>', re.DOTALL)


class ScriptedChatModel(BaseChatModel):
    """A chat model that answers from a script and remembers what it was asked. Holds nothing to close.

    It stands for a well-behaved model, a failing one, a slow one (an `asyncio.Event` that is never set) or, with
    `obeys` or `reads`, one that falls for instructions in its evidence.

    Attributes:
        script: the turns, taken one a call; when they run out, AssertionError.
        has_structured_output: takes tools; otherwise `with_structured_output` raises NotImplementedError.
        obeys: if set, no script is read: the model repeats whatever follows these words (without regard to case) in a
            passage, to the end of the passage, as a claim that cites it; in every passage that has them.
        reads: if set, no script is read: it makes the turn out of the passages shown, (number, text as in the prompt).
        prompts: the messages of each call, in order.
        is_waiting: set while a call waits for an event of the script.
        cancelled: calls that were cancelled while they waited.
    """

    script: list[Any] = Field(default_factory=list)
    has_structured_output: bool = True
    obeys: str | None = None
    reads: Callable[[Sequence[tuple[int, str]]], Turn] | None = None
    prompts: list[list[BaseMessage]] = Field(default_factory=list)
    is_waiting: asyncio.Event = Field(default_factory=asyncio.Event)
    cancelled: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: object,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Take tools, so that `with_structured_output` works.

        Raises:
            NotImplementedError: `has_structured_output` is false.
        """
        if not self.has_structured_output:
            raise NotImplementedError("this scripted chat model takes no tools")
        names = [convert_to_openai_tool(tool)["function"]["name"] for tool in tools]
        return self.bind(tools=names, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        raise NotImplementedError("a scripted chat model is asked with ainvoke")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        self.prompts.append(messages)
        if self.reads is not None:
            turn = self.reads(_passages(messages))
        else:
            turn = self._obedient_turn(messages) if self.obeys else await self._next_turn()
        if isinstance(turn, BaseException):
            raise turn
        tools = kwargs.get("tools")
        message = _message(turn, tools if isinstance(tools, list) else [])
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _next_turn(self) -> Turn:
        turn = self._take()
        while isinstance(turn, asyncio.Event):
            self.is_waiting.set()
            try:
                await turn.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            finally:
                self.is_waiting.clear()
            turn = self._take()
        return turn

    def _take(self) -> Turn:
        assert self.script, f"the script has run out at call {len(self.prompts)}"
        turn: Turn = self.script.pop(0)
        return turn

    def _obedient_turn(self, messages: Sequence[BaseMessage]) -> Turn:
        order = re.compile(re.escape(self.obeys or "") + r"[\s.:,;]*(.*\S)", re.IGNORECASE | re.DOTALL)
        claims = []
        for number, text in _passages(messages):
            if found := order.search(text):
                claims.append({"sentence": found[1], "citations": [number]})
        return {"can_answer": bool(claims), "claims": claims}


async def embed_alike(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed every text as the same unit vector, so that all are as close as can be: shape (n, 1)."""
    return np.ones((len(texts), 1), dtype=np.float32)


class ScriptedWriter:
    """A writer that gives one draft, or raises one exception, and remembers the evidence. Holds nothing to close."""

    def __init__(self, outcome: Draft | Exception, *, name: str = "extractive") -> None:
        """Make a writer that always gives `outcome`, or raises it."""
        self._outcome = outcome
        self._name = name
        self.evidence: list[Evidence] = []

    @property
    def name(self) -> str:
        """The writer's name."""
        return self._name

    async def write(self, evidence: Evidence) -> Draft:
        """Give the draft."""
        self.evidence.append(evidence)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def make_hit(
    text: str,
    rank: int = 1,
    *,
    start: int = 0,
    title: str = "Untitled",
    source: str | None = None,
    authors: tuple[str, ...] = (),
    published_at: datetime | None = None,
    precision: Precision | None = None,
) -> Hit:
    """Make a hit whose passage is an article's whole text, from `start` on.

    `published_at` is a day unless `precision` says otherwise.
    """
    precision = precision or (Precision.DAY if published_at else None)
    article = Article(f"article-{rank}", title, source, None, published_at, precision, authors, "en", text)
    return hit_in(article, start, rank=rank)


def make_evidence(*hits: Hit, question: str = "What happened?", asked_at: datetime = _ASKED_AT) -> Evidence:
    """Make evidence of hits given best first."""
    findings = Findings(hits, {}, IndexSize(len(hits), len(hits), None))
    return Evidence(Question(question, asked_at), findings)


@dataclass
class CountedQuotas:
    """Quotas of one day, in memory."""

    counts: dict[int | None, int] = field(default_factory=dict)

    async def used(self, guild_id: int | None) -> UsedNow:
        """Tell what was used."""
        return UsedNow(self.counts.get(guild_id, 0), sum(self.counts.values()))

    async def take(
        self, guild_id: int | None, *, guild_limit: int | None = None, total_limit: int | None = None
    ) -> bool:
        """Count one more unless a limit is reached."""
        used = await self.used(guild_id)
        if (guild_limit is not None and used.in_guild >= guild_limit) or (
            total_limit is not None and used.in_all >= total_limit
        ):
            return False
        self.counts[guild_id] = used.in_guild + 1
        return True


@dataclass(frozen=True)
class UsedNow:
    """What was used, in one server and in all."""

    in_guild: int
    in_all: int


def _passages(messages: Sequence[BaseMessage]) -> list[tuple[int, str]]:
    return [(int(found[1]), found[2]) for found in _PASSAGE.finditer(str(messages[-1].text))]


def _message(turn: Turn, tools: Sequence[str]) -> AIMessage:
    if isinstance(turn, AIMessage):
        return turn
    if isinstance(turn, str):
        return AIMessage(turn)
    assert isinstance(turn, Mapping)
    if tools:
        call = {"name": tools[0], "args": dict(turn), "id": "call-1", "type": "tool_call"}
        return AIMessage("", tool_calls=[call])
    sentences = (f"{claim['sentence']} {''.join(f'[{n}]' for n in claim['citations'])}" for claim in turn["claims"])
    return AIMessage(" ".join(sentences))
