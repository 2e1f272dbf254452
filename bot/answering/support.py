"""How well do passages support a sentence that a chat model wrote? A small logistic model over transparent features.

It judges what the rules of `grounding` let pass: words of the passages put together anew. It cannot tell a true
inference from a false one, and a paraphrase that shares no words with its passages gets a low score.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.answering.details import details
from bot.answering.grounding import denies, unsupported_details
from bot.answering.prompt import Cited, evidence_sentences, evidence_text
from retrieval.index.terms import stems, terms, words
from retrieval.search.weights import read_weights

#: A sentence with a lower score is struck. Both classes weigh the same in the fit, so that in the middle of the scale
#: the shares of sound sentences kept and of unsound ones struck are balanced.
MIN_SCORE = 0.5
# Stems that share this many first letters, and this share of the longer one, are akin: "resign", "resignation".
_AKIN_LETTERS, _AKIN_SHARE = 4, 0.6
_AKIN = 0.8
# Nobody's name, and papers often leave them out.
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "prof"])

#: Weights of the features and the intercept of a logistic model; the file says what made them.
WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "support_weights.json")

#: Embeds texts: shape (n, d), unit rows.
Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]
#: Estimates for each (premise, hypothesis) how likely the premise entails the hypothesis, 0..1.
Entail = Callable[[Sequence[tuple[str, str]]], Awaitable[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sentence held against its passages, before anything is embedded.

    Attributes:
        nearest: the sentence of the passages, headlines included, that has most of its content terms; the first of
            several.
        weakest_pair: every two neighbouring content terms ask for one sentence of the passages that has both; the
            least share found for a pair, 0..1, where a word akin counts 0.8. A single term is asked for alone.
        bare_denial: 1 if it denies something and `nearest` denies nothing, else 0.
    """

    nearest: str
    weakest_pair: float
    bare_denial: float


class SupportCheck:
    """Scores sentences against the passages that they cite. Holds nothing to close."""

    def __init__(self, embed: Embed, *, entail: Entail | None = None) -> None:
        """Make a check.

        Args:
            embed: embeds short texts; two for every sentence.
            entail: an entailment model's opinion, or None; with one, a score is never above it.
        """
        self._embed = embed
        self._entail = entail

    async def score(self, claims: Sequence[tuple[str, Sequence[Cited]]]) -> list[float]:
        """Estimate for each (sentence, its passages) how likely the passages support it, 0..1, in this order.

        0 for a sentence without passages or without words. Everything is embedded in one call.
        """
        compared = []
        for sentence, passages in claims:
            compared.append(compare(sentence, passages))
            await asyncio.sleep(0)  # it takes some ms; others may run in between
        wanted = [i for i, comparison in enumerate(compared) if comparison is not None]
        scores = [0.0] * len(claims)
        if not wanted:
            return scores
        nearest = [comparison.nearest for comparison in compared if comparison is not None]
        vectors = await self._embed([*(claims[i][0] for i in wanted), *nearest])
        for n, i in enumerate(wanted):
            comparison = compared[i]
            assert comparison is not None
            scores[i] = support_score(features(comparison, float(vectors[n] @ vectors[len(wanted) + n])))
        if self._entail is not None:
            opinions = await self._entail([(_premise(claims[i][1]), claims[i][0]) for i in wanted])
            for i, opinion in zip(wanted, opinions, strict=True):
                scores[i] = min(scores[i], opinion)
        return scores


def support_score(found: Mapping[str, float]) -> float:
    """Turn features into the estimate, 0..1."""
    logit = WEIGHTS["intercept"] + sum(WEIGHTS[name] * value for name, value in found.items())
    return 1.0 / (1.0 + math.exp(-logit))


def features(comparison: Comparison, cosine: float) -> dict[str, float]:
    """Name the features of a comparison, with the cosine similarity (-1..1) of the sentence to its `nearest`."""
    return {
        "weakest_pair": comparison.weakest_pair,
        "bare_denial": comparison.bare_denial,
        "cosine": cosine,
    }


def compare(sentence: str, passages: Sequence[Cited]) -> Comparison | None:
    """Hold a sentence against the sentences and headlines of its passages; None if either has no words.

    Left out are the publisher's and the authors' whole names, which stand beside the text and not in it, and terms
    that no sentence has and the passages yet state: numbers, dates and names put otherwise ("5 March" for "Tuesday").
    """
    theirs = [text for cited in passages for text in _sentences(cited) if words(text)]
    if not theirs or not words(sentence):
        return None
    held = [_stems(text) for text in theirs]
    wanted = _wanted(sentence, passages, set().union(*held))
    shared = [len(one & set(wanted)) for one in held]
    nearest = theirs[shared.index(max(shared))]
    pairs = list(pairwise(wanted)) or [(wanted[0], wanted[0])]
    return Comparison(
        nearest=nearest,
        weakest_pair=min(max(_share(pair, one) for one in held) for pair in pairs),
        bare_denial=float(denies(sentence) and not denies(nearest)),
    )


def _sentences(cited: Cited) -> list[str]:
    text = cited.article.text
    return [cited.article.title, *(text[start:end] for start, end in evidence_sentences(cited))]


def _premise(passages: Sequence[Cited]) -> str:
    return "\n".join(f"{cited.article.title}. {evidence_text(cited)}" for cited in passages)


def _wanted(sentence: str, passages: Sequence[Cited], held: set[str]) -> list[str]:
    imprint = {name for cited in passages for name in (cited.article.source or "", *cited.article.authors)}
    own = stems(sentence)
    named = {term for name in imprint if stems(name) <= own for term in stems(name)}
    listed = [term for term in terms(sentence) if term not in named] or terms(sentence)
    if held.issuperset(listed):
        return listed
    unsupported = set(unsupported_details(sentence, passages))
    stated = {detail.written for detail in details(sentence)} - unsupported
    excused = _TITLES.union(*(stems(written) for written in stated | imprint))
    return [term for term in listed if term in held or term not in excused] or listed


def _share(pair: tuple[str, str], held: set[str]) -> float:
    return sum(1.0 if term in held else _AKIN * any(_are_akin(term, other) for other in held) for term in pair) / 2


def _are_akin(one: str, other: str) -> bool:
    letters = max(_AKIN_LETTERS, math.ceil(_AKIN_SHARE * max(len(one), len(other))))
    return min(len(one), len(other)) >= letters and one[:letters] == other[:letters]


# Holds the sentences of a few questions: every sentence of an answer is compared with the same ones.
_stems = lru_cache(maxsize=1024)(stems)
