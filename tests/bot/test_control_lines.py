"""What goes over the local socket line by line, and what becomes of lines and clients that are out of order."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.control import Control, RemoteProblem, connect_control, serve_control
from retrieval.errors import ArchiveUnreadable

REQUEST = {"operation": "count", "arguments": {"to": 2}, "version": "1"}
COUNTED = [{"event": {"n": 0}}, {"event": {"n": 1}}, {"end": True}]


class Owner:
    """What the owner of the home can do here; it says when it has begun to wait and when it has cleaned up."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.released = asyncio.Event()
        self.cleaned_up = asyncio.Event()

    async def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        match operation:
            case "echo":
                yield arguments
            case "count":
                for n in range(arguments["to"]):
                    yield {"n": n}
            case "hold":
                self.started.set()
                await self.released.wait()
                yield {"held": True}
            case "wait" | "pour":
                self.started.set()
                try:
                    yield {"started": True}
                    while operation == "pour":
                        yield {"much": "x" * 100_000}
                    await asyncio.Event().wait()
                finally:
                    self.cleaned_up.set()


async def events_of(control: Control, operation: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        return [event async for event in control.perform(operation, arguments)]


class RawClient:
    """A client that may send anything."""

    def __init__(self, home: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self._address = str(home / "control.sock")
        self._unread = b""

    async def __aenter__(self) -> RawClient:
        await asyncio.get_running_loop().sock_connect(self.socket, self._address)
        assert set(await self.read()) == {"version"}
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def send(self, line: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, line)

    async def read(self) -> dict[str, Any]:
        """Read one line; {} at the end of the connection."""
        async with asyncio.timeout(20):
            while b"\n" not in self._unread:
                if not (more := await asyncio.get_running_loop().sock_recv(self.socket, 65536)):
                    return {}
                self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        parsed: dict[str, Any] = json.loads(line)
        return parsed


def line(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode() + b"\n"


async def test_any_text_and_a_large_line_arrive_unchanged(tmp_path: Path) -> None:
    sent: dict[str, Any] = {
        "text": 'line\nend \u2028 \0 \ud800 "é" \U0001f4f0',
        "quote": "ж" * 3_000_000,
        "list": [1, None, 0.1, {}],
    }
    async with serve_control(tmp_path, Owner().perform, str), connect_control(tmp_path) as control:
        assert await events_of(control, "echo", sent) == [sent]


async def test_socket_is_for_its_user_only_and_gone_at_the_end(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        async with serve_control(tmp_path, Owner().perform, str):
            assert (tmp_path / "control.sock").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(umask)
    assert os.listdir(tmp_path) == []


async def test_a_socket_that_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as crashed:
        crashed.bind(str(tmp_path / "control.sock"))
    async with serve_control(tmp_path, Owner().perform, str), connect_control(tmp_path) as control:
        assert await events_of(control, "echo", {}) == [{}]


async def test_a_home_with_a_path_too_long_for_a_socket_works_and_leaves_nothing_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path.joinpath(*["é" * 50] * 3)
    home.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as temporary_dir:
        monkeypatch.setattr(tempfile, "tempdir", temporary_dir)
        for _ in range(2):
            async with serve_control(home, Owner().perform, str), connect_control(home) as control:
                assert os.listdir(home) == ["control.sock"]
                assert os.listdir(temporary_dir) == []
                assert await events_of(control, "echo", {}) == [{}]
        assert os.listdir(home) == []


async def test_a_socket_that_cannot_be_made_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "control.sock").mkdir()
    with pytest.raises(ArchiveUnreadable, match=r"control\.sock"):
        async with serve_control(tmp_path, Owner().perform, str):
            pass


async def test_a_line_over_the_limit_is_refused_on_either_side_and_the_next_operation_works(tmp_path: Path) -> None:
    owner = Owner()
    async with (
        serve_control(tmp_path, owner.perform, str, limit_bytes=1000),
        connect_control(tmp_path, limit_bytes=2000) as generous,
        connect_control(tmp_path, limit_bytes=1000) as control,
    ):
        for too_long in ({"text": "x" * 1000}, {"text": "ж" * 170}):  # six bytes each in JSON
            with pytest.raises(RemoteProblem, match="LineTooLong"):
                await events_of(control, "echo", too_long)
        with pytest.raises(RemoteProblem, match="LineTooLong"):
            await events_of(generous, "echo", {"text": "x" * 1000})
        fitting = {"text": "x" * 900}
        assert await events_of(control, "echo", fitting) == [fitting]
    async with (
        serve_control(tmp_path, owner.perform, str, limit_bytes=150_000),
        connect_control(tmp_path, limit_bytes=90_000) as control,
    ):
        with pytest.raises(RemoteProblem, match="LineTooLong"):
            await events_of(control, "pour", {})
        assert await events_of(control, "echo", {}) == [{}]


@pytest.mark.parametrize(
    "malformed",
    [
        b"\n",
        b"{\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"[1]\n",
        line({}),
        line({**REQUEST, "operation": 3}),
        line({**REQUEST, "arguments": ["to", 2]}),
        line({**REQUEST, "version": None}),
    ],
)
async def test_a_malformed_request_is_told_so_and_the_next_one_on_the_connection_is_performed(
    tmp_path: Path, malformed: bytes
) -> None:
    async with serve_control(tmp_path, Owner().perform, str, version="1"), RawClient(tmp_path) as client:
        await client.send(malformed)
        assert (await client.read())["error"]["type"] == "LineMalformed"
        await client.send(line(REQUEST))
        assert [await client.read() for _ in range(3)] == COUNTED


async def test_requests_sent_ahead_are_performed_one_after_the_other(tmp_path: Path) -> None:
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, str, version="1"), RawClient(tmp_path) as client:
        await client.send(line({**REQUEST, "operation": "hold"}) + line(REQUEST) * 2)
        await owner.started.wait()
        async with connect_control(tmp_path, version="1") as meanwhile:
            assert await events_of(meanwhile, "echo", {}) == [{}]
        owner.released.set()
        assert [await client.read() for _ in range(2)] == [{"event": {"held": True}}, {"end": True}]
        assert [await client.read() for _ in range(6)] == COUNTED * 2


async def test_half_a_request_is_never_performed(tmp_path: Path) -> None:
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, str, version="1"), RawClient(tmp_path) as client:
        await client.send(line({**REQUEST, "operation": "wait"})[:-1])
        client.socket.shutdown(socket.SHUT_WR)
        assert await client.read() == {}
    assert not owner.cleaned_up.is_set()


@pytest.mark.parametrize("operation", ["wait", "pour"])
async def test_a_client_that_goes_away_cancels_its_operation(tmp_path: Path, operation: str) -> None:
    """Both an operation that waits and one that sends more than the client reads."""
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, str, version="1"):
        async with RawClient(tmp_path) as client:
            await client.send(line({**REQUEST, "operation": operation}))
            assert await client.read() == {"event": {"started": True}}
        async with asyncio.timeout(20):
            await owner.cleaned_up.wait()
        async with connect_control(tmp_path, version="1") as control:
            assert await events_of(control, "echo", {}) == [{}]


