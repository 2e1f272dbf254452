"""Puts the REST API's manners around every route: authorization, JSON, refusals, and a record of what was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.typedefs import Handler, Middleware

from fake_discord.messages import Json
from fake_discord.refusals import Refusal, unauthorized
from fake_discord.state import State

API = "/api/v10"
OPEN_TO_ALL = (f"{API}/interactions/", f"{API}/webhooks/")
"""Paths whose last part is a token, so that they need no authorization."""


@dataclass
class Outage:
    """A REST failure that a test orders: the next `times` requests with this method and path part get `status`.

    A status of 0 is a connection that breaks; with `acts` the request is carried out, and only its answer is lost.
    """

    method: str
    path_part: str
    status: int
    times: int
    retry_after_s: float
    acts: bool = False


@dataclass(frozen=True)
class Form:
    """A request body: its JSON and the files that came with it, by name."""

    payload: Any
    files: dict[str, bytes] = field(default_factory=dict)


def reply(body: Any, status: int = 200) -> web.Response:
    """Answer JSON with a Content-Type of exactly `application/json`: the client reads anything else as text."""
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def nothing() -> web.Response:
    """Answer 204."""
    return web.Response(status=204)


async def read_form(request: web.Request) -> Form:
    """Read a JSON body, or a multipart one with `payload_json` and files.

    Raises:
        Refusal: If it is not JSON (50109).
    """
    files: dict[str, bytes] = {}
    text = ""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                if part.name == "payload_json":
                    text = await part.text()
                else:
                    files[part.filename or part.name or "file"] = bytes(await part.read())
    else:
        text = await request.text()
    try:
        return Form(json.loads(text or "{}"), files)
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.", breaks_rules=True) from None


class Manners:
    """The middleware of the fake; it knows the orders for failures that tests have given."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.outages: list[Outage] = []

    def middleware(self) -> Middleware:
        """Return it in the form that aiohttp takes."""

        @web.middleware
        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(API):
                return await handler(request)
            asked = f"{request.method} {request.path.removeprefix(API)}"
            self._state.requests.append(asked)
            try:
                outage = self._outage_of(request)
                if outage is not None and not outage.acts:
                    return _failure(outage, request)
                is_open = request.path.startswith(OPEN_TO_ALL)
                if not is_open and request.headers.get("Authorization") != f"Bot {self._state.token}":
                    raise unauthorized()
                answered = await handler(request)
                return answered if outage is None else _failure(outage, request)
            except Refusal as refusal:
                if refusal.breaks_rules:
                    self._state.complain(asked, refusal.code, refusal.explained())
                return reply(refusal.body(), refusal.status)
            except web.HTTPException as unmatched:
                if unmatched.status not in (404, 405):
                    raise
                self._state.unknown_routes.append(asked)
                return reply(_not_implemented(asked), 501)
            finally:
                await self._state.changes.announce()

        return answer

    def _outage_of(self, request: web.Request) -> Outage | None:
        for outage in self.outages:
            if outage.times > 0 and outage.method == request.method and outage.path_part in request.path:
                outage.times -= 1
                return outage
        return None


def _failure(outage: Outage, request: web.Request) -> web.Response:
    if outage.status == 0:
        if request.transport is not None:
            request.transport.abort()
        return nothing()  # goes nowhere
    answer = reply({"message": "ordered by the test", "code": 0, "retry_after": outage.retry_after_s}, outage.status)
    if outage.status == 429:
        answer.headers["Via"] = "1.1 google"  # without it discord.py takes the address for banned
        answer.headers["Retry-After"] = str(outage.retry_after_s)
    return answer


def _not_implemented(asked: str) -> Json:
    return {"message": f"the fake Discord does not know {asked}", "code": 0}
