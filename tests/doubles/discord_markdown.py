"""What Discord's client makes of Markdown: which signs format, and what is live (mentions, links, emoji)."""

from __future__ import annotations

import random
import re

# Discord's rules, after its own client: a backslash before anything but letters, digits and white space escapes it.
ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
LIVE = re.compile(
    r"@everyone|@here|<@!?\d+>|<@&\d+>|<#\d+>|</[^>\s]+:\d+>|<t:-?\d+|<id:|<a?:\w+:\d+>|https?://|<[^\s>\u200b]+@[^\s>]+>"
    r"|discord\.gg/|(?<!\\):\w+:",
    re.IGNORECASE,
)
SIGNS = ["**", "__", "~~", "||", "`", "```\n", "# ", "-# ", "> ", ">>> ", "- ", "1. ", "[x](http://e.example)", "\\"]
TOKENS = [
    *("@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</ask:1>", "<t:1:R>", "<id:guide>", "<:a:1>", "<a:b:1>"),
    *(
        "https://evil.example/x",
        "<https://evil.example>",
        "<m@evil.example>",
        "discord.gg/abc",
        ":fire:",
        "\u202e",
        "\n",
    ),
]
# A link of a card: a label that ends at its first unescaped bracket, and an address without white space.
_LINK = re.compile(r"\[((?:\\.|[^\]\\])*|\[\d+\])\]\((https?://[^\s()]+)\)")


def unescaped(markdown: str) -> str:
    """Return what Discord parses: the text with a letter for every escaped sign."""
    return ESCAPE.sub("x", markdown)


def links(markdown: str) -> list[str]:
    """List the addresses that links of a text lead to."""
    return [target for _, target in _LINK.findall(markdown)]


def without_links(markdown: str) -> str:
    """Return a text with the labels of its links alone."""
    return _LINK.sub(r"\1", markdown)


def hostile_texts(count: int, *, seed: int = 1) -> list[str]:
    """Make different texts out of words and everything that formats, links, mentions or hides."""
    dice = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        parts = [dice.choice([*SIGNS, *TOKENS, "a", " ", "word"]) for _ in range(dice.randrange(2, 9))]
        made.setdefault("".join(parts))
    return list(made)
