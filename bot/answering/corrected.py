"""What publishers have corrected: a claim that one took back is not answered, and the reader is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.answers import Citation, Evidence
from bot.answering.candidates import Candidate
from bot.answering.possible import key_of
from bot.answering.spans import Span
from bot.locales.speaking import say
from retrieval.articles import Article
from retrieval.news.corrections import find_corrections

_LONGEST_NOTE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Retraction:
    """A publisher's note that something was wrong, in one of the articles found; `wrong` and `right` as keys."""

    article: Article
    note: str
    wrong: str
    right: str


def find_retractions(evidence: Evidence) -> list[Retraction]:
    """Read off the articles found what their publishers took back, where a note says both what was and what is."""
    found: dict[str, Retraction] = {}
    for hit in evidence.findings.hits:
        if hit.article.id not in found:
            for note in find_corrections(hit.article.text):
                if note.wrong and note.right:
                    keys = key_of(note.wrong), key_of(note.right)
                    found[hit.article.id] = Retraction(hit.article, note.text, *keys)
    return list(found.values())


def without_retracted(
    spans: Sequence[Span], ranking: Sequence[Candidate], retractions: Sequence[Retraction]
) -> list[Span]:
    """Leave out spans that are what their own publisher took back, then or in an article published later.

    Args:
        spans: best first.
        ranking: the candidates that they point into.
        retractions: see `find_retractions`.
    """
    return [span for span in spans if not any(_retracts(one, span, ranking) for one in retractions)]


def retraction_notice(citations: Sequence[Citation], retractions: Sequence[Retraction]) -> str | None:
    """Write one sentence about the first correction that a quoted article carries, or None."""
    for one in retractions:
        if any(citation.article.id == one.article.id for citation in citations):
            note = " ".join(one.note.split())
            note = note if len(note) <= _LONGEST_NOTE_CHARS else note[: _LONGEST_NOTE_CHARS - 1].rstrip() + "…"
            who = one.article.source or say("The publisher")
            return say("{publisher} has corrected this article: “{note}”", publisher=who, note=note)
    return None


def _retracts(one: Retraction, span: Span, ranking: Sequence[Candidate]) -> bool:
    article = ranking[span.candidate].hit.article
    if not _is_wrong(span.key, one):
        return False
    is_own = article.id == one.article.id
    same_publisher = article.source is not None and article.source == one.article.source
    before, after = article.published_at, one.article.published_at
    return is_own or (same_publisher and before is not None and after is not None and before <= after)


def _is_wrong(key: str, one: Retraction) -> bool:
    return f" {key} " in f" {one.wrong} " and f" {key} " not in f" {one.right} "
