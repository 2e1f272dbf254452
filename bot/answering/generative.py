"""The writer over a LangChain chat model: it asks, strikes every sentence its passages do not carry, cites the rest."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable

from bot.answering.answers import Citation, Claim, Draft, Evidence
from bot.answering.budget import Budget, Spent
from bot.answering.errors import ChatModelFailed, ChatModelOverQuota, ChatModelTimedOut
from bot.answering.grounding import is_grounded, support
from bot.answering.llm import refuses_request, translate_provider_error
from bot.answering.paragraphs import are_in_one_paragraph
from bot.answering.prompt import (
    WrittenAnswer,
    build_prompt,
    evidence_sentences,
    prompt_variables,
    read_reply,
    read_structured,
)
from bot.answering.questions import Question
from bot.answering.relevance import RelevanceCheck
from bot.answering.statements import is_statement
from bot.answering.support import MIN_SCORE, SupportCheck
from bot.answering.telling import tell
from bot.answering.writer import Writer
from bot.locales.speaking import marked, say
from retrieval.index.chunking import Span
from retrieval.index.terms import stems, terms
from retrieval.passages import Hit

log = logging.getLogger(__name__)

# A second sentence joins a quote if it adds at least this share of the claim's content terms.
_WORTH_QUOTING = 0.2
# At most this many times `max_claims` sentences are checked: a model may ramble.
_TRIES = 3
_UNVERIFIED = marked("The language model's answer could not be verified against the articles")
_NO_ANSWER = marked("The language model found no answer in the articles")
_UNAVAILABLE = marked("The language model is not available at the moment")
_SPENT = {
    Spent.IN_ALL: marked("The language model's budget for today is spent"),
    Spent.HERE: marked("The language model's budget here is spent for today"),
}
_CAUSES: dict[type[ChatModelFailed], str] = {
    ChatModelTimedOut: marked("The language model did not answer in time"),
    ChatModelOverQuota: marked("The language model's quota is used up for now"),
}


class ChatModelWriter:
    """Writes with a chat model, and lets the fallback writer answer when nothing of it stands. Holds nothing to close.

    A sentence stands if it is a statement (`is_statement`), names passages that exist, is grounded in them
    (`is_grounded`), speaks to the question (`RelevanceCheck`) and has a support score of at least `MIN_SCORE`. So a
    model that falls for an order hidden in an article is not heard: grounded it may be, for the article does say it.
    """

    def __init__(
        self,
        chat_model: BaseChatModel,
        *,
        name: str,
        fallback: Writer,
        check: SupportCheck,
        relevance: RelevanceCheck,
        timeout_s: float,
        max_passages: int,
        budget: Budget | None = None,
        max_claims: int = 6,
        sentence_limit_chars: int = 600,
    ) -> None:
        """Make a writer; loads the words of the prompt.

        Args:
            chat_model: any LangChain chat model; structured output is used where it has it.
            name: "provider:model", given as the draft's writer.
            fallback: answers when the chat model fails, cannot answer or may not be asked, or nothing of it stands.
            check: scores the support of each sentence.
            relevance: picks the sentences that speak to the question.
            timeout_s: for the chat model's whole work, retries included.
            max_passages: hits shown to the chat model, best first, >= 1.
            budget: how often the chat model may be asked; None for any number of times.
            max_claims: sentences taken, >= 1; later ones are dropped.
            sentence_limit_chars: longer sentences are struck.
        """
        self._name = name
        self._fallback = fallback
        self._support = check
        self._relevance = relevance
        self._timeout_s = timeout_s
        self._max_passages = max_passages
        self._budget = budget
        self._max_claims = max_claims
        self._sentence_limit_chars = sentence_limit_chars
        self._as_text: Runnable[dict[str, Any], Any] = build_prompt(structured=False) | chat_model
        self._structured: Runnable[dict[str, Any], Any] | None = None
        try:
            # The schema, not the class: given the class, OpenAI's client raises on a reply in text, which is then lost.
            shaped = chat_model.with_structured_output(WrittenAnswer.model_json_schema(), include_raw=True)
        except NotImplementedError:
            log.info("write writer=%s has no structured output, reads text", name)
        else:
            self._structured = build_prompt(structured=True) | shaped

    @property
    def name(self) -> str:
        """The chat model's name, "provider:model"."""
        return self._name

    async def write(self, evidence: Evidence) -> Draft:
        """Let the chat model write from the best hits, and check what it wrote.

        Returns:
            The sentences that stand, in the model's order, with quotes numbered by first use, and what they come to
            (`tell`); `struck` lists the others. If none stands, the fallback's draft under the fallback's name, with a
            notice that says why.
        """
        hits = evidence.findings.hits[: self._max_passages]
        if not hits:
            return await self._fallback.write(evidence)
        if self._budget is not None and (spent := await self._budget.spend(evidence.question.guild_id)) is not None:
            log.info("write writer=%s not asked, its budget is spent: %s", self._name, spent)
            return await self._fall_back(evidence, _SPENT[spent])
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s):
                written = await self._ask(evidence, hits)
        except Exception as problem:
            failure = translate_provider_error(problem, self._name)
            log.warning("write writer=%s failed: %s (%s)", self._name, type(failure).__name__, failure.detail)
            return await self._fall_back(evidence, _CAUSES.get(type(failure), _UNAVAILABLE))
        draft, struck_by_score = await self._check(written, evidence.question, hits)
        log.info(
            "write writer=%s passages=%d sentences=%d standing=%d struck=%d by_score=%d took=%.0fms",
            self._name,
            len(hits),
            len(written.claims),
            len(draft.claims),
            len(draft.struck),
            struck_by_score,
            1000 * (time.perf_counter() - begun),
        )
        if draft.claims:
            return tell(draft, evidence)
        cannot_answer = not written.can_answer and not written.claims
        fallen = await self._fall_back(evidence, _NO_ANSWER if cannot_answer else _UNVERIFIED)
        return replace(fallen, struck=draft.struck)

    async def _ask(self, evidence: Evidence, hits: Sequence[Hit]) -> WrittenAnswer:
        variables = prompt_variables(evidence.question, hits)
        if self._structured is not None:
            try:
                reply = await self._structured.ainvoke(variables)
                return read_structured(reply["parsed"], str(reply["raw"].text))
            except Exception as problem:
                if not isinstance(problem, NotImplementedError) and not refuses_request(problem):
                    raise
        message = await self._as_text.ainvoke(variables)
        if self._structured is not None:
            log.info("write writer=%s refuses structured output, reads text from now on", self._name)
            self._structured = None
        return read_reply(str(message.text))

    async def _check(self, written: WrittenAnswer, question: Question, hits: Sequence[Hit]) -> tuple[Draft, int]:
        """Strike what the rules strike, then what the score strikes; sentences after `max_claims` standing are dropped.

        Returns:
            The draft, and how many sentences that the rules let pass were struck by their score.
        """
        grounds: dict[str, tuple[Hit, ...]] = {}
        for claim in written.claims[: _TRIES * self._max_claims]:
            cited = [hits[n - 1] for n in sorted(set(claim.citations)) if 1 <= n <= len(hits)]
            may_stand = len(claim.sentence) <= self._sentence_limit_chars and is_statement(claim.sentence)
            found = _grounds(claim.sentence, cited) if may_stand else ()
            grounds[claim.sentence] = grounds.get(claim.sentence) or found
            await asyncio.sleep(0)  # a check takes some ms; others may run in between
        relevant = await self._relevance.select(question, [one for one in grounds.items() if one[1]])
        grounds = {sentence: found if sentence in relevant else () for sentence, found in grounds.items()}
        scores = await self._support.score(list(grounds.items()))
        standing: dict[str, tuple[tuple[Hit, ...], float]] = {}
        struck, by_score = [], 0
        for (sentence, found), score in zip(grounds.items(), scores, strict=True):
            if len(standing) == self._max_claims:
                break
            if found and score >= MIN_SCORE:
                standing[sentence] = found, score
            else:
                struck.append(sentence)
                by_score += bool(found)
        return _cite(standing, self._name, tuple(struck)), by_score

    async def _fall_back(self, evidence: Evidence, cause: str) -> Draft:
        draft = await self._fallback.write(evidence)
        if not draft.claims:
            return replace(draft, notice=None if cause == _NO_ANSWER else f"{say(cause)}.")
        if cause in (_NO_ANSWER, _UNVERIFIED):
            return replace(draft, notice=say("{cause}; this answer quotes them directly.", cause=say(cause)))
        return replace(draft, notice=say("{cause}; this answer quotes the articles directly.", cause=say(cause)))


