"""Does this passage support this sentence? Its numbers, dates, names, quotations and denials must stand there.

What these rules cannot see, they let pass: two names of one passage exchanged, a number of the passage put to another
use, a cause or an order in time that the passage does not state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from stop_words import get_stop_words

from bot.answering.details import HYPHENS, WEEKDAY, WEEKDAYS, Detail, details, find_names, find_numbers
from bot.answering.places import are_same_place
from bot.answering.prompt import Cited, evidence_sentences, evidence_text
from retrieval.articles import Article, Precision
from retrieval.index.terms import stem, stems, terms, words

# A sentence that shares less than this with its passages (`support`) does not stand, whatever its details.
MIN_SUPPORT = 0.3
_HEDGE = re.compile(
    r"\b(?:(about|around|approximately|roughly|some|close to)|(more than|over|at least)"
    r"|(?:less than|fewer than|under|nearly|almost|at most|up to))\s[$€£]?$",
    re.I,
)
# The passage's number over a hedged one, from and to: "around 18,000", "more than 18,000", "almost 18,000".
_HEDGED = (Decimal("0.9"), Decimal("1.1")), (Decimal(1), Decimal("1.3")), (Decimal("0.9"), Decimal(1))
_STOP_WORDS = frozenset(get_stop_words("en"))
_NEGATION = re.compile(
    r"\b(?:not|never|neither|nor|without|cannot|no(?! (?:longer|fewer|less|more|later|doubt))|\w+n['\u2019]t"
    r"|den(?:y|ies|ied)|refus(?:e|es|ed)|fail(?:s|ed)? to|reject(?:s|ed)?|lack(?:s|ed)?)\b"
    r"(?! (?:only|until|just|least|most|all)\b)",
    re.IGNORECASE,
)
_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb'
_QUOTATION = re.compile(rf"[{_MARKS}]([^{_MARKS}]+)[{_MARKS}]|(?<!\w)['\u2018](?=\w)(.+?)['\u2019](?!\w)")


def is_grounded(sentence: str, passages: Sequence[Cited]) -> bool:
    """Tell whether a sentence may be claimed on the strength of these passages; never without passages.

    Enough of its content terms are theirs (`MIN_SUPPORT`); its numbers, dates and names, its quotations and
    what it denies all agree with them.
    """
    return (
        support(sentence, passages) >= MIN_SUPPORT
        and not unsupported_details(sentence, passages)
        and not unfaithful_quotations(sentence, passages)
        and not negation_differs(sentence, passages)
    )


def unfaithful_quotations(sentence: str, passages: Sequence[Cited]) -> tuple[str, ...]:
    """Name the quotations of three words or more in a sentence that its passages do not have verbatim, in order.

    Kinds of quotation marks, white space, the case of the first letter and punctuation at the ends do not matter;
    the parts around an ellipsis are compared one by one.
    """
    held = "\n".join(_flat(f"{cited.article.title} {evidence_text(cited)}") for cited in passages)
    found = []
    for match in _QUOTATION.finditer(sentence):
        parts = (part.strip(" ,.;:!?") for part in re.split(r"\[?(?:\.{3}|\u2026)\]?", _flat(match[1] or match[2])))
        is_verbatim = all(part in held or part[:1].swapcase() + part[1:] in held for part in parts)
        if len(words(match.group())) >= 3 and not is_verbatim:
            found.append(match.group())
    return tuple(found)


def negation_differs(sentence: str, passages: Sequence[Cited]) -> bool:
    """Tell whether the sentence denies what its passages state, or states what they deny.

    It denies if a word that it negates stands in the passages only in sentences without any negation. It states if it
    has no negation, and a sentence of the passages with at least half of its content terms negates one of them that
    no other sentence has unnegated. A word is negated if it is the first content word after no, not, never, without
    and the like, or after deny, refuse, reject, lack, fail to.
    """
    theirs = [cited.article.text[start:end] for cited in passages for start, end in evidence_sentences(cited)]
    for term in _negated(sentence):
        having = [text for text in theirs if term in _stems(text)]
        if having and not any(denies(text) for text in having):
            return True
    if denies(sentence):
        return False
    own = set(terms(sentence))
    close = [text for text in theirs if 2 * len(own & _stems(text)) >= len(own)]
    denied = {term for text in close for term in _negated(text) & own}
    return any(all(term in _negated(text) for text in theirs if term in _stems(text)) for term in denied)


def denies(text: str) -> bool:
    """Tell whether a text has a negation: no, not, never, without, or a verb such as deny, refuse, fail to."""
    return _NEGATION.search(text) is not None


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
        # Tokenised copy has "1, 056"; it may also be two numbers.
        self._stated |= details(re.sub(r"(?<=\d), (?=\d{3}(?!\d))", ",", text))
        self._stated |= {Detail("date", d.value[:2]) for d in self._stated if d.kind == "date" and "-" in d.value}
        # "10.000" may be ten or ten thousand, "30m" metres or millions.
        self._stated |= {Detail("number", re.sub(r"\D", "", n)) for n in re.findall(r"\d+[.,]\d{3}|\d+(?=m)", text)}
        self._numbers = [value for d in self._stated if d.kind == "number" and (value := _as_number(d)) is not None]
        whole = f"{text}\n{heading}"
        joined = re.sub(rf"(?<=\w)['\u2019.{HYPHENS}](?=\w)", "", whole)
        capitals = " ".join(re.findall(r"\b[^\W\d_a-z][\w-]*", f"{whole}\n{joined}"))
        self._capitals = {*words(capitals), *_acronyms(whole)}
        self._words = {*words(whole), *words(joined), *self._capitals}
        self._initials = {word.casefold() for word in re.findall(r"\b[A-Z]{2,6}\b", joined)}
        self._pairs = {pair for name in find_names(text) for pair in pairwise(name.value.split())}
        self.stems = stems(whole)

    def states(self, detail: Detail, sentence: str) -> bool:
        if detail.kind == "name":
            begins = sentence[: detail.start].rstrip()[-1:] in ("", ".", "!", "?")
            return self._states_name(detail.value.split(), self._words if begins else self._capitals)
        if detail in self._stated or detail.written.casefold() == "one":  # "one" is mostly a pronoun
            return True
        hedge = _HEDGE.search(sentence[: detail.start])
        value = _as_number(detail)
        if value is None or hedge is None:
            return False
        low, high = (value * share for share in _HEDGED[0 if hedge[1] else 1 if hedge[2] else 2])
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
        return bool(plurals & held) or any(are_same_place(name, word) for word in held)


# Holds the passages of a few questions: every sentence of an answer asks for the same ones.
_ground = lru_cache(maxsize=64)(_Ground)


def _as_number(detail: Detail) -> Decimal | None:
    """Read a detail's number; None for what is no single number, such as "10:30" and "127.0.0.1"."""
    is_single = detail.kind == "number" and re.fullmatch(r"\d+(?:\.\d+)?", detail.value)
    return Decimal(detail.value) if is_single else None


