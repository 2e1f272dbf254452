"""/privacy tells what is kept of whoever uses it, hands it over, or erases it, and shows nobody else."""

from __future__ import annotations

import json

import pytest
from connected_bot import SURFACES, Bot, ask, button, place_of
from fake_discord import Channel, FakeDiscord, Message, User

FILE = "dateline-about-you.json"


async def privacy(discord: FakeDiscord, user: User, channel: Channel, do: str | None = None) -> Message:
    used = await discord.slash("privacy", {} if do is None else {"do": do}, user=user, channel=channel)
    return await used.answer()


@pytest.mark.parametrize("surface", SURFACES)
async def test_it_tells_what_is_kept_and_for_how_long_to_whoever_asks_alone(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        card = await privacy(discord, user, channel)

    assert card.ephemeral
    assert "buttons below them: 30 days" in card.text
    assert "is understood: 60 minutes" in card.text


@pytest.mark.parametrize("surface", SURFACES)
async def test_it_hands_over_what_that_person_asked_and_nothing_of_others(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, _ = place_of(discord, surface)
    stranger = discord.add_user("Stranger")
    async with bot.running(discord):
        await ask(discord, stranger, discord.channel, "What did the stranger ask?")
        await ask(discord, user, channel, "What weapons?")
        card = await privacy(discord, user, channel, "export")

    handed = json.loads(card.files[FILE])
    assert card.ephemeral
    assert "2 records" in card.text
    assert [answer["question"] for answer in handed["answers"]] == ["What weapons?"]
    assert "stranger" not in card.files[FILE].decode()


@pytest.mark.parametrize("surface", SURFACES)
async def test_it_erases_what_was_asked_and_buttons_say_so(discord: FakeDiscord, bot: Bot, surface: str) -> None:
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        answer = await ask(discord, user, channel, "What weapons?")
        card = await privacy(discord, user, channel, "forget me")
        pressed = await discord.press(answer, button(answer, "quote"), user=user)
        told = await pressed.answer()
        await ask(discord, user, channel, "and when?")

    assert "Erased: 2 records" in card.text
    assert "no longer kept" in told.text
    assert bot.questions[-1].history == ()


async def test_an_export_that_discord_does_not_take_is_told(
    discord: FakeDiscord, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_discord.interaction_payloads.ATTACHMENT_SIZE_LIMIT", 100)
    async with bot.running(discord):
        await ask(discord, discord.user, discord.channel, "What weapons?")
        card = await privacy(discord, discord.user, discord.channel, "export")

    assert "more than Discord takes as a file" in card.text
    assert not card.files
