"""Running a command: settings, home, signals and exit codes, the same for every subcommand."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import typer

from bot.commands import FAILED, INTERRUPTED, TERMINATED, Call, sentence_of
from bot.terminal import Terminal
from config.logs import set_up_logs
from config.settings import Settings, SettingsInvalid, home_dir, load_settings


def reach(
    context: typer.Context,
    home: Path | None,
    command: Callable[[Call], Coroutine[Any, Any, int]],
    *,
    opens_index: bool = True,
) -> None:
    """Run a command that performs operations on the home: in this process, or in the one that serves it."""

    async def reach_and_run(in_reach: Path, settings: Settings, terminal: Terminal) -> int:
        # Imported here: the engine takes seconds to load, and `status` or `--help` need none of it.
        from bot.app import reach_operations

        name = _name_of(context)
        reaching = reach_operations(in_reach, settings, name, tell=terminal.tell, opens_index=opens_index)
        async with AsyncExitStack() as stack:
            with terminal.waiting("Opening the articles ..."):
                performs = await stack.enter_async_context(reaching)
            return await command(Call(in_reach, performs, terminal))

    run(context, home, reach_and_run)


def run(
    context: typer.Context, home: Path | None, command: Callable[[Path, Settings, Terminal], Coroutine[Any, Any, int]]
) -> None:
    """Run a command in the settings' home and leave with its exit code; a problem is one sentence and exit code 1."""
    terminal = Terminal()

    async def heeding_signals(in_reach: Path, settings: Settings) -> int:
        task = asyncio.current_task()
        assert task is not None
        # SIGTERM closes the home as Ctrl-C does. With a handler of the loop's own, a signal also always wakes the loop:
        # one that comes just before it goes to sleep would otherwise wait for the next key.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await command(in_reach, settings, terminal)

    try:
        settings = load_settings()
        set_up_logs(settings.log.level)
        code = asyncio.run(heeding_signals(home_dir(settings, home or context.obj), settings))
    except KeyboardInterrupt:
        code = INTERRUPTED
    except asyncio.CancelledError:
        code = TERMINATED
    except SettingsInvalid as problem:
        terminal.problem(str(problem))
        code = FAILED
    except Exception as problem:
        if isinstance(problem, OSError):
            _drop_output()
        if not isinstance(problem, BrokenPipeError):  # otherwise whoever read the output has seen enough: `| head`
            terminal.problem(sentence_of(problem))
        code = FAILED
    raise typer.Exit(code)


def _name_of(context: typer.Context) -> str:
    """Name a command as it is typed, such as "dateline feeds add"."""
    names, above = [context.info_name or ""], context.parent
    while above is not None and above.parent is not None:
        names.append(above.info_name or "")
        above = above.parent
    return " ".join(["dateline", *reversed(names)])


def _drop_output() -> None:
    # Otherwise what is still buffered fails once more when the interpreter closes standard output.
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
