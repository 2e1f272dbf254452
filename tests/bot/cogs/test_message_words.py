"""A message's words are told from Discord's signs, addresses and formatting."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.cogs.message_words import plain_words, question_words, words_of


def message(content: str = "", **parts: Any) -> Any:
    filled = {"embeds": [], "message_snapshots": [], "components": []} | parts
    return SimpleNamespace(content=content, **filled)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Where did the convoy go?", "Where did the convoy go?"),
        ("<@123> <@!45> <@&6> <#7> <:wave:8> <a:wave:9> <t:10:R> </ask:11> hello", "hello"),
        ("**bold** *it* __under__ ~~struck~~ ||spoiler|| `code`", "bold it under struck spoiler code"),
        ("snake_case and _emphasis_ and 5*3", "snake_case and emphasis and 53"),
        ("read [this](https://a.example/b) at https://a.example/c?d=e now <https://a.example>", "read this at now"),
        ("### A title\n-# small print", "A title\nsmall print"),
        ("> quoted\n> lines\nnot", "> quoted\n> lines\nnot"),
        (r"2 \* 3 \_a\_ C:\dir", r"2 3 a C:\dir"),
        ("@everyone look, @here too", "look, too"),
        ("https://a.example/b", ""),
        ("<@1>", ""),
        ("🎉 !!!", ""),
        ("", ""),
    ],
)
def test_signs_addresses_and_formatting_go_and_words_stay(written: str, words: str) -> None:
    assert plain_words(written) == words


def test_a_message_without_text_says_what_it_forwards_else_what_its_embeds_say() -> None:
    embed = discord.Embed(title="The convoy left", description="It went **south**.")
    forwarded = SimpleNamespace(content="forwarded words", embeds=[])
    assert words_of(message("own words", embeds=[embed], message_snapshots=[forwarded])) == "own words"
    assert words_of(message("https://a.example", embeds=[embed])) == "The convoy left\nIt went south."
    assert words_of(message(embeds=[embed], message_snapshots=[forwarded])) == "forwarded words"
    assert words_of(message()) == ""


def test_the_card_of_a_bot_is_read_by_its_texts() -> None:
    data: Any = {"type": 17, "components": [{"type": 10, "content": "**A card** says"}, {"type": 14}]}
    container = discord.components.Container(data, None)
    assert words_of(message(components=[container])) == "A card says"


def test_a_question_is_one_line_without_quote_marks() -> None:
    assert question_words(message("> who\n> left\nthe base?"), 100) == ("who left the base?", False)


def test_a_long_message_is_cut_at_a_sentence_else_at_a_word() -> None:
    assert question_words(message("Who left the base? " + "Tell me more about it all " * 9), 60) == (
        "Who left the base?",
        True,
    )
    words, is_cut = question_words(message("word " * 50), 23)
    assert (words, is_cut) == ("word word word word", True)
    assert question_words(message("w" * 50), 20) == ("w" * 20, True)


@pytest.mark.parametrize("written", ["[" * 4000, "<" * 4000, "<@" * 2000, "[a](" * 1000, "_*" * 2000, "\\" * 4000])
def test_a_message_made_to_take_long_is_read_all_the_same(written: str) -> None:
    plain_words(written)
