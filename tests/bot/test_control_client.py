"""A client waits for a server that is starting, and notices one that is dead, suspended or gone."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.control import connect_control, serve_control
from bot.home import hold_home, read_owner
from retrieval.errors import HomeOwnerSilent

SERVE = """
import asyncio, sys
from pathlib import Path
from bot.control import serve_control
from bot.home import hold_home

async def perform(operation, arguments):
    yield {"started": True}
    await asyncio.Event().wait()

async def main():
    async with serve_control(Path(sys.argv[1]), perform, str):
        print("serving", flush=True)
        await asyncio.Event().wait()

with hold_home(Path(sys.argv[1]), "dateline serve"):
    asyncio.run(main())
"""


async def echo(operation: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    yield {operation: arguments}


@asynccontextmanager
async def serving_process(home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process that owns and serves the home; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(home), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"serving\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("left", ["nothing", "a socket of a crash", "no home"])
async def test_a_home_that_nobody_serves_is_silent_after_the_time_out(tmp_path: Path, left: str) -> None:
    home = tmp_path / "home" if left == "no home" else tmp_path
    if left == "a socket of a crash":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as crashed:
            crashed.bind(str(home / "control.sock"))
    with pytest.raises(HomeOwnerSilent, match=r"control\.sock in 0\.05 s") as silence:
        async with connect_control(home, connect_timeout_s=0.05):
            pass
    assert silence.value.home == str(home)


async def test_a_server_that_is_still_starting_is_waited_for(tmp_path: Path) -> None:
    tried = asyncio.Event()

    def turn_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        tried.set()

    async def ask() -> list[dict[str, Any]]:
        async with connect_control(tmp_path, connect_timeout_s=20) as control:
            return [event async for event in control.perform("ask", {})]

    not_yet = await asyncio.start_unix_server(turn_away, tmp_path / "control.sock")
    asking = asyncio.create_task(ask())
    async with asyncio.timeout(20):
        await tried.wait()
        not_yet.close()
        async with serve_control(tmp_path, echo, str):
            assert await asking == [{"ask": {}}]


async def test_a_suspended_server_is_silent_after_the_time_out(tmp_path: Path) -> None:
    async with serving_process(tmp_path) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(HomeOwnerSilent, match="does not answer"):
            async with connect_control(tmp_path, connect_timeout_s=0.2):
                pass


async def test_a_server_killed_during_an_operation_is_noticed_and_the_home_can_be_served_again(tmp_path: Path) -> None:
    async with serving_process(tmp_path) as process, asyncio.timeout(20):
        owner = read_owner(tmp_path)
        assert owner is not None and owner.pid == process.pid
        async with connect_control(tmp_path) as control:
            events = control.perform("wait", {})
            assert await anext(events) == {"started": True}
            process.kill()
            with pytest.raises(HomeOwnerSilent, match="broke off"):
                await anext(events)
        await process.wait()  # the kernel closes the socket a little before it frees the lock
        with hold_home(tmp_path, "dateline serve"):
            async with serve_control(tmp_path, echo, str), connect_control(tmp_path) as control:
                assert [event async for event in control.perform("ask", {})] == [{"ask": {}}]


async def test_a_server_that_speaks_no_json_is_not_believed(tmp_path: Path) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        writer.close()

    babbling = await asyncio.start_unix_server(babble, tmp_path / "control.sock")
    with pytest.raises(HomeOwnerSilent):
        async with connect_control(tmp_path, connect_timeout_s=0.2):
            pass
    babbling.close()
