"""What /news tells a server's managers: their feeds, what an address would bring, and how the bot is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.locales.speaking import marked, number_words, say, say_counted
from bot.records.guilds import GuildSettings
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import escaped, link, one_line, shortened
from bot.rendering.wording import and_more, published_words, with_more

_NAME, _TITLE, _ADDRESS = 80, 120, 300
_CHOICE_CHARS = 100
_MOST_OTHERS, _MOST_ENTRIES, _MOST_CHANNELS = 10, 5, 40
_DAY_CHARS = len("2026-01-31")
# How a feed is told to be; any other state is fetched.
_STATES = {
    "paused": marked("paused by whoever runs this bot"),
    "ended": marked("ended by its publisher"),
    "broken": marked("broken"),
}
# What an address leads to, as `retrieval.archive.feed_ledger.FeedKind` has it.
_KINDS = {"feed": marked("feed"), "sitemap": marked("news sitemap"), "page": marked("single page")}
# What is taken of an entry, as `bot.feed_facts` tells it.
_TAKES = {"the whole text from the feed": marked("the whole text from the feed"), "the page": marked("the page")}


def added_card(added: Mapping[str, Any]) -> Card:
    """Render what came of adding a feed, as `bot.feeds.FeedOperations.add` tells it, and what else the site offers."""
    name = _named(added["feed"])
    if added["is_public"]:
        said = say(
            "**{feed}** is public already: what it brings is in everybody's answers, here too. Nothing was added.",
            feed=name,
        )
    elif not added["is_new"]:
        said = say("This server follows **{feed}** already.", feed=name)
    else:
        said = say(
            "This server now follows **{feed}**.\nWhat it brings is answered from here and nowhere else; the first of "
            "it comes within minutes.",
            feed=name,
        )
    colour = ANSWER_COLOUR if added["is_new"] else ABSTENTION_COLOUR
    return Card(first_that_fits(_with_others([[said]], added["others"])), colour)


def trial_card(told: Mapping[str, Any]) -> Card:
    """Render what would be taken from an address, as `bot.feeds.FeedOperations.test` tells it."""
    head = [f"**{_named(told)}**", f"-# {say(_KINDS[told['kind']])}: {_address(told['url'])}"]
    if told["is_public"]:
        head.append(say("It is public already: what it brings is in everybody's answers, here too."))
    count = told["count"]
    found = [
        say_counted(
            "{count} article would be taken; nothing was.", "{count} articles would be taken; nothing was.", count
        )
    ]
    found += [_entry(entry) for entry in told["entries"][:_MOST_ENTRIES]]
    if count > min(len(told["entries"]), _MOST_ENTRIES):
        found.append(f"-# {and_more(count - min(len(told['entries']), _MOST_ENTRIES))}")
    # What they say names hosts, also those that only the operator's network knows; that is for the terminal.
    problems = []
    if unread := len(told["problems"]):
        problems = [
            "-# "
            + say_counted(
                "{count} thing there could not be read; whoever runs this bot can see it by `dateline feeds test`.",
                "{count} things there could not be read; whoever runs this bot can see them by `dateline feeds test`.",
                unread,
            )
        ]
    sections = [["\n".join(head)], ["\n".join(found)], problems]
    return Card(first_that_fits(_with_others(sections, told["others"])), ANSWER_COLOUR)


def feeds_card(feeds: Sequence[Mapping[str, Any]], *, most: int) -> Card:
    """Render a server's own feeds with how they do; what does not fit is counted.

    Args:
        feeds: as `bot.feed_facts.read_feeds` tells them to the server's scope.
        most: so many it may have.
    """
    if not feeds:
        said = say("This server has no feeds of its own; the public ones it sees all the same (/sources).")
        way = "\n" + say("Add one with **/news feeds add**.") if most else ""
        return Card([[f"{said}{way}"]], ABSTENTION_COLOUR)
    title = say_counted(
        "**{count} feed of this server's own**, of {most} that it may have",
        "**{count} feeds of this server's own**, of {most} that it may have",
        len(feeds),
        most=number_words(most),
    )

    def layouts() -> Iterator[list[Section]]:
        lines = [_line(feed) for feed in feeds]
        for shown in range(len(lines), -1, -1):
            rest = [f"-# {and_more(len(lines) - shown)}"] if shown < len(lines) else []
            yield [["\n".join([title, *lines[:shown], *rest])]]

    return Card(first_that_fits(layouts()), ANSWER_COLOUR)


def removed_card(feed: Mapping[str, Any]) -> Card:
    """Render that a feed was removed."""
    return Card([[say("Removed: **{feed}**, and what it alone brought here.", feed=_named(feed))]], ABSTENTION_COLOUR)


def settings_card(settings: GuildSettings, *, was_changed: bool, lacks_threads: bool) -> Card:
    """Render how a server has set the bot.

    Args:
        settings: as they are now.
        was_changed: whether that has just been changed.
        lacks_threads: the bot may not open threads where it was asked.
    """
    threads = say("in a thread on it") if settings.opens_threads else say("by a reply")
    if settings.opens_threads and lacks_threads:
        threads = say("in a thread on it (but by a reply here, for want of the permission Create Public Threads)")
    if settings.is_private:
        shown = say("shown to whoever asks alone, unless they say `private: False`")
    else:
        shown = say("seen by all, unless `private: True`")
    lines = [
        say("**Set.** So I answer in this server:") if was_changed else say("**So I answer in this server:**"),
        "- " + say("In front of all {where}", where=_where(settings.channel_ids)),
        "- " + say("A mention: {how}", how=threads),
        "- " + say("/ask, /latest and /timeline: {how}", how=shown),
        "- " + say("Questions of one person: {how_many}", how_many=_per_minute(settings.cooldown_s)),
        "- " + say("Requests to a chat model, if I use one: {how_many}", how_many=_a_day(settings.model_answers_a_day)),
    ]
    if settings.channel_ids is not None:
        elsewhere = say("Elsewhere a mention gets no answer, and commands are answered to whoever uses them alone.")
        lines.append(f"-# {elsewhere}")
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
        return say(state)
    if feed["failures"]:
        return say_counted(
            "could not be fetched, {count} time in a row",
            "could not be fetched, {count} times in a row",
            feed["failures"],
        )
    if feed["succeeded_at"] is None and not feed["entries"]:
        return say("not fetched yet")
    told = say_counted("{count} article listed", "{count} articles listed", feed["entries"])
    newest = feed["newest_published_at"]
    if not newest:
        return told
    return say("{listed}, the newest of {date}", listed=told, date=published_words(newest[:_DAY_CHARS]))


def _entry(entry: Mapping[str, Any]) -> str:
    title = link(shortened(one_line(entry["title"] or say("Untitled article")), _TITLE), entry["url"])
    dated = f"{published_words(entry['published_at'])}, " if entry["published_at"] else ""
    return f"- {title}\n-# {dated}{escaped(say(_TAKES.get(entry['takes'], entry['takes'])))}"


def _with_others(sections: list[list[str]], others: Sequence[Mapping[str, Any]]) -> Iterator[list[Section]]:
    """Lay out what else a site offers below sections, as much of it as fits."""
    for most in range(min(len(others), _MOST_OTHERS), -1, -1):
        lines = [
            f"- {escaped(shortened(one_line(one['title'] or ''), _NAME))} {_address(one['url'])}" for one in others
        ]
        more = [f"-# {and_more(len(others) - most)}"] if most < len(others) else []
        head = say("Also offered there; **/news feeds add** takes them by their addresses:")
        yield [*sections, ["\n".join([head, *lines[:most], *more])] if others else []]


def _where(channel_ids: frozenset[int] | None) -> str:
    if channel_ids is None:
        return say("in every channel that I see")
    if not channel_ids:
        return say("nowhere")
    more = len(channel_ids) - _MOST_CHANNELS
    named = ", ".join(f"<#{one}>" for one in sorted(channel_ids)[:_MOST_CHANNELS])
    return say("only in {channels}, with their threads", channels=with_more(named, more))


def _per_minute(cooldown_s: float | None) -> str:
    if not cooldown_s:
        return say("as many as everywhere")
    return say("{number} a minute", number=number_words(round(60 / cooldown_s)))


def _a_day(requests: int | None) -> str:
    if requests is None:
        return say("as many as everywhere")
    return say("{number} a day", number=number_words(requests))
