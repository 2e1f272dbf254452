"""What kind of answer a question wants, and which entities are of that kind: where -> place, who -> person ..."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

import pycountry

from bot.answering.speech import asked_speaker


class Kind(StrEnum):
    """The kind of answer that a question wants."""

    PLACE = "place"
    COUNTRY = "country"
    STATE = "state"
    PERSON = "person"
    ORGANISATION = "organisation"
    TITLE = "title"
    DATE = "date"
    YEAR = "year"
    TIME = "time"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    MEASURE = "measure"
    REASON = "reason"
    NAME = "name"
    QUOTE = "quote"
    YES_NO = "yes_no"
    OTHER = "other"


_NOUNS: Mapping[Kind, str] = {
    Kind.COUNTRY: "country nation",
    Kind.STATE: "state",
    Kind.PERSON: (
        "person people man men woman women president minister official politician leader actor actress singer"
        " player author director ceo boss senator king queen prince princess pope artist rapper billionaire judge"
        " general spokesman celebrity star footballer champion athlete coach driver winner mayor governor secretary"
        " justice candidate host comedian journalist anchor scientist musician commander teacher professor striker"
        " captain chief"
    ),
    Kind.ORGANISATION: (
        "company team party agency organization organisation broadcaster network firm university school bank airline"
        " newspaper magazine retailer club group cartel brand chain court department platform union band ministry"
        " outlet publisher carmaker manufacturer charity"
    ),
    Kind.TITLE: "film movie book show song album series title game novel play name word",
    Kind.PLACE: (
        "city town village port airport base region province district island place site location continent capital"
        " county area venue street river sea lake mountain park stadium hotel bridge museum neighbourhood suburb"
    ),
    Kind.MONEY: "price cost value sum fee salary fine revenue turnover profit income budget",
    Kind.PERCENT: "percentage proportion share",
    Kind.NUMBER: "number age population",
    Kind.DATE: "day date month week decade century",
    Kind.YEAR: "year",
    Kind.TIME: "time",
}
_KIND_OF_NOUN = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
# The noun phrase after "which" or "what" ends at a verb. After a comma a clause begins: "the balloon, which ...".
_WHICH = re.compile(r"(?<!, )\b(?:which|what)\b((?:\s+[\w'’-]+){1,5})", re.IGNORECASE)
_WHAT_IS = re.compile(
    r"\bwhat\W?s? (?:is |was |are |were )?(?:the|a|an|her|his|its|their)\b((?:\s+[\w'’-]+){1,4})"
    # "What was the club's revenue?"
    r"|\bwhat (?:is|was|are|were) [^?]{1,50}?(?:['’]s|s['’])((?:\s+[\w'’-]+){1,3})",
    re.IGNORECASE,
)
# Teams, countries and companies win and buy as well as people do, and bands record.
_WHO_OR_WHAT = re.compile(
    r"\bwho\s+(?:\w+\s+)?(?:won|wins|win|beat|lost|acquired|bought|owns|makes|made|publishes|runner|winners?|champions?)\b"
    r"|\bwho\b(?! scored).{0,30}\b(?:winners?|champions?|runners?[\s-]up|maker|owner|artist|performer|publisher)\b",
    re.IGNORECASE,
)
# What is listed in "name three countries" and "the names of the two crew members".
_LISTED = re.compile(
    r"(?:^\W*(?:(?:please|can you|could you)\s+)?(?:name|list)(?!\s+of\b)|\bnames\s+of)((?:\s+[\w'’-]+){1,5})",
    re.IGNORECASE,
)
_COUNTS = "two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10".split()
_COUNT = re.compile(
    rf"\b(?:which|what|name|list|the|of)\s+(?:are\s+|were\s+|the\s+)*({'|'.join(_COUNTS)})\s+(?!of\b)[a-z]",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"\b(?:which|what|who)(?:\s+one)?\s+of\b|^\W*(?:how|when|where|why|whose)\b", re.IGNORECASE)
_ASKS_SEVERAL = re.compile(
    r"\bwho\s+(?:are|were)\s+the\b|\b(?:what|which)\s+(?:are|were)\s+the\s+names\b|\b(?:which|what)\s+\w+(?:\s+\w+)?s\s+(?:are|were)\b",
    re.IGNORECASE,
)
_VERBS = frozenset(
    "is are was were did does do has have had will would can could should might may be been being".split()
)
# Where a noun phrase is over: "which horse won this year's race".
_PHRASE_ENDS = frozenset(
    "this that these those the a an his her its their in on at to for from with by of and or".split()
)
# A known noun after these is not what is asked for: "the rank of General Auberlin"; but "which part of the city" is.
_PARTS = frozenset("part side kind type sort one member section half all any some most each".split())
# Tried in order, before and after the noun; the first that matches names the kind.
_BEFORE_NOUN: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.YES_NO, r"^\W*(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b(?!.*\bor\b)"),
        (Kind.NUMBER, r"\bhow (?:many|old)\b|\btoll\b"),
        (Kind.PERCENT, r"\b(?:what|which|how (?:large|big) a) (?:percentage|proportion|share)\b|\bhow much of\b"),
        (Kind.MONEY, r"\bhow (?:much|expensive)\b|\bwhat\b[^?]{0,80}\b(?:price|cost|worth|value)\b"),
        (Kind.MEASURE, r"\bhow (?:far|long|big|large|tall|fast|high|deep|heavy|often|wide|strong)\b"),
        (Kind.NUMBER, r"\b(?:by what amount|the number of|what (?:number|amount))\b"),
        (Kind.REASON, r"\bwhat (?:caused|led to|prompted)\b|\bthe (?:cause|reason)\b"),
    )
)
_AFTER_NOUN: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            Kind.DATE,
            r"^\W*(?:and |but |since |until )?when\b|\bwhen (?:is|are|was|were|did|does|do|will|has|have|had)\b",
        ),
        (Kind.REASON, r"\bwhy\b|\bhow come\b|\bfor what reason\b"),
        (Kind.PLACE, r"\bwhere\b"),
        (Kind.PERSON, r"\bwho(?:m|se)?\b"),
        (Kind.TITLE, r"\bwhat (?:is|was|are|were|'s) the (?:name|title)s?\b|\b(?:called|named)\b"),
        (Kind.DATE, r"\bwhen\b"),
        (Kind.NAME, r"\bwhich\b"),
        (Kind.YES_NO, r"^\W*(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b"),
    )
)
# How well an entity of a label answers a question of a kind, 0..1; labels not named do not answer it.
_ANY_NAME = dict.fromkeys("ORG PERSON GPE LOC FAC PRODUCT EVENT WORK_OF_ART LAW NORP QUOTE NAME".split(), 0.7)
_FITS: Mapping[Kind, Mapping[str, float]] = {
    Kind.PLACE: {"GPE": 1.0, "LOC": 1.0, "FAC": 1.0, "ORG": 0.4, "NAME": 0.6},
    Kind.COUNTRY: {"GPE": 0.2, "LOC": 0.2, "NORP": 0.5, "NAME": 0.3},
    Kind.STATE: {"GPE": 0.2, "LOC": 0.2, "NAME": 0.2},
    Kind.PERSON: {"PERSON": 1.0, "ORG": 0.4, "NORP": 0.2, "GPE": 0.1, "NAME": 0.8},
    Kind.ORGANISATION: {"ORG": 1.0, "GPE": 0.5, "NORP": 0.5, "PRODUCT": 0.5, "PERSON": 0.3, "NAME": 0.8},
    Kind.TITLE: {"WORK_OF_ART": 1.0, "QUOTE": 1.0, "PRODUCT": 0.7, "ORG": 0.5, "EVENT": 0.5, "LAW": 0.5, "PERSON": 0.4}
    | {"FAC": 0.4, "NAME": 0.8},
    Kind.DATE: {"DATE": 1.0, "TIME": 0.7, "CARDINAL": 0.2},
    Kind.YEAR: {"DATE": 0.2},
    Kind.TIME: {"TIME": 0.2, "DATE": 0.1},
    Kind.NUMBER: {"CARDINAL": 1.0, "QUANTITY": 0.7, "DATE": 0.3, "ORDINAL": 0.3, "PERCENT": 0.2, "MONEY": 0.2},
    Kind.MONEY: {"MONEY": 1.0, "CARDINAL": 0.4, "QUANTITY": 0.4, "PERCENT": 0.3},
    Kind.PERCENT: {"PERCENT": 1.0, "CARDINAL": 0.4, "MONEY": 0.2},
    Kind.MEASURE: {"QUANTITY": 1.0, "DATE": 0.7, "TIME": 0.7, "CARDINAL": 0.6},
    Kind.NAME: _ANY_NAME,
}
_YEAR = re.compile(r"\b(?:1\d|20)\d{2}\b")
_CLOCK = re.compile(r"\d[:.]\d{2}|\d\s*[ap]\.?m\b|o['’]clock|\b(?:noon|midnight)\b")
# Kinds whose answer has letters.
_NAMED = frozenset({Kind.PLACE, Kind.COUNTRY, Kind.STATE, Kind.PERSON, Kind.ORGANISATION, Kind.NAME})
# Kinds of names of which a question may want several.
_LISTED_KINDS = (Kind.PLACE, Kind.COUNTRY, Kind.STATE, Kind.PERSON, Kind.ORGANISATION, Kind.TITLE, Kind.NAME)
# Names that a list of countries does not have in the form that news writes.
_ALSO_COUNTRIES = (
    "us u.s usa america uk u.k britain great\u00a0britain england scotland wales northern\u00a0ireland russia iran"
    " south\u00a0korea north\u00a0korea taiwan vietnam venezuela bolivia syria tanzania moldova palestine kosovo turkey"
    " ivory\u00a0coast czech\u00a0republic laos brunei burma congo uae"
)
_REASON = re.compile(
    r"\b(because|due to|after|since|owing to|caused by|blamed?|in order to|so that|as a result|the reason|amid|to avoid"
    r"|in response to|in protest)\b",
    re.IGNORECASE,
)


def kind_of(question: str) -> Kind:
    """Tell what kind of answer an English question wants; OTHER if nothing in its words says so."""
    for kind, cue in _BEFORE_NOUN:
        if cue.search(question):
            return kind
    if asked_speaker(question) is not None:
        return Kind.QUOTE
    for match in (*_LISTED.finditer(question), *_WHICH.finditer(question), *_WHAT_IS.finditer(question)):
        if kind_of_noun := _noun_kind(match[match.lastindex or 1].casefold().split()):
            return kind_of_noun
    if _WHO_OR_WHAT.search(question):
        return Kind.NAME
    return next((kind for kind, cue in _AFTER_NOUN if cue.search(question)), Kind.OTHER)


def wants_several(question: str) -> bool:
    """Tell whether an English question wants several names: "which two schools", "which countries", "who are the ...".

    The kind of each is the question's, see `kind_of`. One that wants no names wants no list of them.
    """
    if _ONE_OF.search(question) or kind_of(question) not in _LISTED_KINDS:
        return False
    if _COUNT.search(question) or _ASKS_SEVERAL.search(question) or _LISTED.search(question):
        return True
    return any(_is_plural(match[1].casefold().split()) for match in _WHICH.finditer(question))


def wanted_count(question: str) -> int | None:
    """Tell how many names a question wants, if it says so in a word or digits from two to ten."""
    match = _COUNT.search(question)
    return None if match is None else 2 + _COUNTS.index(match[1].casefold()) % 9


def has_kind_of_entity(kind: Kind) -> bool:
    """Tell whether an entity can answer a question of a kind; nothing that could be cut out answers the others."""
    return kind in _FITS


def fit(kind: Kind, label: str, text: str) -> float:
    """Tell how well an entity answers a question of a kind, 0..1; 0 for one that does not.

    Args:
        kind: what the question wants.
        label: the entity's, see `retrieval.passages.Entity`, or QUOTE for words in quotation marks.
        text: the entity as written.
    """
    name = text.casefold().removeprefix("the ").rstrip(".")
    if kind in _NAMED and not any(letter.isalpha() for letter in name):
        return 0.0  # "2026" is no horse, though the tagger takes it for an event
    if kind is Kind.COUNTRY and label in ("GPE", "LOC", "NORP", "NAME") and name in country_names():
        return 1.0
    if kind is Kind.YEAR and label in ("DATE", "CARDINAL") and _YEAR.search(name):
        return 1.0
    if kind is Kind.TIME and label in ("TIME", "DATE", "CARDINAL") and _CLOCK.search(name):
        return 1.0
    if kind is Kind.STATE and label in ("GPE", "LOC", "NAME") and name in _states():
        return 1.0
    return _FITS.get(kind, {}).get(label, 0.0)


def gives_reason(sentence: str) -> bool:
    """Tell whether a sentence has words that give a reason."""
    return _REASON.search(sentence) is not None


def _noun_kind(phrase: list[str]) -> Kind | None:
    """Read the kind off the nouns of "which small coastal town"; NAME for a noun of no known kind."""
    kind = None
    for word in phrase:
        if word in _VERBS or (kind is not None and word in _PHRASE_ENDS):
            break
        word = word.removesuffix("'s").removesuffix("’s")
        known = _KIND_OF_NOUN.get(word) or _KIND_OF_NOUN.get(_singular(word))
        if known is not None:
            return known
        kind = kind if word in _PHRASE_ENDS or _singular(word) in _PARTS else Kind.NAME
    return kind


def _is_plural(phrase: list[str]) -> bool:
    """Tell whether the first noun of a known kind is in the plural, and stands before any verb."""
    for word in phrase:
        if word in _VERBS:
            return False
        if word in ("people", "men", "women"):
            return True
        if word in _KIND_OF_NOUN or word.endswith(("'s", "’s")):
            return False
        if _singular(word) in _KIND_OF_NOUN:
            return True
    return False


def _singular(word: str) -> str:
    singular = word if word.endswith("ss") else word.removesuffix("s")
    return singular.removesuffix("ie") + "y" if singular.endswith("ie") else singular


@lru_cache(maxsize=1)
def country_names() -> frozenset[str]:
    """Name the countries as news writes them, folded."""
    listed = {name for one in pycountry.countries for name in (one.name, getattr(one, "common_name", one.name))}
    return frozenset(name.casefold() for name in listed) | {
        name.replace("\u00a0", " ") for name in _ALSO_COUNTRIES.split(" ")
    }


@lru_cache(maxsize=1)
def _states() -> frozenset[str]:
    """Name the states of those federations whose states news calls so."""
    return frozenset(
        one.name.casefold()
        for code in ("US", "AU", "IN", "DE", "BR", "MX", "NG")
        for one in pycountry.subdivisions.get(country_code=code) or ()  # type: ignore[no-untyped-call]
    )
