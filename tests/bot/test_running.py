"""A command ends with its exit code, a problem is one sentence, and the home's owner is named as it was typed."""

from __future__ import annotations

import asyncio

import click
import pytest
import typer
from typer.testing import CliRunner

from bot.running import _name_of, run
from retrieval.errors import FeedUnknown

app = typer.Typer()


@app.callback()
def _keep(context: typer.Context) -> None:
    context.obj = None


@app.command()
def fail(context: typer.Context, how: str) -> None:
    async def command(home, settings, terminal):
        raise {
            "known": FeedUnknown("7"),
            "unknown": ZeroDivisionError("a secret detail"),
            "stopped": asyncio.CancelledError(),
            "interrupted": KeyboardInterrupt(),
            "unread": BrokenPipeError(),
        }[how]

    run(context, None, command)


@app.command()
def succeed(context: typer.Context, code: int) -> None:
    async def command(home, settings, terminal):
        return code

    run(context, None, command)


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_the_commands(code):
    assert CliRunner().invoke(app, ["succeed", str(code)]).exit_code == code


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        ("known", 1, "Problem: There is no feed 7: give its number or address, as `dateline feeds list` shows them.\n"),
        ("stopped", 143, ""),
        ("interrupted", 130, ""),
    ],
)
def test_a_problem_is_one_sentence_and_a_signal_none(how, code, told):
    ended = CliRunner().invoke(app, ["fail", how])
    assert (ended.exit_code, ended.stdout, ended.stderr) == (code, "", told)


def test_what_nobody_foresaw_is_one_sentence_without_its_details_and_the_log_has_the_trace():
    ended = CliRunner().invoke(app, ["fail", "unknown"])
    assert ended.exit_code == 1
    assert "Problem: Something went wrong that Dateline does not know (ZeroDivisionError)" in ended.stderr


@pytest.mark.parametrize(
    ("path", "name"), [(("ask",), "dateline ask"), (("feeds", "add"), "dateline feeds add")], ids=" ".join
)
def test_the_owner_of_a_home_is_named_by_the_whole_command(path, name):
    context = click.Context(click.Command("root"), info_name="python -m bot")
    for part in path:
        context = click.Context(click.Command(part), info_name=part, parent=context)
    assert _name_of(context) == name
