"""Where quotes come from, as a card: the article that says it, and word by word what it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import byline, headline, publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import block_quote, bold, escaped, one_line, shortened
from bot.rendering.wording import counted
from retrieval.articles import Article
from retrieval.search.quotes import MOST_WORDS, QuoteFinding, QuoteFindings, QuoteMatch, Run

# Widths in UTF-16 code units of a quote, and how many other articles are named: less where it does not fit otherwise.
_LAYOUTS = ((1200, 3), (600, 3), (300, 1), (120, 0))
_NAME = 40
_NEVER = (
    "There is nothing in that message that could be a quote: a quote has three words or more, as plain text or in "
    "quotation marks."
)
_UNFOUND = "That is no proof that nobody said it: I know only the articles that I was given."
_KEY = "**bold**: the article's words · ~~struck through~~: the message's words, which the article does not have"


def quote_card(findings: QuoteFindings, *, now: datetime) -> Card:
    """Render where the quotes of a message stand, in the message's order.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters; long quotes end in "…".
    """
    if not findings.quotes:
        return Card([[_NEVER]], ABSTENTION_COLOUR)
    is_found = any(finding.match is not None for finding in findings.quotes)
    return Card(first_that_fits(_layouts(findings, now)), ANSWER_COLOUR if is_found else ABSTENTION_COLOUR)


def _layouts(findings: QuoteFindings, now: datetime) -> Iterator[list[Section]]:
    for width, others in _LAYOUTS:
        told = ["\n".join(_finding(one, now, width, others)) for one in findings.quotes]
        yield [*([one] for one in told), _foot(findings, len(told))]
    for shown in range(len(told) - 1, 0, -1):
        yield [*([one] for one in told[:shown]), _foot(findings, shown)]


def _finding(finding: QuoteFinding, now: datetime, width: int, others: int) -> Iterator[str]:
    match = finding.match
    if match is None:
        yield "**Not in my index:**"
        yield block_quote(f"“{escaped(shortened(one_line(finding.words), width))}”")
        return
    where = "in the headline of" if match.in_title else "in"
    yield f"**Word for word {where}:**" if match.is_exact else f"**Nearly so, but not word for word, {where}:**"
    words = None if match.in_title else " ".join(run.published for run in match.runs if run.published)
    yield f"**{headline(match.article, quote=words)}**"
    yield byline(match.article, now) + (" (excerpt)" if match.article.is_excerpt else "")
    yield block_quote(f"“{_compared(match, width)}”")
    if finding.also:
        yield _also(finding.also, others)
    if finding.is_cut:
        yield f"-# Only its first {MOST_WORDS} words were compared."


def _compared(match: QuoteMatch, width: int) -> str:
    """Write the runs within a width, which bold and struck words share with plain ones; "…" where it is cut."""
    written: list[str] = []
    for run in match.runs:
        if width < 1:
            written.append("…")
            break
        shown = _run(run, width)
        written.append(shown)
        width -= len(shown)
    return " ".join(written)


def _run(run: Run, width: int) -> str:
    if run.is_same:
        return escaped(shortened(one_line(run.published), width))
    said, published = (shortened(one_line(part), max(1, width // 2)) for part in (run.said, run.published))
    return " ".join([*([f"~~{escaped(said)}~~"] if said else []), *([bold(published)] if published else [])])


def _also(articles: Sequence[Article], most: int) -> str:
    named = [f"{headline(one)} ({publisher(one.source, _NAME)})" for one in articles[:most]]
    if not named:
        return f"-# word for word in {counted(len(articles), 'more article')} too"
    more = len(articles) - len(named)
    return f"-# also in {', '.join(named)}{f' and {more} more' if more else ''}"


def _foot(findings: QuoteFindings, shown: int) -> list[str]:
    lines = []
    if any(one.match is not None and not one.match.is_exact for one in findings.quotes):
        lines.append(_KEY)
    if any(one.match is None for one in findings.quotes):
        lines.append(_UNFOUND)
    if unshown := len(findings.quotes) - shown + findings.left_out:
        lines.append(f"{counted(unshown, 'further quote')} of that message not shown")
    return ["\n".join(f"-# {line}" for line in lines)] if lines else []
