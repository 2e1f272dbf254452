"""A follow-up reworded by a chat model, checked against the conversation; the rules' wording where it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

from bot.answering.budget import Budget
from bot.answering.conversation import understood
from bot.answering.cues import kind_of
from bot.answering.details import details
from bot.answering.llm import translate_provider_error
from bot.answering.prompt import history_messages, neutral, plain_text, words_of_prompt
from bot.answering.questions import Question
from retrieval.index.terms import stem, words

log = logging.getLogger(__name__)

# A question, and not an answer or an essay.
_LONGEST_CHARS = 300


def build_rewriter(
    chat_model: BaseChatModel, *, name: str, timeout_s: float, budget: Budget | None = None
) -> Callable[[Question], Awaitable[Question]]:
    """Build what rewords follow-ups by a chat model; questions that stand alone by the rules are never shown to it.

    Args:
        chat_model: any LangChain chat model.
        name: "provider:model", for the log.
        timeout_s: for one rewording; after that the rules' wording counts.
        budget: how often the chat model may be asked; None for any number; beyond it the rules' wording counts.

    Returns:
        A function that gives the question as understood, and never raises for what the model does.
    """
    prompt = ChatPromptTemplate.from_messages(
        [("system", words_of_prompt("stand_alone")), MessagesPlaceholder("history"), ("human", "{question}")]
    )
    asking = prompt | chat_model

    async def rewrite(question: Question) -> Question:
        by_rules = understood(question)
        if by_rules.understood_as is None:
            return question
        if budget is not None and await budget.spend(question.guild_id) is not None:
            return by_rules
        try:
            async with asyncio.timeout(timeout_s):
                reply = await asking.ainvoke(
                    {"history": history_messages(question), "question": neutral(question.text)}
                )
        except Exception as problem:
            log.warning("rewrite model=%s failed: %s", name, type(translate_provider_error(problem, name)).__name__)
            return by_rules
        reworded = " ".join(plain_text(str(reply.text)).split())
        if not may_stand(reworded, question, by_rules.text):
            log.info("rewrite model=%s refused", name)
            return by_rules
        return question.reworded(reworded, focus=by_rules.focus)

    return rewrite


def may_stand(reworded: str, question: Question, by_rules: str) -> bool:
    """Tell whether a rewording asks for the same kind of answer and names only what the conversation names.

    Names and numbers are compared by their words; a rewording that is empty or longer than a question is refused.

    Args:
        reworded: what the chat model wrote, plain and on one line.
        question: as typed, with its history.
        by_rules: the rules' wording: "and the women?" asks for no kind of answer, what it stands for does.
    """
    if not reworded or len(reworded) > _LONGEST_CHARS:
        return False
    if kind_of(reworded) not in (kind_of(question.text), kind_of(by_rules)):
        return False
    told = [question.text, *(text for one in question.history for text in (one.question, one.answer))]
    known = {stem(word) for text in told for word in words(text)}
    named = {stem(part) for one in details(reworded) if one.kind in ("name", "number") for part in words(one.written)}
    return named <= known
