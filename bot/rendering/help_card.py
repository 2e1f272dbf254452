"""How to ask, as the card of /help: every way with an example, and what the bot does and does not do."""

from __future__ import annotations

from collections.abc import Collection

from bot.locales.speaking import marked, say
from bot.rendering.answer_card import ANSWER_COLOUR
from bot.rendering.card import Card
from bot.rendering.markdown import escaped, one_line, shortened

_NAME = 32
#: The names of the message commands, as Discord shows them under "Apps".
ASK_ABOUT, WHERE_FROM = marked("Ask the news about this"), marked("Where is this quote from?")

# A command's name and what it is for; only those that are there are told.
_COMMANDS = (
    ("latest", marked("**/latest** `topic` – the newest articles, on a topic or at all")),
    ("timeline", marked("**/timeline** `topic` – a story in dated steps, each a quote")),
    ("sources", marked("**/sources** – the publishers and feeds that I know")),
    ("status", marked("**/status** – how many articles there are, and how new they are")),
    ("privacy", marked("**/privacy** – what I keep of you; take it with you, or have it erased")),
    ("news", marked("**/news** – for managers of this server: its own feeds, where I answer, and how often")),
)
_DOES = marked(
    "I answer from the articles that I was given, quote the sentences that say it, and link them. When they do not "
    "say, I say so.\n"
    "I do not search the web, guess, or give opinions, and I read no messages but those that are addressed to me."
)


def help_card(commands: Collection[str], *, name: str) -> Card:
    """Render how to ask.

    Args:
        commands: the names of the commands that whoever asks may use, message commands too.
        name: the bot's.

    Returns:
        A card without buttons.
    """
    mention = escaped(f"@{shortened(one_line(name), _NAME)}")
    ways = [
        say("**How to ask**"),
        say(
            "**/ask** Where did the convoy go?\n-# with `since`, `until` (“last week”, “March 2020”), `source`, and "
            "`private`: only you see the answer"
        ),
        say("**In a channel:** {mention} Where did the convoy go?", mention=mention),
        say("**To ask on,** reply to one of my messages with the mention left on: “and when?”"),
        say("**In a direct message** just write; nobody else reads along."),
    ]
    if ASK_ABOUT in commands:
        ways.append(
            say(
                "**About a message:** hold it (phone) or right-click it, choose **Apps**, then\n"
                "- **{ask_about}** – its words become your question\n"
                "- **{where_from}** – the article that says it, and what was changed\n"
                "-# only you see what comes of it",
                ask_about=say(ASK_ABOUT),
                where_from=say(WHERE_FROM),
            )
        )
    more = [say(line) for command, line in _COMMANDS if command in commands]
    return Card([ways, ["\n".join(more)] if more else [], [say(_DOES)]], ANSWER_COLOUR)
