"""The numbers, units, dates and names that a text states, read so that two texts can be compared.

Months, weekdays and number words are English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from stop_words import get_stop_words

from retrieval.index.terms import words

_SPELLED = {"a": 1, "an": 1, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_SPELLED |= {"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14}
_SPELLED |= {"fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30}
_SPELLED |= {"forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "third": 3, "fourth": 4}
_SPELLED |= {"fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}
_NUMBER = re.compile(
    r"(?<![^\W_])(\d+(?:[.,:\xa0\u202f\u2009]\d+)*)|(?<=\d)(k|mn?|bn|tn)\b"
    rf"|\b(an?(?= (?:{'|'.join(_SCALES)})\b)|{'|'.join(w for w in _SPELLED if len(w) > 2)}|{'|'.join(_SCALES)})\b",
    re.I,
)
_UNIT = re.compile(
    r"(?P<percent>%|\bper\s?cent\b)|(?P<dollar>\$|\bdollars?\b)|(?P<euro>€|\beuros?\b)|(?P<pound>£|\bpounds?\b)", re.I
)

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october"]
_MONTHS += ["november", "december"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s?\b", re.I)
_MONTH = "(" + "|".join(name if name == "may" else f"{name[:3]}(?:{name[3:]}|t?\\b\\.?)" for name in _MONTHS) + ")"
_DAYS = r"(\d{1,2})(?:st|nd|rd|th)?(?:\s?(?:-|\u2013|to|and|until|or)\s?(\d{1,2})(?:st|nd|rd|th)?)?"
_DATE = re.compile(
    rf"\b{_DAYS}(?:\s+of)?\s+{_MONTH}(?!\w)|\b{_MONTH}\s+{_DAYS}\b(?![:,.]?\d)|(?<=\d{{4}})-(\d\d)-(\d\d)\b", re.I
)
# "May" and "March" are also a verb and a noun: alone they are months only after a preposition or before a year.
_MONTH_ALONE = re.compile(
    rf"\b({'|'.join(name for name in _MONTHS if name not in ('may', 'march'))})\b|\b(may|march)(?=,?\s\d{{4}}\b)"
    r"|\b(?:in|since|until|by|from|of|last|next|early|late|mid|this|during|before|after)[\s-](may|march)\b",
    re.I,
)

HYPHENS = "\u2010\u2011-"  # the plain one last: elsewhere in a character class it would make a range
_NAME_WORD = re.compile(rf"[^\W_]+(?:[.'\u2019&{HYPHENS}][^\W_]+)*")
_NEVER_NAMES = frozenset([*get_stop_words("en"), *_MONTHS, *WEEKDAYS, "mr", "mrs", "ms", "dr", "prof", "sir", "lord"])
# A sentence's first word counts as a name only before a capital or a verb: "Heavy rain fell" names nobody.
_NAME_GOES_ON = re.compile(
    r"(?:['\u2019]s)?\s+(?:[A-Z]|(?:is|was|has|had|will|would|says?|said|did|does|can|could|denies|rejects|\w+ed)\b)"
)
_COMMON_FIRST = frozenset(["police", "officials", "residents", "rain", "turnout", "traffic", "inflation", "parliament"])


@dataclass(frozen=True, slots=True)
class Detail:
    """What a text states that can be checked word for word.

    Attributes:
        kind: "number", "unit", "date" or "name".
        value: normalised: "10000", "euro", "09-29" (or "09", or "tuesday"), "khalifa haftar".
        written: as the text has it; not compared.
        start: its first code point in the text; not compared.
    """

    kind: str
    value: str
    written: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)


def details(text: str) -> frozenset[Detail]:
    """Find the numbers, units, dates and names that a text states.

    Numbers are taken without separators and with their magnitude: "10,000", "10 thousand" and "ten thousand" are
    equal. Names are capitalised words in sequence, without titles and possessive endings, case and diacritics folded;
    a sentence's first word is one only if another capital or a verb follows.
    """
    units = [Detail("unit", str(m.lastgroup), m.group(), m.start()) for m in _UNIT.finditer(text)]
    dates, undated = list(_dates(text)), text
    for date in dates:
        if "-" in date.value:  # the day of a date is not the number of anything
            undated = undated[: date.start] + " " * len(date.written) + undated[date.start + len(date.written) :]
    return frozenset([*dates, *units, *find_numbers(undated), *find_names(text)])


def find_numbers(text: str) -> Iterator[Detail]:
    """Yield the numbers of a text, in digits or English words, with their magnitudes."""
    found: list[tuple[Decimal, int, int]] = []
    is_spelled = False
    for match in _NUMBER.finditer(text):
        suffix, word = (match[2] or "").casefold(), (match[3] or "").casefold()
        number, start, end = found[-1] if found else (Decimal(0), 0, 0)
        touches = bool(found) and re.fullmatch(r"[\s-]?(?:and )?", text[end : match.start()]) is not None
        if scale := _SUFFIXES.get(suffix) or _SCALES.get(word):
            found[-1:] = [(number * scale, start, match.end())] if touches else found[-1:]
            continue
        value = Decimal(_SPELLED[word]) if word else _read(match[1])
        if value is None:
            yield Detail("number", match[1], match[1], match.start())
        elif touches and is_spelled and word and _adds(number, value):
            found[-1] = number + value, start, match.end()
        else:
            found.append((value, match.start(), match.end()))
            is_spelled = bool(word)
    for number, start, end in found:
        yield Detail("number", format(number.normalize(), "f"), text[start:end], start)


def _adds(number: Decimal, value: Decimal) -> bool:
    """Tell whether a word goes on with a number: "twenty-five", "two hundred and five"."""
    return (value < 10 and number % 100 >= 20 and number % 10 == 0) or (value < 100 <= number and number % 100 == 0)


def _read(digits: str) -> Decimal | None:
    """Read "10,000", "4.20" or "4,20"; None for what is no single number, such as "10:30" and "1.2.3"."""
    digits = re.sub(r"[\s,](?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return None if ":" in digits or digits.count(".") > 1 else Decimal(digits)


def _dates(text: str) -> Iterator[Detail]:
    days: list[Detail] = []
    for match in _DATE.finditer(text):
        first, second, named, also_named, third, fourth, month, day = match.groups()
        if named in ("may", "march"):  # "40 may have died"
            continue
        name = (named or also_named or "")[:3].casefold()
        number = int(month) if month else 1 + [known[:3] for known in _MONTHS].index(name)
        numbers = (int(one) for one in (first, second, third, fourth, day) if one and 1 <= int(one) <= 31)
        days += [Detail("date", f"{number:02}-{one:02}", match.group(), match.start()) for one in numbers]
    yield from days
    for match in _MONTH_ALONE.finditer(text):
        name, start = str(match[match.lastindex or 0]), match.start(match.lastindex or 0)
        if not any(day.start <= start < day.start + len(day.written) for day in days):
            yield Detail("date", f"{1 + _MONTHS.index(name.casefold()):02}", name, start)
    for match in WEEKDAY.finditer(text):
        yield Detail("date", match[1].casefold(), match.group(), match.start())


def find_names(text: str) -> Iterator[Detail]:
    """Yield the names of a text in order, each a run of capitalised words."""
    parts: list[str] = []
    start, end = 0, 0
    for match in _NAME_WORD.finditer(text):
        word = match.group().removesuffix("'s").removesuffix("\u2019s")
        pieces = re.split(f"[{HYPHENS}]", word)
        before = text[max(0, match.start() - 8) : match.start()].rstrip(" \n\"'([\u201c\u2018")
        is_abbreviation = re.search(r"\b(?:\w|Mr|Mrs|Ms|Dr|Prof|St)\.$", before) is not None
        begins = not before or (before[-1] in ".!?:;" and not is_abbreviation)
        is_name = _is_name(word, pieces, text[match.end() : match.end() + 20] if begins else None)
        gap = text[end : match.start()].removeprefix("." if is_abbreviation else "")
        if parts and not (is_name and gap in (" ", "\n", "\xa0")):
            yield Detail("name", " ".join(parts), text[start:end], start)
            parts = []
        if is_name:
            start, end = (start if parts else match.start()), match.end()
            capital = (piece.replace(".", "") for piece in pieces if not piece[0].islower())  # pro-Russian
            parts += [part for piece in capital for part in words(piece)]
    if parts:
        yield Detail("name", " ".join(parts), text[start:end], start)


def _is_name(word: str, pieces: Sequence[str], following: str | None) -> bool:
    """Tell whether a word is a name; `following` is what comes after it where it begins a sentence, else None."""
    folded = word.casefold()
    if word.isupper() and len(word) > 1:
        return True
    if following is not None and (folded in _COMMON_FIRST or not _NAME_GOES_ON.match(following)):
        return False
    return any(piece[0].isupper() for piece in pieces) and folded not in _NEVER_NAMES
