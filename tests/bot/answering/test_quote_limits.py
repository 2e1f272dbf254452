"""A quote is no longer than its publisher allows, and stands verbatim in the article all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Agreement, Citation, Claim, Draft, ShortAnswer, Told
from bot.answering.citations import resolve_citations
from bot.answering.quote_limits import QuoteLimits
from retrieval.articles import Article
from retrieval.passages import Passage

FIRST = "Forty vehicles left the base on Monday night."
SECOND = "Two Pantsirs, five guns and a field kitchen went along with them towards the south, the source said."
TEXT = f"{FIRST} {SECOND} Nobody saw them arrive."
ARTICLE = Article("a-1", "Convoy leaves", "The Averden Courier", None, None, None, (), "en", TEXT)


def quoting(quote: str, *, n: int = 1, of: Article = ARTICLE) -> Citation:
    start = of.text.index(quote)
    passage = Passage("p" * 32, of.id, of.version, 0, len(of.text), of.text)
    return Citation(n, of, of.version, start, start + len(quote), quote, passage)


def limited(limit_chars: int, quote: str = f"{FIRST} {SECOND}", *wanted: str, of: Article = ARTICLE) -> str:
    cut = QuoteLimits(limit_chars).limited(quoting(quote, of=of), wanted)
    assert of.text[cut.start : cut.end] == cut.quote == cut.passage.text
    assert len(cut.quote) <= limit_chars
    return cut.quote


def test_whole_sentences_stay_where_they_fit():
    assert limited(200) == f"{FIRST} {SECOND}"
    assert limited(120) == SECOND  # the longer of two that fit
    assert limited(120, f"{FIRST} {SECOND}", "Forty") == FIRST
    assert limited(60) == FIRST


def test_what_answers_is_in_the_quote_even_where_a_sentence_without_it_would_fit():
    assert (
        limited(60, f"{FIRST} {SECOND}", "five guns") == "Two Pantsirs, five guns and a field kitchen went along with"
    )


def test_no_quote_begins_within_a_sentence_for_what_stands_before_may_deny_it():
    denial = "The minister denied before the whole council that the company had ever paid the inspectors a bribe."
    assert limited(40, denial, "a bribe", of=replace(ARTICLE, text=denial)) == "The minister denied before the whole"


def test_a_long_sentence_is_cut_between_words_and_ends_in_no_comma():
    assert limited(60, SECOND) == "Two Pantsirs, five guns and a field kitchen went along with"
    assert limited(13, SECOND) == "Two Pantsirs"
    assert limited(14, SECOND) == "Two Pantsirs"


def test_a_script_without_spaces_is_cut_between_characters():
    text = "车队星期一晚上离开了基地前往南方的另一个空军基地据一名军方人士说他们带着五门炮。"
    chinese = replace(ARTICLE, text=text, language="zh")
    assert limited(20, text, of=chinese) == text[:20]
    assert limited(10, text, "五门炮", of=chinese) == text[:10]


def test_a_publishers_own_limit_goes_before_the_general_one_whatever_the_case_of_its_name():
    limits = QuoteLimits(60, {"THE AVERDEN COURIER": 300})
    assert limits.limit_chars(ARTICLE) == 300
    assert (
        limits.limit_chars(replace(ARTICLE, source="Another"))
        == limits.limit_chars(replace(ARTICLE, source=None))
        == 60
    )
    assert QuoteLimits().limit_chars(ARTICLE) is None
    whole = quoting(SECOND)
    assert QuoteLimits().limited(whole) is whole


def test_the_passage_around_a_quote_of_a_limited_publisher_is_not_told_even_where_the_quote_fits():
    cut = QuoteLimits(200).limited(quoting(FIRST))
    assert (cut.quote, cut.passage.text, cut.passage.start) == (FIRST, FIRST, 0)


@given(
    st.text(alphabet="ab .,!?\n车🚚", min_size=1, max_size=80).filter(str.strip),
    st.integers(1, 60),
    st.integers(0, 79),
    st.integers(1, 10),
)
def test_whatever_is_quoted_what_is_left_stands_in_the_article_fits_and_is_left_alone_a_second_time(
    text, limit, at, size
):
    article = replace(ARTICLE, text=text)
    whole = Citation(1, article, article.version, 0, len(text), text, Passage("p", "a", "v", 0, len(text), text))
    limits = QuoteLimits(limit)
    cut = limits.limited(whole, [text[at : at + size]])
    assert 0 < len(cut.quote) <= limit
    assert text[cut.start : cut.end] == cut.quote
    assert limits.limited(cut) == cut


async def resolved(draft: Draft, limits: QuoteLimits, *, held: Article = ARTICLE) -> Draft:
    async def read(article_id: str, version: str) -> Article | None:
        return held

    return await resolve_citations(draft, read, limits)


async def test_a_quotation_is_cut_with_its_quote_and_keeps_the_short_answer():
    whole = quoting(f"{FIRST} {SECOND}")
    draft = Draft(
        (Claim(whole.quote, (1,), 1.0, is_quote=True),),
        (whole,),
        "extractive",
        short_answer=ShortAnswer("five guns", "number", 1, 0.9),
    )
    kept = await resolved(draft, QuoteLimits(60))
    assert (
        kept.citations[0].quote == kept.claims[0].text == "Two Pantsirs, five guns and a field kitchen went along with"
    )
    assert kept.short_answer == draft.short_answer
    assert await resolved(kept, QuoteLimits(60)) == kept


async def test_each_of_those_that_differ_keeps_its_words():
    told = (Told("Forty", (1,)), Told("five guns", (2,)))
    citations = (quoting(f"{FIRST} {SECOND}"), quoting(SECOND, n=2))
    claims = tuple(Claim(one.quote, (one.n,), 1.0, is_quote=True) for one in citations)
    kept = await resolved(
        Draft(claims, citations, "extractive", agreement=Agreement(2, "number", told)), QuoteLimits(60)
    )
    assert kept.agreement is not None
    assert [one.text for one in kept.agreement.differs] == ["Forty", "five guns"]


@pytest.mark.parametrize("is_quote", [True, False])
async def test_a_sentence_that_repeats_a_quote_word_for_word_is_cut_like_it(is_quote):
    draft = Draft((Claim(SECOND, (1,), 0.8, is_quote=is_quote),), (quoting(SECOND),), "openai:a-model")
    (claim,) = (await resolved(draft, QuoteLimits(60))).claims
    assert (claim.text, claim.is_quote) == ("Two Pantsirs, five guns and a field kitchen went along with", True)


async def test_a_sentence_in_a_models_own_words_stays_whole_above_the_shorter_quote():
    draft = Draft(
        (Claim("Guns went south with the convoy.", (1,), 0.8, is_quote=False),), (quoting(SECOND),), "openai:a"
    )
    kept = await resolved(draft, QuoteLimits(60))
    assert kept.claims == draft.claims
    assert len(kept.citations[0].quote) <= 60


def test_resolving_without_limits_leaves_a_draft_as_it_is():
    draft = Draft((Claim(SECOND, (1,), 1.0, is_quote=True),), (quoting(SECOND),), "extractive")
    assert asyncio.run(resolved(draft, QuoteLimits())) == draft