def _grounds(sentence: str, cited: Sequence[Hit]) -> tuple[Hit, ...]:
    """Pick the cited hits that carry a sentence; empty if they do not. One that adds nothing is left out."""
    grounds = tuple(hit for hit in cited if evidence_sentences(hit))
    if not is_grounded(sentence, grounds):
        return ()
    for hit in grounds:
        others = tuple(other for other in grounds if other is not hit)
        adds = support(sentence, grounds) > support(sentence, others) or is_grounded(sentence, [hit])
        if not adds and is_grounded(sentence, others):
            grounds = others
    return grounds


def _cite(standing: dict[str, tuple[tuple[Hit, ...], float]], writer: str, struck: tuple[str, ...]) -> Draft:
    """Number the quotes by first use; a claim whose quote lies within an earlier one of the passage shares that."""
    citations: list[Citation] = []
    claims = []
    for sentence, (grounds, score) in standing.items():
        numbers = []
        for hit in grounds:
            span = _best_span(sentence, hit)
            near = (one for one in citations if one.passage == hit.passage)
            n = next((one.n for one in near if one.start <= span.start and span.end <= one.end), len(citations) + 1)
            if n > len(citations):
                article, version = hit.article, hit.passage.version
                quote = article.text[span.start : span.end]
                citations.append(Citation(n, article, version, span.start, span.end, quote, hit.passage))
            numbers.append(n)
        claims.append(Claim(sentence, tuple(sorted(set(numbers))), score, is_quote=False))
    return Draft(tuple(claims), tuple(citations), writer, struck=struck)


def _best_span(sentence: str, hit: Hit) -> Span:
    """Choose the sentence of a passage that shares most content terms with a claim, and a neighbour that adds to it.

    The earlier sentence wins a tie.
    """
    wanted, text, spans = set(terms(sentence)), hit.article.text, evidence_sentences(hit)
    shared = [wanted & stems(text[start:end]) for start, end in spans]
    best = max(range(len(spans)), key=lambda i: len(shared[i]))
    pairs = [(i, i + 1) for i in (best - 1, best) if 0 <= i < len(spans) - 1]
    # What stands between two sentences that count as evidence may itself not count, or be a heading.
    pairs = [(i, j) for i, j in pairs if are_in_one_paragraph(text, spans[i], spans[j])]
    i, j = max(pairs, key=lambda pair: len(shared[pair[0]] | shared[pair[1]]), default=(best, best))
    if len(shared[i] | shared[j]) - len(shared[best]) < max(1.0, _WORTH_QUOTING * len(wanted)):
        return spans[best]
    return Span(spans[i].start, spans[j].end)
