"""The local socket by which other commands reach the process that owns the home (Linux and macOS only).

On connecting, the server says `{"version": ...}`. Then, any number of times on one connection, the client sends
`{"operation": ..., "arguments": {...}, "version": ...}` and the server sends `{"event": {...}}` lines and at last
`{"end": true}` or `{"error": {"type": ..., "sentence": ...}}`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from bot.answering.errors import AnsweringError
from bot.control_client import Control, connect_control
from bot.control_lines import (
    LIMIT_BYTES,
    SOCKET_NAME,
    OtherSideGone,
    RemoteProblem,
    error_line,
    hang_up,
    own_version,
    parse_line,
    read_line,
    send_line,
    short_address,
)
from retrieval.errors import ArchiveUnreadable, HomeOwnerSilent, RetrievalError

__all__ = ["Control", "Describe", "Perform", "RemoteProblem", "connect_control", "serve_control"]

log = logging.getLogger(__name__)

Perform = Callable[[str, dict[str, Any]], AsyncIterator[dict[str, Any]]]
Describe = Callable[[BaseException], str]

BACKLOG = 1024  # asyncio takes a connect to a full backlog for a success, so it must not fill
STOPPED = "it stopped before the operation ended"


@asynccontextmanager
async def serve_control(
    home: Path, perform: Perform, describe: Describe, *, version: str | None = None, limit_bytes: int = LIMIT_BYTES
) -> AsyncIterator[None]:
    """Take operations from other commands on `control.sock` in a home that this process holds, until the block ends.

    Operations of different connections run at the same time, those of one connection one after the other. An
    operation whose client goes away, or only stops sending, is cancelled. At the end of the block new clients are
    turned away, running operations are cancelled, their clean-up is awaited, and their clients are told.

    Args:
        home: the folder; the caller holds it (`bot.home.hold_home`), so a socket file found there is a crash's.
        perform: runs an operation, given its name and arguments, and yields events that JSON can hold. What it
            raises ends the operation, not the server.
        describe: turns what `perform` raised into one sentence for people; must not raise.
        version: what clients must also be; the installed version of Dateline if None.
        limit_bytes: the longest line.

    Raises:
        ArchiveUnreadable: the socket cannot be made in the home.
    """
    path = home / SOCKET_NAME
    server = _Server(perform, describe, version or own_version(), limit_bytes)
    listener = await asyncio.start_unix_server(server.accept, sock=_bind(path), limit=limit_bytes, backlog=BACKLOG)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        listener.close()
        await server.stop()


class _Server:
    """Holds the conversations with all clients; `stop` ends them."""

    def __init__(self, perform: Perform, describe: Describe, version: str, limit_bytes: int) -> None:
        self._perform = perform
        self._describe = describe
        self._version = version
        self._limit_bytes = limit_bytes
        self._stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._conversations: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._stopping.done():
            writer.transport.abort()
            return
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def stop(self) -> None:
        self._stopping.set_result(None)
        if self._conversations:
            await asyncio.wait(self._conversations)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        farewell: RemoteProblem | None = None
        try:
            _check_user(writer)
            await send_line(writer, {"version": self._version}, self._limit_bytes)
            await self._take_requests(reader, writer)
        except RemoteProblem as problem:
            farewell = problem
        except OtherSideGone:
            pass
        finally:
            await hang_up(writer, farewell)

    async def _take_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry out one request after the other; reading goes on meanwhile, for that is how a client's end is seen."""
        upcoming = asyncio.create_task(read_line(reader, self._limit_bytes))
        try:
            while True:
                await self._first_of(upcoming)
                if self._stopping.done():
                    raise RemoteProblem(HomeOwnerSilent.__name__, STOPPED)
                line = upcoming.result()
                upcoming = asyncio.create_task(read_line(reader, self._limit_bytes))
                operation = asyncio.create_task(self._carry_out(line, writer))
                try:
                    await self._first_of(operation, upcoming)
                    if upcoming.done() and not upcoming.exception():  # the next request came early and waits its turn
                        await self._first_of(operation)
                finally:
                    broken_off = operation.cancel()  # False if it has ended
                    await asyncio.wait({operation})
                if not broken_off:
                    if operation.cancelled():  # something within `perform` was cancelled
                        raise RemoteProblem(HomeOwnerSilent.__name__, STOPPED)
                    operation.result()  # raises only where `describe` does
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)

    async def _first_of(self, *tasks: asyncio.Task[Any]) -> None:
        """Wait for the first of these tasks to end, or for the server to stop."""
        await asyncio.wait([*tasks, self._stopping], return_when=asyncio.FIRST_COMPLETED)

    async def _carry_out(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        """Answer one request with its events and its end or error; only a cancellation leaves it."""
        name = "?"
        try:
            name, arguments = self._parse(line)
            events = self._perform(name, arguments)
            try:
                async for event in events:
                    await send_line(writer, {"event": event}, self._limit_bytes)
            finally:
                if isinstance(events, AsyncGenerator):
                    await events.aclose()
            ending: dict[str, Any] = {"end": True}
        except OtherSideGone:
            return
        except RemoteProblem as problem:
            ending = error_line(problem)
        except Exception as error:
            on_purpose = isinstance(error, RetrievalError | AnsweringError)
            log.log(
                logging.INFO if on_purpose else logging.ERROR,
                "operation %.40r ended in %s",
                name,
                type(error).__name__,
                exc_info=not on_purpose,
            )
            ending = error_line(RemoteProblem(type(error).__name__, self._describe(error)))
        with suppress(OtherSideGone):
            await send_line(writer, ending, self._limit_bytes)

    def _parse(self, line: bytes) -> tuple[str, dict[str, Any]]:
        request = parse_line(line)
        operation, arguments, version = (request.get(key) for key in ("operation", "arguments", "version"))
        if not (isinstance(operation, str) and isinstance(arguments, dict) and isinstance(version, str)):
            raise RemoteProblem(
                "LineMalformed", "A request needs texts `operation` and `version` and an object `arguments`."
            )
        if version != self._version:
            raise RemoteProblem(
                "VersionMismatch",
                f"This command is Dateline {version:.40}, but the running `dateline serve` is {self._version}: "
                "restart `dateline serve`.",
            )
        return operation, arguments


def _bind(path: Path) -> socket.socket:
    """Make the socket, over one that a crash left behind; it takes connections only once it listens, with mode 0600."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with short_address(path) as address:
            listening.bind(address)
        path.chmod(0o600)
    except OSError as error:
        listening.close()
        raise ArchiveUnreadable(str(path), str(error)) from error
    return listening


def _check_user(writer: asyncio.StreamWriter) -> None:
    """Turn away a client of another user, who got past the modes of the home and the socket."""
    peer: socket.socket = writer.get_extra_info("socket")
    if sys.platform == "linux":
        _pid, user, _group = struct.unpack("iII", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    elif hasattr(socket, "LOCAL_PEERCRED"):  # 0 is SOL_LOCAL; struct xucred: 76 bytes, a version and the user first
        _version, user = struct.unpack_from("II", peer.getsockopt(0, socket.LOCAL_PEERCRED, 76))
    else:
        return  # the modes must suffice
    if user != os.geteuid():
        raise RemoteProblem(
            "UserMismatch",
            f"This home is served by user {os.geteuid()}, you are user {user}: run the command as that user.",
        )
