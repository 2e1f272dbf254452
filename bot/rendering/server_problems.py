"""Why what a server's managers asked for is not done, and what to say of it; a part of the table in problems.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot.locales.speaking import marked, say, say_counted


class NotManaging(app_commands.CheckFailure):
    """Somebody without the permission Manage Server used what is for those who have it."""


class NotInstalledHere(app_commands.CheckFailure):
    """What concerns a server was used where no server has the bot."""


class ServerRefused(Exception):
    """A server's managers asked for something that cannot be done."""


class FeedsFull(ServerRefused):
    """A server has as many feeds of its own as it may.

    Attributes:
        most: so many; 0 if servers may have none.
    """

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} feeds")
        self.most = most


class AddressUnusable(ServerRefused):
    """What was given as an address is none, or one that nothing is fetched from."""


class SpeaksEverywhere(ServerRefused):
    """A channel was to be taken from the channels that are named, and none are."""


def _full(refusal: FeedsFull) -> str:
    if not refusal.most:
        return say("Whoever runs this bot lets servers add no feeds of their own.")
    return say_counted(
        "This server has {count} feed of its own, as many as it may; first remove one: /news feeds remove.",
        "This server has {count} feeds of its own, as many as it may; first remove one: /news feeds remove.",
        refusal.most,
    )


#: Exception type -> what a person is told, and the operator; all of them are everyday.
SERVER_PROBLEMS: dict[type[BaseException], tuple[str | Callable[[Any], str], str | Callable[[Any], str]]] = {
    NotManaging: (
        marked("Only those who may manage this server (the permission Manage Server) can use this."),
        "Somebody without the permission Manage Server used a command for managers.",
    ),
    NotInstalledHere: (
        marked("This is for the managers of a server that has me installed, and used there."),
        "A command for a server's managers was used outside of a server that has the bot.",
    ),
    FeedsFull: (
        _full,
        lambda e: f"A server wanted more than {e.most} feeds of its own (`discord.feeds_per_server`).",
    ),
    AddressUnusable: (
        marked(
            "That is no address that I can fetch: give the full one of a public site, as in "
            "https://news.example/feed.xml."
        ),
        lambda e: f"A server's manager gave an address that cannot be used: {e}",
    ),
    SpeaksEverywhere: (
        marked(
            "I may speak in every channel now; name the ones where I may with `allow`, or say `everywhere: False` "
            "first."
        ),
        "A server's manager disallowed a channel where all channels are allowed.",
    ),
}
