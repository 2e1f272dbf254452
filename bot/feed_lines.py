"""Feeds, failures and versions as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from bot.terminal_lines import plain
from retrieval.news.dates import parse_published

_STATE_STYLES = {"active": "green", "failing": "yellow", "broken": "red", "ended": "red", "paused": "yellow"}
# What became of an entry, in the operator's words.
_ENTRY_STATES = {
    "new": "waiting",
    "failed": "tried again",
    "dead": "given up",
    "refused": "left out",
    "kept": "kept",
    "excerpt": "kept as an excerpt",
    "gone": "gone from the site",
}


def feed_lines(feeds: Sequence[Mapping[str, Any]], checked_at: str) -> Iterator[Text]:
    """Tell of each feed how it is, where, and what it brings; one line more where something fails.

    Args:
        feeds: as `bot.feed_facts` tells them, with or without what they brought.
        checked_at: when they were told so, ISO 8601; ages are counted to then.
    """
    if not feeds:
        yield Text("No feeds. Add one: dateline feeds add URL")
    now = datetime.fromisoformat(checked_at)
    for feed in feeds:
        state, name = _state(feed), plain(feed["source"] or feed["title"] or feed["url"])
        yield Text.assemble(f"{feed['id']:>4}  ", (f"{state:7}", _STATE_STYLES.get(state, "")), "  ", (name, "bold"))
        yield Text(f"      {plain(feed['url'])}", style="dim")
        if feed.get("scope"):
            yield Text(f"      seen by {plain(feed['scope'])} alone", style="dim")
        yield Text(f"      {'; '.join(_facts(feed, now))}", style="dim")
        if reason := feed["state_reason"] or feed["problem"]:
            count = f" ({feed['failures']} times in a row)" if feed["failures"] > 1 else ""
            again = f"; again {_until(feed['next_at'], now)}" if feed["next_at"] and state != "paused" else ""
            yield Text(f"      {plain(reason)}{'' if 'in a row' in reason else count}{again}", style="yellow")


def _state(feed: Mapping[str, Any]) -> str:
    return "failing" if feed["state"] == "active" and feed["failures"] else str(feed["state"])


def _facts(feed: Mapping[str, Any], now: datetime) -> Iterator[str]:
    if feed["kind"] != "feed":
        yield f"a {feed['kind']}"
    if feed["kind"] != "page":
        if feed["succeeded_at"]:
            yield f"last success {_since(feed['succeeded_at'], now)}"
        else:
            yield "never fetched" if feed["failures"] else "not fetched yet"
    if "entries" in feed:
        newest = feed["newest_published_at"]
        yield f"newest article {_since(newest, now)}" if newest else "no dated article yet"
        yield f"{feed['entries_per_day']:g} entries a day"
        if feed["waiting"]:
            yield f"{feed['waiting']} waiting"
        if feed["dead"]:
            yield f"{feed['dead']} given up"
    if feed["next_at"] and feed["state"] == "active":
        yield f"fetched every {_duration(feed['interval_s'])}"
    if feed["tags"]:
        yield f"tags: {plain(', '.join(feed['tags']))}"


def state_lines(status: Mapping[str, Any]) -> Iterator[Text]:
    """Tell, below the numbers of a home, what its operator should know of its feeds and its freshness.

    Feeds come with those first that need somebody.
    """
    if status["needs_migration"]:
        sentence = "Written by an earlier Dateline: numbers follow once any other command has brought it up to date."
        yield Text(sentence, style="yellow")
    freshness = status["freshness"]
    if freshness["is_stale"]:
        yield Text(
            f"Stale: the newest article is {_duration(freshness['newest_age_hours'] * 3600)} old.", style="bold yellow"
        )
    if status["entries"]:
        counts = ", ".join(
            f"{count:,} {_ENTRY_STATES.get(name, name)}" for name, count in sorted(status["entries"].items())
        )
        yield Text.assemble((f"{'Entries':15}", "bold"), f"  {counts}")
    if status["feeds"]:
        counted = Counter(_state(feed) for feed in status["feeds"])
        told = ", ".join(f"{count} {state}" for state, count in sorted(counted.items()))
        yield Text.assemble((f"{'Feeds':15}", "bold"), f"  {told}")
        order = ("broken", "failing", "ended")
        by_need = sorted(status["feeds"], key=lambda feed: (_state(feed) not in order, feed["id"]))
        yield from feed_lines(by_need, status["checked_at"])


def added_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what was added, what was passed over for it, and what else the site offers."""
    feed = told["feed"]
    name = plain(feed["source"] or feed["title"] or feed["url"])
    if told.get("is_public"):
        yield Text.assemble("Everybody sees it already: ", (name, "bold"))
    elif told["is_new"]:
        yield Text.assemble(f"Added {feed['kind']} {feed['id']}: ", (name, "bold"))
    else:
        yield Text.assemble(f"Already there as {feed['kind']} {feed['id']}, {_state(feed)}: ", (name, "bold"))
    yield Text(f"  {plain(feed['url'])}", style="dim")
    if told["is_new"]:
        yield Text("  It is fetched for as long as `dateline serve` runs.", style="dim")
    for problem in told["passed_over"]:
        yield Text(f"  Passed over: {plain(problem)}", style="yellow")
    if told["others"]:
        yield Text("The site offers more; add those that you want:")
        for other in told["others"]:
            yield Text(f"  {plain(other['url'])}  {plain(other['title'] or '')}".rstrip())


