"""A quote read again where it stands, some time after it was given, and what became of its article since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.answering.kept import cut_after, cut_before
from bot.answering.quote_limits import QuoteLimits
from retrieval.archive.archive import Archive
from retrieval.archive.standing import Standing, standing_of
from retrieval.articles import Article
from retrieval.index.chunking import split_sentences

# On either side of a quote: sentences, the code points they take at most, and those that are looked at for them.
_SENTENCES = 3
_AROUND_CHARS = 600
_WINDOW_CHARS = 1_500


class Since(StrEnum):
    """What became of a quoted article since."""

    UNCHANGED = "unchanged"
    #: A newer version has the quote, too.
    CHANGED_AROUND = "changed_around"
    #: A newer version has it no longer.
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    #: Held back by its publisher until some moment.
    HELD = "held"
    #: The archive does not have it any more.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class QuoteInPlace:
    """A quote in its context; of an article that nobody is shown any more, neither is told.

    Attributes:
        since: what became of the article.
        before: what stands before the quote, "…" where more does.
        quote: its words; empty for an article that is not shown.
        after: what stands after it, likewise.
        changed_at: when the newer version or the withdrawal came, aware UTC; None where there is none.
        reason: why it was taken back, in the publisher's words; None where nothing is known.
    """

    since: Since
    before: str = ""
    quote: str = ""
    after: str = ""
    changed_at: datetime | None = None
    reason: str | None = None


def read_in_place(archive: Archive, citation: Mapping[str, Any], limits: QuoteLimits) -> QuoteInPlace:
    """Read a quote where it stands in the version that was quoted, and compare that with what is current.

    Args:
        archive: where the article was kept.
        citation: of an answer that was kept; see `bot.answering.kept`.
        limits: a publisher that limits its quotes has nothing told around them.
    """
    article_id, version = citation["article_id"], citation["version"]
    quoted, current = archive.read(article_id, version), archive.current(article_id)
    if current is None:
        return QuoteInPlace(Since.GONE)
    with archive.reading() as connection:
        standing = standing_of(connection, current.id) or Standing()
    if standing.withdrawn_at is not None:
        return QuoteInPlace(Since.WITHDRAWN, changed_at=standing.withdrawn_at, reason=standing.withdrawn_reason)
    if standing.held_until is not None:
        return QuoteInPlace(Since.HELD)
    quote = citation["quote"]
    before, after = "", ""
    if quoted is not None and limits.limit_chars(quoted) is None:
        before, after = _around(quoted, citation["start"], citation["end"])
    if current.version == version:
        return QuoteInPlace(Since.UNCHANGED, before, quote, after)
    stands = " ".join(quote.split()) in " ".join(current.text.split())
    changed_at = dict(archive.history(current.id)).get(current.version)
    return QuoteInPlace(Since.CHANGED_AROUND if stands else Since.CHANGED, before, quote, after, changed_at)


def _around(article: Article, start: int, end: int) -> tuple[str, str]:
    first = max(0, start - _WINDOW_CHARS)
    before, after = article.text[first:start], article.text[end : end + _WINDOW_CHARS]
    sentences = split_sentences(before, article.language)[1 if first else 0 :][-_SENTENCES:]
    begins = sentences[0].start if sentences else 0
    told_before = cut_before(before[begins:], _AROUND_CHARS)
    if first + begins > 0 and not told_before.startswith("…"):
        told_before = f"… {told_before}"
    sentences = split_sentences(after, article.language)[:_SENTENCES]
    ends = sentences[-1].end if sentences else len(after)
    told_after = cut_after(after[:ends], _AROUND_CHARS)
    if article.text[end + ends :].strip() and not told_after.endswith("…"):
        told_after = f"{told_after.rstrip()} …"
    return told_before, told_after
