"""When: what a question's words say about how new the news must be."""

from __future__ import annotations

import re

#: How much newer articles are preferred, 0..1, for a question that asks for the newest, and for any other.
FRESH, ANY_AGE = 1.0, 0.25

# Words of a question that is about these days, or whose answer changes with time ("Who is the mayor?").
_THESE_DAYS = re.compile(
    r"\b(?:today|tonight|yesterday|tomorrow|now|recent(?:ly)?|latest|newest|newly|new|current(?:ly)?|just|upcoming)\b"
    r"|\b(?:this|last|past|next)\s+(?:morning|night|week(?:end)?|month|year|spring|summer|autumn|fall|winter)\b"
    r"|\bthis\s+(?:week|month|year)['\u2019]s\b"
    r"|\bon\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|^\W*(?:who|what)\s+(?:is|are)\b",
    re.IGNORECASE,
)


def freshness(question: str) -> float:
    """Tell how much an English question prefers newer articles: FRESH if it is about these days, else ANY_AGE."""
    return FRESH if _THESE_DAYS.search(question) else ANY_AGE
