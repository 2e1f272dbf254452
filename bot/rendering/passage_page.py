"""One source of an answer by itself: the quote marked where it stands, and what became of its article since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import discord

from bot.answering.kept import cut_after, cut_before
from bot.answering.rereading import QuoteInPlace, Since
from bot.locales.speaking import say
from bot.rendering.article_line import title_link
from bot.rendering.card import Card, Row
from bot.rendering.card_texts import byline, mark
from bot.rendering.limits import fits
from bot.rendering.markdown import block_quote, bold, escaped, one_line, shortened
from bot.rendering.text_fragment import link_to_quote
from bot.rendering.wording import since_sentence

PASSAGE_COLOUR = discord.Colour(0x2E8B57)
CHANGED_COLOUR = discord.Colour(0xC98A1B)

# Widths in UTF-16 code units: a quote so wide fits with everything else on the page, whatever its characters.
_QUOTE = 1500
_TERMS = 300
_REASON = 300
# Of what stands around the quote, tried in this order.
_AROUND_CHARS = (600, 300, 120, 0)
_BUTTON_COMPONENTS = 2


def passage_page(citation: Mapping[str, Any], place: QuoteInPlace, *, now: datetime) -> Card:
    """Render a quote in its context, with a link that opens the article there.

    What is too long is cut visibly. Of an article that was taken back or is gone, only that is told.

    Args:
        citation: of an answer that was kept; see `bot.answering.kept`.
        place: the quote read again.
        now: the moment, for ages.
    """
    url = link_to_quote(citation["url"], citation["quote"])
    head = f"**{mark(citation['n'], None)} {title_link(citation['title'], url)}**\n{byline(citation, now)}"
    if terms := shortened(one_line(citation["usage_terms"] or ""), _TERMS):
        head += f"\n-# {escaped(terms)}"
    top = [head]
    if note := since_sentence(place.since, place.changed_at, shortened(one_line(place.reason or ""), _REASON), now):
        top.append(f"⚠️ {escaped(note)}")
    rows: list[Row] = []
    if url is not None:
        rows = [discord.ui.ActionRow(discord.ui.Button(label=say("Open the article"), url=url))]
    colour = PASSAGE_COLOUR if place.since is Since.UNCHANGED else CHANGED_COLOUR
    if not place.quote:
        return Card([top], colour, rows)
    quote = bold(shortened(one_line(place.quote), _QUOTE))
    for around_chars in _AROUND_CHARS:
        before, after = cut_before(place.before, around_chars), cut_after(place.after, around_chars)
        sections = [top, [block_quote(escaped(before) + quote + escaped(after))]]
        if fits(sections, buttons=_BUTTON_COMPONENTS):
            break
    return Card(sections, colour, rows)
