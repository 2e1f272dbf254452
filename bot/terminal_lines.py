"""What stands first of an answer on a terminal, and text made safe for one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from bot.rendering.wording import published_words

_NEXT_STEPS = """
What to do next
  Ask more:              .venv/bin/dateline ask
  Add your articles:     .venv/bin/dateline ingest PLACE...  (files, folders and addresses)
  Follow the news:       .venv/bin/dateline feeds add URL, then: make run
  Answer on Discord:     put your bot's token into .env as DATELINE_DISCORD__TOKEN=..., then: make run
                         (README, "On Discord", shows where the token comes from)
  Leave the samples out: the invented outlets stay in {home};
                         set DATELINE_HOME to another folder for your own articles."""

# Longer terms of use of a quoted article are cut.
_TERMS_CHARS = 200


def leading_lines(outcome: Mapping[str, Any]) -> Iterator[Text]:
    """Write what sources say where they differ, or the short answer; how many tell it; and the claims.

    Of several questions, each that has something short is named above it. Claims that are the quotes of the sources
    below are left out.

    Args:
        outcome: an answer, as `bot.answering.contract` makes it.
    """
    quotes = {citation["quote"] for citation in outcome["citations"]}
    for part in outcome["parts"] or []:
        told = list(_told(outcome, part["agreement"] or {}, part["short_answer"]))
        if told:
            yield Text(plain(part["question"]), style="dim")
            yield from told
    yield from _told(outcome, outcome["agreement"] or {}, outcome["short_answer"])
    for claim in outcome["claims"]:
        if claim["text"] not in quotes:
            yield Text(f"{plain(claim['text'])} {_marks(claim['citations'])}", style="bold")


def _told(outcome: Mapping[str, Any], agreement: Mapping[str, Any], short: Mapping[str, Any] | None) -> Iterator[Text]:
    if differs := agreement.get("differs", []):
        by_number = {citation["n"]: citation for citation in outcome["citations"]}
        yield Text("Sources differ:", style="bold")
        for value in differs[0]["values"]:
            first = by_number[value["citations"][0]]
            said = ", ".join(plain(one) for one in (first["source"], first["published_at"]) if one)
            if (more := value["sources"] - 1) > 0:
                said += f", and {more} more"
            yield Text.assemble("  ", (plain(value["text"]), "bold"), f" ({said}) {_marks(value['citations'])}")
    elif short is not None:
        yield Text(f"{plain(short['text'])} {_marks(short['citations'])}", style="bold")
    if agreement.get("independent_sources", 0) > 1:
        yield Text(f"{agreement['independent_sources']} independent sources", style="dim")


def next_steps(home: Path) -> Iterator[Text]:
    """Write what to do after the demo."""
    for line in _NEXT_STEPS.splitlines():
        yield Text(line.format(home=home))


def source_line(citation: Mapping[str, Any]) -> Text:
    """Write a cited article: its number, headline, publisher and date, and whether only an excerpt of it is held."""
    number, title = (f"[{citation['n']}] ", "bold cyan"), (plain(citation["title"]), "bold")
    return Text.assemble(number, title, byline(citation), " (excerpt)" if citation["is_excerpt"] else "")


def byline(article: Mapping[str, Any]) -> str:
    """Write who published an article, and when, as it follows the headline."""
    return f" ({plain(article['source'] or 'publisher not given')}, {published_words(article['published_at'])})"


def shown_terms(citation: Mapping[str, Any]) -> str:
    """Write what the publisher of a cited article allows, shortened; empty where nothing is said."""
    terms = plain(citation["usage_terms"] or "")
    return terms if len(terms) <= _TERMS_CHARS else f"{terms[: _TERMS_CHARS - 1].rstrip()}…"


def plain(text: str) -> str:
    """Drop control and bidirectional format characters, which could steer the terminal; line breaks become spaces."""
    spaced = " ".join(text.split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _marks(numbers: Iterable[int]) -> str:
    return "".join(f"[{n}]" for n in numbers)
