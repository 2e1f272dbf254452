"""What /news tells a server's managers: their feeds, what an address would bring, and how the bot is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.records.guilds import GuildSettings
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import escaped, link, one_line, shortened
from bot.rendering.wording import counted, published_words

_NAME, _TITLE, _ADDRESS, _PROBLEM = 80, 120, 300, 200
_CHOICE_CHARS = 100
_MOST_OTHERS, _MOST_ENTRIES, _MOST_PROBLEMS, _MOST_CHANNELS = 10, 5, 3, 40
_DAY_CHARS = len("2026-01-31")
# How a feed is told to be; any other state is fetched.
_STATES = {"paused": "paused by whoever runs this bot", "ended": "ended by its publisher", "broken": "broken"}


def added_card(added: Mapping[str, Any]) -> Card:
    """Render what came of adding a feed, as `bot.feeds.FeedOperations.add` tells it, and what else the site offers."""
    name = _named(added["feed"])
    if added["is_public"]:
        said = f"**{name}** is public already: what it brings is in everybody's answers, here too. Nothing was added."
    elif not added["is_new"]:
        said = f"This server follows **{name}** already."
    else:
        said = (
            f"This server now follows **{name}**.\nWhat it brings is answered from here and nowhere else; the first of "
            "it comes within minutes."
        )
    colour = ANSWER_COLOUR if added["is_new"] else ABSTENTION_COLOUR
    return Card(first_that_fits(_with_others([[said]], added["others"])), colour)


def trial_card(told: Mapping[str, Any]) -> Card:
    """Render what would be taken from an address, as `bot.feeds.FeedOperations.test` tells it."""
    head = [f"**{_named(told)}**", f"-# {escaped(told['kind'])}: {_address(told['url'])}"]
    if told["is_public"]:
        head.append("It is public already: what it brings is in everybody's answers, here too.")
    count = told["count"]
    found = [f"{counted(count, 'article')} would be taken{'' if count else ' now'}; nothing was."]
    found += [_entry(entry) for entry in told["entries"][:_MOST_ENTRIES]]
    if count > min(len(told["entries"]), _MOST_ENTRIES):
        found.append(f"-# and {count - min(len(told['entries']), _MOST_ENTRIES):,} more")
    problems = [f"-# {escaped(shortened(one_line(one), _PROBLEM))}" for one in told["problems"][:_MOST_PROBLEMS]]
    sections = [["\n".join(head)], ["\n".join(found)], ["\n".join(problems)] if problems else []]
    return Card(first_that_fits(_with_others(sections, told["others"])), ANSWER_COLOUR)


def feeds_card(feeds: Sequence[Mapping[str, Any]], *, most: int) -> Card:
    """Render a server's own feeds with how they do; what does not fit is counted.

    Args:
        feeds: as `bot.feed_facts.read_feeds` tells them to the server's scope.
        most: so many it may have.
    """
    if not feeds:
        said = "This server has no feeds of its own; the public ones it sees all the same (/sources)."
        return Card([[f"{said}\nAdd one with **/news feeds add**." if most else said]], ABSTENTION_COLOUR)
    title = f"**{counted(len(feeds), 'feed')} of this server's own**, of {most:,} that it may have"

    def layouts() -> Iterator[list[Section]]:
        lines = [_line(feed) for feed in feeds]
        for shown in range(len(lines), -1, -1):
            rest = [f"-# and {len(lines) - shown:,} more"] if shown < len(lines) else []
            yield [["\n".join([title, *lines[:shown], *rest])]]

    return Card(first_that_fits(layouts()), ANSWER_COLOUR)


def removed_card(feed: Mapping[str, Any]) -> Card:
    """Render that a feed was removed."""
    return Card([[f"Removed: **{_named(feed)}**, and what it alone brought here."]], ABSTENTION_COLOUR)


def settings_card(settings: GuildSettings, *, was_changed: bool, lacks_threads: bool) -> Card:
    """Render how a server has set the bot.

    Args:
        settings: as they are now.
        was_changed: whether that has just been changed.
        lacks_threads: the bot may not open threads where it was asked.
    """
    threads = "in a thread on it" if settings.opens_threads else "by a reply"
    if settings.opens_threads and lacks_threads:
        threads += " (but by a reply here, for want of the permission Create Public Threads)"
    shown = "shown to whoever asks alone, unless they say `private: False`"
    lines = [
        "**Set.** So I answer in this server:" if was_changed else "**So I answer in this server:**",
        f"- In front of all {_where(settings.channel_ids)}",
        f"- A mention: {threads}",
        f"- /ask, /latest and /timeline: {shown if settings.is_private else 'seen by all, unless `private: True`'}",
        f"- Questions of one person: {_per_minute(settings.cooldown_s)}",
        f"- Requests to a chat model, if I use one: {_a_day(settings.model_answers_a_day)}",
    ]
    if settings.channel_ids is not None:
        lines.append("-# Elsewhere a mention gets no answer, and commands are answered to whoever uses them alone.")
    return Card([["\n".join(lines)]], ANSWER_COLOUR if was_changed else ABSTENTION_COLOUR)


def feed_choice(feed: Mapping[str, Any]) -> str:
    """Name a feed, as its number and name, for Discord's list of choices: plain text of at most 100 characters."""
    return shortened(f"{feed['id']}. {one_line(_name(feed))}", _CHOICE_CHARS)


