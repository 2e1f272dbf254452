"""Telling the reader which other spellings of the question's words were searched for."""

from __future__ import annotations

import re

from bot.answering.answers import Evidence
from bot.locales.speaking import say
from retrieval.index.terms import stems, words
from retrieval.passages import Variant

_WORD = re.compile(r"[^\W_]+")


def spelling_notice(evidence: Evidence) -> str | None:
    """Write one sentence that names the other spellings that the hits have; None if there are none.

    A spelling that no hit has goes unnamed: nothing of the answer rests on it.
    """
    if not evidence.findings.variants:
        return None
    held: set[str] = set()
    for hit in evidence.findings.hits:
        held |= stems(f"{hit.article.title}\n{hit.passage.text}")
    told: dict[str, list[Variant]] = {}
    for one in evidence.findings.variants:
        if one.stem in held:
            told.setdefault(one.written, []).append(one)
    asked = {"".join(words(found)): found for found in _WORD.findall(evidence.question.text)}
    parts = [
        say(
            "{spellings} (you wrote {written})",
            spellings=", ".join(one.spelled for one in variants),
            written=asked.get(written, written),
        )
        for written, variants in told.items()
    ]
    return say("Also searched for: {spellings}.", spellings="; ".join(parts)) if parts else None


def joined_notice(evidence: Evidence, notice: str | None) -> str | None:
    """Put the writer's notice, if there is one, before that on spellings; None if there is neither."""
    return " ".join(one for one in (notice, spelling_notice(evidence)) if one) or None
