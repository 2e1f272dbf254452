"""A loopback server that speaks OpenAI's chat completions from a script; the real client connects to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Structured:
    """Answer with these fields, as a tool call or as JSON text, whichever the request asks for.

    Streamed, the last piece comes once `ends` is set, if there is one.
    """

    fields: Mapping[str, Any]
    ends: asyncio.Event | None = None


@dataclass(frozen=True)
class Text:
    """Answer with this text; streamed, the last piece comes once `ends` is set, if there is one."""

    text: str
    ends: asyncio.Event | None = None


@dataclass(frozen=True)
class Refusal:
    """Answer with an HTTP error and OpenAI's error body."""

    status: int
    message: str = "refused"
    code: str | None = None


@dataclass(frozen=True)
class Body:
    """Answer 200 with these bytes as JSON, whatever they are."""

    body: bytes


class Hang:
    """Do not answer before the client hangs up or the server closes."""


class Drop:
    """Close the connection without a word."""


_PIECE_CHARS = 12

Act = Structured | Text | Refusal | Body | Hang | Drop


@dataclass
class OpenAIServer:
    """The running double: what it was asked, and what it will do.

    Attributes:
        base_url: what the client is told, ending in /v1.
        script: the acts, taken one a request; the last one is repeated.
        requests: the JSON body of every request, in order.
        keys: the Authorization header of every request.
        hung_up: set when a client hangs up on `Hang`.
    """

    base_url: str = ""
    script: list[Act] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat/completions."""
        asked = await request.json()
        self.requests.append(asked)
        self.keys.append(request.headers.get("Authorization", ""))
        act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(act, Hang):
            try:
                await self._closing.wait()
            except asyncio.CancelledError:
                self.hung_up.set()
                raise
        if isinstance(act, Hang | Drop):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(act, Refusal):
            error = {"message": act.message, "type": "error", "param": None, "code": act.code}
            # Without these the client would wait half a second before its retry.
            return web.json_response({"error": error}, status=act.status, headers={"retry-after-ms": "1"})
        if isinstance(act, Body):
            return web.Response(body=act.body, content_type="application/json")
        if asked.get("stream"):
            return await _stream(request, asked, act)
        return web.json_response(_completion(asked, act))


async def _stream(request: web.Request, asked: Mapping[str, Any], act: Structured | Text) -> web.StreamResponse:
    """Send a completion in pieces of a few characters, as server-sent events."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    whole = _completion(asked, act)
    message = whole["choices"][0]["message"]
    calls = message.get("tool_calls")
    text = calls[0]["function"]["arguments"] if calls else message["content"]
    pieces = [text[i : i + _PIECE_CHARS] for i in range(0, len(text), _PIECE_CHARS)]
    for number, piece in enumerate(pieces):
        if number == len(pieces) - 1 and act.ends is not None:
            await act.ends.wait()
        delta: dict[str, Any] = {"role": "assistant", "content": piece}
        if calls:
            named = {"id": "call_1", "type": "function"} if number == 0 else {}
            function = {"arguments": piece} | ({"name": calls[0]["function"]["name"]} if number == 0 else {})
            delta = {"role": "assistant", "tool_calls": [{"index": 0, "function": function, **named}]}
        await _send(response, whole, delta, None)
    await _send(response, whole, {}, whole["choices"][0]["finish_reason"])
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def _send(
    response: web.StreamResponse, whole: Mapping[str, Any], delta: Mapping[str, Any], finish_reason: str | None
) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    told = {**whole, "object": "chat.completion.chunk", "choices": [choice], "usage": None}
    await response.write(f"data: {json.dumps(told)}\n\n".encode())


def _completion(asked: Mapping[str, Any], act: Structured | Text) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish_reason = "stop"
    if isinstance(act, Text):
        message["content"] = act.text
    elif asked.get("tools"):
        function = {"name": asked["tools"][0]["function"]["name"], "arguments": json.dumps(act.fields)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
        finish_reason = "tool_calls"
    else:
        message["content"] = json.dumps(act.fields)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_600_000_000,
        "model": asked.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


@asynccontextmanager
async def open_openai_server(script: Sequence[Act]) -> AsyncIterator[OpenAIServer]:
    """Serve a script on a free loopback port until the block ends."""
    server = OpenAIServer(script=list(script))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    # handler_cancellation: a client that hangs up is noticed while the double waits.
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{port}/v1"
        yield server
    finally:
        server._closing.set()
        await runner.cleanup()
