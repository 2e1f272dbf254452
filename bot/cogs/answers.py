"""Answering a person in their conversation: what they said before goes in, the answer is kept for its buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import discord

from bot.answering.answers import Abstention, Answer
from bot.answering.kept import kept_fields
from bot.answering.questions import Exchange, Question
from bot.cogs.house_rules import HouseRules, thread_name
from bot.cogs.in_flight import Admitted, QuestionsInFlight
from bot.cogs.keeping import Keeping
from bot.delivery import Delivery
from bot.locales.speaking import spoken
from bot.records.answers import KeptAnswer
from bot.records.records import Records
from bot.rendering.answer_card import answer_card
from bot.rendering.card import Card


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked and where.

    Attributes:
        user_id: who.
        channel_id: the channel, thread or direct message.
        guild_id: the server; None in direct messages and private channels.
        is_private: nobody else sees the answer, so nothing of it may show in a later answer that others see.
    """

    user_id: int
    channel_id: int
    guild_id: int | None
    is_private: bool = False

    @classmethod
    def by(cls, asker: discord.Interaction | discord.Message, *, is_private: bool = False) -> Asked:
        """Tell it of an interaction or a message; `is_private` where only its user sees what comes of it."""
        if isinstance(asker, discord.Message):
            return cls(asker.author.id, asker.channel.id, asker.guild.id if asker.guild else None, is_private)
        # Discord names the channel of every interaction that can ask; the user's id stands in where it does not.
        return cls(asker.user.id, asker.channel_id or asker.user.id, asker.guild_id, is_private)


class Answers:
    """Takes questions and sends their answers. Owns nothing; whoever opened the records closes them.

    Args:
        questions: admits and answers them.
        keeping: keeps questions until their answers are sent.
        delivery: acknowledges, and sends.
        records: where answers and conversations are kept; None keeps nothing, and cards have no buttons then.
        rules: what servers' managers have set; None if they can set nothing.
    """

    def __init__(
        self,
        questions: QuestionsInFlight,
        keeping: Keeping,
        delivery: Delivery,
        records: Records | None = None,
        rules: HouseRules | None = None,
    ) -> None:
        self._questions = questions
        self._keeping = keeping
        self._delivery = delivery
        self._records = records
        self._rules = rules or HouseRules()

    async def to_interaction(
        self,
        interaction: discord.Interaction,
        make: Callable[[], Awaitable[Question]],
        *,
        is_private: bool | None = False,
        follows: bool = True,
        notice: str | None = None,
    ) -> None:
        """Acknowledge an interaction, answer the question that it asks, and put the card there.

        Args:
            interaction: not yet acknowledged.
            make: makes the question while the acknowledgement is on its way; what it raises ends this too.
            is_private: show the answer to whoever asked alone; None if they did not say. Where the bot may not speak,
                it is shown to them alone whatever they said.
            follows: a question without a history follows upon what its asker last asked in this place.
            notice: a sentence on how the question came to be, told before what the answer notes itself.
        """
        audience = await self._rules.audience(interaction, is_private)
        per_minute = await self._rules.per_minute(interaction)
        admitted = self._questions.admit(interaction, server_per_minute=per_minute)
        asked = Asked.by(interaction, is_private=audience.is_private)
        notice = " ".join(said for said in (audience.notice, notice) if said) or None
        making = asyncio.create_task(self._make(make, asked, follows=follows))
        async with self._keeping.kept(interaction, making, is_private=asked.is_private):
            await self._delivery.acknowledge(interaction, ephemeral=asked.is_private)
            card = await self.card(await making, asked, admitted, question_shown=True, notice=notice)
            await self._delivery.deliver(interaction, card)

    async def to_message(self, message: discord.Message, question: Question) -> None:
        """Answer a message by a reply to it, typing meanwhile; or in a thread on it, where managers want that."""
        per_minute = await self._rules.per_minute(message)
        admitted, asked = self._questions.admit(message, server_per_minute=per_minute), Asked.by(message)

        async def make() -> Question:
            return question

        making = asyncio.create_task(self._make(make, asked))
        async with self._keeping.kept(message, making):
            thread = None
            async with message.channel.typing():
                outcome = await self._questions.answer(await making, admitted)
                if await self._rules.opens_threads(message):
                    thread = await self._delivery.open_thread(message, thread_name(question.as_typed))
                place = asked if thread is None else replace(asked, channel_id=thread.id)
                card = await self._kept_card(await making, outcome, place)
            if thread is None:
                await self._delivery.reply(message, card)
            else:
                await self._delivery.post(thread, message.id, card)

    async def card(
        self,
        question: Question,
        asked: Asked,
        admitted: Admitted | None = None,
        *,
        question_shown: bool = False,
        notice: str | None = None,
    ) -> Card:
        """Answer a question, keep the answer and the exchange, and render the card.

        Args:
            question: with the history upon which it follows.
            asked: who asked and where.
            admitted: what `QuestionsInFlight.admit` gave.
            question_shown: begin the card with the question.
            notice: see `to_interaction`.
        """
        outcome = _noticed(await self._questions.answer(question, admitted), notice)
        return await self._kept_card(question, outcome, asked, question_shown=question_shown)

    async def _kept_card(
        self, question: Question, outcome: Answer | Abstention, asked: Asked, *, question_shown: bool = False
    ) -> Card:
        if self._records is None:
            return answer_card(outcome, question_shown=question_shown)
        kept = kept_fields(outcome) | {"question_shown": question_shown, "language": spoken()}
        number = await self._records.answers.keep(
            KeptAnswer(
                asker_id=asked.user_id,
                guild_id=asked.guild_id,
                channel_id=asked.channel_id,
                asked_at=question.asked_at,
                question=question.text,
                understood_as=outcome.understood_as,
                scope=question.scope,
                outcome=kept,
            )
        )
        if not asked.is_private:
            exchange = exchange_of(question.text, outcome.understood_as, kept["answer"])
            await self._records.conversations.add(
                asked.channel_id, asked.user_id, exchange, question.asked_at, outcome=kept
            )
        return answer_card(kept, question_shown=question_shown, number=number)

    async def history_of(self, kept: KeptAnswer, user_id: int, at: datetime) -> tuple[Exchange, ...]:
        """Give the conversation that ends with a kept answer, for a follow-up on it by anybody.

        Whoever asked it goes on with what they had asked before in that place, as far as that is remembered.
        """
        told = exchange_of(kept.question, kept.understood_as, kept.outcome["answer"])
        if self._records is None or user_id != kept.asker_id:
            return (told,)
        earlier = await self._records.conversations.read(kept.channel_id, user_id, at)
        return (*earlier[: earlier.index(told)], told) if told in earlier else (told,)

    async def _make(self, make: Callable[[], Awaitable[Question]], asked: Asked, *, follows: bool = True) -> Question:
        question = await make()
        if question.history or not follows or self._records is None:
            return question
        history = await self._records.conversations.read(asked.channel_id, asked.user_id, question.asked_at)
        return replace(question, history=history)


def exchange_of(typed: str, understood_as: str | None, answer: str | None) -> Exchange:
    """Make the exchange of a question and its answer: the question stands alone, an abstention has no answer."""
    return Exchange(understood_as or typed, answer or "")


def _noticed(outcome: Answer | Abstention, notice: str | None) -> Answer | Abstention:
    if notice is None:
        return outcome
    return replace(outcome, notice=f"{notice} {outcome.notice}" if outcome.notice else notice)
