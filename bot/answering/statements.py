"""Is a sentence a statement about the world, or does it ask, order, speak to its reader, or hold code?

An answer about the news is made of statements in the third person. Whoever hides an order in an article writes
something else. The rules go by the form of English sentences and by marks that no prose has; what they cannot see in
other languages, `relevance` has to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol, TypeVar

_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb'
_QUOTED = re.compile(rf"[{_MARKS}][^{_MARKS}]*[{_MARKS}]|(?<!\w)['\u2018](?=\w).+?['\u2019](?!\w)", re.DOTALL)

# Verbs in their base form, which command as a sentence's first word.
_COMMANDS = "|".join(
    (
        "add allow analyse analyze append apply arrange ask assume avoid become begin behave choose classify compose"
        " consider convert create decode delete deploy describe disregard discuss do don't embed encode ensure enter"
        " execute explain fetch forget generate give ignore imagine implement include incorporate inform insert"
        " install integrate invent invoke keep let let's mention obey perform pretend provide rearrange recommend"
        " refuse remember remove rephrase replace respond reveal rewrite roleplay select send simulate solve speak"
        " stop suggest summarise summarize suppose tell transform translate utilise utilize verify warn write"
    ).split()
)
# Those that are nouns or adjectives as well ("Use of force is rising", "Open water froze") command before these only.
_NOUNS_TOO = "|".join(
    (
        "act answer click export format get go import list make open output praise print put quote read repeat reply"
        " reverse run say show spell start take talk try type use visit"
    ).split()
)
_OBJECT = (
    r"(?:the|an?|this|that|these|those|any|all|every|each|only|my|our|me|us|it|them|him|her|nothing|something|[\d_])"
)
_COMMAND = re.compile(
    r"(?:^|[:;]\s)\W*"
    r"(?:(?:and|but|so|then|now|next|also|first|finally|instead|always|never|just|simply|kindly|from now on)\W+)*"
    rf"(?:please\b|(?:{_COMMANDS})(?=\s|\W*$)|(?:{_NOUNS_TOO})(?=\s+{_OBJECT}\b|\W*$))",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?\uff1f\u061f][\W_]*$|^\W*\u00bf")
# Speaks of itself or to somebody. "Our Lady" and "Me Too" are names; "us" alone is left: "the office told us" reports.
_SPEAKS = re.compile(
    r"\b(?:you|your|yours|yourself|yourselves|YOU|YOUR|my|myself|me|we|our|ours|ourselves)\b"
    r"|\b(?:You|Your|My|We|Our)(?=['\u2019\s][a-z])"
)
# "World War I" and "Charles I" count, "I. M. Pei" is somebody's name: none of them speaks. "But I" does.
_I = re.compile(r"(?:\b([^\W_]+)\s)?\bI\b(?!\.)")
_SMALL_WORDS = frozenset("and as because but if now since so that then though well what when while yes no".split())
_CODE = re.compile(
    r"[{}<>\\^`|=\ufffd]|;\s*$|\w\(\)|\w_\w|\b[\w.-]+@[\w-]+\.\w|\b(?:https?|ftp|data|javascript):\S|\bwww\."
    r"|(?<![\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|io|biz|xyz|ru|cn|example)\b"
    # A long run of letters and digits: a key, a hash, Base64. No word of prose mixes both.
    r"|(?=[A-Za-z+/]*\d)(?=[\d+/]*[A-Za-z])[A-Za-z0-9+/]{24,}"
)
_ROLE = re.compile(
    r"(?:^|[:;]\s)\W*"
    r"(?:system|user|assistant|human|ai|bot|chatbot|q|a|question|answer|response|reply|instructions?|prompt|task)"
    r"(?:\s+(?:mode|prompt|message|override|note|update))?\W{0,2}[:>\]]|\[/?INST\]|<\|\w+\|>|^\W*#{2,}",
    re.IGNORECASE,
)

# What speaks to a language model. Narrow on purpose: news reports on such attacks, and quotes orders of every kind.
_OVERRIDES = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|your)\b"
    r"[^.!?\n]{0,30}\b(?:instructions?|prompts?|guidelines)\b",
    re.IGNORECASE,
)
_OUTPUT = re.compile(
    r"\byour\s+(?:\w+\s+)?(?:answers?|repl(?:y|ies)|responses?|outputs?|prompts?|instructions)\b", re.I
)
_CASTS = re.compile(
    r"\byou(?:\s+are|['\u2019]re)\s+(?:now\s+|about to\s+)*(?:an?\s+)?(?:\w+\s+)?"
    r"(?:ai|assistant|chatbot|language model|llm)\b"
    r"|\bas an? (?:ai|artificial intelligence|large) language model\b"
    r"|\[/?INST\]|<\|\w+\|>|^\W*<?system (?:mode|prompt)\b",
    re.IGNORECASE,
)


class _Stretch(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Stretch)


def is_statement(sentence: str) -> bool:
    """Tell whether a sentence states something about the world, in the third person; false without a verb.

    What it quotes may ask, order and speak as it likes, as long as somebody says so outside the quotation marks; code,
    addresses and keys may stand nowhere.
    """
    # No verb begins with a capital, unless it is the first word: "Page: Marsk, E. (2020)." has none.
    has_verb = any(word[0].isalpha() and not word[0].isupper() for word in re.findall(r"\w+", sentence))
    if not has_verb or _CODE.search(sentence) or _ROLE.search(sentence):
        return False
    told = _untold(sentence)
    if not re.search(r"\w", told):
        told = sentence
    return not (_QUESTION.search(told) or _COMMAND.search(told) or _SPEAKS.search(told) or _speaks_of_itself(told))


def keep_for_people(text: str, sentences: Iterable[S]) -> list[S]:
    """Leave out the sentences of a text that are written for a language model, and keep the others in order.

    After one that tells it to ignore its instructions the rest of the paragraph goes too: it says what to do instead.

    Args:
        text: the text.
        sentences: its sentences in order, by code points.
    """
    kept, resumes_at = [], 0
    for one in sentences:
        if _OVERRIDES.search(text, one.start, one.end):
            paragraph_end = text.find("\n\n", one.end)
            resumes_at = len(text) if paragraph_end < 0 else paragraph_end
        if one.start >= resumes_at and not addresses_model(text[one.start : one.end]):
            kept.append(one)
    return kept


def addresses_model(sentence: str) -> bool:
    """Tell whether a sentence is written for a language model, outside quotation marks.

    It overrides instructions, orders what the answer shall hold or casts the model in a role. A question, an order to
    people ("Stay at home") and a report of such an attack do not count.
    """
    if _OVERRIDES.search(sentence):
        return True
    told = _untold(sentence)
    return bool(_CASTS.search(told) or (_COMMAND.search(told) and _OUTPUT.search(told)))


def _untold(sentence: str) -> str:
    """Take the quotations out, but for a mark of their place; accents are composed: else "Angoulême" ends in "me"."""
    sentence = unicodedata.normalize("NFC", sentence)
    return _QUOTED.sub(lambda match: " \u2026 " if match.end() < len(sentence) else " ", sentence)


def _speaks_of_itself(told: str) -> bool:
    befores = (match[1] for match in _I.finditer(told))
    return any(not before or not before[0].isupper() or before.casefold() in _SMALL_WORDS for before in befores)
