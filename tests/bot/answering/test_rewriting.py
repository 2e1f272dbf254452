"""A chat model may word a follow-up, if it names nothing that the conversation does not name."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.answering.budget import Budget
from bot.answering.questions import Exchange, Question
from bot.answering.rewriting import build_rewriter
from bot.answering.testing import CountedQuotas, ScriptedChatModel

CUP = Exchange("Who won the cup final on Sunday?", "“Sennick Town beat Veldmere United 2-1.” [1]")
QUESTION = Question("how many people were there?", datetime(2025, 6, 1, tzinfo=UTC), history=(CUP,))
BY_RULES = "how many people were there (the cup final on Sunday)?"


async def understood_as(*script, question=QUESTION):
    model = ScriptedChatModel(script=list(script))
    rewrite = build_rewriter(model, name="scripted:model", timeout_s=0.05)
    return (await rewrite(question)).understood_as, model


async def test_the_models_wording_is_taken_and_what_is_asked_stays():
    wording = "How many people were at the cup final between Sennick Town and Veldmere United on Sunday?"
    model = ScriptedChatModel(script=[f"**{wording}**"])
    question = await build_rewriter(model, name="scripted:model", timeout_s=1.0)(QUESTION)
    assert (question.text, question.as_typed, question.focus) == (wording, QUESTION.text, QUESTION.text)
    assert [message.text for message in model.prompts[0]][1:] == [
        "Who won the cup final on Sunday?",
        "“Sennick Town beat Veldmere United 2-1.”",
        "how many people were there?",
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "How many people were in the Orvale Stadium on Sunday?",
        "How many people saw the 5-0?",
        "Who scored in the cup final on Sunday?",
        "",
        "How many people were there? " * 20,
        RuntimeError("down"),
        asyncio.Event(),
    ],
    ids=["a new name", "a new number", "another kind", "nothing", "an essay", "a failure", "too slow"],
)
async def test_otherwise_the_rules_wording_counts(reply):
    assert (await understood_as(reply))[0] == BY_RULES


async def test_a_question_that_stands_alone_is_not_shown_to_the_model():
    alone = Question("Who is the mayor of Brackwater?", QUESTION.asked_at, history=(CUP,))
    words, model = await understood_as(question=alone)
    assert (words, model.prompts) == (None, [])


async def test_once_the_budget_is_spent_the_rules_wording_counts_and_the_model_is_not_asked():
    budget = Budget(CountedQuotas(), per_day=1, per_guild_per_day=0)
    await budget.spend(None)
    model = ScriptedChatModel(script=["How many people were at the cup final on Sunday?"])
    rewrite = build_rewriter(model, name="scripted:model", timeout_s=1.0, budget=budget)
    assert (await rewrite(QUESTION)).text == BY_RULES
    assert model.prompts == []
