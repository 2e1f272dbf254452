"""Linking an article to its copies, in the transaction that stores it; and those that were stored before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from retrieval.archive.archive import Archive
from retrieval.archive.copies import CopyLedger, Signature
from retrieval.articles import Article
from retrieval.news.duplicates import SCHEME, WINDOW_DAYS, Wording, are_copies, read_wording, sign

# Articles linked in one transaction: 16 of 1,000 words take 0.1 s, for which a question may have to wait.
_SLICE = 16


@dataclass(frozen=True, slots=True)
class Comparable:
    """An article with what its copies are found by; made before the transaction, so that the lock is held shortly."""

    id: str
    wording: Wording
    signature: Signature | None


class CopyLinker:
    """Finds and stores which articles are copies. Uses the archive and closes nothing.

    A link depends on the two articles alone, so the order of intake makes no difference; only where more than 32
    articles stand in the same buckets within a week are the least alike not compared.
    """

    def __init__(self, archive: Archive) -> None:
        """Link within this archive."""
        self._archive = archive
        self._ledger = CopyLedger()

    def prepare(self, article: Article) -> Comparable:
        """Work out what an article is compared by; 1 ms for 300 words."""
        wording = read_wording(article)
        return Comparable(article.id, wording, sign(wording))

    def link(self, connection: Connection, prepared: Sequence[Comparable]) -> None:
        """Link stored articles to their copies, in the caller's transaction; earlier links of theirs are forgotten."""
        for one in prepared:
            copies: list[str] = []
            if one.signature is not None:
                keys = self._ledger.candidates(connection, one.signature, window_days=WINDOW_DAYS, besides=one.id)
                stored = self._archive.read_within(connection, keys).values()
                copies = [other.id for other in stored if are_copies(one.wording, read_wording(other))]
            self._ledger.replace(connection, one.id, one.signature, copies, SCHEME)

    def forget(self, connection: Connection, article_ids: Sequence[str]) -> None:
        """Unlink articles that nobody is shown any more, in the caller's transaction."""
        for article_id in article_ids:
            self._ledger.remove(connection, article_id)

    def link_some(self) -> int:
        """Link up to 16 articles that were stored before copies were looked for, or by another scheme.

        Returns:
            How many were linked; 0 when none is left.
        """
        with self._archive.reading() as connection:
            keys = self._ledger.unlinked(connection, below_scheme=SCHEME, limit=_SLICE)
        prepared = [self.prepare(article) for article in self._archive.read_many(keys).values()]
        if prepared:
            with self._archive.writing() as connection:
                self.link(connection, prepared)
        return len(prepared)