def trial_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell what would be taken from an address."""
    yield Text.assemble((plain(told["title"] or told["url"]), "bold"))
    listed = "this page alone" if told["kind"] == "page" else f"{told['count']} entries"
    yield Text(f"  a {told['kind']} at {plain(told['url'])}: {listed}", style="dim")
    for entry in told["entries"]:
        yield Text(f"  {_moment(entry['published_at']):20}  {plain(entry['title'] or entry['url'] or 'without title')}")
        yield Text(f"    takes {entry['takes']}: {plain(entry['url'] or 'it has no address')}", style="dim")
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


def failure_lines(entries: Sequence[Mapping[str, Any]], total: int) -> Iterator[Text]:
    """Tell what failed, and why; `total` counts what is not told as well."""
    if not entries:
        yield Text("Nothing has failed.")
    for entry in entries:
        state = _ENTRY_STATES.get(entry["state"], entry["state"])
        yield Text(f"{state:11}  {plain(entry['url'] or entry['title'] or 'without address')}")
        yield Text(f"             {plain(entry['reason'] or 'no reason noted')}", style="dim")
    if total > len(entries):
        yield Text(more_failed(len(entries), total))


def more_failed(shown: int, total: int) -> str:
    """Say how many more failed than are shown, and how to see them."""
    return f"and {total - shown:,} more; see --limit"


def retried_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """Tell how many entries are fetched again."""
    count = report["retried"]
    if not count:
        yield Text("Nothing to try again: nothing has failed.")
    else:
        yield Text(f"{count} {'is' if count == 1 else 'are'} fetched again, for as long as `dateline serve` runs.")


def history_lines(told: Mapping[str, Any]) -> Iterator[Text]:
    """Tell the versions of an article and what each changed."""
    for number, version in enumerate(told["versions"], start=1):
        kind = " (excerpt)" if version["is_excerpt"] else ""
        yield Text.assemble(f"{number}. {_moment(version['stored_at'])}  ", (plain(version["title"]), "bold"), kind)
        for line in version["changes"]:
            yield Text(f"   {plain(line)}", style="green" if line.startswith("+") else "red")


def _moment(written: str | None) -> str:
    if written is None:
        return "date not given"
    at = written[:16].replace("T", " ")
    return f"{at} UTC" if "T" in written else at


def _since(written: str, now: datetime) -> str:
    at, _ = parse_published(written)
    return "unknown" if at is None else f"{_duration((now - at).total_seconds())} ago"


def _until(written: str, now: datetime) -> str:
    seconds = (datetime.fromisoformat(written).astimezone(UTC) - now).total_seconds()
    return f"in {_duration(seconds)}" if seconds >= 1 else "now"


def _duration(seconds: float) -> str:
    """Write a time to the unit that matters: "40 s", "12 min", "5 h", "3 days"."""
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86_400:.0f} days"
