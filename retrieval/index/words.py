"""An article's passages: made, noted for the vector store, and put into the keyword index, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from retrieval.articles import Article
from retrieval.index.chunking import Splitter
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.passages import Passage


class WordIndex:
    """Splits articles and keeps the keyword index in step with the ledger. Closes nothing."""

    def __init__(self, splitter: Splitter, ledger: Ledger, lexical: LexicalIndex) -> None:
        """Wire it; the tables are those of the transaction that each call is given."""
        self._splitter = splitter
        self._ledger = ledger
        self._lexical = lexical

    def split(self, article: Article) -> list[Passage]:
        """Split an article into passages; outside the transaction, so that the lock is held shortly."""
        return self._splitter.split(article)

    def put(self, connection: Connection, article_id: str, title: str, new: Sequence[Passage]) -> None:
        """Make `new` the passages of a stored article, in the caller's transaction; none leave it out of the index."""
        changed = self._ledger.replace(connection, article_id, new)
        self._lexical.drop(connection, changed.old, changed.scope)
        rows = ((number, title, passage.text) for number, passage in zip(changed.new, new, strict=True))
        self._lexical.add(connection, rows, changed.scope)
