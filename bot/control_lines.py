"""How two processes exchange lines of JSON over a local socket: address, reading, sending, hanging up."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

SOCKET_NAME = "control.sock"
LIMIT_BYTES = 64 * 2**20  # the longest line either side sends or reads
LIMIT_ADDRESS_BYTES = 100  # a socket's path ends at 107 bytes on Linux, at 103 on macOS
LIMIT_TEMPORARY_DIR_CHARS = 60  # leaves room for "/dateline-????????/home/control.sock"; macOS has 49
HANG_UP_TIMEOUT_S = 1.0  # for the last line to reach a client that has stopped reading


class RemoteProblem(Exception):
    """The operation ended in an error on the other side of the socket.

    Attributes:
        type: the class of the error there, such as "QueueFull", or one of this protocol's own: LineMalformed,
            LineTooLong, UserMismatch, VersionMismatch.
        sentence: what went wrong and what would mend it, for people.
    """

    def __init__(self, type: str, sentence: str) -> None:
        super().__init__(f"{type}: {sentence}")
        self.type = type
        self.sentence = sentence


class OtherSideGone(Exception):
    """The connection is closed or broken."""


async def read_line(reader: asyncio.StreamReader, limit_bytes: int) -> bytes:
    """Read one whole line, with its line end.

    Raises:
        OtherSideGone: the connection ended, perhaps in the middle of a line.
        RemoteProblem: LineTooLong; nothing more can be read from the connection.
    """
    try:
        line = await reader.readline()
    except OSError as error:
        raise OtherSideGone(str(error)) from error
    except ValueError as error:
        raise _line_too_long(limit_bytes) from error
    if not line.endswith(b"\n"):
        raise OtherSideGone("the connection ended")
    return line


def parse_line(line: bytes) -> dict[str, Any]:
    """Read a line as one JSON object.

    Raises:
        RemoteProblem: LineMalformed.
    """
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise RemoteProblem("LineMalformed", "A line that came through the socket is no JSON object: send one a line.")
    return parsed


async def send_line(writer: asyncio.StreamWriter, content: dict[str, Any], limit_bytes: int) -> None:
    """Send one object as one line and wait until the other side keeps up.

    Raises:
        OtherSideGone: the connection ended.
        RemoteProblem: LineTooLong; nothing was sent.
        TypeError: JSON cannot hold the object.
    """
    line = json.dumps(content).encode("ascii") + b"\n"
    if len(line) > limit_bytes:
        raise _line_too_long(limit_bytes, len(line))
    try:
        writer.write(line)
        await writer.drain()
    except OSError as error:
        raise OtherSideGone(str(error)) from error


def error_line(problem: RemoteProblem) -> dict[str, Any]:
    """Say that an operation, or the whole conversation, ended in a problem."""
    return {"error": {"type": problem.type, "sentence": problem.sentence}}


async def hang_up(writer: asyncio.StreamWriter, farewell: RemoteProblem | None = None) -> None:
    """Close a connection after a last error line, if there is one; a side that does not read it is left after 1 s."""
    try:
        async with asyncio.timeout(HANG_UP_TIMEOUT_S):
            if farewell:
                writer.write(json.dumps(error_line(farewell)).encode("ascii") + b"\n")
            writer.close()
            await writer.wait_closed()
    except OSError:  # TimeoutError is one
        writer.transport.abort()


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Give an address for a socket's path that the kernel takes, however long the path is.

    A path over the limit is reached through a link to its folder, in a new folder (mode 0700) for temporary files.
    The link is needed only to bind or to connect, and is removed at the end of the `with` block.
    """
    if len(os.fsencode(path)) <= LIMIT_ADDRESS_BYTES:
        yield str(path)
        return
    short_dir = "/tmp" if len(tempfile.gettempdir()) > LIMIT_TEMPORARY_DIR_CHARS else None
    with tempfile.TemporaryDirectory(prefix="dateline-", dir=short_dir) as folder:
        link = Path(folder) / "home"
        link.symlink_to(path.parent.absolute(), target_is_directory=True)
        yield str(link / path.name)


def own_version() -> str:
    """The installed version of Dateline, or "unknown" where it runs from a folder without being installed."""
    try:
        return version("dateline")
    except PackageNotFoundError:
        return "unknown"


def _line_too_long(limit_bytes: int, length_bytes: int | None = None) -> RemoteProblem:
    length = "more" if length_bytes is None else f"{length_bytes} bytes"
    return RemoteProblem(
        "LineTooLong", f"One line through the socket may have {limit_bytes} bytes, this has {length}: send or ask less."
    )
