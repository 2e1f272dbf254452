"""The only table of what can go wrong and the one sentence that says so, to a person and to the operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import discord
from discord import app_commands

from bot.answering import errors as answering
from bot.rendering.upkeep_problems import UPKEEP_PROBLEMS
from retrieval import errors as retrieval

Audience = Literal["person", "operator"]
"""A person in Discord, who must not see paths and settings, or the operator at the terminal and in the log."""

_Words = str | Callable[[Any], str]

# Discord's codes for what a bot may not do in a channel; 160002 comes with status 400, not 403.
# (missing access, missing permissions, cannot reply without permission to read the message history)
_NO_ACCESS_CODES = (50001, 50013, 160002)

_SECRET = re.compile(r"\b(sk|key|token|bearer)([-_ =:]+)(?=\S*\d)\S{12,}", re.IGNORECASE)


class ShuttingDown(Exception):
    """The process is stopping, and the answer was not ready in time."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """What to say of one exception type; `expected` ones are everyday and no fault, so the log takes one line.

    Attributes:
        person: for people in Discord.
        operator: for whoever runs Dateline.
        expected: whether it belongs to everyday life rather than being somebody's to mend.
    """

    person: _Words
    operator: _Words
    expected: bool = False


_INDEX_DOWN = "The articles cannot be searched right now; please ask again later, or tell whoever runs this bot."
_MODEL_DOWN = "The language model that writes the answers is not available now; please ask again in a few minutes."
_DISCORD_DOWN = "Discord could not be reached properly just now; please ask again in a minute."
_NO_MODEL = "or leave `llm.model` empty to answer without a language model"
_RENEW_COMMAND = "This command has changed since you opened Discord; restart Discord and use it again."
_NO_ACCESS = (
    "I may not write where you asked me: ask whoever manages that server to give me View Channel, Send Messages "
    "(in a thread: Send Messages in Threads) and Read Message History there, or use /ask, which works without them."
)
_NO_NETWORK = "Discord cannot be reached: check the network, the proxy and https://discordstatus.com."
_FREE_SPACE = "check that the disk has room and that the folder belongs to the user who runs Dateline"

_PROBLEMS: dict[type[BaseException], _Problem] = {
    answering.QuestionEmpty: _Problem(
        "Nothing was asked: write your question after my name, or use /ask with your question.",
        'Nothing was asked: give the question in quotation marks, as in `dateline ask "Who left the base?"`.',
        expected=True,
    ),
    answering.QuestionTooLong: _Problem(
        lambda e: f"Your question has {e.length_chars} characters; please shorten it to {e.limit_chars}.",
        lambda e: f"The question has {e.length_chars} characters; shorten it to {e.limit_chars}.",
        expected=True,
    ),
    answering.QuestionMalformed: _Problem(
        "Your question came with something I cannot use; please ask again in words alone.",
        lambda e: f"The question's {e.field} cannot be used: {e.reason}",
        expected=True,
    ),
    answering.ChatModelUnavailable: _Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} cannot be reached or refuses its key: check the network and the key, {_NO_MODEL}.",
    ),
    answering.ChatModelTimedOut: _Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} did not answer in time: raise its time-out, name a faster model, {_NO_MODEL}.",
    ),
    answering.ChatModelOverQuota: _Problem(
        _MODEL_DOWN,
        lambda e: f"{e.model} refuses for its rate limit or budget: wait, raise the budget, {_NO_MODEL}.",
    ),
    answering.ChatModelMisconfigured: _Problem(
        "The language model that writes the answers is not set up properly; please tell whoever runs this bot.",
        lambda e: (
            f"`llm.model` is {e.model}, which cannot be used ({e.detail}): name an installed provider:model, "
            f"{_NO_MODEL}."
        ),
    ),
    answering.EntailmentModelUnusable: _Problem(
        "The model that checks the answers is not set up properly; please tell whoever runs this bot.",
        lambda e: (
            f"`answering.nli_model` is {e.model}, which cannot be used ({e.detail}): name a cross-encoder for natural "
            "language inference that is on this machine, or leave it empty."
        ),
    ),
    answering.AnswerTimedOut: _Problem(
        "The answer took too long, so I gave up; please ask again in a minute.",
        lambda e: f"The answer took longer than {e.timeout_s:g} s: ask again, or raise `answering.timeout_s`.",
        expected=True,
    ),
    retrieval.InputNotFound: _Problem(
        _INDEX_DOWN, lambda e: f"{e.path} does not exist or cannot be read: check the spelling and the permissions."
    ),
    retrieval.ArticleRejected: _Problem(_INDEX_DOWN, lambda e: f"{e.input} was not taken in: {e.reason}"),
    retrieval.EmbeddingModelMissing: _Problem(
        _INDEX_DOWN,
        lambda e: f"The embedding model {e.model} cannot be loaded ({e.detail}): install it, or name another one.",
    ),
    retrieval.EmbeddingModelTampered: _Problem(
        _INDEX_DOWN,
        lambda e: f"{e.path} is not the published file (SHA-256 {e.found[:12]}, not {e.expected[:12]}): reinstall it.",
    ),
    retrieval.RerankerModelUnusable: _Problem(
        _INDEX_DOWN,
        lambda e: (
            f"`retrieval.reranker_model` is {e.model}, which cannot be used ({e.detail}): name a cross-encoder for "
            "ranking that is on this machine, or leave it empty."
        ),
    ),
    retrieval.EmbeddingNotExported: _Problem(
        _INDEX_DOWN,
        lambda e: (
            f"The embedding model {e.model} cannot be run by ONNX Runtime ({e.detail}): mend that, or set "
            '`embedding.runtime` to "torch".'
        ),
    ),
    retrieval.IndexMismatch: _Problem(
        _INDEX_DOWN, lambda e: f"The index was made with other settings ({e}): run `dateline reindex`."
    ),
    retrieval.IndexUnfinished: _Problem(
        _INDEX_DOWN,
        lambda e: f"Rebuilding the index stopped at {e.done} of {e.total} articles: finish it with `dateline reindex`.",
    ),
    retrieval.ArchiveTooNew: _Problem(
        _INDEX_DOWN,
        lambda e: f"{e.path} was written by a later Dateline (revision {e.revision}): upgrade, or use another home.",
    ),
    retrieval.ArchiveUnreadable: _Problem(
        _INDEX_DOWN,
        lambda e: f"{e.path} cannot be read or written ({e.detail}): {_FREE_SPACE}, or restore a backup.",
    ),
    retrieval.VectorStoreUnavailable: _Problem(
        _INDEX_DOWN,
        lambda e: (
            f"The vector store at {e.where} does not answer ({e.detail}): {_FREE_SPACE}, then run `dateline reindex`."
        ),
    ),
    retrieval.QueueFull: _Problem(
        "Many questions are waiting already; please ask again in a minute.",
        lambda e: f"{e.waiting} questions are waiting already: ask again in a minute.",
        expected=True,
    ),
    ShuttingDown: _Problem(
        "I am being restarted and could not finish your answer; please ask again in a minute.",
        "Dateline was stopped before this answer was ready; ask again once it runs.",
        expected=True,
    ),
    discord.LoginFailure: _Problem(
        _DISCORD_DOWN,
        "Discord refuses the bot's token: set DATELINE_DISCORD__TOKEN to the token on the Bot page of your application "
        "in the Discord Developer Portal.",
    ),
    discord.PrivilegedIntentsRequired: _Problem(
        _DISCORD_DOWN,
        "Discord refuses a privileged intent: Dateline needs none, so remove the one added to `bot/client.py`, "
        "or enable it on the Bot page of the Discord Developer Portal.",
    ),
    discord.ConnectionClosed: _Problem(
        _DISCORD_DOWN,
        lambda e: (
            f"Discord closed the gateway connection with code {e.code}: look the code up in Discord's list of "
            "gateway close codes; 4011 means that the bot is in too many servers for one connection."
        ),
    ),
    discord.GatewayNotFound: _Problem(
        _DISCORD_DOWN, "Discord named no gateway to connect to: wait, and look at https://discordstatus.com."
    ),
    app_commands.CommandSyncFailure: _Problem(
        _DISCORD_DOWN, lambda e: f"Discord refuses the list of commands ({e}): report it together with your version."
    ),
    app_commands.CommandNotFound: _Problem(_RENEW_COMMAND, _RENEW_COMMAND, expected=True),
    app_commands.CommandSignatureMismatch: _Problem(_RENEW_COMMAND, _RENEW_COMMAND, expected=True),
    app_commands.CheckFailure: _Problem(
        "You may not use this command here; try it in another channel or in a direct message to me.",
        "Somebody used a command where the server's settings do not allow it.",
        expected=True,
    ),
    discord.RateLimited: _Problem(
        "Discord asks me to slow down; please ask again in a minute.",
        lambda e: f"Discord's rate limit holds for another {e.retry_after:.0f} s: wait, or answer in fewer channels.",
    ),
    discord.Forbidden: _Problem(
        _NO_ACCESS,
        lambda e: (
            f"Discord does not allow this (code {e.code}: {e.text}): give the bot View Channel, Send Messages, "
            "Send Messages in Threads and Read Message History in that channel."
        ),
    ),
    discord.NotFound: _Problem(
        "What I wanted to reply to is gone, or Discord waited too long for me; please ask again.",
        lambda e: (
            f"Discord no longer knows the message or interaction (code {e.code}): if this is frequent, give "
            "Dateline a faster machine, since commands must be acknowledged within 3 s."
        ),
    ),
    discord.HTTPException: _Problem(
        _DISCORD_DOWN, lambda e: f"Discord answered with HTTP {e.status} (code {e.code}: {e.text}): try again later."
    ),
    aiohttp.ClientError: _Problem(_DISCORD_DOWN, _NO_NETWORK),
    **{kind: _Problem(*words) for kind, words in UPKEEP_PROBLEMS.items()},
}


def sentence_for(exc: BaseException, audience: Audience = "person", *, question_id: str | None = None) -> str:
    """Say in one plain sentence what went wrong and what to do about it.

    The exception is looked up by its class and the classes above it, then what it wraps (`original`) and what caused
    it (`__cause__`). One that the table does not know gets a sentence that says it has been logged.

    Args:
        exc: what was raised.
        audience: a person is told no path, setting or exception name.
        question_id: under which the log has it.
    """
    known = _lookup(exc)
    if known is not None:
        problem, found = known
        words = problem.person if audience == "person" else problem.operator
        return words if isinstance(words, str) else _tidy(words(found))
    where = f" (question id {question_id})" if question_id else ""
    if audience == "person":
        return f"Something went wrong on our side; it has been logged{where}."
    return f"Something went wrong that Dateline does not know ({type(exc).__name__}); the log has the details{where}."


def is_expected(exc: BaseException) -> bool:
    """Say whether this is everyday (a question too long, a full queue), so that one line in the log is enough."""
    known = _lookup(exc)
    return known is not None and known[0].expected


def is_known(exc: BaseException) -> bool:
    """Say whether the table has a sentence for it; what is unknown belongs into the log with its trace."""
    return _lookup(exc) is not None


def lacks_permission(exc: BaseException) -> bool:
    """Say whether the bot may not see, write or reply in a channel, so that telling people there would fail too."""
    return any(isinstance(e, discord.HTTPException) and e.code in _NO_ACCESS_CODES for e in _unwrapped(exc))


def _lookup(exc: BaseException) -> tuple[_Problem, BaseException] | None:
    for candidate in _unwrapped(exc):
        if isinstance(candidate, discord.HTTPException) and candidate.code in _NO_ACCESS_CODES:
            return _PROBLEMS[discord.Forbidden], candidate
        for kind in type(candidate).__mro__:
            if kind in _PROBLEMS:
                return _PROBLEMS[kind], candidate
    return None


def _unwrapped(exc: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes, outermost first, each replaced by what discord.py wrapped in it."""
    current: BaseException | None = exc
    for _ in range(20):  # a chain of causes can be a ring
        if current is None:
            return
        wrapped = getattr(current, "original", None)
        if isinstance(wrapped, BaseException):
            current = wrapped
        else:
            yield current
            current = current.__cause__


def _tidy(sentence: str) -> str:
    """Set a sentence that quotes another program on one line, without credentials, of at most 500 characters."""
    sentence = re.sub(r"//[^/\s@]+@", "//", " ".join(sentence.split()))
    sentence = _SECRET.sub(r"\1\2(removed)", sentence)
    return sentence if len(sentence) <= 500 else sentence[:499] + "…"
