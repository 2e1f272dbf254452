"""People are answered in their language, each in their own, and no sentence or command lacks a translation."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.locales.speaking import (
    LANGUAGES,
    day_words,
    language_of,
    list_words,
    month_words,
    number_words,
    say,
    say_counted,
    speak,
    spoken,
)
from config.settings import DiscordSettings

ROOT = Path(__file__).parents[3] / "bot"
KEYWORDS = {"say": None, "say_counted": (1, 2), "marked": None}
OTHERS = sorted(set(LANGUAGES) - {"en"})

Key = str | tuple[str, ...]


def sentences() -> set[Key]:
    """Every sentence that the code says to people."""
    found: set[Key] = set()
    for layer in ("answering", "cogs", "rendering"):
        for _, _, message, _, _ in extract_from_dir(ROOT / layer, keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else tuple(message))
    return found


def read(language: str, domain: str) -> Catalog:
    with files("bot.locales").joinpath(language, f"{domain}.po").open("rb") as written:
        return read_po(written, locale=language)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each form of a sentence with the English one that has the same fields."""
    if isinstance(message.id, str):
        yield message.id, message.string
    else:
        yield from ((message.id[-1], said) for said in message.string)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_no_translation_is_left_over(language: str) -> None:
    kept = {message.id if isinstance(message.id, str) else tuple(message.id) for message in read(language, "messages")}
    assert kept - {""} == sentences()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("domain", ["messages", "commands"])
def test_a_translation_is_whole_and_has_the_fields_and_the_marks_of_its_sentence(language: str, domain: str) -> None:
    for message in read(language, domain):
        if message.id:
            assert not message.fuzzy, message.id
            for english, said in pairs(message):
                assert said.strip(), english
                assert fields(said) == fields(english), english
                for mark in ("**", "`", "~~", "\n"):
                    assert said.count(mark) == english.count(mark), english


def test_the_operator_can_choose_each_language_and_no_other() -> None:
    assert set(get_args(DiscordSettings.model_fields["language"].annotation)) == set(LANGUAGES)


def test_whoever_is_answered_hears_their_language_and_nobody_else_does() -> None:
    async def told(tag: str | None) -> tuple[str, str]:
        speak(tag)
        await asyncio.sleep(0)
        return spoken(), await asyncio.create_task(later())

    async def later() -> str:
        return say("yesterday")

    async def all_at_once() -> list[tuple[str, str]]:
        return await asyncio.gather(*(told(tag) for tag in ("de", "en-US", "fr", None, "de_AT")))

    german, english = ("de", "gestern"), ("en", "yesterday")
    assert asyncio.run(all_at_once()) == [german, english, english, english, german]
    assert spoken() == "en"


@pytest.mark.parametrize(
    ("tag", "language"), [("de", "de"), ("DE-at", "de"), ("en_GB", "en"), ("fr", None), ("", None), (None, None)]
)
def test_a_language_is_known_by_its_tag(tag: str | None, language: str | None) -> None:
    assert language_of(tag) == language


def test_numbers_days_months_and_lists_are_written_as_the_language_does(in_german: None) -> None:
    assert number_words(12_345) == "12.345"
    assert day_words(date(2020, 9, 29)) == "29. September 2020"
    assert month_words(date(2020, 3, 1)) == "März 2020"
    assert list_words(["Ada", "Bo", "Cy"]) == "Ada, Bo und Cy"
    assert list_words(["Ada", "Bo"], "or") == "Ada oder Bo"


def test_a_number_of_things_takes_the_form_of_the_number(in_german: None) -> None:
    told = [say_counted("{count} hour ago", "{count} hours ago", count) for count in (0, 1, 1_000)]
    assert told == ["vor 0 Stunden", "vor 1 Stunde", "vor 1.000 Stunden"]


def test_what_fills_a_sentence_is_no_template(in_german: None) -> None:
    assert say("Question: {question}", question="{question.__class__} {0}") == "Frage: {question.__class__} {0}"


def test_a_sentence_without_translation_is_said_in_english(in_german: None) -> None:
    assert say("Nobody has translated {what}.", what="this") == "Nobody has translated this."
