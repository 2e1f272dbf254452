"""The short answer is cut from the first quote, in its fullest form there, or not given."""

import pytest

from bot.answering import short_answer
from bot.answering.extractive import ExtractiveWriter
from bot.answering.short_answer import trimmed
from bot.answering.testing import make_evidence, make_hit

ASKED = "Who leads the inquiry into the fire?"
TEXT = "The inquiry into the fire is led by inspector Dagny Malloran. She has worked there for nine years."


async def short(asked, *texts):
    hits = [make_hit(text, rank) for rank, text in enumerate(texts, start=1)]
    draft = await ExtractiveWriter(max_quotes=3).write(make_evidence(*hits, question=asked))
    return draft


async def test_the_name_that_answers_stands_in_the_quote_that_it_cites():
    draft = await short(ASKED, TEXT)
    assert draft.short_answer is not None
    assert (draft.short_answer.text, draft.short_answer.kind) == ("Dagny Malloran", "person")
    (cited,) = [one for one in draft.citations if one.n == draft.short_answer.citation]
    assert draft.short_answer.text in cited.quote
    assert 0.0 < draft.short_answer.confidence <= 1.0


async def test_none_is_given_when_its_share_is_too_small(monkeypatch):
    monkeypatch.setattr(short_answer, "MIN_SHARE", 1.01)
    draft = await short(ASKED, TEXT)
    assert draft.claims
    assert draft.short_answer is None


@pytest.mark.parametrize("asked", ["Why was there a fire?", "Tell me about the inquiry", "Was there a fire?"])
async def test_a_question_for_no_name_place_date_or_number_gets_none(asked):
    draft = await short(asked, TEXT)
    assert draft.short_answer is None


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("the Kremlin's", "Kremlin"),
        ("Brak al-Shati,", "Brak al-Shati"),
        ("“The Salt Road.”", "Salt Road"),
        ("40", "40"),
    ],
)
def test_what_is_not_part_of_a_name_is_left_out(written, text):
    assert trimmed(written) == text
