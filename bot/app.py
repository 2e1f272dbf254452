"""The composition root: opens everything a home needs, wires it, and closes it."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.answering.answers import Abstention, Answer
from bot.answering.budget import Budget
from bot.answering.chain import Understand, build_answer_chain
from bot.answering.extractive import ExtractiveWriter
from bot.answering.questions import Question
from bot.answering.quote_limits import QuoteLimits
from bot.answering.writer import Writer
from bot.control import Control, connect_control
from bot.control_lines import own_version
from bot.feeds import FeedOperations
from bot.home import hold_home, read_owner
from bot.operations import Operations
from bot.records.records import open_records
from config.logs import question_id
from config.settings import Settings
from retrieval.archive.archive import utc_now
from retrieval.build import Engine, open_engine, open_intake
from retrieval.errors import HomeOwnerSilent
from retrieval.index.embedding import Embedder
from retrieval.restoring import finish_restoring
from retrieval.worker import Lane

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from bot.answering.support import Entail

log = logging.getLogger(__name__)

SERVE = "dateline serve"
# A one-off command makes this many missing vectors before it goes on; `ingest` and `serve` make all of them.
_EMBED_BEFORE_ASKING = 256
# A `dateline serve` that has just been started loads its model and checks its index before it listens.
_STARTING_S = 60.0
_FIRST_WORD_S = 2.0


class Performs(Protocol):
    """Whoever runs operations on a home: this process, or through its socket the one that serves it."""

    def perform(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Run an operation and yield its events."""
        ...


@asynccontextmanager
async def open_operations(
    home: Path,
    settings: Settings,
    owner: str,
    *,
    now: Callable[[], datetime] = utc_now,
    load: Callable[[], Embedder] | None = None,
    live: Callable[[], dict[str, Any]] = dict,
    chat_model: BaseChatModel | None = None,
    asked_chat_model: Callable[[str], None] = lambda outcome: None,
) -> AsyncIterator[Operations]:
    """Own a home and open its records, its engine and answer chain; `Operations.open_index` opens the index.

    Args:
        home: the folder.
        settings: all settings.
        owner: the command that owns the home meanwhile.
        now: the clock.
        load: makes the embedder instead of the settings' model.
        live: see `Operations`.
        chat_model: writes the answers instead of the one that the settings name; they must name one all the same.
        asked_chat_model: hears of each request to the chat model, see `Budget`.

    Raises:
        HomeInUse: another process owns the home; and what `open_engine` and `build_chat_model` raise.
    """
    with hold_home(home, owner):
        finish_restoring(home)
        opening_records = open_records(
            home,
            now=now,
            keep_days=settings.records.keep_days,
            conversation_minutes=settings.discord.conversation_minutes,
        )
        opening_engine = open_engine(home, settings.retrieval, settings.embedding, settings.intake, load=load)
        async with opening_records as records, opening_engine as engine:

            async def own_limit(guild_id: int) -> int | None:
                return (await records.guilds.read(guild_id)).model_answers_a_day

            quoting = ExtractiveWriter(max_quotes=settings.answering.max_quotes)
            model = chat_model or _chat_model(settings)
            budget = Budget(
                records.quotas,
                per_day=settings.llm.requests_per_day,
                per_guild_per_day=settings.llm.requests_per_server_per_day,
                own_limit=own_limit,
                told=asked_chat_model,
            )
            limits = _build_quote_limits(settings)
            chain = build_answer_chain(
                engine.retriever,
                quoting if model is None else await _build_writer(settings, engine, quoting, model, budget),
                hits=settings.retrieval.hits,
                min_confidence=settings.answering.min_confidence,
                question_limit_chars=settings.answering.question_limit_chars,
                timeout_s=settings.answering.timeout_s,
                understand=None if model is None else _build_rewriter(settings, model, budget),
                quote_limits=limits,
            )

            async def answer(question: Question) -> Answer | Abstention:
                question_id.set(question.id or "-")
                return await chain.ainvoke(question)

            intake = partial(open_intake, settings=settings.intake, version=own_version(), now=now)
            feeds = FeedOperations(engine, intake, now=now, heeds_opt_outs=settings.intake.heed_opt_outs)
            operations = Operations(
                home,
                engine,
                answer,
                feeds=feeds,
                records=records,
                now=now,
                live=live,
                stale_after_hours=settings.intake.stale_after_hours,
                quote_limits=limits,
            )
            try:
                yield operations
            finally:
                await operations.close()