async def test_stopping_sends_the_error_line_to_every_client(tmp_path: Path) -> None:
    serving = serve_control(tmp_path, Owner().perform, str, version="1")
    await serving.__aenter__()
    async with RawClient(tmp_path) as waiting, RawClient(tmp_path) as idle:
        await waiting.send(line({**REQUEST, "operation": "wait"}))
        assert await waiting.read() == {"event": {"started": True}}
        await serving.__aexit__(None, None, None)
        for client in (waiting, idle):
            assert (await client.read())["error"]["type"] == "HomeOwnerSilent"
            assert await client.read() == {}


async def test_stopping_does_not_wait_for_a_client_that_does_not_read(tmp_path: Path) -> None:
    owner = Owner()
    async with asyncio.timeout(20):
        async with serve_control(tmp_path, owner.perform, str, version="1"):
            client = RawClient(tmp_path)
            await client.__aenter__()
            await client.send(line({**REQUEST, "operation": "pour"}))
            await owner.started.wait()
        assert owner.cleaned_up.is_set()
        client.socket.close()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can become another user")
async def test_another_user_who_gets_past_the_modes_is_turned_away() -> None:
    script = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "client = socket.socket(socket.AF_UNIX)\n"
        "client.connect(sys.argv[1])\n"
        "print(client.makefile().read())\n"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        home = Path(folder)
        os.chmod(folder, 0o755)
        async with serve_control(home, Owner().perform, str):
            os.chmod(home / "control.sock", 0o666)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, str(home / "control.sock"), stdout=asyncio.subprocess.PIPE
            )
            assert process.stdout is not None
            async with asyncio.timeout(20):
                told = json.loads(await process.stdout.read())
                await process.wait()
    assert told["error"]["type"] == "UserMismatch"
    assert "65534" in told["error"]["sentence"]
