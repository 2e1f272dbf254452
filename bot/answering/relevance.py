"""Does a sentence speak to the question? What a stranger slipped into an article mostly speaks of something else."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bot.answering.prompt import Cited, evidence_sentences
from bot.answering.questions import Question
from bot.answering.support import Embed
from retrieval.index.terms import stems, terms

#: Cosine similarity to the question (-1..1) from which a sentence speaks to it, and the one that is enough for a
#: sentence which shares a word with it. Chosen on 535 sentences of articles that answer the questions of a quiz and of
#: the pinned corpus, of which .987 are kept (.977 of the corpus's), and 2,147 sentences of hostile texts, each with a
#: question that it is not about, of which .005 pass. A hostile sentence that takes up the article's subject passes.
MIN_COSINE = 0.2
MIN_COSINE_SHARING = 0.05


class RelevanceCheck:
    """Tells which sentences of an answer speak to its question. Holds nothing to close."""

    def __init__(self, embed: Embed) -> None:
        """Make a check that embeds short texts with `embed`: the question's, and the sentences."""
        self._embed = embed

    async def select(self, question: Question, claims: Sequence[tuple[str, Sequence[Cited]]]) -> set[str]:
        """Pick the sentences that speak to a question, from (sentence, the passages that it cites).

        One does if it is close to the question, or to the exchange before it (`MIN_COSINE`); less will do for one
        that shares a word, and no mere number, with these or with a headline of its passages. So must the sentence of
        the passages from which it has what question and headline do not say: a model that puts the subject before a
        stranger's words ("Convoy leaves base: solar panels turn light into power") does not make them an answer. A
        sentence that is mostly in another writing system does not speak to it: answers are in the question's language,
        and the embedding model may know none but English, so that its nearness says nothing.
        """
        if not claims:
            return set()
        asked = [question.text, *(f"{one.question} {one.answer}" for one in question.history[-1:])]
        wanted = [
            {term for text in (*asked, *_headlines(passages)) for term in terms(text) if not term.isdigit()}
            for _, passages in claims
        ]
        grounds = [
            _ground(sentence, passages, own) or sentence
            for (sentence, passages), own in zip(claims, wanted, strict=True)
        ]
        vectors = await self._embed([*asked, *(sentence for sentence, _ in claims), *grounds])
        cosines = (vectors[len(asked) :] @ vectors[: len(asked)].T).max(axis=1)
        systems = set(_writing_systems(" ".join(asked)))
        relevant = set()
        for n, ((sentence, _), ground) in enumerate(zip(claims, grounds, strict=True)):
            own = _writing_systems(sentence)
            is_readable = 2 * sum(system in systems for system in own) >= len(own)
            told = ((sentence, cosines[n]), (ground, cosines[len(claims) + n]))
            if is_readable and all(
                cosine >= (MIN_COSINE_SHARING if wanted[n] & stems(text) else MIN_COSINE) for text, cosine in told
            ):
                relevant.add(sentence)
        return relevant


def _ground(sentence: str, passages: Sequence[Cited], known: set[str]) -> str | None:
    """Find the passages' sentence that has most of a sentence's terms beside the known ones; None if none has any."""
    added = set(terms(sentence)) - known
    texts = [cited.article.text[start:end] for cited in passages for start, end in evidence_sentences(cited)]
    best = max(texts, key=lambda text: len(added & stems(text)), default="")
    return best if added & stems(best) else None


def _headlines(passages: Sequence[Cited]) -> list[str]:
    return [cited.article.title for cited in passages]


def _writing_systems(text: str) -> list[str]:
    """Name the writing system of each letter: "LATIN", "CYRILLIC", "CJK"."""
    return [unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()]
