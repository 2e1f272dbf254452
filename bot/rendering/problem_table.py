"""The only table of what can go wrong and the sentence that says so, to a person and to the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.answering import errors as answering
from bot.locales.speaking import marked, number_words, say
from bot.rendering.asking_problems import ASKING_PROBLEMS
from bot.rendering.fetch_problems import FETCH_PERSON, FETCH_PERSONS, FETCH_REMEDIES
from bot.rendering.records_problems import RECORDS_PROBLEMS
from bot.rendering.server_problems import SERVER_PROBLEMS
from bot.rendering.upkeep_problems import INDEX_DOWN, UPKEEP_PROBLEMS
from retrieval import errors as retrieval

_Words = str | Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What to say of one exception type; `expected` ones are everyday and no fault, so the log takes one line.

    Attributes:
        person: for people in Discord.
        operator: for whoever runs Dateline.
        expected: whether it belongs to everyday life rather than being somebody's to mend.
    """

    person: _Words
    operator: _Words
    expected: bool = False


_MODEL_DOWN = marked(
    "The language model that writes the answers is not available now; please ask again in a few minutes."
)
_DISCORD_DOWN = marked("Discord could not be reached properly just now; please ask again in a minute.")
_NO_MODEL = "or leave `llm.model` empty to answer without a language model"
_RENEW_COMMAND = marked("This command has changed since you opened Discord; restart Discord and use it again.")
_NO_ACCESS = marked(
    "I may not write where you asked me: ask whoever manages that server to give me View Channel, Send Messages "
    "(in a thread: Send Messages in Threads) and Read Message History there, or use /ask, which works without them."
)
_DATES = marked("write it like 29 September 2020, 2020-09-29, September 2020, yesterday or last week.")
# The options by which people limit what they want, called as Discord shows them.
_LIMITS = (marked("since"), marked("until"))
_NO_NETWORK = "Discord cannot be reached: check the network, the proxy and https://discordstatus.com."
_FREE_SPACE = "check that the disk has room and that the folder belongs to the user who runs Dateline"

