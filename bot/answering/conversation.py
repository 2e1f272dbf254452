"""A follow-up becomes a question that stands alone, by rules: names, time and topic come from the exchanges before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bot.answering.cues import Kind, kind_of
from bot.answering.details import find_names
from bot.answering.leaning import HE, LEAD, SHE, WH, leans, open_part, strip_lead
from bot.answering.questions import Exchange, Question
from bot.answering.timeframe import find_window
from retrieval.index.terms import content_words, words

# A follow-up rarely reaches further back.
_EXCHANGES = 3
# A topic of no more words and no name is filled up from the exchange before.
_FEW_WORDS = 2
# Only the words of a time are looked at here, not what they mean, so any moment serves.
_ANY_MOMENT = datetime(2020, 7, 1, tzinfo=UTC)
_AUX = r"(?:'s|’s|is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)"
_ASKING = re.compile(
    rf"^(?:how (?:many|much)(?: of)?(?: (?!{_AUX}\b)\w+)?|how (?:long|far|old|often|big|large|tall|fast|high|deep)"
    rf"|(?:which|what)(?: (?!{_AUX}\b)[\w-]+){{1,2}}(?= {_AUX}\b)|which [\w-]+|{WH})(?=\W|$)\s*",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(rf"^{_AUX}(?:n['’]?t)?(?=\W|$)\s*", re.IGNORECASE)
_FRAGMENT = re.compile(r"^(?:(?:what|how) about\s+)?(?P<what>[^?]{1,60}?)\s*\?*$", re.IGNORECASE)
_IS_CLAUSE = re.compile(rf"\b(?:{WH}|{_AUX})\b", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:in|at|for|from|of|on|with|near|by|about|during)\s+(?:the\s+)?$", re.IGNORECASE)
_AFTER_PLACING = re.compile(r"\b(?:in|at|of|from|the|near)\s+$", re.IGNORECASE)
_LAST_PLACE = re.compile(r"\b(?:in|at|from|near|for|of)\s+(?P<name>[^\W\d_][\w-]*)(?=\W*$)")
_SHORT_ANSWER = re.compile(r"^(?P<name>[^\n\[“]{1,80}?) \[\d+\]: “")
_POSSESSIVE = re.compile(r"['’]s?$")


def understood(question: Question) -> Question:
    """Return the question with the words that it is understood by; the same one if it stands alone already."""
    reading = _read(question.text, question.history)
    return question if reading is None else question.reworded(reading.text, focus=reading.focus)


def stand_alone(question: str, history: Sequence[Exchange]) -> str | None:
    """Reword an English follow-up so that it can be asked without the conversation before it.

    A name or a time asked about anew takes the place of the earlier one ("what about Kessing?"), a bare "why?" takes
    the clause of the earlier question, "she" the name of who was asked for; else the topic of the earlier question
    follows in brackets. What asks for a kind of answer by its own words still asks for it.

    Args:
        question: as typed.
        history: earlier exchanges, oldest first; the last three count.

    Returns:
        The question as understood; None if it stands alone already, or nothing before it tells what it is about.
    """
    reading = _read(question, history)
    return None if reading is None else reading.text


class _Reading(NamedTuple):
    """A follow-up as understood; `focus` is what is asked, without the topic that was added in brackets."""

    text: str
    focus: str | None = None


def _read(question: str, history: Sequence[Exchange]) -> _Reading | None:
    recent = history[-_EXCHANGES:]
    if not recent:
        return None
    last = recent[-1]
    earlier = stand_alone(last.question, recent[:-1]) or last.question.strip()
    plain = strip_lead(question)
    if reworded := _exchanged(question, earlier):
        return reworded
    if not leans(question):
        return None
    topic = _topic(earlier)
    if len(recent) > 1 and len(_meaning(topic)) <= _FEW_WORDS and not any(find_names(topic)):
        # "Who brought the case?" does not say which one.
        topic = f"{_topic(recent[-2].question)}, {topic}".strip(" ,")
    return _same_clause(plain, earlier) or _with_person(plain, earlier, last.answer) or _with_topic(plain, topic)


def _exchanged(question: str, earlier: str) -> _Reading | None:
    """Put the thing of "what about ...?", "and ...?" or "in 2023?" into the earlier question."""
    has_lead = LEAD.match(question) is not None
    plain = strip_lead(question)
    match = _FRAGMENT.match(plain)
    if match is None:
        return None
    thing, names_it = match["what"].strip(), match.start("what") > 0
    asked = earlier.rstrip(" ?!.")
    if thing.casefold() in HE | SHE | {"it", "them", "that", "this", "they"} or not words(thing):
        return None
    window, old = find_window(thing, _ANY_MOMENT), find_window(asked, _ANY_MOMENT)
    is_time = window is not None and len(words(thing)) <= len(words(window.words)) + 2
    if _IS_CLAUSE.search(thing) or len(thing.split()) > 6 or not (has_lead or names_it or is_time):
        return None
    if is_time:
        if old is None or old.words not in asked:
            return _Reading(f"{asked} {thing}?")
        before, _, after = asked.partition(old.words)
        return _Reading(f"{_without_preposition(before, thing)}{thing}{after}?")
    bare = re.sub(r"^(?:in|at|for|from|of|on|with|near)\s+", "", thing, flags=re.IGNORECASE)
    if bare.casefold().startswith(("the ", "a ", "an ", "his ", "her ", "its ", "their ")):
        return _Reading(f"{asked} ({thing})?", thing)
    names = [(name.start, name.start + len(name.written)) for name in find_names(asked)]
    if not names and (place := _LAST_PLACE.search(asked)) and (old is None or place["name"] not in old.words):
        names = [place.span("name")]
    if not names:
        return _Reading(f"{asked} ({thing})?", thing)
    start, end = next((span for span in reversed(names) if _PLACED.search(asked[: span[0]])), names[-1])
    suffix = _POSSESSIVE.search(asked[start:end])
    return _Reading(f"{asked[:start]}{bare}{suffix.group() if suffix else ''}{asked[end:]}?")


def _without_preposition(before: str, thing: str) -> str:
    keeps = re.match(r"(?:in|on|during|since|before|after|until)\b", thing, re.IGNORECASE) is None
    is_relative = re.match(r"(?:this|last|next|today|yesterday|tomorrow)\b", thing, re.IGNORECASE) is not None
    if keeps and not is_relative:
        return before
    return re.sub(r"\b(?:in|on|during)\s+$", "", before, flags=re.IGNORECASE)


def _same_clause(plain: str, earlier: str) -> _Reading | None:
    """Ask the earlier question with the new question word: "Did she resign?", "why?" -> "why did she resign?"."""
    wanted = plain.rstrip(" ?!.")
    clause = _ASKING.sub("", strip_lead(earlier), count=1)
    auxiliary = _AUXILIARY.match(clause)
    if auxiliary is None or auxiliary.end() == len(clause) or "'" in auxiliary.group() or "’" in auxiliary.group():
        return None
    if not re.fullmatch(r"(?:when|where|why|how)(?: (?:exactly|come))?", wanted, re.IGNORECASE):
        return None
    if not open_part(clause.partition(" (")[0]):
        return None
    return _Reading(f"{wanted.split()[0]} {clause[0].lower()}{clause[1:].rstrip(' ?!.')}?")


def _with_person(plain: str, earlier: str, answer: str) -> _Reading | None:
    """Put a name for "he" or "she": who was answered where a person was asked for, else the first one asked about."""
    pronouns = [match for match in re.finditer(r"\w+", plain) if match.group().casefold() in HE | SHE]
    if not pronouns:
        return None
    first = pronouns[0]
    name = _person(earlier, answer, HE if first.group().casefold() in HE else SHE)
    if name is None:
        return None
    following = plain[first.end() :].strip(" ?!.").split(" ")[0]
    is_object = not following or following.casefold() in ("in", "at", "on", "to", "from", "for", "by", "with", "and")
    if first.group().casefold() == "his" or (first.group().casefold() == "her" and not is_object):
        name += "’s"
    return _Reading(f"{plain[: first.start()]}{name}{plain[first.end() :]}")


def _person(earlier: str, answer: str, pronouns: frozenset[str]) -> str | None:
    # "Who won" may be a team as well, but "he" is the one who did.
    if kind_of(earlier) is not Kind.PERSON and not re.search(r"\bwho\b", earlier, re.IGNORECASE):
        named = list(find_names(earlier))
        free = [
            one.written for one in named if not re.search(r"\b(?:in|at|of|from|the|near)\s+$", earlier[: one.start])
        ]
        return _POSSESSIVE.sub("", free[0]) if free else None
    said, others = set(words(answer)), SHE if pronouns is HE else HE
    # "The plaintiff, Theodora Munk, had complained ... her ducks" does not say who "he" is.
    if said & others and not said & pronouns:
        return None
    if short := _SHORT_ANSWER.match(answer):
        return short["name"] if short["name"][:1].isupper() else None
    asked = set(words(earlier))
    new = (one for one in find_names(answer) if not asked & set(one.value.split()) and " " in one.value)
    return next((_POSSESSIVE.sub("", one.written) for one in new), None)


def _topic(earlier: str) -> str:
    """Take from a question what it is about: its words without those that ask, and without the verb after "who"."""
    plain = strip_lead(earlier).rstrip(" ?!.")
    rest = _AUXILIARY.sub("", _ASKING.sub("", plain, count=1), count=1)
    is_subject = rest == _ASKING.sub("", plain, count=1) and rest != plain
    if is_subject and (cut := rest.partition(" ")[2]) and len(_meaning(cut)) > 1:
        rest = cut
    bracketed = re.search(r"\(([^()]+)\)$", rest)
    rest = bracketed[1] if bracketed else rest
    return re.sub(r"^(?:(?:he|she|it|they|we|you|there|her|him|them)\s+)+", "", rest, flags=re.IGNORECASE).strip()


def _meaning(text: str) -> list[str]:
    return [word for word in content_words(text) if len(word) > 2] if text else []


def _with_topic(plain: str, topic: str) -> _Reading | None:
    asked = plain.rstrip(" ?!.")
    if not topic or not _meaning(topic):
        return None
    told = f"{asked} ({topic.replace('(', '').replace(')', '')})?"
    # A bare "when?" has nothing to search the story for.
    focus = plain if len(words(plain)) > 2 else None
    if kind_of(told) is kind_of(plain):
        return _Reading(told, focus)
    # The topic has words that ask for something else, such as "the cost of": its names alone have not.
    names = ", ".join(_POSSESSIVE.sub("", name.written) for name in find_names(topic))
    return _Reading(f"{asked} ({names})?" if names else told, focus)
