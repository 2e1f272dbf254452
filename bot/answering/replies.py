"""Asking a chat model for the sentences of an answer: as structured output where it has it, else as text."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableSequence
from langchain_core.utils.json import parse_partial_json

from bot.answering.llm import refuses_request
from bot.answering.prompt import WrittenAnswer, WrittenClaim, build_prompt, read_reply, read_structured

log = logging.getLogger(__name__)

Hear = Callable[[Sequence[WrittenClaim]], None]
"""Hears all sentences that are finished so far, each time that one more is, while the model writes on."""


class Replies:
    """Asks one chat model. Holds nothing to close.

    Args:
        chat_model: any LangChain chat model.
        name: "provider:model", for the log.
    """

    def __init__(self, chat_model: BaseChatModel, *, name: str) -> None:
        self._name = name
        self._as_text: Runnable[dict[str, Any], Any] = build_prompt(structured=False) | chat_model
        self._structured: Runnable[dict[str, Any], Any] | None = None
        try:
            # The schema, not the class: given the class, OpenAI's client raises on a reply in text, which is then lost.
            shaped = chat_model.with_structured_output(WrittenAnswer.model_json_schema())
        except NotImplementedError:
            log.info("write writer=%s has no structured output, reads text", name)
        else:
            # Without its parser, which raises on text: what the model writes is read here, and while it is written.
            if isinstance(shaped, RunnableSequence):
                self._structured = build_prompt(structured=True) | shaped.first
            else:
                log.info("write writer=%s has structured output of a form of its own, reads text", name)

    async def ask(self, variables: dict[str, Any], hear: Hear | None = None) -> WrittenAnswer:
        """Ask, and read the reply.

        Args:
            variables: of the prompt.
            hear: hears the sentences while they are written; None asks for the whole reply at once.

        Raises:
            Whatever the provider raises.
        """
        if self._structured is not None:
            try:
                message = await _ask(self._structured, variables, hear)
                return read_structured(_fields(message), str(message.text))
            except Exception as problem:
                if not isinstance(problem, NotImplementedError) and not refuses_request(problem):
                    raise
        message = await _ask(self._as_text, variables, hear)
        if self._structured is not None:
            log.info("write writer=%s refuses structured output, reads text from now on", self._name)
            self._structured = None
        return read_reply(str(message.text))


async def _ask(model: Runnable[dict[str, Any], Any], variables: dict[str, Any], hear: Hear | None) -> AIMessage:
    """Ask a model for its whole reply, or hear what is finished of it each time that a piece comes."""
    if hear is None:
        return cast(AIMessage, await model.ainvoke(variables))
    message: Any = None
    heard = 0
    async for piece in model.astream(variables):  # a model that cannot stream gives the whole at once
        message = piece if message is None else message + piece
        finished = _finished(message)
        if len(finished) > heard:
            heard = len(finished)
            hear(finished)
    return AIMessage(content="") if message is None else cast(AIMessage, message)


def _fields(message: AIMessage) -> object:
    """Read the fields that a message calls its tool with, or has as JSON, as far as they are written."""
    if message.tool_calls:
        return message.tool_calls[0]["args"]
    try:
        return parse_partial_json(str(message.text))
    except ValueError:
        return None


def _finished(message: AIMessage) -> Sequence[WrittenClaim]:
    """Read the sentences of a reply that is still being written; the last one may go on, or get its marks yet."""
    fields = _fields(message)
    if not isinstance(fields, Mapping):
        text = str(message.text)
        return () if "{" in text else read_reply(text).claims[:-1]  # fields, as far as they can be told from text
    claims = fields.get("claims")
    if not isinstance(claims, list) or len(claims) < 2:
        return ()
    return read_structured({"can_answer": True, "claims": claims[:-1]}, "").claims
