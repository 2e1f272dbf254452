"""An answer, an abstention or a problem as the card that people see in Discord."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import discord

from bot.answering.answers import Abstention, Agreement, Answer, Citation, Claim, Evidence, ShortAnswer
from bot.answering.contract import hint_fields
from bot.rendering.limits import Section, first_that_fits
from bot.rendering.markdown import ELLIPSIS, block_quote, bold, escaped, link, one_line, safe_url, shortened
from bot.rendering.wording import abstention_sentence, date_words, hint_sentence, published_words
from retrieval.articles import Article, Precision

ANSWER_COLOUR = discord.Colour(0x2E8B57)
ABSTENTION_COLOUR = discord.Colour(0x8A94A6)
PROBLEM_COLOUR = discord.Colour(0xC0392B)

# Widths in UTF-16 code units, chosen so that the last layout of `_answer_layouts` always fits: 1 claim, 1 source with
# a link of 512, usage terms, question, footer and notice come to at most 3940 of Discord's 4000.
_TITLE = 250
_PUBLISHER = 100
_QUESTION = 300
_NOTICE = 300
_HINT = 200
_SHORT = 80
_PART = 120
_COPY = 40
_TERMS = 100
# Copies of a cited article that are named.
_MOST_COPIES = 3
_LONG_CLAIM = 1500
_LONG_QUOTE = 1000
_PROBLEM = 1500

# Of a passage on either side of its quote, from whole passages of the usual length to the quote alone.
_AROUND_CHARS = (700, 320, 120, 0)

# A card with more sources than this is no longer read, even where Discord would hold it.
_MOST_SOURCES = 12


def answer_card(outcome: Answer | Abstention, *, question_shown: bool = False) -> discord.ui.LayoutView:
    """Render an answer with its sources and their quoted passages, or an abstention with the nearest articles.

    What does not fit a message goes in this order: passage text around the quotes, the links of the [n] marks, later
    sources, later claims, the short answer; what is left out is counted, what is cut ends in "…".

    Args:
        outcome: what the chain gave.
        question_shown: begin with the question; for /ask, where Discord shows others only that a command was used.

    Returns:
        A view without buttons that never times out, of at most 40 components and 4000 characters.
    """
    heading = [_question(outcome.evidence)] if question_shown else []
    if isinstance(outcome, Answer):
        return _card(first_that_fits(_answer_layouts(outcome, heading)), ANSWER_COLOUR)
    return _card(first_that_fits(_abstention_layouts(outcome, heading)), ABSTENTION_COLOUR)


def problem_card(sentence: str) -> discord.ui.LayoutView:
    """Render one plain sentence that says what went wrong and what to do."""
    return _card([[escaped(shortened(one_line(sentence), _PROBLEM))]], PROBLEM_COLOUR)


def _card(sections: Sequence[Section], colour: discord.Colour) -> discord.ui.LayoutView:
    container: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=colour)
    for i, section in enumerate(sections):
        if i:
            container.add_item(discord.ui.Separator())
        for text in section:
            container.add_item(discord.ui.TextDisplay(text))
    return discord.ui.LayoutView(timeout=None).add_item(container)


def _answer_layouts(answer: Answer, heading: list[str]) -> Iterator[list[Section]]:
    # Everything is written once and not once per layout: the last of some forty layouts must not stall the event loop.
    claims = [replace(claim, text=shortened(one_line(claim.text), _LONG_CLAIM)) for claim in answer.claims]
    sources = [_source(citation, answer.evidence) for citation in answer.citations[:_MOST_SOURCES]]
    urls = {citation.n: safe_url(citation.article.url) for citation in answer.citations}
    between = "\n" if any(claim.is_quote for claim in claims) else " "
    footer = _footer(answer.evidence, answer.notice)

    def layout(spoken: list[str], quoted: list[str], leading: list[str]) -> list[Section]:
        silent = _left_out(len(claims) - len(spoken), "sentence")
        unseen = _left_out(len(answer.citations) - len(quoted), "source")
        return [[*heading, *leading, between.join(spoken), *silent], [*quoted, *unseen], footer]

    spoken = [_claim(claim, urls) for claim in claims]
    quoted: list[str] = []
    for around_chars in _AROUND_CHARS:
        quoted = [source.show(around_chars) for source in sources]
        yield layout(spoken, quoted, _leading(answer, urls))
    spoken, leading = [_claim(claim, {}) for claim in claims], _leading(answer, {})
    for shown in range(len(quoted), 0, -1):
        yield layout(spoken, quoted[:shown], leading)
    for shown in range(len(spoken) - 1, 0, -1):
        yield layout(spoken[:shown], quoted[:1], leading)
    first = replace(claims[0], text=shortened(claims[0].text, 1200), citations=claims[0].citations[:4])
    yield layout([_claim(first, {})], [source.show(0, quote_width=600) for source in sources[:1]], [])


def _leading(answer: Answer, urls: Mapping[int, str | None]) -> list[str]:
    """Write what stands first: who says what where sources differ, or the short answer in bold; nothing if neither.

    Of several questions, each that has either is named above it.
    """
    written = []
    for part in answer.parts:
        if told := _told(answer, part.short_answer, part.agreement, urls):
            written += [f"-# {escaped(shortened(one_line(part.question), _PART))}", *told]
    # One block of text: a card holds few.
    return ["\n".join(written)] if written else _told(answer, answer.short_answer, answer.agreement, urls)


def _told(
    answer: Answer, short: ShortAnswer | None, agreement: Agreement | None, urls: Mapping[int, str | None]
) -> list[str]:
    if agreement is not None and agreement.differs:
        articles = {citation.n: citation.article for citation in answer.citations}
        lines = ["Sources differ:"]
        for told in agreement.differs:
            who = told.told_by(_byline(articles[told.citations[0]]))
            said = f"{bold(shortened(one_line(told.text), _SHORT))} ({who})"
            lines.append(f"- {said} {''.join(_mark(n, urls.get(n)) for n in told.citations)}")
        return ["\n".join(lines)]
    if short is None:
        return []
    return [f"{bold(shortened(one_line(short.text), _SHORT))} {_mark(short.citation, urls.get(short.citation))}"]


def _claim(claim: Claim, urls: Mapping[int, str | None]) -> str:
    words = f"“{escaped(claim.text)}”" if claim.is_quote else escaped(claim.text)
    return f"{words} {''.join(_mark(n, urls.get(n)) for n in claim.citations)}"


def _mark(n: int, target: str | None) -> str:
    return escaped(f"[{n}]") if target is None else f"[[{n}]]({target})"


@dataclass(frozen=True, slots=True)
class _Source:
    """A cited article as every layout needs it: its headline and byline, and its passage, split around the quote."""

    head: str
    before: str
    quote: str
    after: str

    def show(self, around_chars: int, quote_width: int = _LONG_QUOTE) -> str:
        """Write the source with its passage as a block quote, "…" where it is cut.

        Args:
            around_chars: of the passage, before the quote and after it.
            quote_width: of the quote, in UTF-16 code units.
        """
        before, after = self.before, self.after
        if len(before.strip()) > around_chars:
            kept = before[len(before) - around_chars :]
            before = f"{ELLIPSIS} {kept[kept.find(' ') + 1 :]}"
        if len(after.strip()) > around_chars:
            kept = after[:around_chars]
            after = f"{kept[: kept.rfind(' ') + 1].rstrip()} {ELLIPSIS}"
        passage = escaped(before) + bold(shortened(self.quote, quote_width)) + escaped(after)
        return f"{self.head}\n{block_quote(passage)}"


def _source(citation: Citation, evidence: Evidence) -> _Source:
    head = f"**{escaped(f'[{citation.n}]')} {_headline(citation.article)}**\n{_byline(citation.article)}"
    if citation.article.is_excerpt:
        head += " (excerpt)"
    if terms := shortened(one_line(citation.article.usage_terms or ""), _TERMS):
        head += f"\n-# {escaped(terms)}"
    if copies := evidence.findings.copies.get(citation.article.id):
        others = list(dict.fromkeys(one.source for one in copies if one.source not in (None, citation.article.source)))
        if others:
            named = ", ".join(escaped(shortened(one_line(source or ""), _COPY)) for source in others[:_MOST_COPIES])
            more = len(others) - _MOST_COPIES
            head += f"\n-# also in {named}{f' and {more} more' if more > 0 else ''}"
    passage, quote = citation.passage.text, citation.quote
    start = citation.start - citation.passage.start
    if start < 0 or passage[start : start + len(quote)] != quote:
        return _Source(head, "", one_line(quote), "")  # the quote runs over the edge of its passage
    return _Source(head, passage[:start], one_line(quote), passage[start + len(quote) :])


def _headline(article: Article) -> str:
    return link(shortened(one_line(article.title), _TITLE) or "Untitled article", article.url)


def _byline(article: Article) -> str:
    publisher = escaped(shortened(one_line(article.source or ""), _PUBLISHER)) or "publisher not given"
    return f"{publisher} · {date_words(article.published_at, article.published_precision)}"


def _abstention_layouts(abstention: Abstention, heading: list[str]) -> Iterator[list[Section]]:
    footer = _footer(abstention.evidence, abstention.notice)
    nearest = [f"**{_headline(article)}**\n{_byline(article)}" for article in abstention.nearest[:_MOST_SOURCES]]
    said = [abstention_sentence(abstention.reason, abstention.index_ends)]
    said += [escaped(shortened(one_line(hint_sentence(hint_fields(one))), _HINT)) for one in abstention.hints]
    for shown in range(len(nearest), -1, -1):
        closest = ["Closest articles:", *nearest[:shown]] if shown else []
        closest += _left_out(len(abstention.nearest) - shown, "article")
        yield [[*heading, "\n".join(said)], closest, footer]


def _question(evidence: Evidence) -> str:
    return f"-# Question: {escaped(shortened(one_line(evidence.question.as_typed), _QUESTION))}"


def _footer(evidence: Evidence, notice: str | None) -> list[str]:
    size = evidence.findings.index
    lines = [f"-# {size.articles} article{'' if size.articles == 1 else 's'} in the index"]
    if size.newest_published is not None:
        lines[0] += f", the newest of {published_words(size.newest_published)}"
    elif size.newest_published_at is not None:
        lines[0] += f", the newest of {date_words(size.newest_published_at, Precision.DAY)}"
    if understood := evidence.question.understood_as:
        lines.append(f"-# Understood as: {escaped(shortened(one_line(understood), _QUESTION))}")
    if notice:
        lines.append(f"-# {escaped(shortened(one_line(notice), _NOTICE))}")
    return ["\n".join(lines)]


def _left_out(count: int, noun: str) -> list[str]:
    return [f"-# {count} more {noun}{'' if count == 1 else 's'} not shown"] if count > 0 else []
