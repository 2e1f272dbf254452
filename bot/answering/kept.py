"""What is kept of an outcome so that its card can be shown again: the JSON contract and what the card adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.answering.answers import Abstention, Answer, Citation, Evidence
from bot.answering.contract import article_fields, to_contract
from bot.answering.timeframe import stale_after

#: Code points of a passage on either side of its quote that a card shows at most.
AROUND_CHARS = 320

# Articles that were found and are not quoted, kept for whoever wants more sources.
_MOST_FOUND = 8
# An index whose newest article is no older than this is kept up; see `bot.answering.abstaining`.
_KEPT_UP = timedelta(days=1)
_CUT = "…"


def kept_fields(outcome: Answer | Abstention) -> dict[str, Any]:
    """Write an outcome as the object from which `bot.rendering.answer_card` draws it, now and after a restart.

    It is the contract of `to_contract` without "hits" and "timings_ms", and beside it "sources" (the limit on
    publishers), "is_behind" (the question wants the latest, and the newest article is more than a day old) and "found"
    (articles found and not quoted, best first). Each claim has "is_quote", each citation "before" and "after" (its
    passage around the quote, "…" where it was cut), and every article named has its "article_id", by which it can be
    forgotten.
    """
    kept = to_contract(outcome)
    del kept["hits"], kept["timings_ms"]
    kept["sources"] = list(outcome.evidence.question.sources)
    kept["is_behind"] = _is_behind(outcome.evidence)
    kept["found"] = list(_found(outcome))
    if isinstance(outcome, Abstention):
        nearest = kept["abstention"]["nearest"]
        kept["abstention"]["nearest"] = [
            {"article_id": article.id, **fields} for article, fields in zip(outcome.nearest, nearest, strict=True)
        ]
        return kept
    for claim, fields in zip(outcome.claims, kept["claims"], strict=True):
        fields["is_quote"] = claim.is_quote
    copies = outcome.evidence.findings.copies
    for citation, fields in zip(outcome.citations, kept["citations"], strict=True):
        fields["before"], fields["after"] = _around(citation)
        named = copies.get(citation.article.id, ())
        fields["also_in"] = [{"article_id": copy.article_id, **article_fields(copy)} for copy in named]
    return kept


def _is_behind(evidence: Evidence) -> bool:
    question, newest = evidence.question, evidence.findings.newest_known
    if newest is None or question.any_time or question.since is not None or question.until is not None:
        return False
    wants_latest = stale_after(question.text, question.asked_at) is not None
    return wants_latest and question.asked_at - newest.until > _KEPT_UP


def _found(outcome: Answer | Abstention) -> Iterator[dict[str, Any]]:
    """List articles found that are neither quoted nor a copy of one that is, nor named as near, best first."""
    copies = outcome.evidence.findings.copies
    if isinstance(outcome, Answer):
        told = {citation.article.id for citation in outcome.citations}
        told |= {copy.article_id for one in tuple(told) for copy in copies.get(one, ())}
    else:
        told = {article.id for article in outcome.nearest}
    count = 0
    for hit in outcome.evidence.findings.hits:
        if hit.article.id not in told and count < _MOST_FOUND:
            told.add(hit.article.id)
            count += 1
            yield {"article_id": hit.article.id, **article_fields(hit.article)}


def _around(citation: Citation) -> tuple[str, str]:
    passage, quote = citation.passage.text, citation.quote
    start = citation.start - citation.passage.start
    if start < 0 or passage[start : start + len(quote)] != quote:
        return "", ""  # the quote runs over the edge of its passage
    return cut_before(passage[:start], AROUND_CHARS), cut_after(passage[start + len(quote) :], AROUND_CHARS)


def cut_before(text: str, limit_chars: int) -> str:
    """Keep the end of what stands before a quote, beginning with a whole word and "…" where it is cut."""
    if len(text.strip()) <= limit_chars:
        return text
    kept = text[len(text) - limit_chars :]
    return f"{_CUT} {kept[kept.find(' ') + 1 :].removeprefix(f'{_CUT} ')}"


def cut_after(text: str, limit_chars: int) -> str:
    """Keep the beginning of what stands after a quote, ending in a whole word and "…" where it is cut."""
    if len(text.strip()) <= limit_chars:
        return text
    kept = text[:limit_chars]
    return f"{kept[: kept.rfind(' ') + 1].rstrip()} {_CUT}"
