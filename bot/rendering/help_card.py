"""How to ask, as the card of /help: every way with an example, and what the bot does and does not do."""

from __future__ import annotations

from collections.abc import Collection

from bot.rendering.answer_card import ANSWER_COLOUR
from bot.rendering.card import Card
from bot.rendering.markdown import escaped, one_line, shortened

_NAME = 32
#: The names of the message commands, as Discord shows them under "Apps".
ASK_ABOUT, WHERE_FROM = "Ask the news about this", "Where is this quote from?"

# A command's name and what it is for; only those that are there are told.
_COMMANDS = (
    ("latest", "**/latest** `topic` – the newest articles, on a topic or at all"),
    ("timeline", "**/timeline** `topic` – a story in dated steps, each a quote"),
    ("sources", "**/sources** – the publishers and feeds that I know"),
    ("status", "**/status** – how many articles there are, and how new they are"),
    ("privacy", "**/privacy** – what I keep of you; take it with you, or have it erased"),
)
_DOES = """\
I answer from the articles that I was given, quote the sentences that say it, and link them. When they do not say, I \
say so.
I do not search the web, guess, or give opinions, and I read no messages but those that are addressed to me."""


def help_card(commands: Collection[str], *, name: str) -> Card:
    """Render how to ask.

    Args:
        commands: the names of the commands that there are, message commands too.
        name: the bot's.

    Returns:
        A card without buttons.
    """
    mention = escaped(f"@{shortened(one_line(name), _NAME)}")
    ways = [
        "**How to ask**",
        "**/ask** Where did the convoy go?\n-# with `since`, `until` (“last week”, “March 2020”), `source`, and "
        "`private`: only you see the answer",
        f"**In a channel:** {mention} Where did the convoy go?",
        "**To ask on,** reply to one of my messages with the mention left on: “and when?”",
        "**In a direct message** just write; nobody else reads along.",
    ]
    if ASK_ABOUT in commands:
        ways.append(
            "**About a message:** hold it (phone) or right-click it, choose **Apps**, then\n"
            f"- **{ASK_ABOUT}** – its words become your question\n"
            f"- **{WHERE_FROM}** – the article that says it, and what was changed\n"
            "-# only you see what comes of it"
        )
    more = [line for command, line in _COMMANDS if command in commands]
    return Card([ways, ["\n".join(more)] if more else [], [_DOES]], ANSWER_COLOUR)
