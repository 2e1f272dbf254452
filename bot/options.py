"""Options that several commands of `dateline` take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.answering.asking import read_moment
from retrieval.news.links import check_url


def _folder(given: str) -> Path:
    # An empty path would be the current folder: not what an unset variable in --home "$HERE" means.
    if not given:
        raise typer.BadParameter("is empty: name a folder")
    return Path(given)


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Where the archive and the index live, instead of DATELINE_HOME.",
        show_default=False,
        parser=_folder,
        metavar="DIR",
    ),
]
ServerOption = Annotated[
    int | None,
    typer.Option("--server", min=1, metavar="ID", help="For this Discord server, which sees its own feeds as well."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def moment_option(end: bool) -> Callable[[str | None], str | None]:
    """Make the check of an option that takes a date, as the first or the last moment that it names."""

    def check(given: str | None) -> str | None:
        if given is not None:
            try:
                read_moment(given, end=end)
            except ValueError as problem:
                raise typer.BadParameter(str(problem)) from problem
        return given

    return check


def url_argument(given: str) -> str:
    """Check an argument that must be an address that can be fetched."""
    try:
        return check_url(given)
    except ValueError as problem:
        hint = "" if "://" in given else f"; write it as in https://{given}"
        raise typer.BadParameter(f"{problem}{hint if ' ' not in given else ''}") from problem


def is_address(place: str) -> bool:
    """Whether what an operator names is an address rather than a path."""
    return place.lower().startswith(("http://", "https://"))
