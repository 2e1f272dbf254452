"""The `dateline feedback` commands: what people thought of answers, to be read or asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Annotated, Any

import typer
from rich.text import Text

from bot.commands import ANSWERED, Call
from bot.options import HomeOption, JsonOption
from bot.running import reach
from bot.terminal_lines import plain

feedback_app = typer.Typer(help="What people thought of answers on Discord.", no_args_is_help=True)

# More would be no list that anybody reads; --json and export give all.
_LISTED = 50


@feedback_app.command("list")
def list_feedback(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="The latest so many; 50 on a terminal, else all.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List thumbs up and down, newest first; question and words only of those who agreed to that."""
    shown = limit if limit is not None or as_json else _LISTED
    reach(context, home, lambda call: show_feedback(call, shown, as_json))


@feedback_app.command()
def export(context: typer.Context, home: HomeOption = None) -> None:
    """Print the questions that thumbs judge, one JSON object on a line, for `dateline evaluate` and `make eval`."""
    reach(context, home, export_feedback)


async def show_feedback(call: Call, limit: int | None, as_json: bool) -> int:
    """List the latest thumbs."""
    thumbs, report = await _follow(call, "feedback list", {"limit": limit}, "thumb")
    call.terminal.json(thumbs) if as_json else call.terminal.lines(_lines(thumbs, report))
    return ANSWERED


async def export_feedback(call: Call) -> int:
    """Print judged questions, and say how many thumbs judge none."""
    judged, report = await _follow(call, "feedback export", {}, "judged")
    for one in judged:
        call.terminal.json(one)
    if report["left_out"]:
        call.terminal.tell(
            f"Left out: {report['left_out']} thumbs that do not tell what would have been right, or whose question "
            "may not be used."
        )
    return ANSWERED


async def _follow(
    call: Call, operation: str, arguments: dict[str, Any], name: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    told: list[dict[str, Any]] = []
    report: dict[str, Any] = {}
    async with aclosing(call.performs.perform(operation, arguments)) as events:  # type: ignore[type-var]
        async for event in events:
            if name in event:
                told.append(event[name])
            else:
                report = event["report"]
    return told, report


def _lines(thumbs: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> Iterator[Text]:
    if not thumbs:
        yield Text("No feedback yet.")
        return
    for one in thumbs:
        style = "green" if one["thumb"] == "up" else "red"
        reason = f", {one['reason'].replace('_', ' ')}" if one["reason"] else ""
        question = plain(one["question"]) if one["question"] else "(the question was not shared)"
        yield Text.assemble(f"{one['given_at']}  ", (f"{one['thumb']:4}", style), f" {one['status']}{reason}")
        yield Text(f"      {question}", style="bold" if one["question"] else "dim")
        if one["words"]:
            yield Text(f"      “{plain(one['words'])}”")
    yield Text(f"{report['thumbs']} in all, {report['up']} up", style="dim")
