"""The answer chain: a LangChain Runnable from a question to a cited answer or an abstention."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from langchain_core.runnables import Runnable, RunnableLambda

from bot.answering.abstaining import find_hints, nearest_articles, reason_to_abstain
from bot.answering.answerability import confidence
from bot.answering.answers import Abstention, Answer, Draft, Evidence, Reason
from bot.answering.citations import resolve_citations
from bot.answering.conversation import understood
from bot.answering.errors import AnswerTimedOut, QuestionEmpty, QuestionTooLong
from bot.answering.gathering import gather_evidence
from bot.answering.hints import Hint
from bot.answering.joining import join_outcomes
from bot.answering.progress import tell_reading
from bot.answering.questions import Exchange, Question
from bot.answering.quote_limits import QuoteLimits
from bot.answering.respelling import joined_notice
from bot.answering.splitting import split_questions
from bot.answering.writer import Writer
from retrieval.articles import Article
from retrieval.passages import Findings, Query

log = logging.getLogger(__name__)


#: Returns a question with the words by which it stands alone, or as it is.
Understand = Callable[[Question], Awaitable[Question]]


class Retrieves(Protocol):
    """What the chain needs of `retrieval.search.retriever.Retriever`."""

    async def retrieve(self, query: Query) -> Findings:
        """Find the best passages for a query."""
        ...

    async def sources(self, scope: str | None) -> tuple[str, ...]:
        """List the publishers of the articles that a scope sees; asked only for questions that speak of reports."""
        ...

    async def read(self, article_id: str, version: str) -> Article | None:
        """Read one stored version, or None."""
        ...


@dataclass(frozen=True, slots=True)
class _Working:
    """A question on its way through the stations."""

    evidence: Evidence
    begun: float
    confidence: float = 0.0
    draft: Draft | None = None
    reason: Reason | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def timed(self, station: str, begun: float) -> Mapping[str, float]:
        return {**self.timings_ms, station: 1000 * (time.perf_counter() - begun)}


def build_answer_chain(
    retriever: Retrieves,
    writer: Writer,
    *,
    hits: int,
    min_confidence: float,
    question_limit_chars: int,
    timeout_s: float,
    understand: Understand | None = None,
    quote_limits: QuoteLimits | None = None,
) -> Runnable[Question, Answer | Abstention]:
    """Wire the stations gather, write, check and resolve into one Runnable.

    Use it with `ainvoke` or watch it with `astream_events`; the stations' names are the run names of the trace. It
    holds nothing to close and may serve many questions at once.

    Args:
        retriever: finds passages and reads stored versions.
        writer: proposes claims.
        hits: passages to retrieve, >= 1.
        min_confidence: below this confidence (0..1) the outcome is an abstention; below .6 of it where sources contest
            what is asked (`is_contested`).
        question_limit_chars: longest question taken.
        timeout_s: the time for everything, waiting included.
        understand: rewords a follow-up so that it stands alone; None does it by rules.
        quote_limits: how long a quote of each publisher may be; None for as long as it likes.

    Several questions in one message (`split_questions`) are answered one after the other, each a follow-up to those
    before it, and their outcomes joined (`join_outcomes`).

    Returns:
        A Runnable that raises QuestionEmpty or QuestionTooLong for a question that cannot be asked, AnswerTimedOut,
        and what the retriever raises. An abstention is a value, not an exception.
    """
    limits = quote_limits or QuoteLimits()

    async def gather(question: Question) -> _Working:
        begun = time.perf_counter()
        question = understood(question) if understand is None else await understand(question)
        evidence = await gather_evidence(retriever, question, hits)
        tell_reading(len({hit.article.id for hit in evidence.findings.hits}))
        working = _Working(evidence, begun, timings_ms=evidence.findings.timings_ms)
        return replace(working, timings_ms=working.timed("gather", begun))

    async def write(working: _Working) -> _Working:
        begun = time.perf_counter()
        estimate = confidence(working.evidence)
        reason = reason_to_abstain(working.evidence, estimate, min_confidence)
        draft = await writer.write(working.evidence) if reason is None else None
        return replace(
            working, confidence=estimate, reason=reason, draft=draft, timings_ms=working.timed("write", begun)
        )

    async def check(working: _Working) -> _Working:
        if working.draft is None or working.draft.claims:
            return working
        return replace(working, reason=Reason.NOT_IN_ARTICLES)

    async def resolve(working: _Working) -> Answer | Abstention:
        begun = time.perf_counter()
        draft = working.draft
        if draft is not None and working.reason is None:
            draft = await resolve_citations(draft, retriever.read, limits)
        working = replace(working, timings_ms=working.timed("resolve", begun))
        answered = draft is not None and bool(draft.claims) and working.reason is None
        hints: tuple[Hint, ...] = ()
        if not answered:
            begun = time.perf_counter()
            reason = working.reason or Reason.NOT_IN_ARTICLES
            hints = await find_hints(retriever, working.evidence, reason, hits=hits, min_confidence=min_confidence)
            working = replace(working, timings_ms=working.timed("hints", begun))
        timings = {**working.timings_ms, "total": 1000 * (time.perf_counter() - working.begun)}
        log.info("answer answered=%s total=%.0fms", answered, timings["total"])
        if draft is None or not answered:
            return Abstention(
                evidence=working.evidence,
                reason=working.reason or Reason.NOT_IN_ARTICLES,
                nearest=nearest_articles(working.evidence),
                confidence=working.confidence,
                writer=draft.writer if draft is not None else writer.name,
                notice=joined_notice(working.evidence, draft.notice if draft is not None else None),
                timings_ms=timings,
                hints=hints,
            )
        return Answer(
            evidence=working.evidence,
            claims=draft.claims,
            citations=draft.citations,
            confidence=working.confidence,
            writer=draft.writer,
            notice=joined_notice(working.evidence, draft.notice),
            timings_ms=timings,
            short_answer=draft.short_answer,
            agreement=draft.agreement,
        )

    stations: Runnable[Question, Answer | Abstention] = (
        RunnableLambda(gather, name="gather")
        | RunnableLambda(write, name="write")
        | RunnableLambda(check, name="check")
        | RunnableLambda(resolve, name="resolve")
    )

    async def answer(question: Question) -> Answer | Abstention:
        if not question.text.strip():
            raise QuestionEmpty
        if len(question.text) > question_limit_chars:
            raise QuestionTooLong(len(question.text), question_limit_chars)
        try:
            async with asyncio.timeout(timeout_s):
                outcomes: list[Answer | Abstention] = []
                history = question.history
                for part in split_questions(question.text):
                    outcome = await stations.ainvoke(replace(question, text=part, history=history))
                    said = outcome.text() if isinstance(outcome, Answer) else ""
                    outcomes, history = [*outcomes, outcome], (*history, Exchange(part, said))
                return join_outcomes(question, outcomes)
        except TimeoutError as problem:
            raise AnswerTimedOut(timeout_s) from problem

    return RunnableLambda(answer, name="answer")
