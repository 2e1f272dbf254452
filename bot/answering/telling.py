"""What a chat model's answer comes to: its short answer, and what independent sources say where they differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answering.agreement import Value, origin_of, say_the_same
from bot.answering.answers import Agreement, Citation, Claim, Draft, Evidence, ShortAnswer
from bot.answering.candidates import Candidate
from bot.answering.cues import kind_of
from bot.answering.extractive import agree, compare_sources
from bot.answering.possible import key_of
from bot.answering.short_answer import find_sure, trimmed
from bot.answering.spans import Span
from bot.answering.stretches import Stretch


def tell(draft: Draft, evidence: Evidence) -> Draft:
    """Give a draft that a chat model wrote its short answer and its agreement, by the rules of the default writer.

    The short answer is the best span of the evidence, and only if a sentence says it and the quote that this sentence
    rests on has it. What independent sources say where they differ is quoted after what was written, each once, if it
    is not cited already; so the reader sees it whatever the model left out. Copies of one story count as one source.

    Args:
        draft: what was written and stands; given back as it is without claims.
        evidence: all that was found, not only what the model was shown.
    """
    if not draft.claims:
        return draft
    ranking, spans, _, values = compare_sources(evidence)
    short = _said(draft, evidence, ranking, spans)
    if len(values) > 1:
        draft = _with_quotes(draft, ranking, values)
    differs = agree(evidence, ranking, values, draft.citations).differs
    sources = _count_sources(draft, evidence, values, short)
    return replace(draft, short_answer=short, agreement=Agreement(sources, kind_of(evidence.question.text), differs))


def _said(draft: Draft, evidence: Evidence, ranking: Sequence[Candidate], spans: Sequence[Span]) -> ShortAnswer | None:
    """Find the best answer in a sentence and in a quote that it rests on."""
    share, stretches = find_sure(evidence, ranking, spans)
    for claim in draft.claims:
        for citation in (draft.citations[n - 1] for n in claim.citations):
            for one in stretches:
                text = trimmed(one.text)
                if one.is_in(citation) and _stands(text, claim.text):
                    return ShortAnswer(text, kind_of(evidence.question.text), citation.n, share)
    return None


def _stands(text: str, sentence: str) -> bool:
    """Tell whether a text stands in a sentence, word for word and not as a part of a longer word or number."""
    return re.search(rf"(?<![\w.,]){re.escape(text)}(?!\w|[.,]\d)", sentence) is not None


def _with_quotes(draft: Draft, ranking: Sequence[Candidate], values: Sequence[Value]) -> Draft:
    """Quote the sentence of each value that no citation has yet, as a claim of its own."""
    citations, claims = list(draft.citations), list(draft.claims)
    for value in values:
        one = ranking[value.span.candidate]
        if not any(Stretch(one.hit, value.span.start, value.span.end).is_in(citation) for citation in citations):
            n = len(citations) + 1
            place = one.hit.article, one.hit.passage.version, one.start, one.end
            citations.append(Citation(n, *place, one.text, one.hit.passage))
            claims.append(Claim(one.text, (n,), 1.0, is_quote=True))
    return replace(draft, claims=tuple(claims), citations=tuple(citations))


def _count_sources(draft: Draft, evidence: Evidence, values: Sequence[Value], short: ShortAnswer | None) -> int:
    """Count who tells the short answer; without one, the independent sources that the first sentence rests on."""
    if short is not None:
        for value in values:
            if say_the_same(value.span.key, key_of(short.text)):
                return len(value.origins)
    articles = (draft.citations[n - 1].article for n in draft.claims[0].citations)
    return len({origin_of(article, evidence.findings.copies) for article in articles})
