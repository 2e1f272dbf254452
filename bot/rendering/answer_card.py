"""An answer, an abstention or a problem as the card that people see in Discord, over as many pages as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.answering.answers import Abstention, Answer
from bot.answering.kept import kept_fields
from bot.locales.speaking import say
from bot.rendering.card import Card
from bot.rendering.card_buttons import MOST_COMPONENTS, button_rows
from bot.rendering.card_texts import (
    abstention_texts,
    answer_blocks,
    article_block,
    asked_at,
    behind_line,
    footer,
    question_line,
    source_block,
)
from bot.rendering.limits import Section, fits
from bot.rendering.markdown import escaped, one_line, shortened
from bot.rendering.wording import abstention_sentence

ANSWER_COLOUR = discord.Colour(0x2E8B57)
ABSTENTION_COLOUR = discord.Colour(0x8A94A6)
PROBLEM_COLOUR = discord.Colour(0xC0392B)

_PROBLEM = 1500
# More sources on one page are no longer read on a phone.
_SOURCES_ON_A_PAGE = 4


def answer_card(
    outcome: Answer | Abstention | Mapping[str, Any],
    *,
    question_shown: bool = False,
    number: int | None = None,
    page: int = 1,
    is_copy: bool = False,
) -> Card:
    """Render an answer with its sources and their quoted passages, or an abstention with the nearest articles.

    What does not fit one message goes over pages: the answer, then four sources to a page. What is cut, such as a
    very long quote, ends in "…"; its button shows it whole.

    Args:
        outcome: what the chain gave, or what `bot.answering.kept.kept_fields` made of it.
        question_shown: begin with the question; for /ask, where Discord shows others only that a command was used.
        number: under which the answer is kept; None makes a card without buttons.
        page: which one, from 1; one beyond the last is the last.
        is_copy: for one person who leafs through the answer of another.

    Returns:
        A view that never times out, of at most 40 components and 4000 characters.
    """
    kept = kept_fields(outcome) if isinstance(outcome, Answer | Abstention) else outcome
    heading = [question_line(kept)] if question_shown else []
    if behind := behind_line(kept):
        heading.append(behind)
    is_answer = kept["status"] == "answered"
    pages = list(_pages(kept, heading) if is_answer else [_abstention_page(kept, heading)])
    page = min(max(page, 1), len(pages))
    shown = pages[page - 1]
    rows = []
    if number is not None:
        rows = button_rows(kept, number, sorted(shown.quoted), page, len(pages), is_copy=is_copy)
    sections = [*shown.sections, [footer(kept, page, len(pages))]]
    return Card(sections, ANSWER_COLOUR if is_answer else ABSTENTION_COLOUR, rows)


def problem_card(sentence: str) -> Card:
    """Render one plain sentence that says what went wrong and what to do."""
    return Card([[escaped(shortened(one_line(sentence), _PROBLEM))]], PROBLEM_COLOUR)


@dataclass(slots=True)
class _Page:
    """The texts of a page: the answer, the sources; and the numbers of the citations that it names."""

    answer: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    quoted: set[int] = field(default_factory=set)

    @property
    def sections(self) -> list[Section]:
        return [self.answer, self.sources]


def _pages(kept: Mapping[str, Any], heading: Sequence[str]) -> list[_Page]:
    """Fill pages one after the other: the heading, what is answered, the sources."""
    widest = footer(kept, 99, 99)
    pages = [_Page(answer=list(heading))]

    def has_room(block: str) -> bool:
        return fits([*pages[-1].sections, [block], [widest]], buttons=MOST_COMPONENTS)

    for block in answer_blocks(kept):
        if not has_room(block.text):
            pages.append(_Page())
        pages[-1].answer.append(block.text)
        pages[-1].quoted |= block.quoted
    for citation in kept["citations"]:
        source = source_block(kept, citation)
        if len(pages[-1].sources) == _SOURCES_ON_A_PAGE or not has_room(source):
            pages.append(_Page())
        pages[-1].sources.append(source)
        pages[-1].quoted.add(citation["n"])
    return pages


def _abstention_page(kept: Mapping[str, Any], heading: Sequence[str]) -> _Page:
    why = kept["abstention"]
    nearest = [article_block(article, asked_at(kept)) for article in why["nearest"]]
    said = abstention_texts(kept, abstention_sentence(why["reason"], why["index_ends"]))
    return _Page([*heading, *said], [say("Closest articles:"), *nearest] if nearest else [])
