"""The commands beside asking as people meet them: the real process, the real discord.py, a fake Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from fake_discord import Channel, FakeDiscord, Interaction, Message, User
from serving import is_settled, serving, take_in_samples

CONVOY_SAID = "The convoy is thought to have gone to Brak al-Shati air base"
ASK_ABOUT, WHERE_FROM = "Ask the news about this", "Where is this quote from?"
#: What is asked everywhere, and what its card says.
EVERYWHERE = {
    "ask": ({"question": "Where did the convoy go?", "private": True}, "Brak al-Shati air base"),
    "latest": ({"topic": "convoy"}, "Wagner convoy leaves Al-Jufra base"),
    "timeline": ({"topic": "convoy from Al-Jufra"}, "**29 September 2020**"),
    "sources": ({}, "Sirte Coast Wire"),
    "help": ({}, "**How to ask**"),
    "status": ({}, "20 articles"),
}
#: These concern whoever asks and nobody else.
FOR_THE_ASKER = {"sources", "help", "status"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FakeDiscord]:
    """One process for all tests here: starting it takes longer than any of them."""
    home = tmp_path_factory.mktemp("commands") / "home"
    await take_in_samples(home)
    async with FakeDiscord() as discord, serving(discord, home):
        yield discord


def in_server(discord: FakeDiscord) -> tuple[User, Channel]:
    return discord.user, discord.channel


def in_direct_message(discord: FakeDiscord) -> tuple[User, Channel]:
    return discord.user, discord.dm()


def with_a_friend(discord: FakeDiscord) -> tuple[User, Channel]:
    friend, installer = discord.add_user("Friend"), discord.add_user("Installer", has_installed_app=True)
    return installer, discord.private_channel(installer, friend)


def in_a_server_without_the_bot(discord: FakeDiscord) -> tuple[User, Channel]:
    installer = discord.add_user("Visitor", has_installed_app=True)
    guild = discord.add_guild("Elsewhere", bot_is_member=False)
    return installer, discord.add_channel("talk", guild=guild)


PLACES = [in_server, in_direct_message, with_a_friend, in_a_server_without_the_bot]


async def shown(interaction: Interaction) -> Message:
    assert (await interaction.acknowledged()).deferred
    message = await interaction.answer(60, where=is_settled)
    assert message.pings() == []
    return message


@pytest.mark.parametrize("find", PLACES)
@pytest.mark.parametrize("name", EVERYWHERE)
async def test_every_command_works_in_every_place(
    discord: FakeDiscord, name: str, find: Callable[[FakeDiscord], tuple[User, Channel]]
) -> None:
    (user, channel), (options, told) = find(discord), EVERYWHERE[name]
    interaction = await discord.slash(name, options, user=user, channel=channel)
    assert told in (await shown(interaction)).text
    assert interaction.ephemeral is (name in FOR_THE_ASKER or bool(options.get("private")))


@pytest.mark.parametrize("find", PLACES)
async def test_the_source_of_a_quote_is_told_in_every_place_to_whoever_looks_for_it(
    discord: FakeDiscord, find: Callable[[FakeDiscord], tuple[User, Channel]]
) -> None:
    user, channel = find(discord)
    said = await discord.say(f"I read “{CONVOY_SAID}”", user=user, channel=channel)
    found = await discord.use_on(said, WHERE_FROM, user=user)
    text = (await shown(found)).text
    assert "**Word for word in:**" in text
    assert "Sirte Coast Wire · 29 September 2020, 08:15 UTC" in text
    assert found.ephemeral


@pytest.mark.parametrize("find", PLACES)
async def test_a_message_is_asked_about_in_every_place_and_answered_to_whoever_asks(
    discord: FakeDiscord, find: Callable[[FakeDiscord], tuple[User, Channel]]
) -> None:
    user, channel = find(discord)
    said = await discord.say("Where did the convoy go?", user=user, channel=channel)
    answered = await discord.use_on(said, ASK_ABOUT, user=user)
    assert "Brak al-Shati air base" in (await shown(answered)).text
    assert answered.ephemeral


async def test_a_near_quote_shows_what_was_changed(discord: FakeDiscord) -> None:
    said = await discord.say("“The convoy is thought to have gone to Benghazi air base, north of Sabha” <@1> lol")
    assert "~~Benghazi~~ **Brak al-Shati** air base" in (await shown(await discord.use_on(said, WHERE_FROM))).text


async def test_an_invented_quote_is_not_in_the_index(discord: FakeDiscord) -> None:
    said = await discord.say("“We will all retire to the moon in the spring”")
    assert "Not in my index" in (await shown(await discord.use_on(said, WHERE_FROM))).text


@pytest.mark.parametrize("name", [ASK_ABOUT, WHERE_FROM])
async def test_a_message_without_words_is_said_to_have_none(discord: FakeDiscord, name: str) -> None:
    said = await discord.say("https://example.org/picture.png")
    assert "has no words" in (await shown(await discord.use_on(said, name))).text


async def test_of_a_long_message_what_was_asked_is_told(discord: FakeDiscord) -> None:
    said = await discord.say("Where did the convoy go? " + "It is a long story. " * 90)
    assert "characters were asked" in (await shown(await discord.use_on(said, ASK_ABOUT))).text


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"since": "the day it rained"}, "I cannot read “the day it rained” as a date for “since”: write it like"),
        ({"since": "2021", "until": "2020"}, "Nothing is both since “2021” and until “2020”: swap the two"),
    ],
)
async def test_a_date_that_makes_no_sense_is_named(discord: FakeDiscord, limits: dict[str, str], told: str) -> None:
    asked = await discord.slash("ask", {"question": "Where did the convoy go?", **limits})
    assert told in (await shown(asked)).text


@pytest.mark.parametrize("limits", [{"until": "28 September 2020"}, {"source": "aldenmoor"}])
async def test_what_lies_outside_the_limits_is_no_source(discord: FakeDiscord, limits: dict[str, str]) -> None:
    asked = await discord.slash("ask", {"question": "Where did the convoy go?", **limits})
    assert "Sirte Coast Wire" not in (await shown(asked)).text


@pytest.mark.parametrize(("typed", "offered"), [("sirte", ["Sirte Coast Wire"]), ("*`@everyone", [])])
async def test_publishers_are_offered_while_a_source_is_typed(
    discord: FakeDiscord, typed: str, offered: list[str]
) -> None:
    interaction = await discord.autocomplete("ask", "source", {"question": "Where?", "source": typed})
    assert [choice["value"] for choice in await interaction.choices()] == offered
