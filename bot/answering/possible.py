"""What in a sentence could be the short answer: entities of the wanted kind that the question does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.answering.cues import Kind, fit
from bot.answering.places import countries_of
from retrieval.index.terms import stem, words
from retrieval.passages import Entity

# Words in quotation marks are a title or a name if they are few.
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,60})[\"”]")
_QUOTED_WORDS = 7
# Labels of names that the tagger exchanges.
_NAMES = frozenset("PERSON ORG GPE LOC FAC PRODUCT NAME NORP WORK_OF_ART EVENT".split())
_TO_A_PLACE = re.compile(
    r"\b(?:to|in|at|near|from|towards?|outside|into|around|between|reached|left)\s+(?:the\s+)?(?:[a-z]+\s+(?:of\s+)?)?$"
)
# Stems of "where did it go", and what stands before the place that it left.
_GOING = frozenset("go gone went head travel move arriv sail fli flew send sent end land reach".split())
_FROM_A_PLACE = re.compile(r"\b(?:from|left|leav(?:e|es|ing)|outside)\s+(?:the\s+)?(?:[a-z]+\s+(?:of\s+)?)?$")
_DEPARTURE = 0.3
# A name that fits a question for a person this well is one's.
_PERSON = 0.7
# "North of Sabha" says where another place lies.
_BESIDE_A_PLACE = re.compile(r"\b(?:north|south|east|west)\w*\s+of\s+(?:the\s+)?$", re.IGNORECASE)
_BESIDE = 0.5
_LIKE_A_PERSON = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?:\s+[A-ZÀ-ÖØ-Þ][\w'’-]+){1,2}")
# Words that begin a sentence, and no name.
_OPENING = "|".join(
    (
        "The A An In On At But And When While After Before For If As It He She They We This That These Those What Who"
        " How Why"
    ).split()
)
_CAPITALS = re.compile(
    rf"\b(?!(?:{_OPENING})\b)"
    r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?:[ \t]+(?:(?:of|the|and|de|da|al)[ \t]+){0,2}[A-ZÀ-ÖØ-Þ][\w'’-]+){1,4}"
)
# Small words before a name or number are not what it is called.
_LEADING = frozenset(
    "the a an about around more than nearly almost over some his her its their roughly estimated".split()
)


class Possible(NamedTuple):
    """A stretch that could be the short answer: code points [start, end) of the article.

    `key` is its words, folded and without small ones: equal keys are the same answer. `fit` says how well its label
    answers the question's kind, in 0..1 and above 0.
    """

    start: int
    end: int
    label: str
    key: str
    fit: float


def find_possible(
    kind: Kind, text: str, start: int, entities: Sequence[Entity], asked: frozenset[str]
) -> tuple[Possible, ...]:
    """List what in a sentence could answer.

    Args:
        kind: what the question wants; nothing answers one that wants no name, place, date or number.
        text: the sentence.
        start: its first code point in the article.
        entities: those in it, in code points of the article.
        asked: the stems of the question's words; what the question names itself is no answer.
    """
    found = []
    quoted = list(_quoted(text, start))
    # A title in quotation marks is also a run of capitals: listed once.
    plain = [one for one in entities if not any(q.start <= one.start and one.end <= q.end for q in quoted)]
    for one in (*plain, *quoted, *_untagged(text, start, (*plain, *quoted))):
        before, written = text[: one.start - start], text[one.start - start : one.end - start]
        key, fits = key_of(written), fit_there(kind, one.label, before, written)
        if kind is Kind.PLACE and is_departure(before, asked):
            fits *= _DEPARTURE
        elif kind is Kind.PLACE and _BESIDE_A_PLACE.search(before):
            fits *= _BESIDE
        if fits > 0.0 and key and not is_asked(one.label, key, asked):
            found.append(Possible(one.start, one.end, one.label, key, fits))
    return tuple(found)


def is_departure(before: str, asked: frozenset[str]) -> bool:
    """Tell whether a place is where something left, judged by the words before it, and the question asks where it went.

    Args:
        before: the sentence up to the place.
        asked: the stems of the question's words.
    """
    return bool(asked & _GOING) and "from" not in asked and _FROM_A_PLACE.search(before) is not None


def names_person(label: str, before: str, written: str) -> bool:
    """Tell whether a name is a person's, by its label or, where the tagger mistakes it, by where it stands."""
    return fit_there(Kind.PERSON, label, before, written) >= _PERSON


def fit_there(kind: Kind, label: str, before: str, written: str) -> float:
    """Tell how well an entity answers a question of a kind, 0..1, judged by its label and by where it stands.

    Args:
        kind: what the question wants.
        label: the entity's.
        before: the sentence up to the entity.
        written: the entity.
    """
    return max(fit(kind, label, written), _fit_by_place(kind, label, before, written))


def _fit_by_place(kind: Kind, label: str, before: str, written: str) -> float:
    """Judge a name by where it stands, for the tagger often mistakes names that it has never seen.

    What follows "to", "near" and the like is a place, whatever its label; two or three capitalised words that do not
    may be a person.
    """
    if label not in _NAMES:
        return 0.0
    follows = _TO_A_PLACE.search(before) is not None
    if kind is Kind.PLACE:
        return 0.9 if follows else 0.0
    if kind is Kind.PERSON and not follows and not before.endswith("the "):
        return 0.7 if _LIKE_A_PERSON.fullmatch(written) else 0.0
    return 0.0


def asked_stems(question: str) -> frozenset[str]:
    """Stem the words of a question, and the countries whose people it names: "Israeli troops" are of Israel."""
    asked = words(question)
    return frozenset(stem(word) for word in asked) | {stem(name) for word in asked for name in countries_of(word)}


def key_of(text: str) -> str:
    """Fold a span to the words by which equal answers are known: "The Kremlin's" -> "kremlin"."""
    folded = words(re.sub(r"['’]s?\W*$", "", text))
    while folded and folded[0] in _LEADING:
        folded = folded[1:]
    return " ".join(folded)


def _quoted(text: str, start: int) -> Iterator[Entity]:
    for match in _QUOTED.finditer(text):
        quoted = match[1]
        # A few words that begin small and end in a comma are speech, not a title.
        is_speech = len(quoted.split()) > 3 and (quoted[:1].islower() or quoted.rstrip()[-1:] == ",")
        if len(quoted.split()) <= _QUOTED_WORDS and not is_speech:
            end = match.end(1) - (len(quoted) - len(quoted.rstrip(" .,;:!?")))
            yield Entity(start + match.start(1), start + end, "QUOTE")


def _untagged(text: str, start: int, tagged: Sequence[Entity]) -> Iterator[Entity]:
    """Find runs of two to five capitalised words in which the tagger sees nothing: "Golden Tempo", a horse."""
    for match in _CAPITALS.finditer(text):
        begin, end = start + match.start(), start + match.end()
        if not any(one.start < end and begin < one.end for one in tagged):
            yield Entity(begin, end, "NAME")


def is_asked(label: str, key: str, asked: frozenset[str]) -> bool:
    """Tell whether the question names a span itself, whole, a person by the last name, or for the most part."""
    parts = key.split()
    named = [stem(part) in asked for part in parts]
    if label == "PERSON" and parts[-1] != "jr":
        return named[-1]
    mostly = label in ("ORG", "GPE", "EVENT", "WORK_OF_ART", "FAC", "LAW", "NAME", "NORP", "PRODUCT", "LOC")
    return all(named) or (mostly and 3 * sum(named) >= 2 * len(parts))
