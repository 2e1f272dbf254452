"""What happens when somebody presses a button of a card, or sends the modal behind one; also long after a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord.ext import commands

from bot.answering.questions import Question
from bot.answering.rereading import QuoteInPlace
from bot.cogs.answers import Answers
from bot.cogs.audience import question_of
from bot.cogs.languages import speak_to
from bot.delivery import Delivery
from bot.locales.speaking import speak
from bot.records.answers import KeptAnswer
from bot.records.feedback import FeedbackReason
from bot.records.records import Records
from bot.rendering.answer_card import answer_card
from bot.rendering.card_buttons import TEMPLATE, ButtonId, Verb, read_button_id
from bot.rendering.modals import AGREED, CONSENT, QUESTION, REASON, WORDS, follow_up_modal, modal_values, why_modal
from bot.rendering.more_sources import more_sources
from bot.rendering.passage_page import passage_page
from bot.rendering.records_problems import AnswerNotKept, NotYourAnswer
from bot.rendering.thanks_card import thanks_card

ReadInPlace = Callable[[Mapping[str, Any]], Awaitable[QuoteInPlace]]
"""Reads a quote of a kept answer again where it stands; see `bot.answering.rereading.read_in_place`."""


class CardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """Any button of any card, known by its custom id alone; a press becomes the event `card_button`.

    As an event it ends, like a message, in the client's one `on_error`; discord.py only logs what a view raises.
    """

    def __init__(self, button: discord.ui.Button[Any], button_id: ButtonId) -> None:
        super().__init__(button)
        self._button_id = button_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> CardButton:
        """Read the button off its custom id."""
        button_id = read_button_id(match.string)
        assert button_id is not None
        assert isinstance(item, discord.ui.Button)
        return cls(item, button_id)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Tell the cog."""
        interaction.client.dispatch("card_button", interaction, self._button_id)


