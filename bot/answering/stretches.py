"""A stretch of an article: what is quoted, contested, or could be the short answer."""

from __future__ import annotations

from typing import NamedTuple

from bot.answering.answers import Citation
from retrieval.passages import Hit


class Stretch(NamedTuple):
    """Code points [start, end) of the article of a hit."""

    hit: Hit
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.hit.article.text[self.start : self.end]

    def is_in(self, citation: Citation) -> bool:
        """Tell whether a citation quotes it, at its place."""
        is_same = (self.hit.article.id, self.hit.passage.version) == (citation.article.id, citation.version)
        return is_same and citation.start <= self.start and self.end <= citation.end
