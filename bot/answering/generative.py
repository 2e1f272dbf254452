"""The writer over a LangChain chat model: it asks, strikes every sentence its passages do not carry, cites the rest."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from langchain_core.language_models import BaseChatModel

from bot.answering.answers import Citation, Claim, Draft, Evidence
from bot.answering.budget import Budget, Spent
from bot.answering.checking import Checking, Grounds
from bot.answering.errors import ChatModelFailed, ChatModelOverQuota, ChatModelTimedOut
from bot.answering.llm import translate_provider_error
from bot.answering.paragraphs import are_in_one_paragraph
from bot.answering.progress import is_watched
from bot.answering.prompt import evidence_sentences, prompt_variables
from bot.answering.relevance import RelevanceCheck
from bot.answering.replies import Replies
from bot.answering.support import SupportCheck
from bot.answering.telling import tell
from bot.answering.writer import Writer
from bot.locales.speaking import marked, say
from retrieval.index.chunking import Span
from retrieval.index.terms import stems, terms
from retrieval.passages import Hit

log = logging.getLogger(__name__)

# A second sentence joins a quote if it adds at least this share of the claim's content terms.
_WORTH_QUOTING = 0.2
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
        self._replies = Replies(chat_model, name=name)

    @property
    def name(self) -> str:
        """The chat model's name, "provider:model"."""
        return self._name

    async def write(self, evidence: Evidence) -> Draft:
        """Let the chat model write from the best hits, and check what it wrote.

        Whoever watches (`bot.answering.progress`) is told each sentence that stands while the model writes the next.

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
        checking = Checking(
            evidence.question,
            hits,
            self._support,
            self._relevance,
            max_claims=self._max_claims,
            limit_chars=self._sentence_limit_chars,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                variables = prompt_variables(evidence.question, hits)
                written = await self._replies.ask(variables, checking.hear if is_watched() else None)
        except Exception as problem:
            failure = translate_provider_error(problem, self._name)
            log.warning("write writer=%s failed: %s (%s)", self._name, type(failure).__name__, failure.detail)
            return await self._fall_back(evidence, _CAUSES.get(type(failure), _UNAVAILABLE))
        finally:
            await checking.end()
        standing, struck, struck_by_score = await checking.standing(written.claims)
        draft = _cite(standing, self._name, struck)
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

    async def _fall_back(self, evidence: Evidence, cause: str) -> Draft:
        draft = await self._fallback.write(evidence)
        if not draft.claims:
            return replace(draft, notice=None if cause == _NO_ANSWER else f"{say(cause)}.")
        if cause in (_NO_ANSWER, _UNVERIFIED):
            return replace(draft, notice=say("{cause}; this answer quotes them directly.", cause=say(cause)))
        return replace(draft, notice=say("{cause}; this answer quotes the articles directly.", cause=say(cause)))


def _cite(standing: dict[str, tuple[Grounds, float]], writer: str, struck: tuple[str, ...]) -> Draft:
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
