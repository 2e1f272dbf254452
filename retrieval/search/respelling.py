"""Respelling: other spellings of a query's words, as articles that the query may find have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from retrieval.archive.archive import Archive
from retrieval.index.ledger import Admission, Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.terms import content_words, stem, words
from retrieval.passages import Variant

_NAME = re.compile(r"(?<=\w[\s-])[^\W\da-z_][^\W_]*")
_WORD = re.compile(r"[^\W_]+")


class Respeller:
    """Finds the variants of a query's words. Runs on the worker; holds nothing to close."""

    def __init__(self, archive: Archive, ledger: Ledger, lexical: LexicalIndex) -> None:
        """Take the index's own parts."""
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical

    def find(self, connection: Connection, query: str, admission: Admission) -> tuple[Variant, ...]:
        """Find other spellings of words; only those that an admitted article has, so that none other is betrayed.

        A word that the query writes as a name, capitalised within the text, is no slip for a word that an article
        writes small: "Littler" is not "litters".

        Args:
            connection: to read from.
            query: the text of the query.
            admission: which articles may be found.

        Returns:
            Up to three a word, in the order of the words, and for each the likeliest first; mostly none.
        """
        names = {"".join(words(name)) for name in _NAME.findall(query)}
        found = []
        for word, others in self._lexical.variants(connection, content_words(query), admission.scope).items():
            for other in others:
                spelled = self._spelled(connection, other, admission)
                if spelled and not (word in names and spelled.islower()):
                    found.append(Variant(word, stem(word), other, spelled))
        return tuple(found)

    def _spelled(self, connection: Connection, wanted: str, admission: Admission) -> str | None:
        """Read how an admitted article writes a stem; None if no such article has it."""
        ids = [one.id for one in self._lexical.search_stems(connection, [wanted], admission=admission, limit=1)]
        for row in self._ledger.admitted(connection, ids, admission).values():
            key = row.article_id, row.version
            article = self._archive.read_many([key])[key]
            text = f"{article.title}\n{article.text[row.start : row.end]}"
            return next((found for found in _WORD.findall(text) if wanted in map(stem, words(found))), None)
        return None


def respelled(text: str, variants: Sequence[Variant]) -> str:
    """Write a text with each word that has other spellings in the likeliest of them."""
    likeliest = {one.written: one.spelled for one in reversed(variants)}

    def replaced(match: re.Match[str]) -> str:
        return likeliest.get("".join(words(match.group())), match.group())

    return _WORD.sub(replaced, text) if likeliest else text
