"""Does this passage support this sentence? Its numbers, dates and names must stand there.

What these rules cannot see, they let pass: two names of one passage exchanged, a number of the passage put to another
use, a cause or an order in time that the passage does not state. Months, weekdays and number words are English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from stop_words import get_stop_words

from bot.answering.prompt import Cited, evidence_text
from retrieval.articles import Article, Precision
from retrieval.index.terms import stems, terms, words

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
_HEDGE = re.compile(
    r"\b(?:(about|around|approximately|roughly|some|close to)|(more than|over|at least)"
    r"|(?:less than|fewer than|under|nearly|almost|at most|up to))\s[$€£]?$",
    re.I,
)
# The passage's number over a hedged one, from and to: "around 18,000", "more than 18,000", "almost 18,000".
_HEDGED = (Decimal("0.9"), Decimal("1.1")), (Decimal(1), Decimal("1.3")), (Decimal("0.9"), Decimal(1))

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october"]
_MONTHS += ["november", "december"]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})s?\b", re.I)
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

_HYPHENS = "\u2010\u2011-"  # the plain one last: elsewhere in a character class it would make a range
_NAME_WORD = re.compile(rf"[^\W_]+(?:[.'\u2019&{_HYPHENS}][^\W_]+)*")
_NEVER_NAMES = frozenset([*get_stop_words("en"), *_MONTHS, *_WEEKDAYS, "mr", "mrs", "ms", "dr", "prof", "sir", "lord"])
# A sentence's first word counts as a name only before a capital or a verb: "Heavy rain fell" names nobody.
_NAME_GOES_ON = re.compile(
    r"(?:['\u2019]s)?\s+(?:[A-Z]|(?:is|was|has|had|will|would|says?|said|did|does|can|could|denies|rejects|\w+ed)\b)"
)
_COMMON_FIRST = frozenset(["police", "officials", "residents", "rain", "turnout", "traffic", "inflation", "parliament"])
_PEOPLE_ENDINGS = frozenset(["n", "an", "ian", "ean", "ese", "ish", "i", "ns", "ans", "ians"])
_PLACE_ENDINGS = _PEOPLE_ENDINGS | frozenset(["", "a", "e", "o", "y", "ey", "ia", "and", "any"])
_SAME_PLACE = {"us": "american", "uk": "british", "britain": "british", "france": "french", "spain": "spanish"}


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
    return frozenset([*dates, *units, *_numbers(undated), *_names(text)])


def unsupported_details(sentence: str, passages: Sequence[Cited]) -> tuple[str, ...]:
    """Name the details of a sentence that its passages do not state, as written, in order; empty if all stand there.

    Each must be stated by one passage whole. A passage states what stands in its text, in its article's title, source
    and authors, and its date of publication; "Tuesday" in it also states the dates of the Tuesdays next to that one.
    A hedged number may be rounded. Two names put together ("Ines Renwick") are not stated by a passage that gives
    each another partner.
    """
    grounds = [_ground(cited) for cited in passages]
    found = sorted(details(sentence), key=lambda detail: detail.start)
    missing = (detail for detail in found if not any(ground.states(detail, sentence) for ground in grounds))
    return tuple(dict.fromkeys(detail.written for detail in missing))


def support(sentence: str, passages: Sequence[Cited]) -> float:
    """Measure the share of a sentence's content terms that its passages have, 0..1; 0 without passages or terms."""
    wanted = set(terms(sentence))
    held = {term for cited in passages for term in _ground(cited).stems}
    return len(wanted & held) / len(wanted) if wanted else 0.0


