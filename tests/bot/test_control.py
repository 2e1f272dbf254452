"""A home's owner performs operations for other processes, whatever those processes do."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot.control import Control, RemoteProblem, connect_control, serve_control
from retrieval.errors import HomeOwnerSilent, QueueFull


class Owner:
    """What the owner of the home can do here; it keeps count of what runs."""

    def __init__(self) -> None:
        self.running = 0
        self.all_running = asyncio.Event()
        self.cleaned_up = asyncio.Event()
        self.awaited = 1

    async def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        match operation:
            case "echo":
                yield arguments
            case "count":
                for n in range(arguments["to"]):
                    yield {"n": n}
            case "meet":  # ends once as many operations as awaited run at the same time
                self._enter()
                await self.all_running.wait()
                yield {"met": self.running}
            case "wait":
                self._enter()
                try:
                    yield {"started": True}
                    await asyncio.Event().wait()
                finally:
                    self.running -= 1
                    self.cleaned_up.set()
            case "refuse":
                yield {"n": 0}
                raise QueueFull(7)
            case "break":
                raise KeyError("secret")
            case "break off":
                raise asyncio.CancelledError
            case "unsendable":
                yield {"n": object()}

    def _enter(self) -> None:
        self.running += 1
        if self.running == self.awaited:
            self.all_running.set()


def describe(error: BaseException) -> str:
    return f"Sorry: {type(error).__name__}."


async def events_of(control: Control, operation: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        return [event async for event in control.perform(operation, arguments)]


async def test_events_come_in_order_and_end(tmp_path: Path) -> None:
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        assert await events_of(control, "count", {"to": 500}) == [{"n": n} for n in range(500)]
        assert await events_of(control, "count", {"to": 0}) == []


async def test_many_operations_go_one_after_another_through_one_connection(tmp_path: Path) -> None:
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        for n in range(200):
            assert await events_of(control, "echo", {"question": n}) == [{"question": n}]


async def test_operations_of_different_connections_run_at_the_same_time(tmp_path: Path) -> None:
    owner = Owner()
    owner.awaited = 40

    async def meet() -> list[dict[str, Any]]:
        async with connect_control(tmp_path) as control:
            return await events_of(control, "meet", {})

    async with serve_control(tmp_path, owner.perform, describe):
        assert await asyncio.gather(*(meet() for _ in range(40))) == [[{"met": 40}]] * 40


async def test_an_error_on_purpose_arrives_with_its_type_and_sentence_and_the_server_lives_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        arrived = []
        with pytest.raises(RemoteProblem) as problem:
            async for event in control.perform("refuse", {}):
                arrived.append(event)
        assert arrived == [{"n": 0}]
        assert (problem.value.type, problem.value.sentence) == ("QueueFull", "Sorry: QueueFull.")
        assert await events_of(control, "echo", {}) == [{}]
    [entry] = [entry for entry in caplog.records if "QueueFull" in entry.getMessage()]
    assert not entry.exc_info


async def test_an_unexpected_error_keeps_its_traceback_in_the_log_of_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        with pytest.raises(RemoteProblem, match=r"^KeyError: Sorry: KeyError\.$"):
            await events_of(control, "break", {})
        assert await events_of(control, "echo", {}) == [{}]
    [entry] = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert entry.exc_info is not None and entry.exc_info[0] is KeyError


async def test_an_event_that_json_cannot_hold_is_an_error_of_the_operation(tmp_path: Path) -> None:
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        with pytest.raises(RemoteProblem, match="TypeError"):
            await events_of(control, "unsendable", {})
        assert await events_of(control, "echo", {}) == [{}]


async def test_an_operation_cancelled_from_within_does_not_keep_its_client_waiting(tmp_path: Path) -> None:
    async with serve_control(tmp_path, Owner().perform, describe), connect_control(tmp_path) as control:
        with pytest.raises(HomeOwnerSilent, match="stopped before"):
            await events_of(control, "break off", {})
        assert await events_of(control, "echo", {}) == [{}]


async def test_another_version_is_told_to_restart_the_server(tmp_path: Path) -> None:
    async with (
        serve_control(tmp_path, Owner().perform, describe, version="0.1.0"),
        connect_control(tmp_path, version="0.2.0") as control,
    ):
        with pytest.raises(RemoteProblem) as problem:
            await events_of(control, "echo", {})
        assert problem.value.type == "VersionMismatch"
        for words in ("0.1.0", "0.2.0", "restart `dateline serve`"):
            assert words in problem.value.sentence


async def test_leaving_an_operation_early_cancels_it_and_the_next_one_works(tmp_path: Path) -> None:
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, describe), connect_control(tmp_path) as control:
        async with aclosing(control.perform("wait", {})) as events:
            assert await anext(events) == {"started": True}
        async with asyncio.timeout(20):
            await owner.cleaned_up.wait()
        assert await events_of(control, "echo", {}) == [{}]


async def test_a_second_operation_on_a_connection_in_use_is_a_mistake_that_harms_nobody(tmp_path: Path) -> None:
    async with (
        serve_control(tmp_path, Owner().perform, describe),
        connect_control(tmp_path) as control,
        aclosing(control.perform("count", {"to": 2})) as events,
    ):
        assert await anext(events) == {"n": 0}
        with pytest.raises(RuntimeError, match="has not ended"):
            await events_of(control, "echo", {})
        assert [event async for event in events] == [{"n": 1}]


async def test_a_cancelled_caller_cancels_the_operation_in_the_owner(tmp_path: Path) -> None:
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, describe), connect_control(tmp_path) as control:
        calling = asyncio.create_task(events_of(control, "wait", {}))
        async with asyncio.timeout(20):
            await owner.all_running.wait()
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            await owner.cleaned_up.wait()


async def test_interrupting_a_client_process_cancels_its_operation(tmp_path: Path) -> None:
    script = (
        "import asyncio, signal, sys\n"
        "from pathlib import Path\n"
        "from bot.control import connect_control\n"
        # A process whose parent ignored SIGINT, as one in the background may, ignores it too.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "async def main():\n"
        "    async with connect_control(Path(sys.argv[1])) as control:\n"
        "        async for event in control.perform('wait', {}):\n"
        "            print('started', flush=True)\n"
        "try: asyncio.run(main())\n"
        "except KeyboardInterrupt: print('interrupted', flush=True)\n"
    )
    owner = Owner()
    async with serve_control(tmp_path, owner.perform, describe):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"started\n"
            process.send_signal(signal.SIGINT)
            await owner.cleaned_up.wait()
            assert await process.stdout.read() == b"interrupted\n"
            assert await process.wait() == 0


async def test_stopping_ends_running_operations_after_their_clean_up_and_tells_their_clients(tmp_path: Path) -> None:
    owner = Owner()
    serving = serve_control(tmp_path, owner.perform, describe)
    await serving.__aenter__()
    async with connect_control(tmp_path) as control, connect_control(tmp_path) as idle:
        assert await events_of(idle, "echo", {}) == [{}]
        calling = asyncio.create_task(events_of(control, "wait", {}))
        await owner.all_running.wait()
        await serving.__aexit__(None, None, None)
        assert owner.cleaned_up.is_set() and owner.running == 0
        with pytest.raises(HomeOwnerSilent, match="stopped before"):
            await calling
        with pytest.raises(HomeOwnerSilent):
            await events_of(idle, "echo", {})


async def test_a_broken_sentence_ends_the_connection_but_not_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def describe_badly(error: BaseException) -> str:
        raise ZeroDivisionError

    async with serve_control(tmp_path, Owner().perform, describe_badly), connect_control(tmp_path) as control:
        with pytest.raises(HomeOwnerSilent):
            await events_of(control, "refuse", {})
        assert await events_of(control, "echo", {}) == [{}]
    assert "ZeroDivisionError" in caplog.text
