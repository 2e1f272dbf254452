"""The timeline of a story: dated steps, oldest first, each a sentence quoted from the article that tells it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from bot.answering.answers import Citation, Claim, Draft
from bot.answering.citations import resolve_citations
from bot.answering.contract import citation_fields, index_fields, moment
from bot.answering.dates.words import find_date_words
from bot.answering.errors import QuestionEmpty, QuestionTooLong
from bot.answering.questions import Question
from bot.answering.quote_limits import QuoteLimits
from retrieval.articles import Article, CopyOf, Precision
from retrieval.index.terms import stems
from retrieval.passages import Findings, Hit, IndexSize, Query
from retrieval.search.rerank import coverage
from retrieval.search.topics import on_topic

#: A story of more steps is told by its best days.
MOST_STEPS = 12
_HITS = 60
# A further sentence of one article is a step only if it says on which day, and comes this close to its best.
_CLOSE = 0.75
# The opening sentence sums the news up.
_LEAD = 0.3
# Two sentences that share this much of their words (Jaccard) tell the same step, as two outlets do of one event.
_SAME_WORDS = 0.4
_SHORTEST_CHARS = 25
_DAY = timedelta(days=2)


class Tells(Protocol):
    """What a timeline needs of `retrieval.search.retriever.Retriever`."""

    async def retrieve(self, query: Query) -> Findings:
        """Find the best passages for a query."""
        ...

    async def read(self, article_id: str, version: str) -> Article | None:
        """Read one stored version, or None."""
        ...

    async def copies(
        self, article_ids: Sequence[str], known_by: datetime, scope: str | None
    ) -> Mapping[str, tuple[CopyOf, ...]]:
        """Name the copies of each article, see `Archive.copies`."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story.

    Attributes:
        day: in UTC, or where the sentence says a day, that one.
        is_event_day: the sentence says the day; otherwise it is the day of publication.
        citation: the quote that tells it.
        copies: other articles found that are copies of the cited one.
    """

    day: date
    is_event_day: bool
    citation: Citation
    copies: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A story's steps, oldest first, cited from 1 in that order; none if the articles tell nothing of the topic."""

    question: Question
    steps: tuple[Step, ...]
    index: IndexSize
    took_ms: float

    def as_fields(self) -> dict[str, Any]:
        """Write it as the object that `dateline timeline --json` prints; schemas/timeline.schema.json describes it."""
        return {
            "topic": self.question.text,
            "asked_at": moment(self.question.asked_at),
            "since": moment(self.question.since),
            "until": moment(self.question.until),
            "steps": [
                {
                    "day": step.day.isoformat(),
                    "day_of": "event" if step.is_event_day else "publication",
                    "text": step.citation.quote,
                    "citations": [step.citation.n],
                    "copies": step.copies,
                }
                for step in self.steps
            ],
            "citations": [citation_fields(step.citation, {}) for step in self.steps],
            "index": index_fields(self.index),
            "timings_ms": {"total": round(self.took_ms, 2)},
        }


@dataclass(frozen=True, slots=True)
class _Told:
    hit: Hit
    start: int
    end: int
    text: str
    day: date
    is_event_day: bool
    score: float


async def build_timeline(
    tells: Tells, topic: Question, *, question_limit_chars: int, quote_limits: QuoteLimits | None = None
) -> Timeline:
    """Tell a story in up to `MOST_STEPS` steps: one sentence a day, the best of that day, no two that say the same.

    The day is the one that the sentence names ("on Tuesday", read from its publication), if it names one that was over
    by then, else that of publication. Articles without a date, or dated to the month only, tell no step; copies of an
    article count as one. Quotes are compared with the archive, letter for letter.

    Args:
        tells: the retriever.
        topic: what the story is about, with its limits; what is published outside `since` and `until` is left out.
        question_limit_chars: longest topic taken.
        quote_limits: how long a quote of each publisher may be; None for as long as it likes.

    Raises:
        QuestionEmpty, QuestionTooLong: the topic cannot be searched for.
        What the retriever raises.
    """
    if not topic.text.strip():
        raise QuestionEmpty
    if len(topic.text) > question_limit_chars:
        raise QuestionTooLong(len(topic.text), question_limit_chars)
    begun = time.perf_counter()
    findings = await tells.retrieve(topic.as_query(limit=_HITS))
    hits = [hit for hit in on_topic(findings) if _has_day(hit.article)]
    article_ids = list(dict.fromkeys(hit.article.id for hit in hits))
    copies = await tells.copies(article_ids, topic.asked_at, topic.scope)
    hits, counts = _without_copies(hits, copies)
    chosen = choose_steps(_told(hits, findings.term_weights))
    citations = tuple(
        Citation(n, one.hit.article, one.hit.passage.version, one.start, one.end, one.text, one.hit.passage)
        for n, one in enumerate(chosen, start=1)
    )
    claims = tuple(Claim(one.quote, (one.n,), 1.0, is_quote=True) for one in citations)
    draft = await resolve_citations(Draft(claims, citations, "timeline"), tells.read, quote_limits or QuoteLimits())
    steps = []
    for citation in draft.citations:
        told = next(one for one in chosen if _is_of(citation, one))
        steps.append(Step(told.day, told.is_event_day, citation, counts.get(citation.article.id, 0)))
    return Timeline(topic, tuple(steps), findings.index, 1000 * (time.perf_counter() - begun))


