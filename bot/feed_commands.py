"""The `dateline feeds` commands: arguments and exit codes only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bot import commands
from bot.answering.questions import server_scope
from bot.options import HomeOption, JsonOption, ServerOption, is_address, url_argument
from bot.running import reach

feeds_app = typer.Typer(
    help="Where news is fetched while `dateline serve` runs: feeds, news sitemaps and single pages.",
    no_args_is_help=True,
)

# More would make a line too long for the process that serves the home.
_MOST_FAILURES = 10_000

FeedArgument = Annotated[str, typer.Argument(help="The feed's number or address.")]


@feeds_app.command()
def add(
    context: typer.Context,
    url: Annotated[
        str, typer.Argument(help="A feed, a news sitemap, a page, or a site that offers a feed.", callback=url_argument)
    ],
    source: Annotated[str | None, typer.Option(help="The publisher's name, if the feed says it badly.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A word of your own for it; may be repeated.")] = None,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Add it without looking at it first.")] = False,
    server: ServerOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Add a feed, after looking at what is there."""
    fields = {"url": url, "source": source, "tags": tag or [], "unchecked": unchecked, "scope": server_scope(server)}
    reach(context, home, lambda call: commands.add_feed(call, fields, as_json))


@feeds_app.command("list")
def list_feeds(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """List the feeds: when each last succeeded, its newest article, entries a day, failures."""
    reach(context, home, lambda call: commands.list_feeds(call, as_json))


@feeds_app.command()
def pause(context: typer.Context, feed: FeedArgument, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Stop fetching a feed; its articles stay."""
    _turn(context, home, feed, "pause", as_json)


@feeds_app.command()
def resume(context: typer.Context, feed: FeedArgument, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Fetch a feed again, beginning now; also one that is broken or ended."""
    _turn(context, home, feed, "resume", as_json)


@feeds_app.command()
def remove(context: typer.Context, feed: FeedArgument, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Drop a feed; articles of a public one stay, until `dateline forget`, those of a server's own go."""
    _turn(context, home, feed, "remove", as_json)


@feeds_app.command("test")
def try_out(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a news sitemap, a page or a site.", callback=url_argument)],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Show what would be taken from an address, and take nothing."""
    reach(context, home, lambda call: commands.test_feed(call, url, as_json))


@feeds_app.command("import")
def import_list(
    context: typer.Context,
    place: Annotated[str, typer.Argument(help="A list of feeds (OPML): a file or an address.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Add every feed of a list; its folders become tags."""
    arguments: dict[str, Any] = (
        {"url": url_argument(place)} if is_address(place) else {"path": str(Path(place).absolute())}
    )
    reach(context, home, lambda call: commands.import_feeds(call, arguments, as_json))


@feeds_app.command("export")
def export_list(context: typer.Context, home: HomeOption = None) -> None:
    """Write all feeds as a list (OPML) to standard output."""
    reach(context, home, commands.export_feeds)


@feeds_app.command()
def failures(
    context: typer.Context,
    limit: Annotated[
        int | None, typer.Option(min=1, max=_MOST_FAILURES, help="So many at most; 200 if not given.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List what failed, was given up or left out, each with its reason."""
    reach(context, home, lambda call: commands.list_failures(call, limit, as_json))


@feeds_app.command()
def retry(context: typer.Context, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Fetch again, while `dateline serve` runs, what failed or was given up.

    With `intake.heed_opt_outs = false` also what was left out because its publisher wished so.
    """
    reach(context, home, lambda call: commands.retry_failures(call, as_json))


def _turn(context: typer.Context, home: Path | None, feed: str, turn: str, as_json: bool) -> None:
    reach(context, home, lambda call: commands.turn_feed(call, feed, turn, as_json))
