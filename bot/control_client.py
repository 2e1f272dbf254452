"""The client's side of the local socket: one connection to the process that owns the home (Linux and macOS only)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.control_lines import (
    LIMIT_BYTES,
    SOCKET_NAME,
    OtherSideGone,
    RemoteProblem,
    hang_up,
    own_version,
    parse_line,
    read_line,
    send_line,
    short_address,
)
from retrieval.errors import HomeOwnerSilent

RETRY_S = 0.05  # between attempts to connect while the owner is still starting


class Control:
    """One connection to the owner of a home, owned and closed by `connect_control`."""

    def __init__(self, home: Path, connect_timeout_s: float, version: str, limit_bytes: int) -> None:
        self._home = home
        self._connect_timeout_s = connect_timeout_s
        self._version = version
        self._limit_bytes = limit_bytes
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._performing = False

    async def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """Run an operation in the owner and yield its events in order, for as long as it takes.

        One operation at a time. Leaving before the end cancels the operation: the connection is closed, and the next
        call opens another. Whoever leaves the loop early wraps the call in `contextlib.aclosing`.

        Raises:
            RemoteProblem: the operation failed there, or a line would be too long.
            HomeOwnerSilent: the owner stopped or broke off.
            RuntimeError: another operation of this connection has not ended.
        """
        if self._performing:
            raise RuntimeError("an operation of this connection has not ended: end it, or connect once more")
        self._performing = True
        in_step = False
        try:
            reader, writer = await self.open()
            request = {"operation": operation, "arguments": arguments, "version": self._version}
            await send_line(writer, request, self._limit_bytes)
            while "event" in (reply := await self._read(reader)):
                yield reply["event"]
            in_step = True
            _raise_error(reply)
        except OtherSideGone as gone:
            raise HomeOwnerSilent(str(self._home), "it broke off before the operation ended") from gone
        finally:
            self._performing = False
            if not in_step and self._streams is not None:
                self._streams[1].transport.abort()
                self._streams = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect if there is no connection; raises what `connect_control` raises."""
        reason = "it does not answer"
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                while self._streams is None:
                    try:
                        self._streams = await self._connect()
                    except (OSError, OtherSideGone) as error:  # not listening yet, or no longer
                        reason = str(error)
                        await asyncio.sleep(RETRY_S)
                return self._streams
        except TimeoutError as error:
            silence = f"no word from its {SOCKET_NAME} in {self._connect_timeout_s:g} s: {reason}"
            raise HomeOwnerSilent(str(self._home), silence) from error

    async def close(self) -> None:
        """Hang up; the owner cancels an operation that still runs."""
        if self._streams is not None:
            await hang_up(self._streams[1])
            self._streams = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect and wait for the server's first line, which a process that hangs or is suspended never says."""
        with short_address(self._home / SOCKET_NAME) as address:
            reader, writer = await asyncio.open_unix_connection(address, limit=self._limit_bytes)
        try:
            _raise_error(await self._read(reader))
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer

    async def _read(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        line = await read_line(reader, self._limit_bytes)
        try:
            reply = parse_line(line)
        except RemoteProblem as problem:
            raise HomeOwnerSilent(str(self._home), f"{SOCKET_NAME} is not a Dateline's, it sends no JSON") from problem
        if "error" in reply and reply["error"]["type"] == HomeOwnerSilent.__name__:
            raise HomeOwnerSilent(str(self._home), reply["error"]["sentence"])
        return reply


@asynccontextmanager
async def connect_control(
    home: Path, *, connect_timeout_s: float = 5.0, version: str | None = None, limit_bytes: int = LIMIT_BYTES
) -> AsyncIterator[Control]:
    """Connect to the process that serves a home, waiting a while for one that is still starting.

    Args:
        home: the folder.
        connect_timeout_s: how long to wait for the server's first word; operations have no time-out.
        version: what the server must also be; the installed version of Dateline if None.
        limit_bytes: the longest line.

    Raises:
        HomeOwnerSilent: nobody serves the home, or its server does not answer.
        RemoteProblem: the server belongs to another user.
    """
    control = Control(home, connect_timeout_s, version or own_version(), limit_bytes)
    await control.open()
    try:
        yield control
    finally:
        await control.close()


def _raise_error(reply: dict[str, Any]) -> None:
    if "error" in reply:
        raise RemoteProblem(reply["error"]["type"], reply["error"]["sentence"])
