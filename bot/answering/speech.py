"""Who speaks in a sentence, and which questions ask for somebody's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from retrieval.index.terms import stem, words
from retrieval.passages import Entity

_SAY = "say|tell|add|write|post|tweet|announce|state|claim|argue|call|describe|warn|explain|comment|declare|promise"
_SAY_MORE = "react|respond|reply|answer|put|justify|defend|sum up|think|feel|demand|admit|deny|insist|remark|joke"
# "What did X say about Y", "how did X react to Y", "what were X's words". The speaker is what stands between.
_ASKS = re.compile(
    rf"^\W*(?:(?:and|but|so)\s+)?(?:what|how)\s+(?:did|does|do|has|have|had)\s+(?P<who>[^?]{{1,80}}?)\s+"
    rf"(?:(?:{_SAY})\b|said\b|told\b|(?:have\s+)?to\s+say\b|written\b|called\b|described\b|commented\b)"
    rf"|^\W*(?:(?:and|but|so)\s+)?how\s+(?:did|does|do|has|have|had)\s+(?P<reacting>[^?]{{1,80}}?)\s+"
    rf"(?:{_SAY_MORE})(?:ed|ied|s)?\b"
    r"|^\W*(?:(?:and|but|so)\s+)?what(?:\s+(?:is|are|was|were)|['’]s)\s+(?P<whose>[^?]{1,80}?)(?:['’]s?|s['’])\s+(?:\w+\s+)?"
    r"(?:words(?!\s+of\b)|reaction|response|comments?|statement|reply|remarks?|verdict)\b"
    r"|^\W*(?:(?:and|but|so)\s+)?what(?:\s+(?:is|are|was|were)|['’]s)\s+(?P<saying>[^?]{1,80}?)\s+saying\b",
    re.IGNORECASE,
)
# "What do you call ...?" asks for a word.
_ANYBODY = frozenset(["", "i", "we", "you", "people", "one"])
# Verbs by which news gives somebody's words; "is called" and "it is said that" give nobody's.
_VERB = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )(?<!\bbeen )"
    r"\b(?:said|says|told|tells|added|adds|wrote|writes|posted|tweeted|announced|announces|stated|states|claimed|claims"
    r"|argued|argues|warned|warns|explained|explains|declared|declares|promised|promises|insisted|insists|replied"
    r"|commented|remarked|joked|admitted|admits|denied|denies|called|calls|described|describes|praised|asked|put it"
    r"|recalled)\b"
)
_ACCORDING = re.compile(r"\b(?:according to|in the words of)\s+([^,.;:]{2,80})", re.IGNORECASE)
# "Said the chief of the fire brigade": after these words comes what is said, or when, and not who says it.
_NOT_WHO = re.compile(
    r"\s*(?:that|on|in|at|it|there|he|she|they|we|his|her|nothing|last|this|yesterday|today|earlier|after|during|when"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
# "Told the Ledger", "called the step cheeky": what follows these is not who speaks.
_NOT_INVERTED = frozenset("told tells called calls described describes praised promised asked denied announced".split())
_PRONOUN = re.compile(r"^\W*(?:(?:and|but|so|then|later|also)\s+)*(?:he|she|they|it)\W*(?:\w+\s+){0,2}$", re.IGNORECASE)
_HELPERS = frozenset("has have had also then later first just only once".split())
# A paragraph is looked at so far before and after a sentence: some articles are one line of 100,000 characters.
_PARAGRAPH_CHARS = 2_000
_STOPS = re.compile(r"[,;:]|[.!?]\s|\s[-–—]\s")
_QUOTES = re.compile(r"[\"“”„«»]")
# What an office takes before a name, or after it.
_OFFICE_CHARS = 40
# A quotation of fewer words is a title or a word that is looked at, and nobody's speech.
_LEAST_WORDS = 3
_BLANK = "\x00"
_CAPITALS = re.compile(r"\s*((?:[A-ZÀ-ÖØ-Þ][\w'’-]+\s*){1,4})")
_OF = re.compile(r"\b(?:of|from|in|at|for)\b", re.IGNORECASE)
_SMALL = frozenset("the a an his her its their s".split())
_TITLES = frozenset(
    stem(word)
    for word in "mr mrs ms dr prof sir mayor minister president senator king queen pope captain coach judge".split()
)


class Speech(NamedTuple):
    """What a sentence gives of somebody's words.

    Attributes:
        speaker: the words that name who speaks, such as "chief executive Henrike Dahlmoor"; "" where nobody is named.
        is_quoted: the words stand in quotation marks.
    """

    speaker: str
    is_quoted: bool


def asked_speaker(question: str) -> str | None:
    """Name whose words an English question asks for: "the union" for "how did the union react to it?".

    Returns:
        The words that name them; None for a question that asks for nobody's words.
    """
    match = _ASKS.search(question)
    if match is None:
        return None
    who = next((group.strip() for group in match.groups() if group), "")
    return who if who.casefold() not in _ANYBODY else None


def find_speech(text: str, start: int, end: int, named: Sequence[Entity] = ()) -> Speech | None:
    """Tell who speaks in a sentence.

    That is whose name stands before a verb of saying, or after it ("said the mayor"), or after "according to"; for
    "she said" the last person named before. A sentence that is all quotation belongs to whoever speaks in the
    sentence where the quotation ends, or else spoke last before it in its paragraph.

    Args:
        text: the article.
        start: the sentence's first code point.
        end: one past its last.
        named: people named in the passages found of it, in order, in code points of the article.

    Returns:
        None for a sentence that gives nobody's words.
    """
    first = max(text.rfind("\n", 0, start) + 1, start - _PARAGRAPH_CHARS)
    outer, quoted_words = _outside(text, first, start, end)
    is_quoted = quoted_words >= _LEAST_WORDS
    if match := _ACCORDING.search(outer):
        return Speech(match[1].strip(), is_quoted)
    if match := _VERB.search(outer):
        return Speech(_named(_speaker(outer, match), text, start + match.start(), named), is_quoted)
    if not is_quoted or words(outer.replace(_BLANK, " ")):
        return None
    last = text.find("\n", end, end + _PARAGRAPH_CHARS)
    whole, _ = _outside(text, first, first, last if last >= 0 else min(len(text), end + _PARAGRAPH_CHARS))
    goes_on = whole[end - first : end - first + 1] == _BLANK
    earlier = [verb for verb in _VERB.finditer(whole) if first + verb.start() < start]
    later = [verb for verb in _VERB.finditer(whole) if first + verb.start() >= end]
    verb = later[0] if later and (goes_on or not earlier) else earlier[-1] if earlier else None
    speaker = "" if verb is None else _named(_speaker(whole, verb), text, first + verb.start(), named)
    return Speech(speaker, is_quoted=True)


def is_spoken_by(who: str, speaker: str) -> bool:
    """Tell whether a speaker is the one that a question names, by the last name or the word for the office.

    "The mayor of Brackwater" is "Mayor Oda Lindqvarn"; "Mrs Dahlmoor" is "chief executive Henrike Dahlmoor". Another
    with the same last name and a first name of their own is somebody else.

    Args:
        who: as the question has it; see `asked_speaker`.
        speaker: as the article has it.
    """
    asked = [stem(word) for word in words(_OF.split(who, maxsplit=1)[0]) if word not in _SMALL]
    found = [stem(word) for word in words(speaker)]
    if not asked or asked[-1] not in found:
        return False
    firsts = [word for word in asked[:-1] if word not in _TITLES]
    # Nothing stands before the name that could be another first name.
    begins = any(other.startswith(word) for word in firsts for other in found)
    return not firsts or begins or found.index(asked[-1]) == 0


def _named(speaker: str, text: str, place: int, named: Sequence[Entity]) -> str:
    """Put for "she" the last person named before a place of the article; "" if there is none."""
    if not _PRONOUN.match(speaker):
        return " ".join(speaker.split()).strip(" .,;:!?")
    before = [one for one in named if one.end <= place]
    if not before or re.search(r"\bit\W*$", speaker, re.IGNORECASE):
        return ""
    # With the words before it, which may name the office: "Mayor Oda Lindqvarn".
    return f"{_office(text, before[-1].start)}{text[before[-1].start : before[-1].end]}"


def introduction(text: str, speaker: str) -> str:
    """Read how an article introduces someone of whom it speaks by the last name: "Mayor Benedikta Rooke" for "Rooke".

    Returns:
        The words around the first mention, up to the ends of its line; "" for a speaker who is not a bare name.
    """
    if not re.fullmatch(r"[A-ZÀ-ÖØ-Þ][\w'’-]+", speaker):
        return ""
    match = re.search(rf"\b{re.escape(speaker)}\b", text)
    if match is None:
        return ""
    after = text[match.end() : match.end() + _OFFICE_CHARS].partition("\n")[0]
    return f"{_office(text, match.start())}{match.group()}{after if after.startswith(',') else ''}"


def _office(text: str, place: int) -> str:
    """Read the words before a place of a text, back to the last comma or full stop."""
    return _STOPS.split(text[max(place - _OFFICE_CHARS, 0) : place].rpartition("\n")[2])[-1]


def _outside(text: str, first: int, start: int, end: int) -> tuple[str, int]:
    """Blank what stands in quotation marks in [start, end) of a paragraph that begins at `first`.

    Returns:
        The stretch, of the same length, and how many words were in quotation marks.
    """
    outer, quoted, opened = list(text[start:end]), 0, None
    marks = [first + match.start() for match in _QUOTES.finditer(text[first:end])]
    for place in [*marks, end]:
        if opened is not None:
            low, high = max(opened, start), min(place + 1, end)
            if low < high:
                outer[low - start : high - start] = _BLANK * (high - low)
                quoted += len(words(text[low:high]))
            opened = None
        elif place < end:
            opened = place
    return "".join(outer), quoted


def _speaker(outer: str, verb: re.Match[str]) -> str:
    before, after = outer[: verb.start()], outer[verb.end() :]
    bare = before.rstrip()
    can_follow = verb[0].casefold() not in _NOT_INVERTED
    names_whom = can_follow and re.match(r"\s+[^\W_]", after) is not None and _NOT_WHO.match(after) is None
    if names_whom and (bare[-1:] in ("", _BLANK, ",") or not words(before.replace(_BLANK, " "))):
        return _after(after.partition(_BLANK)[0])
    parts = _STOPS.split(before.replace(_BLANK, ";"))
    # "Its owner, Jutta Bremmer, said": the name stands between commas, and what it is before it.
    return _without_helpers((parts[-1].strip() or " ".join(parts[-3:])).strip())


def _without_helpers(who: str) -> str:
    """Leave out what stands between a name and its verb: "the mayor has also" said."""
    parts = who.split()
    while len(parts) > 1 and parts[-1].casefold() in _HELPERS:
        parts.pop()
    return " ".join(parts)


def _after(after: str) -> str:
    """Read who speaks after "said": up to a comma, and the name of "the head of the centre, Matthias Ogilvorn"."""
    first, _, rest = after.strip().partition(",")
    name = _CAPITALS.match(rest)
    return f"{_STOPS.split(first)[0]} {name[1] if name else ''}".strip()
