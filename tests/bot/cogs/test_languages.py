"""Everybody is answered in the language that they have set in Discord, and finds the commands by its names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, cast

import convoy
import pytest
from babel.messages.pofile import read_po
from connected_bot import SURFACES, Bot, ask, button, place_of
from discord import Locale, app_commands
from fake_discord import FakeDiscord, Message, User
from fake_discord.messages import walk_components

from bot.client import DatelineClient
from bot.cogs.command_cogs import build_cogs
from bot.cogs.house_rules import HouseRules
from bot.cogs.languages import CommandTranslator
from bot.cogs.news import News
from bot.cogs.privacy import Privacy
from bot.locales.speaking import LANGUAGES
from bot.records.pending import PendingQuestion
from bot.records.records import open_records


class Asked(app_commands.Translator):
    """Notes what it is asked to translate, and for what, and translates it."""

    def __init__(self) -> None:
        self.messages: set[str] = set()
        self._translator = CommandTranslator()

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        self.messages.add(str(string.message))
        return await self._translator.translate(string, locale, context)


async def translated_commands() -> tuple[set[str], list[Mapping[str, Any]]]:
    """Give what all commands have to translate, and what Discord is told of them."""

    async def answer(question: object) -> Any:
        raise AssertionError

    client = DatelineClient(answer, now=lambda: datetime.now(UTC), question_limit_chars=500)
    nothing = cast(Any, object())
    made = build_cogs(
        client, nothing, nothing, nothing, nothing, now=nothing, limit_chars=500, rules=HouseRules(), language="en"
    )
    for cog in (*made, Privacy(nothing, nothing, keep_days=1, conversation_minutes=1), News(nothing, nothing, nothing)):
        await client.add_cog(cog)
    asked = Asked()
    told = [await command.get_translated_payload(client.tree, asked) for command in client.tree.get_commands()]
    return asked.messages, told


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
async def test_every_name_and_description_is_translated_and_no_translation_is_left_over(language: str) -> None:
    with files("bot.locales").joinpath(language, "commands.po").open("rb") as written:
        kept = {str(message.id) for message in read_po(written, locale=language)}

    asked, _ = await translated_commands()
    assert kept - {""} == asked


async def test_only_the_locales_of_our_languages_get_names_of_their_own() -> None:
    _, told = await translated_commands()
    latest = next(one for one in told if one["name"] == "latest")
    assert latest["name_localizations"] == {"de": "neues"}
    assert {option["name"]: option["name_localizations"] for option in latest["options"]} == {
        "topic": {"de": "thema"},
        "private": {"de": "privat"},
    }


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_card_its_buttons_and_what_they_show_speak_the_language_of_whoever_uses_them(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, other = place_of(discord, surface)
    user.locale = "de"
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        quote = await (await discord.press(card, button(card, "quote", "1"), user=user)).answer()
        assert "Frage: What weapons?" in card.text
        assert "der neueste: 30. September 2020 (gestern)" in card.text
        assert "Nachfragen" in labels(card)
        assert "Artikel öffnen" in labels(quote)
        if other is not None:
            quote = await (await discord.press(card, button(card, "quote", "1"), user=other)).answer()
            assert "Open the article" in labels(quote)


async def test_two_people_who_ask_at_once_each_read_their_own_language(discord: FakeDiscord, bot: Bot) -> None:
    bot.outcome = convoy.abstention()
    people = {locale: discord.add_user(locale, locale=locale) for locale in ("de", "en-GB", "fr")}

    async def told(user: User) -> str:
        return (await ask(discord, user, discord.channel)).text

    async with bot.running(discord):
        texts = dict(zip(people, await asyncio.gather(*map(told, people.values())), strict=True))
    assert "Die Artikel, die ich habe, sagen es nicht." in texts["de"]
    assert "The articles I have do not say." in texts["en-GB"]
    assert "The articles I have do not say." in texts["fr"]


async def test_a_message_is_answered_in_the_language_of_its_server_or_of_the_operator(
    discord: FakeDiscord, bot: Bot
) -> None:
    bot.outcome = convoy.abstention()
    bot.language = "de"
    british = discord.add_guild("British", locale="en-GB")
    channel = discord.add_channel("news", guild=british)
    async with bot.running(discord):
        told = []
        for place in (channel, discord.channel, discord.dm()):
            await discord.say(f"<@{discord.bot.id}> Who won the cup?", channel=place)
            told.append((await discord.next_message(place)).text)
    english, german = "The articles I have do not say.", "Die Artikel, die ich habe, sagen es nicht."
    assert english in told[0]
    assert german in told[1]
    assert german in told[2]


async def test_problems_and_modals_are_told_in_the_language_of_whoever_meets_them(
    discord: FakeDiscord, bot: Bot
) -> None:
    german = discord.add_user("Leserin", locale="de")
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        refused = await (await discord.press(card, button(card, "delete"), user=german)).answer()
        opened = await discord.press(card, button(card, "follow"), user=german)
        modal = await opened.modal()
        about = await (await discord.slash("privacy", user=german)).answer()
    assert refused.text == "Nur wer gefragt hat, kann diese Antwort löschen."
    assert modal["title"] == "Nachfragen"
    assert "Was ich von dir aufbewahre" in about.text


async def test_a_question_that_a_restart_left_is_answered_in_the_language_of_its_asker(
    discord: FakeDiscord, bot: Bot
) -> None:
    bot.outcome = convoy.abstention()
    asked = await discord.say("Who won the cup?", channel=discord.dm())
    async with open_records(bot.home, now=lambda: bot.at, keep_days=1, conversation_minutes=1) as records:
        await records.pending.accept(
            PendingQuestion(
                user_id=int(discord.user.id),
                channel_id=int(discord.dm().id),
                guild_id=None,
                question="Who won the cup?",
                options={"language": "de"},
                accepted_at=bot.at,
                message_id=int(asked.id),
            )
        )
    async with bot.running(discord):
        answer = await discord.next_message(discord.dm())
    assert "Die Artikel, die ich habe, sagen es nicht." in answer.text


def labels(message: Message) -> set[str]:
    """List what is written on the buttons of a message."""
    return {str(one["label"]) for one in walk_components(message.components) if one.get("label")}