def _is_of(citation: Citation, told: _Told) -> bool:
    return citation.article.id == told.hit.article.id and told.start <= citation.start < told.end


def choose_steps(told: Iterable[_Told]) -> list[_Told]:
    """Keep the best sentence of each day, drop what repeats a better one, keep the best `MOST_STEPS`, oldest first."""
    kept: list[_Told] = []
    said: list[set[str]] = []
    for one in sorted(told, key=lambda one: (-one.score, one.day, one.hit.rank, one.start)):
        mine = stems(one.text)
        if any(one.day == other.day for other in kept) or any(
            len(mine & other) >= _SAME_WORDS * len(mine | other) for other in said
        ):
            continue
        kept.append(one)
        said.append(mine)
    return sorted(kept[:MOST_STEPS], key=lambda one: one.day)


def _has_day(article: Article) -> bool:
    return article.published_at is not None and article.published_precision in (Precision.DAY, Precision.TIME)


def _without_copies(
    hits: Sequence[Hit], copies: Mapping[str, tuple[CopyOf, ...]]
) -> tuple[list[Hit], Mapping[str, int]]:
    """Keep of each group of copies the oldest that was found, and count the others."""
    found = {hit.article.id: hit.article for hit in hits}
    counts: dict[str, int] = {}
    dropped: set[str] = set()
    undated = datetime.max.replace(tzinfo=UTC)
    for article in sorted(found.values(), key=lambda one: (one.published_at or undated, one.id)):
        if article.id not in dropped:
            others = {copy.article_id for copy in copies.get(article.id, ())} & found.keys()
            dropped |= others
            counts[article.id] = len(others)
    return [hit for hit in hits if hit.article.id not in dropped], counts


def _told(hits: Sequence[Hit], weights: Mapping[str, float]) -> list[_Told]:
    """List what could be a step: of each article its best sentence, and those close to it that say on which day."""
    by_article: dict[str, dict[int, _Told]] = {}
    for hit in hits:
        for sentence in hit.sentences:
            text = hit.article.text[sentence.start : sentence.end]
            if len(text) >= _SHORTEST_CHARS and not text.endswith(("?", "？")):
                lead = _LEAD if not hit.article.text[: sentence.start].strip() else 0.0
                score = sentence.closeness + coverage(weights, text) + lead
                day, is_event_day = _day_of(text, hit.article)
                one = _Told(hit, sentence.start, sentence.end, text, day, is_event_day, score)
                by_article.setdefault(hit.article.id, {}).setdefault(sentence.start, one)
    told = []
    for sentences in by_article.values():
        best = max(sentences.values(), key=lambda one: one.score)
        told.append(best)
        told += [
            one
            for one in sentences.values()
            if one is not best and one.is_event_day and one.score >= _CLOSE * best.score
        ]
    return told


def _day_of(sentence: str, article: Article) -> tuple[date, bool]:
    published = article.published_at
    assert published is not None
    said = [one.span for one in find_date_words(sentence, published) if one.grain <= _DAY]
    days = {span.since.date() for span in said if span.since is not None}
    if len(days) == 1 and (day := days.pop()) <= published.date():
        return day, True
    return published.date(), False
