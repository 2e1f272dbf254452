"""The `dateline` command: arguments and exit codes only."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, AsyncExitStack, aclosing, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from bot.answering.asking import read_moment
from bot.control_lines import RemoteProblem
from bot.evaluation.scoring import score_outcomes
from bot.inspection import examine, read_status
from bot.rendering.problems import is_known, sentence_for
from bot.terminal import Terminal, read_lines
from config.logs import set_up_logs
from config.settings import Settings, SettingsInvalid, home_dir, load_settings
from retrieval.errors import HomeUnavailable
from retrieval.evaluation.judgements import Judgement, JudgementsMalformed, read_judgements
from retrieval.evaluation.run import evaluate_retrieval

log = logging.getLogger(__name__)

DEMO_QUESTIONS = ("Where did the convoy go?", "How many people died in the helicopter near Sukna?")
ANSWERED, FAILED, ABSTAINED, INTERRUPTED = 0, 1, 3, 130

app = typer.Typer(
    name="dateline",
    help="Answers questions about the news from stored articles, quoting and citing them.\n\n"
    "Exit codes: 0 answered or done, 3 abstained, 2 wrong usage, 1 failure.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Where the archive and the index live, instead of DATELINE_HOME.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _moment_option(end: bool) -> Callable[[str | None], str | None]:
    def check(given: str | None) -> str | None:
        if given is not None:
            try:
                read_moment(given, end=end)
            except ValueError as problem:
                raise typer.BadParameter(str(problem)) from problem
        return given

    return check


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
        typer.Option(help="The time of asking, ISO 8601; later articles are unknown.", callback=_moment_option(True)),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only articles published from then on.", callback=_moment_option(False))
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only articles published until then.", callback=_moment_option(True))
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
    if batch is not None:
        with _open_batch(batch) as stream:
            _run(context, home, lambda call: _ask_batch(call, stream, fields))
    elif question is not None:
        _run(context, home, lambda call: _ask_once(call, {**fields, "question": question}, as_json))
    else:
        _run(context, home, lambda call: _ask_on_and_on(call, fields, as_json))


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
    _run(context, home, lambda call: _ingest(call, arguments, as_json))


@app.command()
def reindex(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make the index anew from the archive, after a change of model or splitting; interrupted, it resumes."""
    _run(context, home, lambda call: _reindex(call, as_json), opens_index=False)


