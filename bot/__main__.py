"""The `dateline` command: arguments and exit codes only."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from bot import commands
from bot.answering.asking import read_moment
from bot.commands import ANSWERED, FAILED
from bot.feed_commands import feeds_app
from bot.feedback_commands import feedback_app
from bot.inspection import examine, read_status
from bot.options import HomeOption, JsonOption, is_address, moment_option
from bot.running import reach, run
from bot.terminal import Terminal
from bot.upkeep_commands import add_upkeep_commands
from config.settings import Settings

app = typer.Typer(
    name="dateline",
    help="Answers questions about the news from stored articles, quoting and citing them.\n\n"
    "Exit codes: 0 answered or done, 3 abstained, 2 wrong usage, 1 failure.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(feeds_app, name="feeds")
app.add_typer(feedback_app, name="feedback")


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
            reach(context, home, lambda call: commands.ask_batch(call, stream, fields))
    elif question is not None:
        reach(context, home, lambda call: commands.ask_once(call, {**fields, "question": question}, as_json))
    else:
        reach(context, home, lambda call: commands.ask_on_and_on(call, fields, as_json))


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
    reach(context, home, lambda call: commands.timeline(call, fields, as_json))


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files, folders and addresses; README lists the forms that are read.")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Take in the packaged sample articles.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Take articles in; run again, it adds nothing; a changed article becomes a new version."""
    if samples == bool(paths):
        raise typer.BadParameter("name files, folders or addresses to take in, or --samples")
    places = [place if is_address(place) else str(Path(place).absolute()) for place in paths or []]
    arguments = {"samples": True} if samples else {"paths": places}
    reach(context, home, lambda call: commands.ingest(call, arguments, as_json))


@app.command()
def history(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="The article's address or id.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Show every version of an article and what each changed."""
    reach(context, home, lambda call: commands.history(call, article, as_json))


@app.command()
def reindex(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make the index anew from the archive, after a change of model or splitting; interrupted, it resumes."""
    reach(context, home, lambda call: commands.reindex(call, as_json), opens_index=False)


@app.command()
def status(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Tell what the home holds and who owns it."""

    async def tell(home: Path, settings: Settings, terminal: Terminal) -> int:
        stale_after_hours = settings.intake.stale_after_hours
        found = await asyncio.to_thread(read_status, home, stale_after_hours=stale_after_hours)
        terminal.json(found) if as_json else terminal.status(found)
        return ANSWERED

    run(context, home, tell)


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

    run(context, home, check)


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
    reach(context, home, lambda call: commands.evaluate(call, questions, sweep, plot, as_json))


@app.command(hidden=True)
def demo(context: typer.Context, home: HomeOption = None) -> None:
    """Take in the sample articles, ask where the convoy went, and say what to do next (`make demo`)."""
    reach(context, home, commands.demo)


@app.command()
def serve(
    context: typer.Context,
    discord: Annotated[bool, typer.Option(help="Log in to Discord; --no-discord serves other commands only.")] = True,
    home: HomeOption = None,
) -> None:
    """Serve the bot on Discord, and every other command on this home, until SIGTERM or Ctrl-C."""

    async def serve_on(home: Path, settings: Settings, terminal: Terminal) -> int:
        from bot.serving import serve as serve_home

        await serve_home(home, settings, with_discord=discord, tell=terminal.tell)
        return ANSWERED

    run(context, home, serve_on)


add_upkeep_commands(app)


def _check_limits(since: str | None, until: str | None) -> None:
    if since and until and read_moment(since, end=False) > read_moment(until, end=True):
        raise typer.BadParameter(f"{since} lies after --until {until}: swap the two", param_hint="--since")


def _open_batch(path: Path) -> AbstractContextManager[BinaryIO]:
    if str(path) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return path.open("rb")
    except OSError as problem:
        raise typer.BadParameter(f"{path} cannot be read: {problem.strerror}", param_hint="--batch") from problem


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
