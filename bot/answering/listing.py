"""What is listed rather than answered: the newest articles with their first sentences, and where quotes come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.answering.quote_limits import QuoteLimits
from retrieval.articles import Article, CopyOf
from retrieval.index.chunking import split_sentences
from retrieval.search.browsing import Newest
from retrieval.search.quotes import QuoteFinding, QuoteFindings, Run

# One line on a desk, three on a phone.
_LEAD_CHARS = 120
# Of the text so much is looked at: a first sentence is hardly longer.
_OPENING_CHARS = 1000
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Headline:
    """An article as a list shows it.

    Attributes:
        article: the current version.
        lead: how its text begins, on one line, no longer than its publisher allows; "…" where it is cut.
        copies: other articles that say the same, oldest first.
    """

    article: Article
    lead: str
    copies: tuple[CopyOf, ...] = ()


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest articles, newest first; `topic`, `more` and `has_older` as `retrieval.search.browsing` has them."""

    topic: str | None
    headlines: tuple[Headline, ...]
    more: int = 0
    has_older: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What the index knows: a publisher each with its count, and the names of the feeds that are followed."""

    publishers: tuple[ListedPublisher, ...]
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedPublisher:
    """A publisher by name, None for all articles without one, with its articles and the date of the newest one.

    Attributes:
        newest: ISO 8601 to no more than its precision, at most to the day; None if none has a date.
    """

    name: str | None
    articles: int
    newest: str | None


def list_newest(topic: str | None, newest: Newest, limits: QuoteLimits) -> Latest:
    """Give each article its lead."""
    headlines = (Headline(one, lead_of(one, limits), newest.copies.get(one.id, ())) for one in newest.articles)
    return Latest(topic, tuple(headlines), newest.more, newest.has_older)


def lead_of(article: Article, limits: QuoteLimits) -> str:
    """Tell how an article begins: its first sentence, cut where it is long or its publisher allows no more."""
    opening = article.text[:_OPENING_CHARS]
    sentences = split_sentences(opening, article.language)
    first = opening[sentences[0].start : sentences[0].end] if sentences else opening
    allowed = limits.limit_chars(article)
    return _cut(" ".join(first.split()), _LEAD_CHARS if allowed is None else min(_LEAD_CHARS, allowed))


def limit_quotes(findings: QuoteFindings, limits: QuoteLimits) -> QuoteFindings:
    """Shorten what publishers' words are shown of each quote to what they allow."""
    return replace(findings, quotes=tuple(_limited(finding, limits) for finding in findings.quotes))


def _limited(finding: QuoteFinding, limits: QuoteLimits) -> QuoteFinding:
    match = finding.match
    allowed = None if match is None else limits.limit_chars(match.article)
    if match is None or allowed is None:
        return finding
    return replace(finding, match=replace(match, runs=tuple(_shorter(match.runs, allowed))))


def _shorter(runs: Sequence[Run], limit: int) -> Iterable[Run]:
    for run in runs:
        if len(run.published) > limit:
            yield run._replace(published=_cut(run.published, limit))
            return
        limit -= len(run.published)
        yield run


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    at_word = text.rfind(" ", 0, limit + 1)
    return text[: at_word if at_word > 0 else limit].rstrip() + _ELLIPSIS
