"""The buttons of cards, pressed in the fake Discord on every surface: server, thread, DM, a user's own install."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import convoy
import pytest
from connected_bot import SURFACES, Bot, ask, button, place_of
from fake_discord import FakeDiscord, Interaction, Message

from bot.answering.answers import Answer, Citation
from bot.answering.questions import Exchange
from retrieval.articles import CopyOf
from retrieval.errors import QueueFull

NOT_KEPT = "This answer is no longer kept, so its buttons do nothing any more; please ask again."


async def told(pressed: Interaction) -> Message:
    """Wait for what comes of a press, which nobody else may see."""
    shown = await pressed.answer()
    assert shown.ephemeral
    return shown


def with_many_sources(count: int) -> Answer:
    articles = [convoy.article(f"Quote {n}.", url=f"https://paper.example/{n}") for n in range(1, count + 1)]
    cited: list[Citation] = [convoy.citation(n, of, f"Quote {n}.") for n, of in enumerate(articles, 1)]
    return convoy.answer_quoting(*cited)


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_number_shows_the_quote_in_its_context_to_whoever_pressed_alone(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, other = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        for presser in (user, other or user):
            page = await told(await discord.press(card, button(card, "quote", "1"), user=presser))
            assert f"> Before it. **{convoy.GUNS}** After it." in page.text
            assert "Sirte Coast Wire · 29 September 2020, 08:15 UTC (2 days ago)" in page.text


@pytest.mark.parametrize("surface", SURFACES)
async def test_whoever_asked_turns_the_pages_of_the_card_itself(discord: FakeDiscord, bot: Bot, surface: str) -> None:
    bot.outcome = with_many_sources(9)
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        assert "Page 1 of 3" in card.text
        await discord.press(card, button(card, "page", "2"), user=user)
        await card.when(lambda message: "Page 2 of 3" in message.text, 5.0)
        await discord.press(card, button(card, "page", "1"), user=user)
        await card.when(lambda message: "Page 1 of 3" in message.text, 5.0)
        assert "Question: What weapons?" in card.text


@pytest.mark.parametrize("surface", ["guild", "thread", "user install"])
async def test_anybody_else_leafs_through_a_copy_and_the_card_stays(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    bot.outcome = with_many_sources(9)
    user, channel, other = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        copy = await told(await discord.press(card, button(card, "page", "2"), user=other))
        assert "Page 2 of 3" in copy.text
        await discord.press(copy, button(copy, "leaf", "3"), user=other)
        await copy.when(lambda message: "Page 3 of 3" in message.text, 5.0)
        assert "Page 1 of 3" in card.text
        assert not any(custom_id.startswith("dl:delete") for custom_id in copy.custom_ids)


@pytest.mark.parametrize("surface", SURFACES)
async def test_more_sources_are_the_copies_and_what_was_found_besides(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    plain = convoy.convoy_answer()
    besides = convoy.article("Else.", title="Something else", source="Third Paper")
    findings = replace(
        convoy.evidence("?", (convoy.WIRE, convoy.LEDGER, besides)).findings,
        copies={convoy.WIRE.id: (CopyOf("c", "v", "A copy", "Copyist", "https://copyist.example/1", None, None),)},
    )
    bot.outcome = replace(plain, evidence=replace(plain.evidence, findings=findings))
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        more = await told(await discord.press(card, button(card, "sources"), user=user))
        assert "**[A copy](https://copyist.example/1)**\nCopyist" in more.text
        assert "**Something else**\nThird Paper" in more.text


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_follow_up_is_answered_with_the_conversation_of_its_answer(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        await ask(discord, user, channel, "Who won the cup?")
        opened = await discord.press(card, button(card, "follow"), user=user)
        await opened.modal()
        sent = await discord.submit(opened, {"question": "and how many?"})
        answer = await sent.answer()

        assert "Question: and how many?" in answer.text
        assert not answer.ephemeral
        first = f"“{convoy.GUNS}” [1] “{convoy.GUNS_TOO}” [2]"
        assert bot.questions[-1].text == "and how many?"
        assert bot.questions[-1].history == (Exchange("What weapons?", first),)
        assert button(answer, "follow")


@pytest.mark.parametrize("surface", ["guild", "thread", "user install"])
async def test_anybody_may_follow_up_and_goes_on_from_that_answer_alone(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, other = place_of(discord, surface)
    async with bot.running(discord):
        await ask(discord, user, channel, "Who left?")
        card = await ask(discord, user, channel)
        opened = await discord.press(card, button(card, "follow"), user=other)
        await opened.modal()
        sent = await discord.submit(opened, {"question": "when?"})
        await sent.answer()

        assert [one.question for one in bot.questions[-1].history] == ["What weapons?"]


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_thumb_is_taken_and_words_only_with_consent(discord: FakeDiscord, bot: Bot, surface: str) -> None:
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        assert bot.records is not None
        card = await ask(discord, user, channel)
        thanks = await told(await discord.press(card, button(card, "down"), user=user))
        assert "Thank you" in thanks.text
        (thumb,) = await bot.records.feedback.list()
        assert (thumb.is_good, thumb.reason, thumb.words, thumb.question) == (False, None, None, None)

        for consent, words in (("no", None), ("yes", "It was seven guns.")):
            opened = await discord.press(thanks, button(thanks, "why", "down"), user=user)
            await opened.modal()
            entered = {"reason": ["wrong"], "words": "It was seven guns.", "consent": [consent]}
            thanked = await told(await discord.submit(opened, entered))
            assert ("Your words were not kept" in thanked.text) == (consent == "no")
            (thumb,) = await bot.records.feedback.list()
            assert (thumb.reason, thumb.words) == ("wrong", words)


async def test_a_thumb_up_asks_for_no_fault(discord: FakeDiscord, bot: Bot) -> None:
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        thanks = await told(await discord.press(card, button(card, "up")))
        modal = await (await discord.press(thanks, button(thanks, "why", "up"))).modal()
        assert [label["component"]["custom_id"] for label in modal["components"]] == ["words", "consent"]
        assert bot.records is not None
        assert [thumb.is_good for thumb in await bot.records.feedback.list()] == [True]


@pytest.mark.parametrize("surface", SURFACES)
async def test_whoever_asked_deletes_the_answer_and_others_are_told_that_they_cannot(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    user, channel, other = place_of(discord, surface)
    async with bot.running(discord):
        assert bot.records is not None
        card = await ask(discord, user, channel)
        number = int(card.custom_ids[0].split(":")[2])
        assert await bot.records.answers.read(number) is not None
        if other is not None:
            refused = await told(await discord.press(card, button(card, "delete"), user=other))
            assert refused.text == "Only whoever asked can delete this answer."
            assert not card.deleted
        await discord.press(card, button(card, "delete"), user=user)
        await card.changes.until(lambda: card.deleted, 5.0, lambda: "the card to be deleted")
        await ask(discord, user, channel)  # by then what is kept of it is gone too
        assert await bot.records.answers.read(number) is None


@pytest.mark.parametrize("verb", ["quote", "page", "follow", "up"])
async def test_a_button_of_an_answer_that_is_no_longer_kept_says_so_and_leaves_the_card(
    discord: FakeDiscord, bot: Bot, verb: str
) -> None:
    bot.outcome = with_many_sources(9)
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        before = card.payload
        bot.at += timedelta(days=31)
        shown = await told(await discord.press(card, button(card, verb)))
        assert shown.text == NOT_KEPT
        assert card.payload is before


async def test_an_answer_that_is_long_forgotten_can_still_be_deleted_by_whoever_asked_alone(
    discord: FakeDiscord, bot: Bot
) -> None:
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        asked = await discord.say(f"<@{discord.bot.id}> What weapons?")
        reply = await discord.next_message()
        assert reply.reference is asked
        bot.at += timedelta(days=31)
        for message in (card, reply):
            refused = await told(await discord.press(message, button(message, "delete"), user=discord.add_user("O")))
            assert refused.text == "Only whoever asked can delete this answer."
            await discord.press(message, button(message, "delete"))
            await message.changes.until(lambda message=message: message.deleted, 5.0, lambda: "the card to be deleted")


async def test_what_fails_behind_a_button_is_told_to_whoever_pressed_and_leaves_the_card(
    discord: FakeDiscord, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.outcome, bot.place = with_many_sources(9), QueueFull(64)
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        before = card.payload
        shown = await told(await discord.press(card, button(card, "quote", "1")))
        assert "Many questions are waiting already" in shown.text

        def fail(*args: object, **options: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("bot.cogs.buttons.answer_card", fail)
        shown = await told(await discord.press(card, button(card, "page", "2")))
        assert "Something went wrong on our side" in shown.text
        assert card.payload is before


@pytest.mark.parametrize("surface", SURFACES)
async def test_after_a_restart_old_buttons_and_a_modal_opened_before_answer_and_the_conversation_goes_on(
    discord: FakeDiscord, bot: Bot, surface: str
) -> None:
    bot.outcome = with_many_sources(9)
    user, channel, _ = place_of(discord, surface)
    async with bot.running(discord):
        card = await ask(discord, user, channel)
        opened = await discord.press(card, button(card, "follow"), user=user)
        await opened.modal()
    async with bot.running(discord):
        page = await told(await discord.press(card, button(card, "quote", "1"), user=user))
        assert "Before it." in page.text
        await discord.press(card, button(card, "page", "2"), user=user)
        await card.when(lambda message: "Page 2 of 3" in message.text, 5.0)
        sent = await discord.submit(opened, {"question": "and then?"})
        answer = await sent.answer()
        assert "Question: and then?" in answer.text
        assert [one.question for one in bot.questions[-1].history] == ["What weapons?"]
        await ask(discord, user, channel, "and when?")
        assert [one.question for one in bot.questions[-1].history] == ["What weapons?", "and then?"]


async def test_a_card_that_all_see_keeps_its_language_whoever_turns_its_pages(discord: FakeDiscord, bot: Bot) -> None:
    bot.outcome, bot.language = with_many_sources(9), "de"
    async with bot.running(discord):
        await discord.say(f"<@{discord.bot.id}> What weapons?")
        card = await discord.next_message()
        assert "Seite 1 von 3" in card.text
        await discord.press(card, button(card, "page", "2"))  # by whoever asked, whose Discord is English
        await card.when(lambda message: "Seite 2 von 3" in message.text, 5.0)


async def test_a_card_that_came_into_another_server_tells_nothing(discord: FakeDiscord, bot: Bot) -> None:
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        elsewhere = await ask(discord, discord.user, discord.dm())
        elsewhere.payload = card.payload
        shown = await told(await discord.press(elsewhere, button(elsewhere, "quote", "1")))
        assert shown.text == NOT_KEPT


async def test_a_modal_of_nobody_we_know_is_left_alone(discord: FakeDiscord, bot: Bot) -> None:
    async with bot.running(discord):
        card = await ask(discord, discord.user, discord.channel)
        opened = await discord.press(card, button(card, "follow"))
        await opened.modal()
        assert opened.acknowledgement is not None
        opened.acknowledgement.payload["custom_id"] = "other"
        sent = await discord.submit(opened, {"question": "and then?"})
        await ask(discord, discord.user, discord.channel)
        assert sent.acknowledgement is None
        assert [question.text for question in bot.questions] == ["What weapons?", "What weapons?"]