class _Ground:
    """Everything that a passage states."""

    def __init__(self, cited: Cited) -> None:
        article, text = cited.article, evidence_text(cited)
        heading = "\n".join([article.title, article.source or "", *article.authors])
        self._stated = details(text) | details(heading) | _dated(article, text)
        self._stated |= {Detail("date", d.value[:2]) for d in self._stated if d.kind == "date" and "-" in d.value}
        # "10.000" may be ten or ten thousand, "30m" metres or millions.
        self._stated |= {Detail("number", re.sub(r"\D", "", n)) for n in re.findall(r"\d+[.,]\d{3}|\d+(?=m)", text)}
        self._numbers = [Decimal(d.value) for d in self._stated if d.kind == "number" and ":" not in d.value]
        whole = f"{text}\n{heading}"
        joined = re.sub(rf"(?<=\w)['\u2019.{_HYPHENS}](?=\w)", "", whole)
        capitals = " ".join(re.findall(r"\b[^\W\d_a-z][\w-]*", f"{whole}\n{joined}"))
        self._capitals = {*words(capitals), *_acronyms(whole)}
        self._words = {*words(whole), *words(joined), *self._capitals}
        self._initials = {word.casefold() for word in re.findall(r"\b[A-Z]{2,6}\b", joined)}
        self._pairs = {pair for name in _names(text) for pair in pairwise(name.value.split())}
        self.stems = stems(whole)

    def states(self, detail: Detail, sentence: str) -> bool:
        if detail.kind == "name":
            begins = sentence[: detail.start].rstrip()[-1:] in ("", ".", "!", "?")
            return self._states_name(detail.value.split(), self._words if begins else self._capitals)
        if detail in self._stated or detail.written.casefold() == "one":  # "one" is mostly a pronoun
            return True
        hedge = _HEDGE.search(sentence[: detail.start])
        if detail.kind != "number" or ":" in detail.value or hedge is None:
            return False
        low, high = (Decimal(detail.value) * share for share in _HEDGED[0 if hedge[1] else 1 if hedge[2] else 2])
        return any(low <= number <= high for number in self._numbers)

    def _states_name(self, parts: list[str], held: set[str]) -> bool:
        missing = [part for part in parts if not self._knows(part, self._words)]
        if missing and "".join(part[0] for part in missing) not in self._initials:  # "United Nations" for "UN"
            return False
        if not missing and not any(self._knows(part, held) for part in parts):  # "Search" for "search"
            return False
        firsts, seconds = {a for a, _ in self._pairs}, {b for _, b in self._pairs}
        return not any((a, b) not in self._pairs and a in firsts and b in seconds for a, b in pairwise(parts))

    def _knows(self, name: str, held: set[str]) -> bool:
        plurals = {name, name + "s", name.removesuffix("s")}
        return bool(plurals & held) or any(_are_same_place(name, word) for word in held)


# Holds the passages of a few questions: every sentence of an answer asks for the same ones.
_ground = lru_cache(maxsize=64)(_Ground)


def _dated(article: Article, text: str) -> set[Detail]:
    """Work out the dates that a text means by its article's date of publication."""
    published, precision, text = article.published_at, article.published_precision, text.casefold()
    if published is None:
        return set()
    years = [0, *(step for phrase, step in (("last year", -1), ("next year", 1)) if phrase in text)]
    for ago in re.findall(r"([\w-]+) years? ago", text):
        years += [-int(number.value) for number in _numbers(ago) if number.value.isdigit()]
    stated = {Detail("number", str(published.year + step)) for step in years}
    if precision is not Precision.YEAR:
        stated.add(Detail("date", f"{published:%m}"))
    if precision in (Precision.YEAR, Precision.MONTH):
        return stated
    days = [0, *(step for word, step in (("yesterday", -1), ("tomorrow", 1)) if word in text)]
    for weekday in _WEEKDAY.findall(text):
        last = -((published.weekday() - _WEEKDAYS.index(weekday)) % 7)
        days += [last, last + 7]
    for moment in (published + timedelta(days=day) for day in days):
        stated |= {Detail("number", str(moment.year)), Detail("date", f"{moment:%m-%d}")}
        stated.add(Detail("date", _WEEKDAYS[moment.weekday()]))
    return stated


def _acronyms(text: str) -> set[str]:
    """Find the initials of names of two to six capitalised words: "Government of National Accord" -> gna, gn, na."""
    runs = re.findall(r"[A-Z]\w*(?:[\s-]+(?:(?:of|the|and|for|on|in) )*[A-Z]\w*)+", text)
    initials = ("".join(re.findall(r"\b[A-Z]", run)).casefold() for run in runs)
    return {run[i : i + n] for run in initials for n in range(2, 7) for i in range(len(run) - n + 1)}


def _are_same_place(one: str, other: str) -> bool:
    """Tell whether one is the other's people: "russian", "russia"."""
    if other == _SAME_PLACE.get(one) or one == _SAME_PLACE.get(other):
        return True
    if one[:4] != other[:4]:
        return False
    cuts = ((one[n:], other[n:]) for n in range(4, 1 + min(len(one), len(other))) if one[:n] == other[:n])
    return any({a, b} <= _PLACE_ENDINGS and {a, b} & _PEOPLE_ENDINGS for a, b in cuts)


def _numbers(text: str) -> Iterator[Detail]:
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
    for match in _WEEKDAY.finditer(text):
        yield Detail("date", match[1].casefold(), match.group(), match.start())


def _names(text: str) -> Iterator[Detail]:
    parts: list[str] = []
    start, end = 0, 0
    for match in _NAME_WORD.finditer(text):
        word = match.group().removesuffix("'s").removesuffix("\u2019s")
        pieces = re.split(f"[{_HYPHENS}]", word)
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
