"""Checking the sentences that a chat model writes, each once, as they come: only what passages carry may stand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.answering.grounding import is_grounded, support
from bot.answering.progress import tell_written
from bot.answering.prompt import WrittenClaim, evidence_sentences
from bot.answering.questions import Question
from bot.answering.relevance import RelevanceCheck
from bot.answering.statements import is_statement
from bot.answering.support import MIN_SCORE, SupportCheck
from retrieval.passages import Hit

log = logging.getLogger(__name__)

# At most this many times `max_claims` sentences are checked: a model may ramble.
_TRIES = 3

Grounds = tuple[Hit, ...]
"""The hits that carry a sentence; empty if none do."""


class Checking:
    """The sentences of one reply and what became of each. Holds nothing to close.

    Args:
        question: that they are to answer.
        hits: shown to the model, in the order of their numbers.
        support: scores the support of each sentence.
        relevance: picks the sentences that speak to the question.
        max_claims: sentences that may stand, >= 1; later ones are dropped.
        limit_chars: longer sentences are struck.
    """

    def __init__(
        self,
        question: Question,
        hits: Sequence[Hit],
        support: SupportCheck,
        relevance: RelevanceCheck,
        *,
        max_claims: int,
        limit_chars: int,
    ) -> None:
        self._question = question
        self._hits = hits
        self._support = support
        self._relevance = relevance
        self._max_claims = max_claims
        self._limit_chars = limit_chars
        self._checked: dict[tuple[str, tuple[int, ...]], tuple[Grounds, float]] = {}
        self._told: set[str] = set()
        self._heard: Sequence[WrittenClaim] = ()
        self._telling: asyncio.Task[None] | None = None

    def hear(self, claims: Sequence[WrittenClaim]) -> None:
        """Hear the sentences written so far: they are checked, and whoever watches is told those that stand.

        That is done beside the writing, which must not wait for it; if more comes meanwhile, only the latest counts.
        """
        self._heard = claims
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def end(self) -> None:
        """Tell nothing from now on."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])

    async def _tell(self) -> None:
        while self._heard:
            claims, self._heard = self._heard, ()
            try:
                standing, _, _ = await self.standing(claims)
            except Exception as failure:  # telling is a courtesy; what fails here fails again for the whole reply
                log.info("sentences could not be checked while they were written: %s", type(failure).__name__)
                return
            for sentence in standing:
                if sentence not in self._told:
                    self._told.add(sentence)
                    tell_written(sentence)

    async def standing(
        self, claims: Sequence[WrittenClaim]
    ) -> tuple[dict[str, tuple[Grounds, float]], tuple[str, ...], int]:
        """Strike what the rules strike, then what the score strikes.

        Returns:
            The sentences that stand, in the model's order, with the hits that carry each and its score; those that were
            struck; and how many of these the rules had let pass.
        """
        claims = claims[: _TRIES * self._max_claims]
        await self._check([one for one in claims if _key(one) not in self._checked])
        found: dict[str, tuple[Grounds, float]] = {}
        for one in claims:
            found[one.sentence] = _better(found.get(one.sentence), self._checked[_key(one)])
        standing: dict[str, tuple[Grounds, float]] = {}
        struck, by_score = [], 0
        for sentence, (grounds, score) in found.items():
            if len(standing) == self._max_claims:
                break
            if grounds and score >= MIN_SCORE:
                standing[sentence] = grounds, score
            else:
                struck.append(sentence)
                by_score += bool(grounds)
        return standing, tuple(struck), by_score

    async def _check(self, claims: Sequence[WrittenClaim]) -> None:
        grounded: dict[tuple[str, tuple[int, ...]], Grounds] = {}
        for claim in claims:
            cited = [self._hits[n - 1] for n in sorted(set(claim.citations)) if 1 <= n <= len(self._hits)]
            may_stand = len(claim.sentence) <= self._limit_chars and is_statement(claim.sentence)
            grounded[_key(claim)] = grounds_of(claim.sentence, cited) if may_stand else ()
            await asyncio.sleep(0)  # a check takes some ms; others may run in between
        pairs = [(sentence, grounds) for (sentence, _), grounds in grounded.items()]
        relevant = await self._relevance.select(self._question, [pair for pair in pairs if pair[1]])
        kept = [(sentence, grounds if sentence in relevant else ()) for sentence, grounds in pairs]
        scores = await self._support.score(kept)
        for key, (_, grounds), score in zip(grounded, kept, scores, strict=True):
            self._checked[key] = grounds, score


def grounds_of(sentence: str, cited: Sequence[Hit]) -> Grounds:
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


def _key(claim: WrittenClaim) -> tuple[str, tuple[int, ...]]:
    return claim.sentence, tuple(claim.citations)


def _better(one: tuple[Grounds, float] | None, other: tuple[Grounds, float]) -> tuple[Grounds, float]:
    """Of a sentence that was written twice, take the time that its passages carry it better; the first of equals."""
    return other if one is None else max(one, other, key=lambda checked: (bool(checked[0]), checked[1]))
