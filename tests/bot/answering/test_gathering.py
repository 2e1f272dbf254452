"""Evidence for a question of several parts holds an article for each; any other question is one search."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.answering.answerability import confidence, part_features
from bot.answering.extractive import ExtractiveWriter
from bot.answering.gathering import gather_evidence, merge
from bot.answering.questions import Question
from retrieval.articles import Article, Precision
from retrieval.index.terms import content_words, terms
from retrieval.passages import Findings, Hit, IndexSize, Query
from retrieval.search.rerank import coverage
from retrieval.testing import hit_in

ASKED_AT = datetime(2024, 3, 1, tzinfo=UTC)
COMPARED = (
    "Does the article from Harbour Post suggest that the ferry fleet is too old, while the Ledgerline article "
    "indicates that three new ships were ordered in spring?"
)
FLEET = "The ferry fleet of the county is too old, an engineer said on Monday."
SHIPS = "Three new ships were ordered in spring from a yard in Sennick."


def article(id: str, text: str, source: str) -> Article:
    return Article(id, f"Title {id}", source, None, datetime(2024, 2, 1, tzinfo=UTC), Precision.DAY, (), "en", text)


class Shelf:
    """A few articles searched by the share of the query's words that they hold; remembers the queries."""

    def __init__(self, *articles: Article) -> None:
        self.articles = articles
        self.queries: list[Query] = []

    async def retrieve(self, query: Query) -> Findings:
        self.queries.append(query)
        weights = dict.fromkeys(terms(query.text), 1.0)
        hits: list[Hit] = []
        for one in self.articles:
            if not query.sources or one.source in query.sources:
                hit = hit_in(one, 0, len(one.text), rank=1, query=" ".join(content_words(query.text)))
                hits.append(replace(hit, score=coverage(weights, one.text), cosine=coverage(weights, one.text)))
        hits = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: -hit.score)[: query.limit]
        ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
        return Findings(ranked, weights, IndexSize(len(self.articles), len(self.articles), None), {"dense": 1.0})

    async def sources(self, scope: str | None) -> tuple[str, ...]:
        return tuple({one.source: None for one in self.articles if one.source})


SHELF = (
    article("fleet", FLEET, "Harbour Post"),
    article("ships", SHIPS, "The Ledgerline"),
    *(article(f"noise-{n}", f"The ferry fleet is old and number {n} is late.", "The Other") for n in range(4)),
)


async def test_an_ordinary_question_is_searched_for_once_and_has_no_parts():
    shelf = Shelf(*SHELF)
    question = Question("Who said that the fleet is old?", ASKED_AT)
    evidence = await gather_evidence(shelf, question, 5)
    assert shelf.queries == [question.as_query(limit=5)]
    assert evidence.parts == ()


async def test_the_hits_hold_each_parts_article_once_ranked_without_gaps():
    evidence = await gather_evidence(Shelf(*SHELF), Question(COMPARED, ASKED_AT), 3)
    found = [hit.article.id for hit in evidence.findings.hits]
    assert {"fleet", "ships"} <= set(found)
    assert len(found) == len(set(found)) == 3
    assert [hit.rank for hit in evidence.findings.hits] == [1, 2, 3]
    assert [one.findings.hits[0].article.id for one in evidence.parts] == ["fleet", "ships"]


async def test_the_named_publisher_is_preferred_and_no_other_is_shut_out():
    same = article("same", FLEET, "The Other")
    evidence = await gather_evidence(Shelf(same, *SHELF), Question(COMPARED, ASKED_AT), 5)
    found = [hit.article.id for hit in evidence.parts[0].findings.hits]
    assert found.index("fleet") < found.index("same")


async def test_a_question_limited_to_publishers_stays_limited():
    shelf = Shelf(*SHELF)
    await gather_evidence(shelf, Question(COMPARED, ASKED_AT, sources=("Harbour Post",)), 5)
    assert {query.sources for query in shelf.queries} == {("Harbour Post",)}


async def test_every_part_is_quoted_in_the_questions_order():
    evidence = await gather_evidence(Shelf(*SHELF), Question(COMPARED, ASKED_AT), 5)
    draft = await ExtractiveWriter(max_quotes=3).write(evidence)
    assert [claim.text for claim in draft.claims] == [FLEET, SHIPS]
    assert [citation.article.id for citation in draft.citations] == ["fleet", "ships"]


async def test_a_part_that_no_article_supports_lowers_the_confidence():
    both = await gather_evidence(Shelf(*SHELF), Question(COMPARED, ASKED_AT), 5)
    asked = Question(COMPARED.replace("three new ships were ordered", "Quessel Vandermoor was arrested"), ASKED_AT)
    one = await gather_evidence(Shelf(*SHELF), asked, 5)
    assert part_features(one)["weakest"] < part_features(both)["weakest"]
    assert confidence(one) < confidence(both)


async def test_an_unheard_publisher_lowers_the_confidence():
    heard = await gather_evidence(Shelf(*SHELF), Question(COMPARED, ASKED_AT), 5)
    asked = Question(COMPARED.replace("the Ledgerline article", "the Bluewater Gazette article"), ASKED_AT)
    unheard = await gather_evidence(Shelf(*SHELF), asked, 5)
    assert (part_features(heard)["unheard"], part_features(unheard)["unheard"]) == (0.0, 1.0)
    assert confidence(unheard) < confidence(heard)


def test_merging_scores_an_article_by_its_ranks_in_all_rankings():
    """1/(1+1) + 1/(1+2) = 5/6 for the second article, 1/(1+1) = 1/2 for the first, 1/(1+2) for the third."""
    a, b, c = (hit_in(one, 0, len(one.text), rank=1) for one in SHELF[:3])
    merged = merge([[a, a, b], [b, c]], 5)
    assert [hit.article.id for hit in merged] == [b.article.id, a.article.id, c.article.id]
    assert [round(hit.score, 3) for hit in merged] == [0.833, 0.5, 0.333]
    assert len(merge([[a, a, b], [b, c]], 2)) == 2
