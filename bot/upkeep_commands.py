"""The commands that keep a home in order: forget, backup, restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import ANSWERED, FAILED, Call
from bot.options import HomeOption, JsonOption
from bot.running import reach, run
from bot.terminal import Terminal, read_lines


def add_upkeep_commands(app: typer.Typer) -> None:
    """Add the commands to `dateline`."""

    @app.command()
    def forget(
        context: typer.Context,
        names: Annotated[
            list[str], typer.Argument(help="Addresses or ids of articles, or publishers' names.", metavar="URL|SOURCE")
        ],
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
        undo: Annotated[
            bool, typer.Option("--undo", help="Let it be taken in again; what was forgotten stays gone.")
        ] = False,
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Remove articles, or all that a publisher said, from every file of the home, and keep them out."""
        reach(context, home, lambda call: forget_names(call, names, yes, undo, as_json))

    @app.command()
    def backup(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help="The file to write; one that is there is replaced.")],
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Back the home up into one file, also while it is served."""
        reach(context, home, lambda call: back_up(call, file.absolute(), as_json))

    @app.command()
    def restore(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help="A file that dateline backup wrote.")],
        replace: Annotated[bool, typer.Option("--replace", help="Replace the articles that the home holds.")] = False,
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Make the home what a backup says, but for what was forgotten since; stop dateline serve first."""

        async def bring_back(in_reach: Path, settings: Any, terminal: Terminal) -> int:
            url = settings.retrieval.chroma_url
            return await restore_backup(terminal, file.absolute(), in_reach, replace, url, as_json)

        run(context, home, bring_back)


async def forget_names(call: Call, names: list[str], yes: bool, undo: bool, as_json: bool) -> int:
    """Forget names, or let them come again; FAILED if a person says no, or nobody is there to be asked."""
    perform, terminal = call.performs.perform, call.terminal
    if undo:
        report = await terminal.follow(perform("forget", {"names": names, "undo": True}), "articles")
        if as_json:
            terminal.json(report)
        for one in [] if as_json else report["allowed"]:
            may = "may be taken in again" if one["tombstones"] else "was not forgotten"
            terminal.say(f"{one['name']}: {may}")
        return ANSWERED
    if not yes:
        report = await terminal.follow(perform("forget", {"names": names, "look": True}), "articles")
        if not sys.stdin.isatty():
            terminal.problem("Forgetting cannot be undone: add --yes if you are sure.")
            return FAILED
        for one in report["found"]:
            terminal.tell(_sentence(one))
        terminal.tell("This removes them for good, with every version. Type yes to go on.")
        answer = await anext(read_lines(sys.stdin.fileno()), b"")
        if answer.strip().lower() not in (b"y", b"yes"):
            terminal.tell("Nothing was forgotten.")
            return FAILED
    report = await terminal.follow(perform("forget", {"names": names}), "articles")
    if as_json:
        terminal.json(report)
        return ANSWERED
    for one in report["forgotten"]:
        terminal.say(_sentence(one))
    terminal.say(
        f"{report['articles']} articles forgotten in {report['elapsed_s']:.1f} s, and {report['records']} records of "
        "what people asked; older backups hold the articles still"
    )
    return ANSWERED


async def back_up(call: Call, file: Path, as_json: bool) -> int:
    """Write a backup and tell how large it is."""
    report = await call.terminal.follow(call.performs.perform("backup", {"path": str(file)}), "MiB")
    size = f"{report['bytes'] / 2**20:,.1f} MiB in {report['elapsed_s']:.1f} s"
    call.terminal.json(report) if as_json else call.terminal.say(f"{report['path']}: {size}")
    return ANSWERED


async def restore_backup(
    terminal: Terminal, file: Path, home: Path, replaces: bool, server_url: str, as_json: bool
) -> int:
    """Restore a backup into a home that nobody serves, and tell what that came to."""
    # Imported here: it takes a second, which `dateline --help` need not wait for.
    from bot.home import hold_home
    from bot.upkeep import restore_home

    with hold_home(home, "dateline restore"):
        events = restore_home(file, home, replaces=replaces, server_url=server_url)
        report = await terminal.follow(events, "MiB")
    if as_json:
        terminal.json(report)
        return ANSWERED
    if report["lost_tombstones"]:
        terminal.tell("What the home held was too damaged to tell all that had been forgotten or taken back since.")
    left_out = f"{report['forgotten']} left out as forgotten, {report['hidden_since']} taken back since"
    terminal.say(
        f"{report['articles']} articles restored as of {report['made_at']}, {left_out}, "
        f"{report['pending']} passages wait for their vectors; settings of {report['guilds']} servers, "
        f"{report['feedback']} thumbs; in {report['elapsed_s']:.1f} s"
    )
    return ANSWERED


def _sentence(one: dict[str, Any]) -> str:
    count = one["articles"]
    if one["kind"] == "source":
        return f"{one['name']}: a publisher with {count} articles"
    return f"{one['name']}: {count} articles" if count else f"{one['name']}: nothing is kept of it; it is kept out"
