"""The names and numbers that a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from retrieval.index.terms import stem, words

_NAMED = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-ZÀ-ÖØ-Þ][\w'’-]*|\b\d[\d.,]*")


def named_terms(question: str, weights: Mapping[str, float]) -> dict[str, float]:
    """Take those of the term weights that belong to a question's names and numbers; its first word is none."""
    names = {stem(word) for name, _ in find_names_and_numbers(question) for word in words(name)}
    return {term: weight for term, weight in weights.items() if term in names}


def find_names_and_numbers(question: str) -> list[tuple[str, int]]:
    """Find a question's words that begin with a capital or a digit, each with its place; its first word is none."""
    return [(match.group(), match.start()) for match in _NAMED.finditer(question)]
