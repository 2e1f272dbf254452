"""Answering a person in their conversation: what they said before goes in, the answer is kept for its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import discord

from bot.answering.answers import Abstention, Answer
from bot.answering.kept import kept_fields
from bot.answering.questions import Exchange, Question
from bot.cogs.in_flight import AnswerQuestion
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
    def by(cls, interaction: discord.Interaction, *, is_private: bool = False) -> Asked:
        """Tell it of an interaction; `is_private` where only its user sees what comes of it."""
        # Discord names the channel of every interaction that can ask; the user's id stands in where it does not.
        return cls(interaction.user.id, interaction.channel_id or interaction.user.id, interaction.guild_id, is_private)


class Answers:
    """Answers questions and makes their cards. Owns nothing; whoever opened the records closes them.

    Args:
        answer: the answering chain.
        records: where answers and conversations are kept; None keeps nothing, and cards have no buttons then.
    """

    def __init__(self, answer: AnswerQuestion, records: Records | None = None) -> None:
        self._answer = answer
        self._records = records

    async def card(
        self,
        question: Question,
        asked: Asked,
        *,
        question_shown: bool = False,
        history: Sequence[Exchange] | None = None,
        notice: str | None = None,
    ) -> Card:
        """Answer a question, keep the answer and the exchange, and render the card.

        Args:
            question: without its history.
            asked: who asked and where.
            question_shown: begin the card with the question.
            history: what the question follows upon; None takes what this person last asked in this place.
            notice: a sentence on how the question came to be, told before what the answer notes itself.
        """
        if self._records is None:
            return answer_card(_noticed(await self._answer(question), notice), question_shown=question_shown)
        if history is None:
            history = await self._records.conversations.read(asked.channel_id, asked.user_id, question.asked_at)
        question = replace(question, history=tuple(history))
        outcome = _noticed(await self._answer(question), notice)
        kept = kept_fields(outcome) | {"question_shown": question_shown}
        number = await self._records.answers.keep(
            KeptAnswer(
                asker_id=asked.user_id,
                guild_id=asked.guild_id,
                channel_id=asked.channel_id,
                message_id=None,
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


def exchange_of(typed: str, understood_as: str | None, answer: str | None) -> Exchange:
    """Make the exchange of a question and its answer: the question stands alone, an abstention has no answer."""
    return Exchange(understood_as or typed, answer or "")


def _noticed(outcome: Answer | Abstention, notice: str | None) -> Answer | Abstention:
    if notice is None:
        return outcome
    return replace(outcome, notice=f"{notice} {outcome.notice}" if outcome.notice else notice)