def _name(feed: Mapping[str, Any]) -> str:
    return str(feed.get("source") or feed["title"] or urlsplit(feed["url"]).hostname or feed["url"])


def _named(feed: Mapping[str, Any]) -> str:
    return link(shortened(one_line(_name(feed)), _NAME), feed["url"])


def _address(url: str) -> str:
    return escaped(shortened(one_line(url), _ADDRESS))


def _line(feed: Mapping[str, Any]) -> str:
    return f"{feed['id']}\\. **{_named(feed)}**: {_state(feed)}"


def _state(feed: Mapping[str, Any]) -> str:
    if (state := _STATES.get(feed["state"])) is not None:
        return state
    if feed["failures"]:
        return f"could not be fetched, {counted(feed['failures'], 'time')} in a row"
    if feed["succeeded_at"] is None and not feed["entries"]:
        return "not fetched yet"
    told = counted(feed["entries"], "article") + " listed"
    newest = feed["newest_published_at"]
    return f"{told}, the newest of {published_words(newest[:_DAY_CHARS])}" if newest else told


def _entry(entry: Mapping[str, Any]) -> str:
    title = link(shortened(one_line(entry["title"] or "Untitled"), _TITLE), entry["url"])
    dated = f"{published_words(entry['published_at'])}, " if entry["published_at"] else ""
    return f"- {title}\n-# {dated}{escaped(entry['takes'])}"


def _with_others(sections: list[list[str]], others: Sequence[Mapping[str, Any]]) -> Iterator[list[Section]]:
    """Lay out what else a site offers below sections, as much of it as fits."""
    for most in range(min(len(others), _MOST_OTHERS), -1, -1):
        lines = [
            f"- {escaped(shortened(one_line(one['title'] or ''), _NAME))} {_address(one['url'])}" for one in others
        ]
        more = [f"-# and {len(others) - most:,} more"] if most < len(others) else []
        head = "Also offered there; **/news feeds add** takes them by their addresses:"
        yield [*sections, ["\n".join([head, *lines[:most], *more])] if others else []]


def _where(channel_ids: frozenset[int] | None) -> str:
    if channel_ids is None:
        return "in every channel that I see"
    if not channel_ids:
        return "nowhere"
    more = len(channel_ids) - _MOST_CHANNELS
    named = ", ".join(f"<#{one}>" for one in sorted(channel_ids)[:_MOST_CHANNELS])
    return f"only in {named}{f' and {more:,} more' if more > 0 else ''}, with their threads"


def _per_minute(cooldown_s: float | None) -> str:
    return f"{round(60 / cooldown_s)} a minute" if cooldown_s else "as many as everywhere"


def _a_day(requests: int | None) -> str:
    return "as many as everywhere" if requests is None else f"{requests:,} a day"
