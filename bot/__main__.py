"""The `dateline` command: arguments and exit codes only."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from bot import commands
from bot.answering.asking import read_moment
from bot.commands import ANSWERED, FAILED, INTERRUPTED, TERMINATED, Call, sentence_of
from bot.inspection import examine, read_status
from bot.options import HomeOption, JsonOption, moment_option
from bot.terminal import Terminal
from bot.upkeep_commands import add_upkeep_commands
from config.logs import set_up_logs
from config.settings import Settings, SettingsInvalid, home_dir, load_settings

app = typer.Typer(
    name="dateline",
    help="Answers questions about the news from stored articles, quoting and citing them.\n\n"
    "Exit codes: 0 answered or done, 3 abstained, 2 wrong usage, 1 failure.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main_options(context: typer.Context, home: HomeOption = None) -> None:
    """Keep a --home given before the command."""
    context.obj = home


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What you want to know; left out, a prompt opens.")] = None,
    now: Annotated[
        str | None,
        typer.Option(help="The time of asking, ISO 8601; later articles are unknown.", callback=moment_option(True)),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only articles published from then on.", callback=moment_option(False))
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only articles published until then.", callback=moment_option(True))
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this publisher; may be repeated.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help="Answer each line of a JSONL file ('-': standard input), one object per line.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Ask a question; the answer quotes the stored articles, or says that they do not say."""
    fields: dict[str, Any] = {"asked_at": now, "since": since, "until": until, "sources": source or []}
    if batch is not None and question is not None:
        raise typer.BadParameter("give a question or --batch, not both")
    _check_limits(since, until)
    if batch is not None:
        with _open_batch(batch) as stream:
            _reach(context, home, lambda call: commands.ask_batch(call, stream, fields))
    elif question is not None:
        _reach(context, home, lambda call: commands.ask_once(call, {**fields, "question": question}, as_json))
    else:
        _reach(context, home, lambda call: commands.ask_on_and_on(call, fields, as_json))


@app.command()
def timeline(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help='What the story is about, such as "Linnet Bridge".')],
    since: Annotated[
        str | None, typer.Option(help="Only articles published from then on.", callback=moment_option(False))
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only articles published until then.", callback=moment_option(True))
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Tell a story in dated steps, oldest first, each quoted from the article that tells it."""
    _check_limits(since, until)
    fields = {"topic": topic, "since": since, "until": until}
    _reach(context, home, lambda call: commands.timeline(call, fields, as_json))


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders: .txt .md .html .json .jsonl")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Take in the packaged sample articles.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Take articles in; run again, it adds nothing; a changed article becomes a new version."""
    if samples == bool(paths):
        raise typer.BadParameter("name files or folders to take in, or --samples")
    arguments = {"samples": True} if samples else {"paths": [str(path.absolute()) for path in paths or []]}
    _reach(context, home, lambda call: commands.ingest(call, arguments, as_json))


@app.command()
def reindex(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make the index anew from the archive, after a change of model or splitting; interrupted, it resumes."""
    _reach(context, home, lambda call: commands.reindex(call, as_json), opens_index=False)


@app.command()
def status(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Tell what the home holds and who owns it."""

    async def tell(home: Path, _: Settings, terminal: Terminal) -> int:
        found = await asyncio.to_thread(read_status, home)
        terminal.json(found) if as_json else terminal.status(found)
        return ANSWERED

    _run(context, home, tell)


@app.command()
def doctor(context: typer.Context, home: HomeOption = None) -> None:
    """Check settings, token form, model, index and disk, each with its remedy."""

    async def check(home: Path, settings: Settings, terminal: Terminal) -> int:
        secrets = settings.discord.token, settings.llm.api_key
        token, key = (secret.get_secret_value() if secret else None for secret in secrets)
        checks = examine(
            home,
            model=settings.embedding.model,
            passage_tokens=settings.retrieval.passage_tokens,
            chat_model=settings.llm.model,
            chat_key=key,
            token=token,
        )
        return ANSWERED if terminal.checks(checks) else FAILED

    _run(context, home, check)


@app.command()
def evaluate(
    context: typer.Context,
    questions: Annotated[Path, typer.Argument(help="Judged questions, JSONL: question, answers, asked_at, evidence.")],
    sweep: Annotated[bool, typer.Option("--sweep", help="Score retrieval for fusion weights from 0 to 1.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw wrong answers over questions answered into this PNG file.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Measure retrieval, answers and abstentions of this home over judged questions."""
    if sweep and plot is not None:
        raise typer.BadParameter("a sweep asks nothing, so there is no curve: leave out --sweep or --plot")
    _reach(context, home, lambda call: commands.evaluate(call, questions, sweep, plot, as_json))


@app.command(hidden=True)
def demo(context: typer.Context, home: HomeOption = None) -> None:
    """Take in the sample articles, ask where the convoy went, and say what to do next (`make demo`)."""
    _reach(context, home, commands.demo)


@app.command()
def serve(
    context: typer.Context,
    discord: Annotated[bool, typer.Option(help="Log in to Discord; --no-discord serves other commands only.")] = True,
    home: HomeOption = None,
) -> None:
    """Serve the bot on Discord, and every other command on this home, until SIGTERM or Ctrl-C."""

    async def run(home: Path, settings: Settings, terminal: Terminal) -> int:
        from bot.app import serve as serve_home

        await serve_home(home, settings, with_discord=discord, tell=terminal.tell)
        return ANSWERED

    _run(context, home, run)


def _check_limits(since: str | None, until: str | None) -> None:
    if since and until and read_moment(since, end=False) > read_moment(until, end=True):
        raise typer.BadParameter(f"{since} lies after --until {until}: swap the two", param_hint="--since")


def _reach(
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

        name = f"dateline {context.info_name}"
        reaching = reach_operations(in_reach, settings, name, tell=terminal.tell, opens_index=opens_index)
        async with AsyncExitStack() as stack:
            with terminal.waiting("Opening the articles ..."):
                performs = await stack.enter_async_context(reaching)
            return await command(Call(in_reach, performs, terminal))

    _run(context, home, reach_and_run)


def _run(
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


add_upkeep_commands(app, _reach, _run)


def _open_batch(path: Path) -> AbstractContextManager[BinaryIO]:
    if str(path) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return path.open("rb")
    except OSError as problem:
        raise typer.BadParameter(f"{path} cannot be read: {problem.strerror}", param_hint="--batch") from problem


def _drop_output() -> None:
    # Otherwise what is still buffered fails once more when the interpreter closes standard output.
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the `dateline` command."""
    # A terminal that cannot show a character shows another; a command started without standard input gets an empty one.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115
    app()


if __name__ == "__main__":
    main()
