"""Resolving citations: every [n] points to a quote that stands, letter for letter, in the archive, or it goes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.answering.answers import Citation, Claim, Draft
from bot.answering.quote_limits import QuoteLimits
from retrieval.articles import Article

log = logging.getLogger(__name__)

#: Reads one stored version by article id and version; None if the archive does not hold it.
ReadArticle = Callable[[str, str], Awaitable[Article | None]]


async def resolve_citations(draft: Draft, read: ReadArticle, limits: QuoteLimits) -> Draft:
    """Check every quote of a draft against the archive, and shorten those that are longer than their publishers allow.

    A citation stands if the archive holds its version and `text[start:end]` is its quote, letter for letter, which
    must not be empty. Citations that do not stand or that no claim uses are dropped, claims lose the marks of dropped
    citations, and claims without marks are dropped, as are claims shown as a quotation that no citation's quote holds.
    A short answer goes with its citation, or if its quote does not have it; so does one of several that differ. A claim
    that gives words of a quote which are cut from it becomes what is left of that quote.

    Args:
        draft: what a writer proposes.
        read: reads the archive.
        limits: how long a quote of each publisher may be.

    Returns:
        The draft with citations numbered from 1 without gaps, in their old order; possibly without any claim.
    """
    standing: dict[int, Citation] = {}
    for citation in draft.citations:
        stored = await read(citation.article.id, citation.version)
        if stored is not None and citation.quote and _stands(citation, stored.text):
            standing[citation.n] = replace(citation, article=stored)
    whole = dict(standing)
    standing = {n: limits.limited(one, _wanted(draft, n)) for n, one in whole.items()}
    draft = replace(draft, claims=tuple(_cut_like(claim, whole, standing) for claim in draft.claims))
    claims = [replace(claim, citations=tuple(n for n in claim.citations if n in standing)) for claim in draft.claims]
    claims = [claim for claim in claims if claim.citations and (not claim.is_quote or _is_quoted(claim, standing))]
    if whole != standing:
        claims = list(dict.fromkeys(claims))
    used = sorted({n for claim in claims for n in claim.citations})
    if len(used) < len(draft.citations):
        log.warning("resolve dropped=%d of %d citations", len(draft.citations) - len(used), len(draft.citations))
    numbers = {old: new for new, old in enumerate(used, start=1)}
    short = draft.short_answer
    if short is not None:
        stands = short.citation in numbers and short.text in standing[short.citation].quote
        short = replace(short, citation=numbers[short.citation]) if stands else None
    agreement = draft.agreement
    if agreement is not None:
        told = [replace(one, citations=_standing(one.citations, numbers)) for one in agreement.differs]
        kept = tuple(one for one in told if one.citations)
        agreement = replace(agreement, differs=kept if len(kept) > 1 else ())
    return replace(
        draft,
        short_answer=short,
        agreement=agreement,
        claims=tuple(_renumbered(claim, numbers) for claim in claims),
        citations=tuple(replace(standing[old], n=new) for old, new in numbers.items()),
    )


def _wanted(draft: Draft, n: int) -> list[str]:
    """List what a quote is there for: the short answer, and what differs."""
    wanted = [draft.short_answer.text] if draft.short_answer and draft.short_answer.citation == n else []
    return wanted + [one.text for one in (draft.agreement.differs if draft.agreement else ()) if n in one.citations]


def _cut_like(claim: Claim, whole: dict[int, Citation], standing: dict[int, Citation]) -> Claim:
    """Leave of a claim that gives the words of a quote only what is left of the quote."""
    given = [n for n in claim.citations if n in whole and claim.text in whole[n].quote]
    if not given or any(claim.text in standing[n].quote for n in given):
        return claim
    text = standing[given[0]].quote
    marks = tuple(n for n in claim.citations if n in standing and text in standing[n].quote)
    return replace(claim, text=text, is_quote=True, citations=marks)


def _standing(marks: tuple[int, ...], numbers: dict[int, int]) -> tuple[int, ...]:
    return tuple(numbers[n] for n in marks if n in numbers)


def _stands(citation: Citation, text: str) -> bool:
    # Compared at the named place only: a slice would also take offsets from the end, and an end beyond the text.
    start, end = citation.start, citation.end
    return start >= 0 and end == start + len(citation.quote) and text.startswith(citation.quote, start)


def _is_quoted(claim: Claim, standing: dict[int, Citation]) -> bool:
    return any(claim.text in standing[n].quote for n in claim.citations)


def _renumbered(claim: Claim, numbers: dict[int, int]) -> Claim:
    return replace(claim, citations=tuple(sorted({numbers[n] for n in claim.citations})))
