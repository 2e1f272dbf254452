"""Recognising what a publisher says about its own earlier words: correction notes in a text, labels on a headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Label(StrEnum):
    """What a wire service puts before a headline that it sends again."""

    CORRECTED = "corrected"
    UPDATED = "updated"
    REFILED = "refiled"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Correction:
    """A publisher's note that something it had said was wrong.

    Attributes:
        start: where the note begins in the article's text, in characters.
        end: where it ends; `text[start:end]` is the note.
        text: the note, letter for letter.
        wrong: what had been said, in the note's own words; None where the note does not say it.
        right: what should have been said, likewise.
    """

    start: int
    end: int
    text: str
    wrong: str | None
    right: str | None


def _pattern(written: str) -> re.Pattern[str]:
    """Compile a pattern in which "_" is any white space, for notes run over the ends of lines."""
    return re.compile(written.replace("_", r"\s+"), re.IGNORECASE | re.DOTALL)


# A label stands in brackets or ends in a dash or colon. A headline in which the word is a verb or a noun has neither:
# "JAMAICA CORRECTS SIZE OF RESCHEDULING", "Update to tax law".
_LABELS = {
    label: _pattern(rf"\s*(?:[(\[]\s*(?:{words})\s*[)\]]|(?:{words})\s*(?:[-–—]|:))")
    for label, words in {
        Label.CORRECTED: r"correct(?:ed|ion|s)",
        Label.UPDATED: r"(?:update[ds]?|wrapup)[\s-]*\d{0,2}|write-?thru",
        Label.REFILED: r"refile[ds]?",
        Label.REPEATED: r"rpt|repeat(?:ed)?",
    }.items()
}

_STORY = r"(?:article|story|report|item|piece|post|column|headline|caption|dispatch|graphic|page|newsletter|letter)"
_VERSION = r"(?:earlier|previous|prior|original|initial)_versions?"
_WRONG = (
    r"(?:incorrect|inaccura|wrong|erroneous|mistake|error\b|mis(?:stat|identif|spel|quot|attribut|nam|report|represent)"
    r"|outdated|typo\b)"
)
# Each is said of the publisher's own text. "The White House issued a correction" and "an earlier version of the bill"
# are news.
_NOTES = [
    _pattern(pattern)
    for pattern in (
        r"\W*(?:editor[’']?s?[’']?_note\s*\W_?)?(?:corrections?|clarifications?)(?:_(?:and|&)_\w+)?\s*[:—–]",
        rf".*\b{_VERSION}_of_(?:this|our)_{_STORY}s?\b.*(?:{_WRONG}|\b(?:said|stated|reported|gave|omitted)\b)",
        rf"\W*an?_{_VERSION}_(?:of_the_{_STORY}_)?(?:\w+_)?{_WRONG}",
        rf".*\b(?:this|the)_{_STORY}_(?:was|has_been)_(?:amended|corrected|clarified)\b",
        rf".*\bthis_{_STORY}_(?:was|has_been)_(?:updated|changed|edited|revised)\b"
        rf".*(?:\bto_(?:correct|clarify|fix)\b|\bcorrect(?:ed)?_|{_WRONG})",
        # As wire services write: "(Corrects paragraph 3 to ...)", "NOTE: Company corrects ...", "-- refiles to ...".
        r"\W*(?:note:\s*)?(?:the_)?(?:company_)?(?:corrects|correcting|refiles|refiling)\b(?!\s*:)",
    )
]
_PARAGRAPH = re.compile(r"[^\n](?:[^\n]|\n(?![ \t]*\n|[ \t]{2,}))*")
# A bracket or a dash opens a note within a paragraph too.
_SENTENCE = re.compile(
    r"\([^()]*\)(?=\s|\Z)|\S.*?(?:[.!?][”\"’')\]]*(?=\s+[“\"‘'(\[A-Z0-9-])|(?=\s+(?:\(|--))|\Z)", re.DOTALL
)
_HEADING = _NOTES[0]
# What some note begins with or says; a paragraph without it needs no closer look, and most have none.
# Looked for as they stand: as a pattern they took a quarter of the time of writing an answer.
_HINTS = "correct clarif amended version updated changed edited revised refil".split()
# A sentence that goes on with the note before it.
_GOES_ON = _pattern(
    r"(?:it|in_fact|they|she|he|also|we_(?:regret|apolog)|the_(?:(?:correct|right|actual)|\w+_(?:is|was|should)\b))"
)
# The longest of 70 real notes has 497 characters; a longer sentence is none, and would take long to look through.
_MAX_NOTE_CHARS = 800

_END = r"(?=\s*(?:[;)\]]|,_according_to\b|[.!?](?:[”\"’')\]]|\s|\Z)|\Z))"
_NOT = r"(?:,?_not|,?_rather_than|,?_instead_of)"
_IS = (
    r"(?:(?:it|they|he|she)_(?:is|are|was|were|has|have|had)"
    r"|(?:the|his|her|its|their)_(?:\w+_){1,4}?(?:is|are|was|were)|should_(?:be|read|say|have_(?:been|read|said)))"
)
# Tried in this order; each names what was wrong, what is right, or both.
_VALUES = [
    _pattern(pattern)
    for pattern in (
        rf"\b(?:amended|corrected|changed|updated|revised)\b[^;]{{0,80}}?\bfrom_(?P<wrong>[^;]{{1,80}}?)_to_(?P<right>[^;]{{1,80}}?){_END}",
        rf"\b(?:amended|corrected|corrects|changed|updated|edited)\b[^.;]*?\bto_(?:say|show|read|reflect|state|make_clear|clarify)"
        rf"(?:_that)?_(?P<right>[^;]{{1,160}}?){_NOT}_(?P<wrong>[^;]{{1,120}}?){_END}",
        rf"\b(?:is|are|was|were|be|has|have|had)_(?P<right>[^;]{{1,120}}?){_NOT}_(?P<wrong>[^;]{{1,120}}?){_END}",
        rf"\bcorrect(?:s|ing|ed)\b[^.;]*?\bto_(?P<right>[^.;]{{1,60}}?)(?:_from|{_NOT})_(?P<wrong>[^;]{{1,60}}?){_END}",
        rf"\b(?:said|stated|reported|gave|as)_(?:that_)?(?P<wrong>[^;]{{1,160}}?)\s*[.;]\s*(?:in_fact,?_)?"
        rf"{_IS}_(?P<right>[^;]{{1,120}}?){_END}",
        rf"\b(?:amended|corrected|corrects|updated)\b[^.;]*?\bto_(?:say|show|read|reflect|state)(?:_that)?"
        rf"_(?P<right>[^;]{{1,160}}?){_END}",
        rf"[.;:]\s*{_IS}_(?P<right>[^;]{{1,120}}?){_END}",
        rf"\bshould_(?:be|read|say|have_(?:been|read|said))_(?:that_)?(?P<right>[^;]{{1,120}}?){_END}",
        rf"\b(?:incorrectly|wrongly|mistakenly|erroneously)_(?:said|stated|reported)_(?:that_)?(?P<wrong>[^;]{{1,160}}?){_END}",
        rf"\b{_VERSION}_of_(?:this|our)_{_STORY}s?_(?:said|stated|reported)_(?:that_)?(?P<wrong>[^;]{{1,160}}?){_END}",
    )
]
# What may follow "incorrectly stated" without being the wrong words themselves: "when the plague came".
_ASIDE = _pattern(
    r"(?:when|where|who|whom|whose|which|what|why|how|whether|from_whom"
    r"|the_(?:\w+_){1,3}(?:of|between|for|in|to|on)\b(?!.*\b(?:is|are|was|were|has|had|will|would)\b))\b"
)


def read_label(title: str) -> Label | None:
    """Read the label that a wire service put before a headline: "CORRECTED-", "UPDATE 2-", "(RPT)"; None without."""
    return next((label for label, pattern in _LABELS.items() if pattern.match(title)), None)


# Several hits of a question are of one article, and the articles of the day are found again and again.
@lru_cache(maxsize=256)
def find_corrections(text: str) -> tuple[Correction, ...]:
    """Find the notes in which a publisher corrects this very text, in their order.

    A note begins with a sentence that says so, and goes on to the end of its paragraph if it is headed
    ("Correction:"), else as long as the next sentences speak of what was corrected. Notes in English are known.
    An update without a correction is none.
    """
    folded = text.casefold()
    if not any(hint in folded for hint in _HINTS):
        return ()
    found = []
    for start, end in _paragraphs(text):
        sentences = [one.span() for one in _SENTENCE.finditer(text, start, end)]
        while sentences:
            start, end = sentences.pop(0)
            if end - start > _MAX_NOTE_CHARS or not any(note.match(text, start, end) for note in _NOTES):
                continue
            is_headed = _HEADING.match(text, start, end) is not None
            while sentences and sentences[0][1] - start <= _MAX_NOTE_CHARS:
                if not is_headed and not _GOES_ON.match(text, *sentences[0]):
                    break
                _, end = sentences.pop(0)
            found.append(_correction(text, start, end))
    return tuple(found)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs that may hold a note; a heading that stands alone begins the next one."""
    heading_start = None
    for paragraph in _PARAGRAPH.finditer(text):
        folded = paragraph.group().casefold()
        if heading_start is None and not any(hint in folded for hint in _HINTS):
            continue
        start = paragraph.start() if heading_start is None else heading_start
        if _HEADING.fullmatch(text, start, paragraph.end()):
            heading_start = start
            continue
        heading_start = None
        yield start, paragraph.end()


def _correction(text: str, start: int, end: int) -> Correction:
    note = text[start:end]
    for pattern in _VALUES:
        match = pattern.search(note)
        if match is None:
            continue
        values = match.groupdict()
        wrong, right = _value(values.get("wrong")), _value(values.get("right"))
        # After "that" comes what was said; without it, perhaps only what it was about.
        if wrong is not None and _ASIDE.match(wrong) and not note[: match.start("wrong")].rstrip().endswith("that"):
            wrong = None
        if wrong or right:
            return Correction(start, end, note, wrong, right)
    return Correction(start, end, note, None, None)


def _value(found: str | None) -> str | None:
    return (found or "").strip(" \n,:–—-") or None
