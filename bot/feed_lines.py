"""Feeds, failures and versions as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from bot.terminal_lines import plain

_STATE_STYLES = {"active": "green", "broken": "red", "ended": "red", "paused": "yellow"}


def feed_lines(feeds: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    """Tell of each feed where it is, whether it is fetched, and what it brings; one line more where something fails."""
    if not feeds:
        yield Text("No feeds. Add one: dateline feeds add URL")
    for feed in feeds:
        name = feed["source"] or feed["title"] or feed["url"]
        yield Text.assemble(
            f"{feed['id']:>3}  ",
            (f"{feed['state']:7}", _STATE_STYLES.get(feed["state"], "")),
            "  ",
            (plain(name), "bold"),
            f"  {plain(feed['url'])}" if name != feed["url"] else "",
        )
        facts = [f"every {_duration(feed['interval_s'])}" if feed["next_at"] else ""]
        facts.append(f"last success {_moment(feed['succeeded_at'])}" if feed["succeeded_at"] else "not fetched yet")
        if "entries" in feed:
            newest = _moment(feed["newest_published_at"])
            facts += [f"newest article {newest}", f"{feed['entries_per_day']:g} entries a day"]
            facts += [f"{feed['waiting']} waiting"] if feed["waiting"] else []
            facts += [f"{feed['dead']} given up"] if feed["dead"] else []
        facts += [f"tags: {plain(', '.join(feed['tags']))}"] if feed["tags"] else []
        yield Text(f"     {'; '.join(filter(None, facts))}", style="dim")
        if feed["problem"] or feed["state_reason"]:
            count = f" ({feed['failures']} in a row)" if feed["failures"] else ""
            yield Text(f"     {plain(feed['state_reason'] or feed['problem'])}{count}", style="yellow")


def state_lines(status: Mapping[str, Any]) -> Iterator[Text]:
    """Tell, below the numbers of a home, what its operator should know of its feeds and its freshness."""
    if status["needs_migration"]:
        yield Text("Written by an earlier Dateline: the next other command brings it up to date.", style="yellow")
    age_hours = status["freshness"]["newest_age_hours"]
    if status["freshness"]["is_stale"]:
        yield Text(f"Stale: the newest article is {age_hours:,.0f} hours old.", style="bold yellow")
    if status["entries"]:
        counts = ", ".join(f"{count:,} {state}" for state, count in sorted(status["entries"].items()))
        yield Text.assemble((f"{'Entries':15}", "bold"), f"  {counts}")
    if status["feeds"]:
        yield Text("Feeds", style="bold")
        yield from feed_lines(status["feeds"])


def added_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what was added, and what else the site offers."""
    feed = told["feed"]
    name = plain(feed["title"] or feed["url"])
    done = "Added" if told["is_new"] else "Already there"
    yield Text.assemble(f"{done}: ", (name, "bold"), f", {feed['kind']} {feed['id']}, {plain(feed['url'])}")
    if told["others"]:
        yield Text("The site offers more; add those that you want:")
        for other in told["others"]:
            yield Text(f"  {plain(other['url'])}  {plain(other['title'] or '')}".rstrip())


def tested_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what would be taken from an address."""
    yield Text.assemble((plain(told["title"] or told["url"]), "bold"), f", a {told['kind']} at {plain(told['url'])}")
    for entry in told["entries"]:
        yield Text(f"  {_moment(entry['published_at'])}  {plain(entry['title'] or entry['url'] or '')}")
        yield Text(f"      {plain(entry['url'] or 'no address')} (takes {entry['takes']})", style="dim")
    if told["count"] > len(told["entries"]):
        yield Text(f"  and {told['count'] - len(told['entries'])} more")
    for problem in told["problems"]:
        yield Text(f"  Problem: {plain(problem)}", style="yellow")
    for other in told["others"]:
        yield Text(f"  The site also offers {plain(other['url'])}")
    yield Text("Nothing was taken in.", style="dim")


def imported_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what importing a list came to."""
    yield Text(f"{report['added']} added, {report['known']} known already, {len(report['problems'])} left out")
    for problem in report["problems"]:
        yield Text(f"  {plain(problem)}", style="yellow")


def failure_lines(entries: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    """Tell what failed, and why."""
    if not entries:
        yield Text("Nothing has failed.")
    for entry in entries:
        yield Text(f"{entry['state']:7}  {plain(entry['url'] or entry['title'] or 'without address')}")
        yield Text(f"         {plain(entry['reason'] or 'no reason noted')}", style="dim")


def history_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell the versions of an article and what each changed."""
    for number, version in enumerate(told["versions"], start=1):
        kind = " (excerpt)" if version["is_excerpt"] else ""
        yield Text.assemble(f"{number}. {_moment(version['stored_at'])}  ", (plain(version["title"]), "bold"), kind)
        for line in version["changes"]:
            yield Text(f"   {plain(line)}", style="green" if line.startswith("+") else "red")


def _moment(written: str | None) -> str:
    return "unknown" if written is None else written[:16].replace("T", " ")


def _duration(seconds: int) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{seconds / 60:.0f} min"