@app.command()
def status(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Tell what the home holds and who owns it."""

    async def tell(call: _Call) -> int:
        found = await asyncio.to_thread(read_status, call.home)
        call.terminal.json(found) if as_json else call.terminal.status(found)
        return ANSWERED

    _run(context, home, tell, reaches=False)


@app.command()
def doctor(context: typer.Context, home: HomeOption = None) -> None:
    """Check settings, token form, model, index and disk, each with its remedy."""

    async def check(call: _Call) -> int:
        secrets = call.settings.discord.token, call.settings.llm.api_key
        token, key = (secret.get_secret_value() if secret else None for secret in secrets)
        checks = examine(
            call.home,
            model=call.settings.embedding.model,
            passage_tokens=call.settings.retrieval.passage_tokens,
            chat_model=call.settings.llm.model,
            chat_key=key,
            token=token,
        )
        return ANSWERED if call.terminal.checks(checks) else FAILED

    _run(context, home, check, reaches=False)


@app.command()
def evaluate(
    context: typer.Context,
    questions: Annotated[Path, typer.Argument(help="Judged questions, JSONL: question, answers, asked_at, evidence.")],
    sweep: Annotated[bool, typer.Option("--sweep", help="Score retrieval for fusion weights from 0 to 1.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Measure retrieval, answers and abstentions of this home over judged questions."""
    _run(context, home, lambda call: _evaluate(call, questions, sweep, as_json))


@app.command(hidden=True)
def demo(context: typer.Context, home: HomeOption = None) -> None:
    """Take in the sample articles, ask where the convoy went, and say what to do next (`make demo`)."""
    _run(context, home, _demo)


@app.command()
def serve(
    context: typer.Context,
    discord: Annotated[bool, typer.Option(help="Log in to Discord; --no-discord serves other commands only.")] = True,
    home: HomeOption = None,
) -> None:
    """Serve the bot on Discord, and every other command on this home, until SIGTERM or Ctrl-C."""

    async def run(call: _Call) -> int:
        from bot.app import serve as serve_home

        await serve_home(call.home, call.settings, with_discord=discord, tell=call.terminal.tell)
        return ANSWERED

    _run(context, home, run, reaches=False)


class _Call:
    """One call of a command: what it needs, and how it reaches the home's operations."""

    def __init__(self, home: Path, settings: Settings, terminal: Terminal) -> None:
        self.home = home
        self.settings = settings
        self.terminal = terminal
        self.performs: Any = None

    def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        events: AsyncIterator[dict[str, Any]] = self.performs.perform(operation, arguments)
        return events


def _run(
    context: typer.Context,
    home: Path | None,
    command: Callable[[_Call], Coroutine[Any, Any, int]],
    *,
    reaches: bool = True,
    opens_index: bool = True,
) -> None:
    """Run a command in the settings' home and leave with its exit code; a problem is one sentence and exit code 1."""
    terminal = Terminal()

    async def in_home(call: _Call) -> int:
        if not reaches:
            return await command(call)
        # Imported here: the engine takes seconds to load, and `status` or `--help` need none of it.
        from bot.app import reach_operations

        name = f"dateline {context.info_name}"
        reaching = reach_operations(call.home, call.settings, name, tell=terminal.tell, opens_index=opens_index)
        async with AsyncExitStack() as stack:
            with terminal.waiting("Opening the articles ..."):
                call.performs = await stack.enter_async_context(reaching)
            return await command(call)

    try:
        settings = load_settings()
        set_up_logs(settings.log.level)
        code = asyncio.run(in_home(_Call(home_dir(settings, home or context.obj), settings, terminal)))
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as problem:
        if isinstance(problem, OSError):
            _drop_output()
        if not isinstance(problem, BrokenPipeError):  # otherwise whoever read the output has seen enough: `| head`
            terminal.problem(_sentence(problem))
        code = FAILED
    raise typer.Exit(code)


async def _ask_once(call: _Call, fields: dict[str, Any], as_json: bool) -> int:
    outcome = await _outcome(call, fields)
    call.terminal.json(outcome) if as_json else call.terminal.outcome(outcome)
    return ANSWERED if outcome["status"] == "answered" else ABSTAINED


async def _ask_on_and_on(call: _Call, fields: dict[str, Any], as_json: bool) -> int:
    """Ask for questions until the end of input; earlier exchanges go along as history."""
    history: list[dict[str, str]] = []
    async for question in call.terminal.questions():
        if not question:
            continue
        try:
            outcome = await _outcome(call, {**fields, "question": question, "history": history[-5:]})
        except HomeUnavailable:
            raise
        except Exception as problem:  # the next question may fare better
            call.terminal.problem(_sentence(problem))
            continue
        call.terminal.json(outcome) if as_json else call.terminal.outcome(outcome)
        history.append({"question": question, "answer": outcome["answer"] or ""})
    return ANSWERED


async def _ask_batch(call: _Call, stream: BinaryIO, fields: dict[str, Any]) -> int:
    """Answer each line in order; a line that cannot be asked gives an object with an "error" and exit code 1."""
    code, number = ANSWERED, 0
    async for line in read_lines(stream.fileno()):
        number += 1
        if not line.strip():
            continue
        given: Any = None
        try:
            given = json.loads(line)
            if not isinstance(given, dict):
                raise ValueError("expected an object")
        except (ValueError, RecursionError) as problem:
            outcome: dict[str, Any] = {"line": number, "error": f"line {number} is no JSON object: {problem}"}
        else:
            try:
                outcome = await _outcome(call, {**fields, **given})
            except HomeUnavailable:
                raise
            except Exception as problem:
                outcome = {"line": number, "error": _sentence(problem)}
                outcome |= {"id": str(given["id"])} if isinstance(given.get("id"), str | int) else {}
        if "error" in outcome:
            code = FAILED
        call.terminal.json(outcome)
    return code


async def _ingest(call: _Call, arguments: dict[str, Any], as_json: bool) -> int:
    report = await call.terminal.follow(call.perform("ingest", arguments), "articles")
    call.terminal.json(report) if as_json else call.terminal.report(report)
    return ANSWERED


async def _reindex(call: _Call, as_json: bool) -> int:
    report = await call.terminal.follow(call.perform("reindex", {}), "articles")
    call.terminal.json(report) if as_json else call.terminal.rebuilt(report)
    return ANSWERED


async def _evaluate(call: _Call, path: Path, sweep: bool, as_json: bool) -> int:
    judgements = list(read_judgements(path))

    async def measure(dense_weight: float | None) -> dict[str, Any]:
        async def search(judgement: Judgement) -> list[tuple[str, str]]:
            arguments = {**judgement.fields, "limit": 10, "dense_weight": dense_weight}
            found = [event["hits"] async for event in call.perform("search", arguments)]
            return [(hit["article_id"], hit["text"]) for hit in found[-1]]

        return dict(await evaluate_retrieval(judgements, search))

    if sweep:
        scores = {f"{tenths / 10:.1f}": await measure(tenths / 10) for tenths in range(11)}
    else:
        outcomes = [(judgement, await _outcome(call, dict(judgement.fields))) for judgement in judgements]
        scores = {"retrieval": await measure(None), "answers": dict(score_outcomes(outcomes))}
    call.terminal.json(scores) if as_json else call.terminal.scores(scores)
    return ANSWERED


async def _demo(call: _Call) -> int:
    call.terminal.report(await call.terminal.follow(call.perform("ingest", {"samples": True}), "articles"))
    for question in DEMO_QUESTIONS:
        call.terminal.heading(question)
        call.terminal.outcome(await _outcome(call, {"question": question}))
    call.terminal.next_steps(call.home)
    return ANSWERED


async def _outcome(call: _Call, fields: dict[str, Any]) -> dict[str, Any]:
    # The owner of the home may have another clock zone, but "now" is the caller's to give; None means the owner's now.
    asked = {name: value for name, value in fields.items() if value is not None}
    async with aclosing(call.perform("ask", asked)) as events:  # type: ignore[type-var]
        async for event in events:
            outcome: dict[str, Any] = event["outcome"]
            return outcome
    raise AssertionError("the operation `ask` ended without an outcome")


def _sentence(problem: Exception) -> str:
    """Say what went wrong; what nobody foresaw is a mistake in the program, and its trace goes to the log."""
    if isinstance(problem, RemoteProblem):
        return problem.sentence
    if isinstance(problem, SettingsInvalid | JudgementsMalformed):
        return str(problem)
    if not is_known(problem):
        if isinstance(problem, OSError):
            return f"The system refuses to read or write: {problem}; mend that and run the command again."
        log.error("the command failed", exc_info=problem)
    return sentence_for(problem, audience="operator")


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
