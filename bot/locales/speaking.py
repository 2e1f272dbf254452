"""Say a sentence in the language of whoever is answered: gettext catalogues for the words, CLDR for dates and numbers.

The sentences in the code are the English ones, and the keys of the catalogues. The language belongs to the task in
which somebody is answered, and to the tasks that it starts, as the question's id in the log does; the terminal and the
log, for which nobody sets one, are English.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextvars import ContextVar, copy_context
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Literal, get_args

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ENGLISH = "en"
#: Languages, each with the locale of CLDR whose dates and numbers go with it. Beside English, each has catalogues.
LANGUAGES = {ENGLISH: "en_GB", "de": "de_DE"}

#: What a catalogue is of: the sentences on cards, or the names and descriptions of the commands.
Domain = Literal["messages", "commands"]

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def speak(tag: str | None) -> None:
    """Answer in a language from here on in this task, and in the tasks that it starts.

    Args:
        tag: such as "de" or "en-GB"; English stands in for None and for a language without catalogues.
    """
    _spoken.set(language_of(tag) or ENGLISH)


def spoken() -> str:
    """Tell the language in which this task answers, one of `LANGUAGES`."""
    return _spoken.get()


def language_of(tag: str | None) -> str | None:
    """Tell which of our languages a tag such as "de" or "en-GB" means; None if it is none of them."""
    language = (tag or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else None


def marked(sentence: str) -> str:
    """Mark a sentence that is a constant for the catalogues; it is said later, by `say`."""
    return sentence


def say(sentence: str, **fields: object) -> str:
    """Say a sentence, with its fields filled in as `str.format` does.

    Args:
        sentence: English, a literal or one that was `marked`; without a translation it is said as it is.
        fields: what stands in its braces; nothing in them is read as a template.
    """
    return catalogue(_spoken.get(), "messages").gettext(sentence).format(**fields)


def say_counted(one: str, several: str, count: int, **fields: object) -> str:
    """Say a sentence about a number of things, in the form that the language has for that number.

    Args:
        one: the sentence for one thing, in English.
        several: the sentence for any other number.
        count: how many; `{count}` in the sentence, written as the language writes numbers.
        fields: as for `say`.
    """
    sentence = catalogue(_spoken.get(), "messages").ngettext(one, several, count)
    return sentence.format(count=number_words(count), **fields)


def number_words(count: int) -> str:
    """Write a number as the language does: "1,234", "1.234"."""
    return format_decimal(count, locale=_locale(_spoken.get()))


def day_words(day: date) -> str:
    """Write a day: "29 September 2020", "29. September 2020"."""
    return format_date(day, "long", locale=_locale(_spoken.get()))


def month_words(day: date) -> str:
    """Write the month of a day: "September 2020"."""
    return format_skeleton("yMMMM", day, locale=_locale(_spoken.get()))


def list_words(names: Iterable[str], style: Literal["standard", "or"] = "standard") -> str:
    """Write one or more names as a list: "a, b and c", or "a, b or c" in the style "or"."""
    return format_list(list(names), style=style, locale=_locale(_spoken.get()))


def prepare() -> None:
    """Read all catalogues and what CLDR has of our languages, which takes tenths of a second; blocks."""
    for language in LANGUAGES:
        for domain in get_args(Domain):
            catalogue(language, domain)
        copy_context().run(_try_out, language)


def _try_out(language: str) -> None:
    speak(language)
    list_words([day_words(date(2020, 9, 29)), month_words(date(2020, 9, 29)), number_words(1_000)])


@cache
def catalogue(language: str, domain: Domain) -> NullTranslations:
    """Read a catalogue, once; that of English is empty, for its sentences stand in the code.

    Args:
        language: one of `LANGUAGES`.
        domain: what it is of.
    """
    if language == ENGLISH:
        return NullTranslations()
    compiled = io.BytesIO()
    with files("bot.locales").joinpath(language, f"{domain}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LANGUAGES[language])
