"""The sources of an answer beside those it quotes: who else has the same story, and what was found besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.locales.speaking import say, say_counted
from bot.rendering.answer_card import ANSWER_COLOUR
from bot.rendering.card import Card
from bot.rendering.card_texts import article_block, mark
from bot.rendering.limits import MAX_COMPONENTS, fits


def more_sources(kept: Mapping[str, Any], *, now: datetime) -> Card:
    """Render all copies of the quoted articles, and the articles that were found and not quoted.

    What does not fit one message is counted.

    Args:
        kept: an answer as `bot.answering.kept` keeps it.
        now: the moment, for ages.
    """
    copies, found = [say("Also in:")], [say("Found, and not quoted:")]
    wanted = [(copies, copy, cited["n"]) for cited in kept["citations"] for copy in cited["also_in"]]
    wanted += [(found, article, None) for article in kept["found"]]
    left_out = 0
    for section, article, n in wanted:
        said = article_block(article, now)
        if n is not None:
            said += " · " + say("the story of {mark}", mark=mark(n, None))
        sections = [[*copies, said], found, [_unshown(MAX_COMPONENTS)]]
        if left_out or not fits(sections):
            left_out += 1
        else:
            section.append(said)
    told = [section for section in (copies, found) if len(section) > 1]
    return Card([*told, [_unshown(left_out)] if left_out else []], ANSWER_COLOUR)


def _unshown(count: int) -> str:
    return "-# " + say_counted("{count} more not shown", "{count} more not shown", count)