def _dated(article: Article, text: str) -> set[Detail]:
    """Work out the dates that a text means by its article's date of publication."""
    published, precision, text = article.published_at, article.published_precision, text.casefold()
    if published is None:
        return set()
    years = [0, *(step for phrase, step in (("last year", -1), ("next year", 1)) if phrase in text)]
    for ago in re.findall(r"([\w-]+) years? ago", text):
        years += [-int(number.value) for number in find_numbers(ago) if number.value.isdigit()]
    stated = {Detail("number", str(published.year + step)) for step in years}
    if precision is not Precision.YEAR:
        stated.add(Detail("date", f"{published:%m}"))
    if precision in (Precision.YEAR, Precision.MONTH):
        return stated
    days = [0, *(step for word, step in (("yesterday", -1), ("tomorrow", 1)) if word in text)]
    for weekday in WEEKDAY.findall(text):
        last = -((published.weekday() - WEEKDAYS.index(weekday)) % 7)
        days += [last, last + 7]
    for moment in (published + timedelta(days=day) for day in days):
        stated |= {Detail("number", str(moment.year)), Detail("date", f"{moment:%m-%d}")}
        stated.add(Detail("date", WEEKDAYS[moment.weekday()]))
    return stated


def _acronyms(text: str) -> set[str]:
    """Find the initials of names of two to six capitalised words: "Government of National Accord" -> gna, gn, na."""
    runs = re.findall(r"[A-Z]\w*(?:[\s-]+(?:(?:of|the|and|for|on|in) )*[A-Z]\w*)+", text)
    initials = ("".join(re.findall(r"\b[A-Z]", run)).casefold() for run in runs)
    return {run[i : i + n] for run in initials for n in range(2, 7) for i in range(len(run) - n + 1)}


# Hold the sentences of a few questions: every sentence of an answer is compared with the same ones.
_stems = lru_cache(maxsize=1024)(stems)


@lru_cache(maxsize=1024)
def _negated(text: str) -> set[str]:
    following = (words(text[match.end() : match.end() + 60])[:4] for match in _NEGATION.finditer(text))
    content = ([word for word in found if word not in _STOP_WORDS] for found in following)
    return {stem(kept[0]) for kept in content if kept}


def _flat(text: str) -> str:
    return " ".join(re.sub(rf"[{_MARKS}\u2018\u2019`]", "'", text).split())
