"""Follow-ups wherever people talk: what they asked there a moment ago goes in, and nothing that others must not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import convoy
import pytest
from connected_bot import SURFACES, Bot, ask, place_of
from fake_discord import FakeDiscord

from bot.answering.questions import Exchange, Question
from bot.cogs.answers import Answers, Asked
from bot.cogs.in_flight import AskingLimits, QuestionsInFlight
from bot.cogs.keeping import Keeping
from bot.delivery import Delivery
from bot.records.records import Records, open_records

ANSWERED = f"“{convoy.GUNS}” [1] “{convoy.GUNS_TOO}” [2]"


def answers_by(bot: Bot, records: Records | None) -> Answers:
    """Answer without Discord."""
    return Answers(QuestionsInFlight(bot.answer, AskingLimits()), Keeping(None), Delivery(), records)


def asked_before(bot: Bot) -> list[str]:
    """List the questions that the last one was asked with."""
    return [exchange.question for exchange in bot.questions[-1].history]


async def test_plain_talk_in_a_direct_message_is_a_conversation(discord: FakeDiscord, bot: Bot) -> None:
    async with bot.running(discord):
        for words in ("What weapons?", "and when?"):
            await discord.say(words, channel=discord.dm())
            await discord.next_message(discord.dm())

    assert bot.questions[0].history == ()
    assert bot.questions[1].history == (Exchange("What weapons?", ANSWERED),)


async def test_mentions_in_a_thread_are_a_conversation_of_their_own(discord: FakeDiscord, bot: Bot) -> None:
    _, thread, _ = place_of(discord, "thread")
    async with bot.running(discord):
        await discord.say(f"<@{discord.bot.id}> Who left?")
        await discord.next_message()
        for words in ("What weapons?", "and when?"):
            await discord.say(f"<@{discord.bot.id}> {words}", channel=thread)
            await discord.next_message(thread)

    assert asked_before(bot) == ["What weapons?"]


async def test_a_reply_to_the_bots_message_goes_on_from_it(discord: FakeDiscord, bot: Bot) -> None:
    async with bot.running(discord):
        await discord.say(f"<@{discord.bot.id}> What weapons?")
        answer = await discord.next_message()
        await discord.say("and when?", reply_to=answer)
        await discord.next_message()

    assert asked_before(bot) == ["What weapons?"]


@pytest.mark.parametrize("surface", SURFACES)
async def test_ask_goes_on_from_what_the_same_person_asked_there(discord: FakeDiscord, bot: Bot, surface: str) -> None:
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        await ask(discord, user, channel)
        await ask(discord, user, channel, "and when?")

    assert asked_before(bot) == ["What weapons?"]


async def test_nobody_goes_on_from_what_another_asked_or_from_another_channel(discord: FakeDiscord, bot: Bot) -> None:
    other, elsewhere = discord.add_user("Other"), discord.add_channel("elsewhere")
    async with bot.running(discord):
        await ask(discord, discord.user, discord.channel)
        await ask(discord, other, discord.channel, "and when?")
        assert asked_before(bot) == []
        await ask(discord, discord.user, elsewhere, "and when?")
        assert asked_before(bot) == []


async def test_a_conversation_is_forgotten_after_an_hour_and_holds_six_exchanges(
    discord: FakeDiscord, bot: Bot
) -> None:
    async with bot.running(discord):
        for n in range(8):
            await ask(discord, discord.user, discord.channel, f"Question {n}?")
        assert asked_before(bot) == [f"Question {n}?" for n in range(1, 7)]
        bot.at += timedelta(minutes=61)
        await ask(discord, discord.user, discord.channel, "and when?")
        assert asked_before(bot) == []


async def test_what_was_understood_is_shown_and_goes_on_into_the_conversation(discord: FakeDiscord, bot: Bot) -> None:
    async def understand(question: Question) -> object:
        bot.questions.append(question)
        plain = convoy.convoy_answer()
        reworded = question.reworded(f"{question.text} (the convoy)")
        return replace(plain, evidence=replace(plain.evidence, question=reworded))

    bot.answer = understand  # type: ignore[assignment, method-assign]
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel, "and when?")
        assert "Question: and when?" in card.text
        assert "Understood as: and when? (the convoy)" in card.text
        await ask(discord, discord.user, discord.channel, "why?")

    assert asked_before(bot) == ["and when? (the convoy)"]


async def test_an_abstention_is_part_of_the_conversation_without_an_answer(discord: FakeDiscord, bot: Bot) -> None:
    bot.outcome = convoy.abstention()
    async with bot.running(discord):
        await ask(discord, discord.user, discord.channel)
        await ask(discord, discord.user, discord.channel, "and when?")

    assert bot.questions[-1].history == (Exchange("What weapons?", ""),)


async def test_what_only_its_asker_sees_does_not_show_in_a_later_answer_that_others_see(bot: Bot) -> None:
    question = Question("What weapons?", convoy.ASKED_AT)
    async with open_records(bot.home, now=lambda: bot.at, keep_days=30, conversation_minutes=60) as records:
        answers = answers_by(bot, records)
        private = await answers.card(question, Asked(1, 2, 3, is_private=True))
        remembered = await records.conversations.read(2, 1, bot.at)
        await answers.card(question, Asked(1, 2, 3))

        assert remembered == ()
        assert len(await records.conversations.read(2, 1, bot.at)) == 1
        assert any(child["type"] == 1 for child in private.to_components()[0]["components"])


async def test_without_records_cards_have_no_buttons(bot: Bot) -> None:
    answers = answers_by(bot, None)

    cards = [await answers.card(Question("What weapons?", convoy.ASKED_AT), Asked(1, 2, 3)) for _ in range(2)]

    assert all(child["type"] != 1 for card in cards for child in card.to_components()[0]["components"])
