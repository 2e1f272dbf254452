"""What a chat model wrote gets a short answer that it says itself, and what independent sources differ in."""

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Draft, Evidence
from bot.answering.extractive import ExtractiveWriter
from bot.answering.generative import ChatModelWriter
from bot.answering.questions import Question
from bot.answering.relevance import RelevanceCheck
from bot.answering.support import SupportCheck
from bot.answering.telling import tell
from bot.answering.testing import ScriptedChatModel, embed_alike
from retrieval.articles import Article, CopyOf, Precision
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize
from retrieval.testing import hit_in

ASKED = "How many vehicles left the base?"


def told(source, day, text):
    """Make an article that a source published on a day of September 2020."""
    published = datetime(2020, 9, day, tzinfo=UTC)
    return Article(f"{source}-{day}", "A convoy", source, None, published, Precision.DAY, (), "en", text)


def found(*articles, copies=None, asked=ASKED):
    hits = tuple(hit_in(of, rank=n, query=asked, score=1.0) for n, of in enumerate(articles, start=1))
    weights = dict.fromkeys(terms(asked), 1.0)
    findings = Findings(hits, weights, IndexSize(len(hits), len(hits), None), {}, copies or {})
    return Evidence(Question(asked, datetime(2020, 10, 1, tzinfo=UTC)), findings)


async def written(evidence, *claims, shown=8):
    """Let a chat model that says these sentences write; each is (sentence, numbers of passages)."""
    said = {"can_answer": True, "claims": [{"sentence": text, "citations": list(cited)} for text, cited in claims]}
    writer = ChatModelWriter(
        ScriptedChatModel(script=[said]),
        name="scripted:model",
        fallback=ExtractiveWriter(max_quotes=3),
        check=SupportCheck(embed_alike),
        relevance=RelevanceCheck(embed_alike),
        timeout_s=5.0,
        max_passages=shown,
    )
    draft = await writer.write(evidence)
    assert draft.writer == "scripted:model"
    return draft


FORTY = told("Aldenmoor Ledger", 29, "About 40 vehicles left the base on Tuesday, the ministry said.")
FORTY_TOO = told("Tidewater Lantern", 28, "Some 40 vehicles left the base, according to a shepherd.")
SIXTY = told("Harbour Post", 30, "About 60 vehicles left the base on Tuesday, a witness said.")


async def test_the_short_answer_stands_in_the_sentence_and_in_the_quote_it_rests_on():
    draft = await written(found(FORTY), ("On Tuesday about 40 vehicles left the base.", [1]))
    assert draft.short_answer is not None
    assert (draft.short_answer.text, draft.short_answer.kind, draft.short_answer.citation) == ("40", "number", 1)
    assert "40" in draft.citations[0].quote
    assert draft.agreement is not None
    assert (draft.agreement.independent_sources, draft.agreement.differs) == (1, ())


@pytest.mark.parametrize("sentence", ["Vehicles left the base on Tuesday.", "Forty vehicles left the base on Tuesday."])
async def test_what_the_sentence_does_not_say_in_these_words_is_no_short_answer(sentence):
    draft = await written(found(FORTY), (sentence, [1]))
    assert [claim.text for claim in draft.claims] == [sentence]
    assert draft.short_answer is None


async def test_sources_that_say_the_same_are_counted_and_copies_once():
    draft = await written(found(FORTY, FORTY_TOO), ("About 40 vehicles left the base.", [1]))
    assert draft.agreement is not None
    assert draft.agreement.independent_sources == 2

    def copy_of(of):
        return CopyOf(of.id, of.version, of.title, of.source, None, of.published_at, of.published_precision)

    copies = {FORTY.id: (copy_of(FORTY_TOO),), FORTY_TOO.id: (copy_of(FORTY),)}
    draft = await written(found(FORTY, FORTY_TOO, copies=copies), ("About 40 vehicles left the base.", [1, 2]))
    assert draft.agreement is not None
    assert draft.agreement.independent_sources == 1


@pytest.mark.parametrize("shown", [1, 8])
async def test_what_sources_differ_in_is_quoted_and_told_though_the_model_left_it_out(shown):
    draft = await written(found(FORTY, SIXTY), ("About 40 vehicles left the base.", [1]), shown=shown)
    assert draft.agreement is not None
    assert [told.text for told in draft.agreement.differs] == ["60", "40"]
    assert [claim.is_quote for claim in draft.claims] == [False, True]
    assert [one.n for one in draft.citations] == [1, 2]
    for one in draft.agreement.differs:
        for n in one.citations:
            assert one.text in draft.citations[n - 1].quote
    last = draft.citations[-1]
    assert last.article.text[last.start : last.end] == last.quote == draft.claims[-1].text


async def test_what_is_cited_already_is_not_quoted_again():
    claims = ("About 40 vehicles left the base.", [1]), ("Another source says about 60 vehicles left the base.", [2])
    draft = await written(found(FORTY, SIXTY), *claims)
    assert len(draft.claims) == len(draft.citations) == 2
    assert draft.agreement is not None
    assert len(draft.agreement.differs) == 2


async def test_where_nothing_short_can_be_compared_the_sources_of_the_first_sentence_are_counted():
    evidence = found(FORTY, FORTY_TOO, asked="What happened at the base?")
    draft = await written(evidence, ("About 40 vehicles left the base.", [1]))
    assert draft.agreement is not None
    assert (draft.short_answer, draft.agreement.independent_sources) == (None, 1)


def test_a_draft_without_claims_is_given_back_as_it_is():
    nothing = Draft((), (), "scripted:model")
    assert tell(nothing, found(FORTY)) is nothing
