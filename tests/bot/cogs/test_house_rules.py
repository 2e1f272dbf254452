"""What a server's managers set is kept to: where the bot speaks, to whom, in which threads, how often it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import convoy
import pytest
from connected_bot import Bot, ask, place_of
from fake_discord import Channel, FakeDiscord, Interaction, Message, User
from fake_discord.permissions import Permission

from bot.answering.listing import Latest
from bot.answering.questions import Question
from bot.answering.timeline import Timeline
from bot.cogs.house_rules import cooldown_of, thread_name, with_channels
from bot.cogs.looking_up import LooksUp
from bot.records.guilds import GuildSettings
from bot.rendering.server_problems import SpeaksEverywhere
from retrieval.passages import IndexSize

NOT_HERE = "This channel is not for my public answers"
COMMANDS: dict[str, dict[str, Any]] = {
    "ask": {"question": "What weapons?"},
    "latest": {},
    "timeline": {"topic": "the convoy"},
}


class Nothing:
    """An engine without news."""

    async def latest(self, topic: str | None, scope: str | None) -> Latest:
        return Latest(topic, ())

    async def timeline(self, topic: Question) -> Timeline:
        return Timeline(topic, (), IndexSize(0, 0, None), 1.0)

    async def limits(self, since: str | None, until: str | None) -> tuple[None, None]:
        return None, None

    async def source_names(self, scope: str | None) -> tuple[str, ...]:
        return ()


@pytest.fixture
def looking(bot: Bot) -> Bot:
    """The bot with all commands."""
    bot.news = cast(LooksUp, Nothing())
    return bot


async def set_rules(bot: Bot, discord: FakeDiscord, **fields: Any) -> None:
    assert bot.records is not None
    await bot.records.guilds.write(int(discord.guild.id), GuildSettings(**fields))


async def used(
    discord: FakeDiscord, name: str, channel: Channel | None = None, user: User | None = None, **more: Any
) -> tuple[Interaction, Message]:
    interaction = await discord.slash(name, COMMANDS[name] | more, channel=channel, user=user)
    return interaction, await interaction.answer()


@pytest.mark.parametrize("surface", ["guild", "thread"])
async def test_where_the_bot_may_not_speak_a_mention_gets_no_answer_at_all(
    discord: FakeDiscord, looking: Bot, surface: str
) -> None:
    user, channel, _ = place_of(discord, surface)
    allowed = discord.add_channel("news")
    async with looking.running(discord):
        await set_rules(looking, discord, channel_ids=frozenset({int(allowed.id)}))
        for words in ("What weapons?", ""):  # without words, too: that problem is told nowhere either
            await discord.say(f"<@{discord.bot.id}> {words}", user=user, channel=channel)
        await discord.say(f"<@{discord.bot.id}> Who left?", user=user, channel=allowed)
        await discord.next_message(allowed)

    assert [question.text for question in looking.questions] == ["Who left?"]
    assert [message for message in discord.messages(channel) if message.author is discord.bot] == []
    assert discord.messages(discord.dm(user)) == []


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("private", [None, False])
async def test_where_the_bot_may_not_speak_a_command_is_answered_to_whoever_uses_it_alone(
    discord: FakeDiscord, looking: Bot, name: str, private: bool | None
) -> None:
    async with looking.running(discord):
        await set_rules(looking, discord, channel_ids=frozenset())
        interaction, card = await used(discord, name, **({} if private is None else {"private": private}))
        _, wanted = await used(discord, name, private=True)

    assert interaction.ephemeral and card.ephemeral
    assert NOT_HERE in card.text
    assert NOT_HERE not in wanted.text


@pytest.mark.parametrize("by", ["its own id", "its parent's"])
async def test_a_channel_is_allowed_with_its_threads(discord: FakeDiscord, looking: Bot, by: str) -> None:
    _, thread, _ = place_of(discord, "thread")
    named = {"its own id": int(thread.id), "its parent's": int(discord.channel.id)}[by]
    async with looking.running(discord):
        await set_rules(looking, discord, channel_ids=frozenset({named}))
        _, card = await used(discord, "ask", thread)

    assert not card.ephemeral
    assert NOT_HERE not in card.text


@pytest.mark.parametrize("name", COMMANDS)
async def test_where_answers_are_private_by_default_whoever_asks_can_have_them_seen(
    discord: FakeDiscord, looking: Bot, name: str
) -> None:
    async with looking.running(discord):
        _, open_card = await used(discord, name)
        await set_rules(looking, discord, is_private=True)
        _, card = await used(discord, name)
        _, shown = await used(discord, name, private=False)

    assert (open_card.ephemeral, card.ephemeral, shown.ephemeral) == (False, True, False)
    assert NOT_HERE not in card.text


@pytest.mark.parametrize("surface", ["dm", "user install"])
async def test_a_servers_rules_hold_nowhere_else(discord: FakeDiscord, looking: Bot, surface: str) -> None:
    user, channel, _ = place_of(discord, surface)
    async with looking.running(discord):
        await set_rules(looking, discord, channel_ids=frozenset(), is_private=True, cooldown_s=60.0)
        cards = [(await used(discord, "ask", channel, user))[1] for _ in range(2)]

    assert [NOT_HERE in card.text for card in cards] == [False, False]
    assert len(looking.questions) == 2


async def test_a_follow_up_on_a_card_of_a_channel_closed_since_is_shown_to_whoever_asks_alone(
    discord: FakeDiscord, looking: Bot
) -> None:
    async with looking.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        await set_rules(looking, discord, channel_ids=frozenset())
        follow = next(one for one in card.custom_ids if one.startswith("dl:follow"))
        pressed = await discord.press(card, follow)
        await pressed.modal()
        sent = await discord.submit(pressed, {"question": "and when?"})
        told = await sent.answer()

    assert told.ephemeral
    assert NOT_HERE in told.text


async def test_an_answer_to_a_mention_opens_a_thread_in_which_the_conversation_goes_on(
    discord: FakeDiscord, looking: Bot
) -> None:
    async with looking.running(discord):
        await set_rules(looking, discord, opens_threads=True)
        said = await discord.say(f"<@{discord.bot.id}> What weapons?")
        await discord.state.changes.until(lambda: said.id in discord.state.channels, 10, lambda: "a thread")
        thread = discord.state.channels[said.id]
        card = await discord.next_message(thread)
        await discord.say(f"<@{discord.bot.id}> and when?", channel=thread)
        await discord.next_message(thread)

    assert thread.name == "What weapons?"
    assert convoy.GUNS in card.text
    assert [exchange.question for exchange in looking.questions[1].history] == ["What weapons?"]
    assert [message for message in discord.messages() if message.author is discord.bot] == []
    assert len(discord.guild.threads) == 1


async def test_without_the_permission_for_threads_the_bot_replies_in_place(discord: FakeDiscord, looking: Bot) -> None:
    discord.guild.everyone &= ~Permission.CREATE_PUBLIC_THREADS
    async with looking.running(discord):
        await set_rules(looking, discord, opens_threads=True)
        said = await discord.say(f"<@{discord.bot.id}> What weapons?")
        card = await discord.next_message()

    assert card.reference is said
    assert not discord.guild.threads


@pytest.mark.parametrize(("status", "acts", "opens"), [(503, False, True), (0, True, True), (403, False, False)])
async def test_an_answer_is_shown_once_whatever_becomes_of_the_request_for_its_thread(
    discord: FakeDiscord, looking: Bot, status: int, acts: bool, opens: bool
) -> None:
    async with looking.running(discord):
        await set_rules(looking, discord, opens_threads=True)
        discord.fail_rest("POST", "/threads", status, acts=acts)
        said = await discord.say(f"<@{discord.bot.id}> What weapons?")
        if opens:
            await discord.state.changes.until(lambda: said.id in discord.state.channels, 10, lambda: "a thread")
        place = discord.state.channels[said.id] if opens else discord.channel
        card = await discord.next_message(place)

    assert convoy.GUNS in card.text
    told = [one for one in discord.state.messages.values() if one.author is discord.bot]
    assert told == [card]
    assert len(discord.guild.threads) == opens
    # Who lost the answer can only ask again, and is told that the thread is there.
    assert [violation.code for violation in discord.violations] == ([160004] if acts else [])
    discord.violations.clear()


async def test_a_server_can_tighten_how_often_one_person_asks_and_not_loosen_it(
    discord: FakeDiscord, looking: Bot
) -> None:
    other = discord.add_user("Other")
    async with looking.running(discord):
        await set_rules(looking, discord, cooldown_s=cooldown_of(2))
        cards = [(await used(discord, "ask"))[1] for _ in range(3)]
        _, others = await used(discord, "ask", user=other)

    assert "You can ask 2 questions a minute" in cards[2].text
    assert convoy.GUNS in cards[1].text
    assert convoy.GUNS in others.text


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (None, {"allow": 1}, {1}),
        ({1}, {"allow": 2}, {1, 2}),
        ({1, 2}, {"disallow": 1}, {2}),
        ({1}, {"disallow": 1}, set()),
        ({1}, {"disallow": 3}, {1}),
        ({1}, {"everywhere": True}, None),
        (None, {"everywhere": False}, set()),
        ({1}, {"everywhere": False}, {1}),
        ({1}, {"everywhere": True, "allow": 2}, {2}),
        (None, {}, None),
    ],
)
def test_channels_are_named_one_by_one(
    before: set[int] | None, changes: dict[str, Any], after: set[int] | None
) -> None:
    settings = GuildSettings(None if before is None else frozenset(before), opens_threads=True)
    options = {"allow": None, "disallow": None, "everywhere": None} | changes
    wanted = replace(settings, channel_ids=None if after is None else frozenset(after))
    assert with_channels(settings, **options) == wanted


def test_no_channel_can_be_taken_from_all() -> None:
    with pytest.raises(SpeaksEverywhere):
        with_channels(GuildSettings(), allow=None, disallow=1, everywhere=None)


@pytest.mark.parametrize(
    ("asked", "named"),
    [("What **weapons**? <@123>", "What weapons?"), ("<#1>", "News"), ("a " * 300, "…")],
)
def test_a_thread_is_named_by_what_was_asked_in_a_name_that_discord_takes(asked: str, named: str) -> None:
    assert named in thread_name(asked)
    assert 1 <= len(thread_name(asked)) <= 100