@asynccontextmanager
async def reach_operations(
    home: Path, settings: Settings, owner: str, *, tell: Callable[[str], None], opens_index: bool = True
) -> AsyncIterator[Performs]:
    """Reach the operations of a home: through the process that serves it, or by owning it here.

    Args:
        home: the folder.
        settings: all settings.
        owner: this command, for the lock.
        tell: takes a sentence about a repair, for people.
        opens_index: False for `reindex`, which mends what cannot be opened.

    Raises:
        HomeInUse: a process that takes no commands owns the home; and what opening raises.
        HomeOwnerSilent: the process that serves it does not answer, and has been waited for.
    """
    async with AsyncExitStack() as stack:
        control = await _connect_to_serving(home, stack, tell)
        if control is not None:
            yield control
            return
    async with open_operations(home, settings, owner) as operations:
        if opens_index:
            repair = await operations.open_index()
            if repair.was_interrupted:
                tell(
                    "The last command on this home was interrupted; its index was checked against the archive: "
                    f"{repair.lacking} vectors lacking, {repair.surplus} too many, {repair.pending} to make."
                )
            if repair.pending and owner != "dateline ingest":
                async for _ in operations.perform("embed", {"limit": _EMBED_BEFORE_ASKING}):
                    pass
                if repair.pending > _EMBED_BEFORE_ASKING:
                    tell("Some passages wait for their vectors: until `dateline ingest` is run, only words find them.")
        yield operations


async def _connect_to_serving(home: Path, stack: AsyncExitStack, tell: Callable[[str], None]) -> Control | None:
    """Connect to the process that serves a home, for as long as `stack` lasts; None if nobody serves it (any more)."""
    given_up_at: float | None = None
    while (owner := read_owner(home)) is not None and owner.command == SERVE:
        try:
            return await stack.enter_async_context(connect_control(home, connect_timeout_s=_FIRST_WORD_S))
        except HomeOwnerSilent:
            if given_up_at is None:
                tell(f"{SERVE} (process {owner.pid}) owns {home} and does not answer yet; waiting for it to start.")
                given_up_at = time.monotonic() + _STARTING_S
            elif time.monotonic() > given_up_at:
                raise
    return None


def _build_quote_limits(settings: Settings) -> QuoteLimits:
    own = {
        name: one.max_quote_chars for name, one in settings.intake.sources.items() if one.max_quote_chars is not None
    }
    return QuoteLimits(settings.intake.max_quote_chars, own)


def _chat_model(settings: Settings) -> BaseChatModel | None:
    llm = settings.llm
    if not llm.model:
        return None
    # Imported here, as below: providers' packages are large, and most homes use none.
    from bot.answering.llm import build_chat_model

    return build_chat_model(
        llm.model,
        temperature=llm.temperature,
        timeout_s=llm.timeout_s,
        max_tokens=llm.max_tokens,
        base_url=llm.base_url or None,
        api_key=llm.api_key.get_secret_value() if llm.api_key else None,
    )


async def _build_writer(
    settings: Settings, engine: Engine, quoting: ExtractiveWriter, chat_model: BaseChatModel, budget: Budget
) -> Writer:
    from bot.answering.generative import ChatModelWriter
    from bot.answering.relevance import RelevanceCheck
    from bot.answering.support import SupportCheck

    llm = settings.llm
    return ChatModelWriter(
        chat_model,
        name=llm.model,
        fallback=quoting,
        check=SupportCheck(engine.retriever.embed, entail=await _open_entailment(settings, engine)),
        relevance=RelevanceCheck(engine.retriever.embed),
        timeout_s=llm.timeout_s,
        max_passages=llm.max_passages,
        budget=budget,
    )


def _build_rewriter(settings: Settings, chat_model: BaseChatModel, budget: Budget) -> Understand:
    from bot.answering.rewriting import build_rewriter

    return build_rewriter(chat_model, name=settings.llm.model, timeout_s=settings.llm.timeout_s, budget=budget)


async def _open_entailment(settings: Settings, engine: Engine) -> Entail | None:
    name = settings.answering.nli_model
    if not name:
        return None
    from bot.answering.entailment import load_entailment_model

    load = partial(load_entailment_model, name, device=settings.embedding.device)
    model = await engine.worker.run(Lane.INTAKE, load)
    return partial(engine.worker.run, Lane.QUESTION, model.entail)
