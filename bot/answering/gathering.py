"""Gathering: a question becomes evidence, by one search, or by one for each part and a fusion of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bot.answering.answers import Evidence, PartFindings
from bot.answering.decompose import Part, decompose, speaks_of_reports
from bot.answering.following import retrieve_story
from bot.answering.questions import Question
from retrieval.passages import Findings, Hit, Query

# What an article gains that is of the publisher or of the day a part names: a preference, since either may be misnamed.
# Of 211 questions over 326 articles the share whose articles are all found is .82 without, .84 with 0.1 or 0.15, .83
# with 0.2.
_PREFERENCE = 0.1
# The k of reciprocal rank fusion (G. V. Cormack et al., SIGIR 2009). Their 60 is for rankings of one question, where
# many middling ranks tell; here each part has one article, its first, and 10 already finds .79 where 1 finds .84.
_RRF_K = 1
# Hits looked at beyond those wanted, so that enough articles remain when several are of one.
_WIDER = 2
_MOST_SOURCES = 4


class Searches(Protocol):
    """What gathering needs of `retrieval.search.retriever.Retriever`."""

    async def retrieve(self, query: Query) -> Findings:
        """Find the best passages for a query."""
        ...

    async def sources(self, scope: str | None) -> tuple[str, ...]:
        """List the publishers of the articles that a scope sees."""
        ...


async def gather_evidence(searches: Searches, question: Question, limit: int) -> Evidence:
    """Retrieve for a question; for one that has parts, also for each part, and again among the publishers it names.

    Args:
        searches: the retriever.
        question: what is asked.
        limit: hits wanted, >= 1; for a question with parts they are of that many articles.

    Returns:
        Evidence without parts for an ordinary question, by the one search that it takes.

    Raises:
        What the retriever raises.
    """
    parts: tuple[Part, ...] = ()
    if speaks_of_reports(question.text):
        parts = decompose(question.text, question.asked_at, await searches.sources(question.scope))
    if not parts:
        return Evidence(question, await retrieve_story(searches.retrieve, question, limit))
    query = question.as_query(limit=_WIDER * limit)
    whole = await searches.retrieve(query)
    found = [PartFindings(part, await _search_part(searches, query, part)) for part in parts]
    hits = merge([whole.hits, *(one.findings.hits for one in found)], limit)
    kept = {hit.article.id for hit in hits}
    for i, one in enumerate(found):
        among = tuple(hit for hit in one.findings.hits if hit.article.id in kept)
        found[i] = replace(one, findings=replace(one.findings, hits=_ranked(among)))
    timings = _sums([whole.timings_ms, *(one.findings.timings_ms for one in found)])
    return Evidence(question, replace(whole, hits=hits, timings_ms=timings), tuple(found))


def merge(rankings: Sequence[Sequence[Hit]], limit: int) -> tuple[Hit, ...]:
    """Fuse rankings by reciprocal rank over articles: `sum 1 / (k + rank)`, one hit an article.

    Args:
        rankings: hits best first; an article counts at its best hit's place among the articles.
        limit: articles wanted, >= 1.

    Returns:
        For each article the passage that stands best in any ranking, the earlier ranking in a tie; best first,
        scored by the fusion, ties in the order of first appearance.
    """
    scores: dict[str, float] = {}
    best: dict[str, tuple[int, Hit]] = {}
    for hits in rankings:
        firsts: dict[str, Hit] = {}
        for hit in hits:
            firsts.setdefault(hit.article.id, hit)
        for rank, (article_id, hit) in enumerate(firsts.items(), start=1):
            scores[article_id] = scores.get(article_id, 0.0) + 1.0 / (_RRF_K + rank)
            if article_id not in best or rank < best[article_id][0]:
                best[article_id] = rank, hit
    order = sorted(scores, key=lambda article_id: -scores[article_id])[:limit]
    return _ranked(replace(best[article_id][1], score=scores[article_id]) for article_id in order)


async def _search_part(searches: Searches, query: Query, part: Part) -> Findings:
    asked = replace(query, text=part.text, preferred=part.published)
    findings = [await searches.retrieve(asked)]
    # Where the question is limited to some publishers, it stays so.
    allowed = {source.casefold() for source in query.sources}
    for source in part.sources[:_MOST_SOURCES]:
        if not allowed or source.casefold() in allowed:
            findings.append(await searches.retrieve(replace(asked, sources=(source,))))
    best: dict[str, Hit] = {}
    for hit in (hit for one in findings for hit in one.hits):
        score = hit.score + _PREFERENCE * _preferences(part, hit)
        if hit.passage.id not in best or best[hit.passage.id].score < score:
            best[hit.passage.id] = replace(hit, score=score)
    hits = sorted(best.values(), key=lambda hit: -hit.score)[: query.limit]
    return replace(findings[0], hits=_ranked(hits), timings_ms=_sums(one.timings_ms for one in findings))


def _preferences(part: Part, hit: Hit) -> int:
    """Count what a part names and a hit's article has: the publisher, the day."""
    at = hit.article.published_at
    in_time = part.published is not None and at is not None and part.published[0] <= at <= part.published[1]
    return (hit.article.source in part.sources) + in_time


def _ranked(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))


def _sums(timings_ms: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one in timings_ms:
        for stage, spent in one.items():
            total[stage] = total.get(stage, 0.0) + spent
    return total
