"""Sentences that speak to the question are told from those that a stranger slipped in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.answering.questions import Exchange, Question
from bot.answering.relevance import MIN_COSINE, MIN_COSINE_SHARING, RelevanceCheck
from bot.answering.support import Embed
from bot.answering.testing import make_evidence, make_hit

HIT = make_hit("The ferry stayed in Tolm. A cake needs sugar.", title="Fog holds the Anna Vaal, 212 wait")
QUESTION = make_evidence(HIT, question="Where did the ferry stay?").question


def embed_at(cosine: float) -> Embed:
    """Embed so that the first text, the question, has this cosine similarity to every other."""

    async def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[1.0, 0.0], *([cosine, (1 - cosine**2) ** 0.5] for _ in texts[1:])]
        return np.array(rows, dtype=np.float32)

    return embed


async def selects(sentence: str, cosine: float, question: Question = QUESTION) -> bool:
    """Tell whether a sentence at this cosine similarity is selected."""
    return sentence in await RelevanceCheck(embed_at(cosine)).select(question, [(sentence, [HIT])])


async def test_a_sentence_without_a_word_of_the_question_must_be_near_it() -> None:
    assert await selects("The boat lay in the harbour.", MIN_COSINE + 0.01)
    assert not await selects("The boat lay in the harbour.", MIN_COSINE - 0.01)


@pytest.mark.parametrize("sentence", ["Ferries stayed.", "The Anna sails on Friday."])
async def test_less_nearness_will_do_for_one_that_shares_a_word_with_question_or_headline(sentence: str) -> None:
    assert await selects(sentence, MIN_COSINE_SHARING + 0.01)
    assert not await selects(sentence, MIN_COSINE_SHARING - 0.01)


async def test_a_number_shared_is_no_word_shared() -> None:
    assert not await selects("A cake needs 212 eggs.", MIN_COSINE - 0.01)


async def test_a_follow_up_is_answered_by_what_speaks_to_the_exchange_before_it() -> None:
    follow_up = replace(QUESTION, text="And then?", history=(Exchange("Who is the captain?", "Ole Brandt."),))
    assert await selects("Brandt went home.", MIN_COSINE_SHARING + 0.01, follow_up)
    assert not await selects("Brandt went home.", MIN_COSINE_SHARING + 0.01, replace(follow_up, history=()))


async def test_words_of_the_headline_before_a_strangers_words_do_not_make_them_an_answer() -> None:
    async def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[0.0, 1.0] if text.startswith("A cake") else [1.0, 0.0] for text in texts], dtype=np.float32)

    check = RelevanceCheck(embed)
    worked_in = "Fog holds the Anna Vaal, 212 wait: a cake needs sugar."
    assert await check.select(QUESTION, [(worked_in, [HIT])]) == set()
    honest = "Fog holds the Anna Vaal: she stayed in Tolm."
    assert await check.select(QUESTION, [(honest, [HIT])]) == {honest}


async def test_a_sentence_in_another_writing_system_is_not_selected_however_near_it_seems() -> None:
    assert not await selects("渡轮停在港口。", 0.9)
    assert await selects("渡轮停在港口。", 0.9, replace(QUESTION, text="渡轮停在哪里？"))
    assert await selects("The ferry 渡轮 stayed.", 0.9)


async def test_without_sentences_nothing_is_embedded() -> None:
    async def refuse(texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(texts)

    assert await RelevanceCheck(refuse).select(QUESTION, []) == set()