class Buttons(commands.Cog):
    """Answer presses and modals: read what is kept of the answer, and show it or act on it.

    They work wherever cards do, for everybody who sees the card; only whoever asked turns the pages for all, and
    deletes. An exception goes to the client's `on_error`, which tells whoever pressed and leaves the card alone.

    Args:
        bot: which matches the buttons.
        delivery: acknowledges, and sends.
        answers: answers follow-ups.
        records: where answers are kept and feedback goes.
        read_in_place: reads a quote again.
        now: the clock, aware UTC.
        limit_chars: longest question, in characters.
    """

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        delivery: Delivery,
        answers: Answers,
        records: Records,
        read_in_place: ReadInPlace,
        *,
        now: Callable[[], datetime],
        limit_chars: int,
    ) -> None:
        self._bot = bot
        self._delivery = delivery
        self._answers = answers
        self._records = records
        self._read_in_place = read_in_place
        self._now = now
        self._limit_chars = limit_chars

    async def cog_load(self) -> None:
        """Let the buttons of all cards be matched, whoever sent them and when."""
        self._bot.add_dynamic_items(CardButton)

    async def cog_unload(self) -> None:
        """Match them no longer."""
        self._bot.remove_dynamic_items(CardButton)

    @commands.Cog.listener()
    async def on_card_button(self, interaction: discord.Interaction, pressed: ButtonId) -> None:
        """Answer the press of a button."""
        speak_to(interaction)
        match pressed.verb:
            case Verb.QUOTE:
                await self._show_quote(interaction, pressed)
            case Verb.PAGE | Verb.LEAF:
                await self._turn(interaction, pressed)
            case Verb.SOURCES:
                await self._delivery.acknowledge(interaction, ephemeral=True)
                kept = await self._kept(interaction, pressed)
                await self._delivery.deliver(interaction, more_sources(kept.outcome, now=self._now()))
            case Verb.FOLLOW:
                kept = await self._kept(interaction, pressed)
                asked = kept.understood_as or kept.question
                modal = follow_up_modal(pressed.number, asked, limit_chars=self._limit_chars)
                await interaction.response.send_modal(modal)
            case Verb.UP | Verb.DOWN:
                await self._delivery.acknowledge(interaction, ephemeral=True)
                await self._judge(interaction, pressed, pressed.verb, {})
            case Verb.WHY:
                await interaction.response.send_modal(why_modal(pressed.number, pressed.more or Verb.DOWN))
            case Verb.DELETE:
                await self._delete(interaction, pressed)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a modal that was sent, by its custom id: one opened before a restart is answered like any other."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Mapping[str, Any] = dict(interaction.data or {})
        sent = read_button_id(str(data.get("custom_id")))
        if sent is None:
            return
        speak_to(interaction)
        entered = modal_values(data)
        if sent.verb is Verb.FOLLOW:
            await self._follow_up(interaction, sent, entered.get(QUESTION, ""))
        elif sent.verb is Verb.WHY:
            await self._delivery.acknowledge(interaction, ephemeral=True)
            await self._judge(interaction, sent, sent.more or Verb.DOWN, entered)

    async def _show_quote(self, interaction: discord.Interaction, pressed: ButtonId) -> None:
        await self._delivery.acknowledge(interaction, ephemeral=True)
        kept = await self._kept(interaction, pressed)
        citation = next((one for one in kept.outcome["citations"] if f"{one['n']}" == pressed.more), None)
        if citation is None:
            raise AnswerNotKept
        place = await self._read_in_place(citation)
        await self._delivery.deliver(interaction, passage_page(citation, place, now=self._now()))

    async def _turn(self, interaction: discord.Interaction, pressed: ButtonId) -> None:
        kept = await self._kept(interaction, pressed)
        page = int(pressed.more or 1)
        if pressed.verb is Verb.PAGE and interaction.user.id != kept.asker_id:
            await self._delivery.acknowledge(interaction, ephemeral=True)  # the card stays for everybody else as it is
            is_copy = True
        else:
            await interaction.response.defer()
            is_copy = pressed.verb is Verb.LEAF
        if not is_copy:  # a card that all see stays in its language, whoever turns its pages
            speak(kept.outcome.get("language"))
        shown = kept.outcome.get("question_shown", False) or is_copy
        number = pressed.number
        await self._delivery.deliver(
            interaction, answer_card(kept.outcome, question_shown=shown, number=number, page=page, is_copy=is_copy)
        )

    async def _follow_up(self, interaction: discord.Interaction, sent: ButtonId, words: str) -> None:
        # Below a card that all see, as for a command: the channel may be closed to public answers since.
        is_private = True if interaction.message is None or interaction.message.flags.ephemeral else None

        async def make() -> Question:
            kept = await self._kept(interaction, sent)
            question = question_of(interaction, " ".join(words.split()), now=self._now())
            history = await self._answers.history_of(kept, interaction.user.id, question.asked_at)
            return replace(question, history=history)

        await self._answers.to_interaction(interaction, make, is_private=is_private)

    async def _judge(
        self, interaction: discord.Interaction, sent: ButtonId, way: str, entered: Mapping[str, str]
    ) -> None:
        await self._kept(interaction, sent)
        was_taken = await self._records.feedback.give(
            sent.number,
            interaction.user.id,
            is_good=way == Verb.UP,
            at=self._now(),
            reason=FeedbackReason(entered[REASON]) if REASON in entered else None,
            words=entered.get(WORDS),
            consents=entered.get(CONSENT) == AGREED,
        )
        if not was_taken:
            raise AnswerNotKept
        words_dropped = WORDS in entered and entered.get(CONSENT) != AGREED
        why = None if sent.verb is Verb.WHY else way
        await self._delivery.deliver(interaction, thanks_card(sent.number, why=why, words_dropped=words_dropped))

    async def _delete(self, interaction: discord.Interaction, pressed: ButtonId) -> None:
        kept = await self._records.answers.read(pressed.number)
        asker_id = _asker_by_message(interaction.message) if kept is None else kept.asker_id
        if asker_id is None:
            raise AnswerNotKept
        if asker_id != interaction.user.id:
            raise NotYourAnswer
        await interaction.response.defer()
        await interaction.delete_original_response()
        await self._records.answers.delete(pressed.number)

    async def _kept(self, interaction: discord.Interaction, button_id: ButtonId) -> KeptAnswer:
        kept = await self._records.answers.read(button_id.number)
        # No card leaves its server; were one to, what the server alone may see would not go with it.
        if kept is None or kept.guild_id != interaction.guild_id:
            raise AnswerNotKept
        return kept


def _asker_by_message(message: discord.Message | None) -> int | None:
    """Tell from a card itself who asked, as far as Discord does; its answer may be long forgotten."""
    if message is None:
        return None
    if message.interaction_metadata is not None:
        return message.interaction_metadata.user.id
    asked = message.reference.resolved if message.reference is not None else None
    return asked.author.id if isinstance(asked, discord.Message) else None
