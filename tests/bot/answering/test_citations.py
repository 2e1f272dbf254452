"""Every [n] of an answer points to a quote that stands, letter for letter, in the archive, or it goes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Citation, Claim, Draft
from bot.answering.citations import resolve_citations
from bot.answering.quote_limits import QuoteLimits
from retrieval.articles import Article
from retrieval.passages import Passage

TEXT = "Forty vehicles left. Two Pantsirs and five guns went along. Nobody saw them arrive: 🚚 no one."
ARTICLE = Article("a-1", "Convoy leaves", None, None, None, None, (), "en", TEXT)
GONE = replace(ARTICLE, id="a-2")


class Shelf:
    """An archive of the articles given."""

    def __init__(self, *articles: Article) -> None:
        self.held = {(one.id, one.version): one for one in articles}

    async def read(self, article_id: str, version: str) -> Article | None:
        return self.held.get((article_id, version))


def quoting(n: int, quote: str, *, start: int | None = None, end: int | None = None, of: Article = ARTICLE) -> Citation:
    begin = TEXT.index(quote) if start is None else start
    passage = Passage("p" * 32, of.id, of.version, 0, len(TEXT), TEXT)
    return Citation(n, of, of.version, begin, begin + len(quote) if end is None else end, quote, passage)


def draft(*citations: Citation, claims: tuple[Claim, ...] | None = None) -> Draft:
    if claims is None:
        claims = tuple(Claim(one.quote, (one.n,), 1.0, is_quote=True) for one in citations)
    return Draft(claims, citations, "extractive", "A notice.", ("Struck.",))


async def resolved(given: Draft, *held: Article) -> Draft:
    return await resolve_citations(given, Shelf(*(held or (ARTICLE,))).read, QuoteLimits())


async def test_a_draft_whose_quotes_all_stand_is_left_as_it_is():
    sound = draft(quoting(1, "Forty vehicles left."), quoting(2, "🚚 no one."))
    assert await resolved(sound) == sound


async def test_what_does_not_stand_is_dropped_and_the_rest_is_renumbered_in_order():
    first, third = quoting(1, "Forty vehicles left."), quoting(3, "Nobody saw them")
    moved = quoting(2, "Two Pantsirs", start=3)
    given = draft(first, moved, third)
    kept = await resolved(given)
    assert [(one.n, one.quote) for one in kept.citations] == [(1, first.quote), (2, third.quote)]
    assert [(one.text, one.citations) for one in kept.claims] == [(first.quote, (1,)), (third.quote, (2,))]
    assert (kept.writer, kept.notice, kept.struck) == (given.writer, given.notice, given.struck)


async def test_a_claim_keeps_the_marks_that_stand_each_once_and_ascending():
    citations = (quoting(1, "Forty vehicles left."), quoting(2, "forty vehicles"[1:]), quoting(3, "five guns", start=0))
    claim = Claim("Forty left with guns.", (3, 2, 2, 1), 0.8, is_quote=False)
    kept = await resolved(draft(*citations, claims=(claim,)))
    assert kept.claims == (replace(claim, citations=(1, 2)),)


async def test_a_claim_without_any_standing_citation_is_dropped():
    claim = Claim("The convoy went to the moon.", (1, 7), 0.9, is_quote=False)
    kept = await resolved(draft(quoting(1, "to the moon", start=0), claims=(claim,)))
    assert (kept.claims, kept.citations) == ((), ())


async def test_citations_that_no_claim_uses_are_dropped():
    citations = (quoting(1, "Forty vehicles"), quoting(2, "five guns"))
    kept = await resolved(draft(*citations, claims=(Claim("Guns.", (2,), 0.8, is_quote=False),)))
    assert [(one.n, one.quote) for one in kept.citations] == [(1, "five guns")]
    assert kept.claims[0].citations == (1,)


async def test_an_article_or_a_version_that_the_archive_does_not_hold_is_not_cited():
    changed = replace(ARTICLE, text=TEXT + " More.")
    given = draft(quoting(1, "five guns", of=GONE), quoting(2, "five guns"))
    assert [one.article.id for one in (await resolved(given)).citations] == ["a-1"]
    assert (await resolved(given, changed)).claims == ()


async def test_offsets_are_code_points_from_the_start_and_nothing_else():
    quote = "🚚 no one."
    place = TEXT.index(quote)
    for start, end in [
        (place - len(TEXT), len(TEXT)),  # as a slice counts from the end
        (place, len(TEXT) + 9),  # as a slice forgives an end beyond the text
        (place + 1, len(TEXT)),
        (len(TEXT.encode()) - len(quote.encode()), len(TEXT.encode())),
    ]:
        assert (await resolved(draft(quoting(1, quote, start=start, end=end)))).claims == ()
    from_the_end = TEXT.index("five guns") - len(TEXT)
    assert (await resolved(draft(quoting(1, "five guns", start=from_the_end)))).claims == ()


async def test_an_empty_quote_supports_nothing():
    assert (await resolved(draft(quoting(1, "", start=3), claims=(Claim("All.", (1,), 1.0, False),)))).claims == ()


async def test_words_shown_as_a_quotation_must_be_those_of_a_quote():
    citation = quoting(1, "five guns went along")
    true, false = Claim("five guns", (1,), 1.0, is_quote=True), Claim("six guns", (1,), 1.0, is_quote=True)
    assert (await resolved(draft(citation, claims=(false, true)))).claims == (true,)


async def test_the_article_of_a_citation_is_the_archives_and_not_the_drafts():
    forged = replace(quoting(1, "five guns"), article=replace(ARTICLE, title="Forged"))
    kept = await resolved(draft(forged))
    assert kept.citations[0].article == ARTICLE


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a draft whose citations are sound, moved, stretched or altered, with claims that cite some, or none."""
    citations = []
    for n in range(1, draw(st.integers(0, 5)) + 1):
        start = draw(st.integers(-5, len(TEXT) + 5))
        quote = TEXT[max(start, 0) : max(start, 0) + draw(st.integers(0, 12))]
        if draw(st.booleans()):
            quote = draw(st.text(max_size=4))
        end = start + len(quote) + draw(st.sampled_from([0, 0, 0, 1, -1]))
        of = draw(st.sampled_from([ARTICLE, ARTICLE, GONE]))
        citations.append(quoting(n, quote, start=start, end=end, of=of))
    marks = st.lists(st.integers(0, 6), max_size=4).map(tuple)
    claims = draw(st.lists(st.builds(Claim, st.text(max_size=5), marks, st.just(1.0), st.booleans()), max_size=5))
    return Draft(tuple(claims), tuple(citations), "extractive")


@given(drafts())
def test_whatever_a_writer_proposes_every_mark_that_is_left_points_to_words_of_the_archive(given_draft):
    kept = asyncio.run(resolved(given_draft))
    assert [one.n for one in kept.citations] == list(range(1, len(kept.citations) + 1))
    for one in kept.citations:
        assert one.quote
        assert (one.article.id, one.quote) == ("a-1", "".join(TEXT[i] for i in range(one.start, one.end)))
    used = {n for claim in kept.claims for n in claim.citations}
    assert used == {one.n for one in kept.citations}
    for claim in kept.claims:
        assert claim.citations == tuple(sorted(set(claim.citations)))
        assert claim.citations
        if claim.is_quote:
            assert any(claim.text in one.quote for one in kept.citations)
    # What is left is proposed anew and stays as it is.
    assert asyncio.run(resolved(kept)) == kept
