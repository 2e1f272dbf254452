"""What kind of answer a question wants, and whether a sentence holds one: where -> place, who -> person, and so on."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """The kind of answer that a question wants."""

    PLACE = "place"
    PERSON = "person"
    DATE = "date"
    NUMBER = "number"
    REASON = "reason"
    NAME = "name"
    YES_NO = "yes_no"
    OTHER = "other"


_PLACE_NOUNS = (
    "city|country|countries|town|village|port|airport|base|state|region|province|district|island|place|site|location"
    "|continent|capital|county|area|nation|venue|street|river|sea|lake|mountain|park"
)
_PERSON_NOUNS = (
    "person|people|man|woman|president|minister|official|politician|leader|actor|actress|singer|player|author|director"
    "|ceo|boss|senator|king|queen|prince|princess|pope|artist|rapper|billionaire|judge|general|spokesman|celebrity|star"
)
# Tried in order; the first that matches names the kind.
_QUESTION_CUES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.NUMBER, r"\bhow (many|much|old|far|long|big|large|tall|fast|often|high|deep|heavy)\b"),
        (Kind.NUMBER, r"\bwhat (percentage|number|amount|proportion|share|price|sum|age|size)\b"),
        (Kind.NUMBER, r"\b(percentage|number|amount) of\b"),
        (Kind.DATE, r"\bwhen\b|\b(what|which) (day|date|year|month|time|week|decade|century)\b"),
        (Kind.REASON, r"\bwhy\b|\bhow come\b|\bfor what reason\b|\bwhat (caused|led to|prompted)\b"),
        (Kind.PLACE, rf"\bwhere\b|\b(what|which)\b(?:\s+[\w'-]+){{0,3}}\s+({_PLACE_NOUNS})\b"),
        (Kind.PERSON, rf"\bwho(m|se)?\b|\b(what|which)\b(?:\s+[\w'-]+){{0,3}}\s+({_PERSON_NOUNS})\b"),
        (Kind.NAME, r"\bwhich\b|\bwhat (is|was|are|were) the (name|title)\b|\bwhat\s+[\w'-]+\b"),
        (Kind.YES_NO, r"^\W*(is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b"),
    )
)

_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?"
    "|dozens?|half|twice|once"
)
_NUMBER = re.compile(rf"\d[\d,.]*|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tomorrow|tonight"
    r"|(?:last|next|this) (?:week|month|year|night|spring|summer|autumn|fall|winter)|(?:1[5-9]|20)\d\d)s?\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(because|due to|after|since|owing to|caused by|blamed?|in order to|so that|as a result|the reason|amid|to avoid"
    r"|in response to|in protest)\b",
    re.IGNORECASE,
)
# A run of capitalised words, with the small words that join names ("Brak al-Shati", "University of Leeds").
_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w'’.&-]*(?:\s+(?:(?:of|the|al|de|del|la|von|van|bin|and|&)\s+)?[A-ZÀ-ÖØ-Þ][\w'’.&-]*)*"
)
_PLACE = re.compile(
    r"\b(?:in|at|to|near|from|towards?|outside|off|into|over|around|across|through|between|of)\s+(?:the\s+)?"
    r"(?:(?:[a-z]+ern|city|town|port|village|island)\s+(?:of\s+)?)?(?:the\s+)?(?=[A-ZÀ-ÖØ-Þ])"
)
_WORD = re.compile(r"\w+")


def kind_of(question: str) -> Kind:
    """Tell what kind of answer an English question wants; OTHER if nothing in its words says so."""
    return next((kind for kind, cue in _QUESTION_CUES if cue.search(question)), Kind.OTHER)


def find_answers(kind: Kind, sentence: str, question: str) -> list[str]:
    """List what a sentence holds of the wanted kind and the question does not name itself, in order, as written.

    For YES_NO and OTHER, which have no kind to look for, these are the names.
    """
    asked = {word.casefold() for word in _WORD.findall(question)}
    if kind is Kind.REASON:
        return [match.group() for match in _REASON.finditer(sentence)]
    if kind is Kind.NUMBER:
        found = [match.group() for match in _NUMBER.finditer(sentence)]
    elif kind is Kind.DATE:
        found = [match.group() for match in _DATE.finditer(sentence)]
    elif kind is Kind.PLACE:
        names = (_NAME.match(sentence, match.end()) for match in _PLACE.finditer(sentence))
        found = [name.group() for name in names if name is not None]
    else:
        found = new_names(sentence)
    return [one for one in found if not _all_asked(one, asked)]


def holds_answer(kind: Kind, sentence: str, question: str) -> bool:
    """Tell whether a sentence holds something of the wanted kind that the question does not name itself.

    For YES_NO and OTHER there is nothing to look for: False.
    """
    return kind not in (Kind.YES_NO, Kind.OTHER) and bool(find_answers(kind, sentence, question))


def new_names(text: str) -> list[str]:
    """List the capitalised names of a text; a single capitalised word that only begins a sentence is no name."""
    names = []
    for match in _NAME.finditer(text):
        begins_sentence = match.start() == 0 or text[: match.start()].rstrip(" “\"'(")[-1:] in (".", "!", "?", "\n", "")
        if not begins_sentence or " " in match.group():
            names.append(match.group())
    return names


def _all_asked(found: str, asked: set[str]) -> bool:
    return all(word.casefold() in asked for word in _WORD.findall(found))
