"""Where quotes come from, as a card: the article that says it, and word by word what it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.locales.speaking import marked, say, say_counted
from bot.rendering.answer_card import ABSTENTION_COLOUR, ANSWER_COLOUR
from bot.rendering.article_line import byline, excerpted, headline, publisher
from bot.rendering.card import Card
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import block_quote, bold, escaped, one_line, shortened
from bot.rendering.wording import with_more
from retrieval.articles import Article
from retrieval.search.quotes import MOST_WORDS, QuoteFinding, QuoteFindings, QuoteMatch, Run

# Widths in UTF-16 code units of a quote, and how many other articles are named: less where it does not fit otherwise.
_LAYOUTS = ((1200, 3), (600, 3), (300, 1), (120, 0))
_NAME = 40
_NEVER = marked(
    "There is nothing in that message that could be a quote: a quote has three words or more, as plain text or in "
    "quotation marks."
)
_UNFOUND = marked("That is no proof that nobody said it: I know only the articles that I was given.")
_KEY = marked(
    "**bold**: the article's words · ~~struck through~~: the message's words, which the article does not have"
)


def quote_card(findings: QuoteFindings, *, now: datetime) -> Card:
    """Render where the quotes of a message stand, in the message's order.

    Returns:
        A card without buttons, of at most 40 components and 4000 characters; long quotes end in "…".
    """
    if not findings.quotes:
        return Card([[say(_NEVER)]], ABSTENTION_COLOUR)
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
        yield "**" + say("Not in my index:") + "**"
        yield block_quote(f"“{escaped(shortened(one_line(finding.words), width))}”")
        return
    yield f"**{_where(match)}**"
    words = None if match.in_title else " ".join(run.published for run in match.runs if run.published)
    yield f"**{headline(match.article, quote=words)}**"
    line = byline(match.article, now)
    yield excerpted(line) if match.article.is_excerpt else line
    yield block_quote(f"“{_compared(match, width)}”")
    if finding.also:
        yield _also(finding.also, others)
    if finding.is_cut:
        yield "-# " + say("Only its first {words} words were compared.", words=MOST_WORDS)


def _where(match: QuoteMatch) -> str:
    if match.is_exact:
        return say("Word for word in the headline of:") if match.in_title else say("Word for word in:")
    if match.in_title:
        return say("Nearly so, but not word for word, in the headline of:")
    return say("Nearly so, but not word for word, in:")


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
        return "-# " + say_counted(
            "word for word in {count} more article too", "word for word in {count} more articles too", len(articles)
        )
    return "-# " + say("also in {names}", names=with_more(", ".join(named), len(articles) - len(named)))


def _foot(findings: QuoteFindings, shown: int) -> list[str]:
    lines = []
    if any(one.match is not None and not one.match.is_exact for one in findings.quotes):
        lines.append(say(_KEY))
    if any(one.match is None for one in findings.quotes):
        lines.append(say(_UNFOUND))
    if unshown := len(findings.quotes) - shown + findings.left_out:
        lines.append(
            say_counted(
                "{count} further quote of that message not shown",
                "{count} further quotes of that message not shown",
                unshown,
            )
        )
    return ["\n".join(f"-# {line}" for line in lines)] if lines else []
