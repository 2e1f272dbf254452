"""What an outcome rests on: the articles that it quotes or names, so that they can be forgotten there too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RestsOn:
    """The articles that a record tells of.

    Attributes:
        article_ids: ids of those whose id is known.
        urls: addresses of all that have one.
        sources: their publishers.
    """

    article_ids: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    def as_fields(self) -> dict[str, list[str]]:
        """Write it as JSON holds it, in a fixed order."""
        return {
            "article_ids": sorted(self.article_ids),
            "urls": sorted(self.urls),
            "sources": sorted(self.sources),
        }

    @classmethod
    def of_fields(cls, fields: Mapping[str, Iterable[str]]) -> RestsOn:
        """Read what `as_fields` wrote."""
        return cls(frozenset(fields["article_ids"]), frozenset(fields["urls"]), frozenset(fields["sources"]))


def rests_on(outcome: Mapping[str, Any]) -> RestsOn:
    """Tell what an outcome (the JSON contract) rests on: what it cites, copies of that, and all that it names."""
    told = list(told_articles(outcome))
    return RestsOn(
        *(frozenset(one[key] for one in told if one.get(key)) for key in ("article_id", "url", "source")),
    )


def without_hits(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of an outcome what was found but not told; an outcome that is kept must rest on what it shows."""
    return {**outcome, "hits": []}


def told_articles(outcome: Any) -> Iterator[Mapping[str, Any]]:
    """List the articles that an outcome names anywhere but among its hits; the same one maybe several times.

    Whatever has an article's id or an address names one: what an answer is kept with may grow, and must not be missed.
    """
    if isinstance(outcome, Mapping):
        if "article_id" in outcome or "url" in outcome:
            yield outcome
        for name, value in outcome.items():
            if name != "hits":
                yield from told_articles(value)
    elif isinstance(outcome, list | tuple):
        for value in outcome:
            yield from told_articles(value)
