"""The card of /help tells every way to ask that there is, and no command that there is not."""

from __future__ import annotations

from bot.rendering.help_card import ASK_ABOUT, WHERE_FROM, help_card
from bot.rendering.limits import MAX_CHARS, width

ALL = {"ask", "latest", "timeline", "sources", "status", "help", "privacy", ASK_ABOUT, WHERE_FROM}


def shown(commands: set[str], name: str = "Dateline") -> str:
    (container,) = help_card(commands, name=name).to_components()
    return "\n".join(one.get("content", "---") for one in container["components"])


def test_every_way_to_ask_is_told_on_one_short_page() -> None:
    text = shown(ALL)
    for told in ("/ask", "@Dateline", "reply", "direct message", ASK_ABOUT, WHERE_FROM, "/latest", "/privacy"):
        assert told in text
    assert width(text) < MAX_CHARS / 2


def test_commands_that_are_not_there_are_not_told() -> None:
    text = shown({"ask", "help"})
    for told in (ASK_ABOUT, WHERE_FROM, "/latest", "/privacy", "/status"):
        assert told not in text


def test_the_bots_name_is_shown_as_text() -> None:
    assert "@\u200beveryone" in shown(ALL, name="everyone")