PROBLEMS: dict[type[BaseException], Problem] = {
    answering.QuestionEmpty: Problem(
        marked("Nothing was asked: write your question after my name, or use /ask with your question."),
        'Nothing was asked: give the question in quotation marks, as in `dateline ask "Who left the base?"`.',
        expected=True,
    ),
    answering.QuestionTooLong: Problem(
        lambda e: say(
            "Your question has {length} characters; please shorten it to {limit}.",
            length=number_words(e.length_chars),
            limit=number_words(e.limit_chars),
        ),
        lambda e: f"The question has {e.length_chars} characters; shorten it to {e.limit_chars}.",
        expected=True,
    ),
    answering.QuestionMalformed: Problem(
        marked("Your question came with something I cannot use; please ask again in words alone."),
        lambda e: f"The question's {e.field} cannot be used: {e.reason}",
        expected=True,
    ),
    answering.LimitUnreadable: Problem(
        lambda e: say(
            "I cannot read “{written}” as a date for “{limit}”: {how}",
            written=e.written,
            limit=say(e.limit),
            how=say(_DATES),
        ),
        lambda e: f"The limit “{e.limit}” was given as “{e.written}”, which is no date: {_DATES}",
        expected=True,
    ),
    answering.LimitsReversed: Problem(
        lambda e: say(
            "Nothing is both since “{since}” and until “{until}”: swap the two, or leave one out.",
            since=e.since,
            until=e.until,
        ),
        lambda e: f"Nothing is both since “{e.since}” and until “{e.until}”: swap the two, or leave one out.",
        expected=True,
    ),
    answering.MessageWordless: Problem(
        marked("That message has no words that I can read: use this on a message with text, or ask in your own words."),
        "Somebody asked about a message that has no words.",
        expected=True,
    ),
    answering.ChatModelUnavailable: Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} cannot be reached or refuses its key: check the network and the key, {_NO_MODEL}.",
    ),
    answering.ChatModelTimedOut: Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} did not answer in time: raise its time-out, name a faster model, {_NO_MODEL}.",
    ),
    answering.ChatModelOverQuota: Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} refuses for its rate limit or budget: wait, raise the budget, {_NO_MODEL}.",
    ),
    answering.ChatModelMisconfigured: Problem(
        marked("The language model that writes the answers is not set up properly; please tell whoever runs this bot."),
        lambda e: (
            f"`llm.model` is {e.model}, which cannot be used ({e.detail}): name an installed provider:model, "
            f"{_NO_MODEL}."
        ),
    ),
    answering.EntailmentModelUnusable: Problem(
        marked("The model that checks the answers is not set up properly; please tell whoever runs this bot."),
        lambda e: (
            f"`answering.nli_model` is {e.model}, which cannot be used ({e.detail}): name a cross-encoder for natural "
            "language inference that is on this machine, or leave it empty."
        ),
    ),
    answering.AnswerTimedOut: Problem(
        marked("The answer took too long, so I gave up; please ask again in a minute."),
        lambda e: f"The answer took longer than {e.timeout_s:g} s: ask again, or raise `answering.timeout_s`.",
        expected=True,
    ),
    retrieval.InputNotFound: Problem(
        INDEX_DOWN, lambda e: f"{e.path} does not exist or cannot be read: check the spelling and the permissions."
    ),
    retrieval.ArticleRejected: Problem(INDEX_DOWN, lambda e: f"{e.input} was not taken in: {e.reason}"),
    retrieval.ArticleUnknown: Problem(
        marked("I have no article of that name or address."),
        lambda e: f"There is no article {e.name}: give its address or its id, as `dateline ask --json` shows them.",
        expected=True,
    ),
    retrieval.FeedUnreadable: Problem(
        marked("What is at that address is no feed of news; check the address, or name the site's feed."),
        lambda e: f"{e.url} cannot be read as a feed ({e.reason}): check the address, or name the site's feed.",
        expected=True,
    ),
    retrieval.FeedUnknown: Problem(
        marked("I follow no feed of that name or address."),
        lambda e: f"There is no feed {e.name}: give its number or address, as `dateline feeds list` shows them.",
        expected=True,
    ),
    **{
        kind: Problem(FETCH_PERSONS.get(kind, FETCH_PERSON), remedy, expected=True)
        for kind, remedy in FETCH_REMEDIES.items()
    },
    retrieval.ExtractionUnavailable: Problem(
        INDEX_DOWN,
        lambda e: (
            f"The processes that read web pages cannot be started ({e.detail}): check that the machine has memory "
            "left and allows more processes."
        ),
    ),
    retrieval.EmbeddingModelMissing: Problem(
        INDEX_DOWN,
        lambda e: f"The embedding model {e.model} cannot be loaded ({e.detail}): install it, or name another one.",
    ),
    retrieval.EmbeddingModelTampered: Problem(
        INDEX_DOWN,
        lambda e: f"{e.path} is not the published file (SHA-256 {e.found[:12]}, not {e.expected[:12]}): reinstall it.",
    ),
    retrieval.RerankerModelUnusable: Problem(
        INDEX_DOWN,
        lambda e: (
            f"`retrieval.reranker_model` {e.model} cannot be used ({e.detail}): name a local one, or leave it empty."
        ),
    ),
    retrieval.EmbeddingNotExported: Problem(
        INDEX_DOWN,
        lambda e: (
            f"The embedding model {e.model} cannot be run by ONNX Runtime ({e.detail}): mend that, or set "
            '`embedding.runtime` to "torch".'
        ),
    ),
    retrieval.IndexMismatch: Problem(
        INDEX_DOWN, lambda e: f"The index was made with other settings ({e}): run `dateline reindex`."
    ),
    retrieval.IndexUnfinished: Problem(
        INDEX_DOWN,
        lambda e: f"Rebuilding the index stopped at {e.done} of {e.total} articles: finish it with `dateline reindex`.",
    ),
    retrieval.ArchiveTooNew: Problem(
        INDEX_DOWN,
        lambda e: f"{e.path} was written by a later Dateline (revision {e.revision}): upgrade, or use another home.",
    ),
    retrieval.ArchiveUnreadable: Problem(
        INDEX_DOWN,
        lambda e: f"{e.path} cannot be read or written ({e.detail}): {_FREE_SPACE}, or restore a backup.",
    ),
    retrieval.VectorStoreUnavailable: Problem(
        INDEX_DOWN,
        lambda e: (
            f"The vector store at {e.where} does not answer ({e.detail}): {_FREE_SPACE}, then run `dateline reindex`."
        ),
    ),
    retrieval.QueueFull: Problem(
        marked("Many questions are waiting already; please ask again in a minute."),
        lambda e: f"{e.waiting} questions are waiting already: ask again in a minute.",
        expected=True,
    ),
    discord.LoginFailure: Problem(
        _DISCORD_DOWN,
        "Discord refuses the bot's token: set DATELINE_DISCORD__TOKEN to the token on the Bot page of your application "
        "in the Discord Developer Portal.",
    ),
    discord.PrivilegedIntentsRequired: Problem(
        _DISCORD_DOWN,
        "Discord refuses a privileged intent: Dateline needs none, so remove the one added to `bot/client.py`, "
        "or enable it on the Bot page of the Discord Developer Portal.",
    ),
    discord.ConnectionClosed: Problem(
        _DISCORD_DOWN,
        lambda e: (
            f"Discord closed the gateway connection with code {e.code}: look the code up in Discord's list of "
            "gateway close codes; 4011 means that the bot is in too many servers for one connection."
        ),
    ),
    discord.GatewayNotFound: Problem(
        _DISCORD_DOWN, "Discord named no gateway to connect to: wait, and look at https://discordstatus.com."
    ),
    app_commands.CommandSyncFailure: Problem(
        _DISCORD_DOWN, lambda e: f"Discord refuses the list of commands ({e}): report it together with your version."
    ),
    app_commands.CommandNotFound: Problem(_RENEW_COMMAND, _RENEW_COMMAND, expected=True),
    app_commands.CommandSignatureMismatch: Problem(_RENEW_COMMAND, _RENEW_COMMAND, expected=True),
    app_commands.CheckFailure: Problem(
        marked("You may not use this command here; try it in another channel or in a direct message to me."),
        "Somebody used a command where the server's settings do not allow it.",
        expected=True,
    ),
    discord.RateLimited: Problem(
        marked("Discord asks me to slow down; please ask again in a minute."),
        lambda e: f"Discord's rate limit holds for another {e.retry_after:.0f} s: wait, or answer in fewer channels.",
    ),
    discord.Forbidden: Problem(
        _NO_ACCESS,
        lambda e: (
            f"Discord does not allow this (code {e.code}: {e.text}): give the bot View Channel, Send Messages, "
            "Send Messages in Threads and Read Message History in that channel."
        ),
    ),
    discord.NotFound: Problem(
        marked("What I wanted to reply to is gone, or Discord waited too long for me; please ask again."),
        lambda e: (
            f"Discord no longer knows the message or interaction (code {e.code}): if this is frequent, give "
            "Dateline a faster machine, since commands must be acknowledged within 3 s."
        ),
    ),
    discord.HTTPException: Problem(
        _DISCORD_DOWN, lambda e: f"Discord answered with HTTP {e.status} (code {e.code}: {e.text}): try again later."
    ),
    aiohttp.ClientError: Problem(_DISCORD_DOWN, _NO_NETWORK),
    **{kind: Problem(*words) for kind, words in UPKEEP_PROBLEMS.items()},
    **{kind: Problem(*words, expected=True) for kind, words in ASKING_PROBLEMS.items()},
    **{kind: Problem(*words, expected=True) for kind, words in RECORDS_PROBLEMS.items()},
    **{kind: Problem(*words, expected=True) for kind, words in SERVER_PROBLEMS.items()},
}
