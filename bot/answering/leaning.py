"""Does a question lean on the one before it? Pronouns without a name of their own, and questions without a subject."""

from __future__ import annotations

import re

from bot.answering.details import find_names
from retrieval.index.terms import content_words, words

#: Question words, for regular expressions.
WH = r"(?:who(?:m|se|['’]s)?|what(?:['’]s)?|when|where|why|how come|how|which)"
#: What begins a question that goes on with the one before it.
LEAD = re.compile(r"^\W*(?:(?:and|but|so|or|also|then|ok|okay)\b[\s,]*)+", re.IGNORECASE)
#: Pronouns for one person.
HE = frozenset({"he", "him", "his"})
SHE = frozenset({"she", "her", "hers"})

_THIRD = HE | SHE | {"it", "its", "they", "them", "their", "theirs"}
# "Where did they find the stolen salt gatherers painting": so many content words say what is asked about.
_SAYS_ENOUGH = 4
# "It" stands for nothing here.
_EMPTY_IT = re.compile(
    r"\b(?:is|was|will) it (?:true|possible|known|clear|legal|safe|raining|snowing|worth|likely|too|time|ok)\b"
    r"|\b(?:does|did|do|will|would) it (?:take|cost) (?:to|for)\b|\bwhat time is it\b|\bit that\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:that|this|these|those|then|there|so)\W*$"
    r"|^\W*(?:is|was|were|are|does|did|do|has|will)\s+(?:that|this|these|those)\b(?=\s+(?:the|a|an|true|mean|why|how)\b)"
    r"|\b(?:did|does|do|will|has|when|how|why|where)\s+(?:that|this)\s+(?:happen|mean|start|end|begin|take|work)\w*\b"
    r"|\b(?:of them|the same|the others?|anyone else|what else|who else|happened (?:next|then|after\w*))\b",
    re.IGNORECASE,
)
_WH_PHRASE = re.compile(
    rf"^(?:how (?:many|much)(?: of)?(?: people)?|{WH})\b\s*",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"^(?:how (?:many|much|old|long|far|big|large|tall|high|often|fast)|which|what)\b"
    r"((?:\s+(?!(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b)[\w'’-]+){0,3})",
    re.IGNORECASE,
)
# A question of these words alone has no subject.
_ASKING_ALONE = frozenset(
    "exactly many much people happened happen long far old often ago precisely again reason time place year day"
    " date more else else's".split()
)
# "Who is akkerby" asks about somebody, "who was hurt" does not.
_COPULA = re.compile(
    r"^(?:is|are|was|were|['’]s)\s+(?!in\b|at\b|on\b|hurt\b|killed\b|injured\b|\w+ed\b)", re.IGNORECASE
)


def strip_lead(question: str) -> str:
    """Take "and", "but", "so" and the like off the front of a question."""
    return LEAD.sub("", question.strip())


def leans(question: str) -> bool:
    """Tell whether an English question can be understood only with the one before it.

    Narrow on purpose: one with a name, or with a noun of its own before the pronoun, is taken to stand alone; a
    follow-up that is missed is asked as typed, a new question mistaken for one gets another story's names.
    """
    plain = strip_lead(question)
    if not words(plain):
        return False
    if not open_part(plain):
        return True
    if any(find_names(plain)):
        return False
    if _POINTS_BACK.search(plain):
        return True
    if not _EMPTY_IT.search(plain) and _pronoun_leans(plain):
        return True
    return _lacks_subject(plain)


def open_part(question: str) -> list[str]:
    """List the content words of a question beyond those that only ask; empty for "and when exactly?"."""
    found = words(question)
    kept = [word for word in content_words(question) if word not in _ASKING_ALONE]
    # `content_words` gives all words back where none has content.
    return [] if all(word in found and _is_small(word) for word in kept) else kept


def _is_small(word: str) -> bool:
    return content_words(f"{word} ferry") == ["ferry"] or word in _ASKING_ALONE or len(word) == 1


def _pronoun_leans(plain: str) -> bool:
    if len(open_part(plain)) >= _SAYS_ENOUGH:
        return False
    for match in re.finditer(r"[^\W_]+", plain):
        if match.group().casefold() in _THIRD:
            counted = _COUNTED.match(plain)
            before = plain[counted.end() if counted and counted.end() <= match.start() else 0 : match.start()]
            has_own = [word for word in content_words(before) if not _is_small(word)] if before.strip() else []
            return not has_own or (
                match.end() >= len(plain.rstrip(" ?!.")) and match.group().casefold() in ("it", "them")
            )
    return False


def _lacks_subject(plain: str) -> bool:
    """Tell whether nothing is asked about: "how many were in favour?", "who won?", "how many died?"."""
    match = _WH_PHRASE.match(plain)
    if match is None or match.group().split()[0].casefold() in ("when", "where", "why"):
        return False
    asks_many = match.group().casefold().startswith("how many")
    is_plain = match.group().strip().casefold() in ("who", "what")
    rest = plain[match.end() :].rstrip(" ?!.")
    if not (asks_many or is_plain) or re.search(r"\b(?:the|a|an|this|that|these|my|your)\b", rest, re.IGNORECASE):
        return False
    if not asks_many and _COPULA.match(rest):
        return False
    return len([word for word in content_words(rest) if not _is_small(word)]) <= 1
