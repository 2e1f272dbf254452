"""The evidence of a follow-up: the story by its topic, and within that story the passages by what is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.answering.questions import Question
from retrieval.passages import Findings, Hit, Query

# An article whose best hit scores less than this share of the best one's tells another story.
_SAME_STORY = 0.5
# A term of the topic that is not in what is asked counts this share: the whole story has it, the answering sentence
# need not. Of the 14 follow-ups of tests/evals 12 have the answer in the first quote, 11 with 0.3; of ten follow-ups
# made up to have no answer in these stories seven come to lower confidence, and none to higher.
_TOPIC_SHARE = 0.15


async def retrieve_story(retrieve: Callable[[Query], Awaitable[Findings]], question: Question, limit: int) -> Findings:
    """Search for a question; for one with a topic, search its story once more for what is asked.

    The words of the topic find the story, but the sentence that answers seldom repeats them: "how many steps does it
    have (the Hestrand lighthouse)?" is answered by "The tower has 171 steps". The second search takes the publishers
    and the days of the story's articles and looks for `Question.focus` alone. A passage counts by the sum of what it
    scores in both, each as a share of the best; its sentences are compared with what is asked.

    Args:
        retrieve: searches.
        question: as understood.
        limit: hits wanted, >= 1.

    Returns:
        The findings of the one search if the question has no focus, or nothing was found; else those of both, the
        hits of other stories last, with the weights of the topic's terms lowered.
    """
    found = await retrieve(question.as_query(limit=limit))
    best = max((hit.score for hit in found.hits), default=0.0)
    if question.focus is None or best <= 0.0:
        return found
    story = [hit for hit in found.hits if hit.score >= _SAME_STORY * best]
    asked = await retrieve(_within(question, story, limit))
    articles = {hit.article.id for hit in story}
    wanted = {hit.passage.id: hit for hit in asked.hits if hit.article.id in articles}
    most = max((hit.score for hit in wanted.values()), default=0.0)
    merged = {hit.passage.id: hit for hit in story}
    for passage_id, hit in wanted.items():
        first = merged.get(passage_id)
        told = first.score / best if first is not None else min(one.score for one in story) / best
        cosine = max((one.cosine for one in (first, hit) if one and one.cosine is not None), default=None)
        share = hit.score / most if most > 0.0 else 0.0
        merged[passage_id] = replace(hit, score=told + max(share, 0.0), cosine=cosine)
    for passage_id, hit in merged.items():
        if passage_id not in wanted:
            merged[passage_id] = replace(hit, score=hit.score / best)
    return replace(
        found,
        hits=_ranked(merged, limit),
        term_weights=_lowered(found.term_weights, asked.term_weights),
        timings_ms={
            stage: found.timings_ms.get(stage, 0.0) + asked.timings_ms.get(stage, 0.0)
            for stage in {**found.timings_ms, **asked.timings_ms}
        },
    )


def _within(question: Question, story: list[Hit], limit: int) -> Query:
    query = replace(question, text=question.focus or question.text).as_query(limit=limit)
    dates = [hit.article.published_at for hit in story]
    sources = {hit.article.source for hit in story}
    known = [date for date in dates if date is not None]
    if len(known) == len(dates):
        query = replace(query, since=min(known), until=max(known))
    named = tuple(sorted(source for source in sources if source))
    return query if None in sources or query.sources else replace(query, sources=named)


def _ranked(hits: Mapping[str, Hit], limit: int) -> tuple[Hit, ...]:
    order = sorted(hits.values(), key=lambda hit: (-hit.score, hit.rank))[:limit]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(order, start=1))


def _lowered(weights: Mapping[str, float], asked: Mapping[str, float]) -> dict[str, float]:
    if not asked:
        return dict(weights)
    return {term: weight if term in asked else _TOPIC_SHARE * weight for term, weight in weights.items()}
