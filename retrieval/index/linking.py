"""Linking an article to its copies, in the transaction that stores it; and those that were stored before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from retrieval.archive.archive import Archive
from retrieval.archive.copies import CopyLedger, Signature
from retrieval.archive.scopes import known_scopes, scopes_of
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
    scope: str | None = None


class CopyLinker:
    """Finds and stores which articles are copies. Uses the archive and closes nothing.

    A link depends on the two articles alone, so the order of intake makes no difference; only where more than 32
    articles stand in the same buckets within a week are the least alike not compared. An article of a scope is linked
    within its scope, and with public articles for that scope alone.
    """

    def __init__(self, archive: Archive) -> None:
        """Link within this archive."""
        self._archive = archive
        self._ledger = CopyLedger()

    def prepare(self, article: Article, scope: str | None = None) -> Comparable:
        """Work out what an article of a scope is compared by; 1 ms for 300 words."""
        wording = read_wording(article)
        return Comparable(article.id, wording, sign(wording), scope)

    def link(self, connection: Connection, prepared: Sequence[Comparable]) -> None:
        """Link stored articles to their copies, in the caller's transaction; earlier links of theirs are forgotten."""
        scopes = known_scopes(connection)
        for one in prepared:
            copies = self._copies(connection, one, one.scope)
            across: dict[str, str] = {}
            if one.scope is not None:
                across = dict.fromkeys(self._copies(connection, one, None), one.scope)
            else:
                for scope in scopes:
                    across |= dict.fromkeys(self._copies(connection, one, scope), scope)
            self._ledger.replace(connection, one.id, one.signature, copies, SCHEME, scope=one.scope, across=across)

    def _copies(self, connection: Connection, one: Comparable, scope: str | None) -> list[str]:
        """Find the copies of an article among those of a scope."""
        if one.signature is None:
            return []
        keys = self._ledger.candidates(connection, one.signature, window_days=WINDOW_DAYS, besides=one.id, scope=scope)
        stored = self._archive.read_within(connection, keys).values()
        return [other.id for other in stored if are_copies(one.wording, read_wording(other))]

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
            scopes = scopes_of(connection, [article_id for article_id, _ in keys])
        prepared = [self.prepare(article, scopes[article.id]) for article in self._archive.read_many(keys).values()]
        if prepared:
            with self._archive.writing() as connection:
                self.link(connection, prepared)
        return len(prepared)
