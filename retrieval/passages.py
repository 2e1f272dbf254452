"""The passage, the unit of retrieval, and what a search takes and gives: query, hit, findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from retrieval.articles import Article, CopyOf, Precision, published_text


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article version: `text == article.text[start:end]`, in code points.

    Attributes:
        id: 32 hexadecimal digits; the same version split the same way gives the same ids, a new version new ones.
        article_id: the article it stands in.
        version: the version it stands in (`Article.version`).
        start: first code point, from 0.
        end: one past the last code point.
        text: the passage itself.
    """

    id: str
    article_id: str
    version: str
    start: int
    end: int
    text: str

    @staticmethod
    def make_id(article_id: str, version: str, start: int, end: int) -> str:
        """Name the span [start, end) of one version of one article."""
        return hashlib.sha256(f"{article_id}\0{version}\0{start}\0{end}".encode()).hexdigest()[:32]


class Entity(NamedTuple):
    """A name, date or amount: code points [start, end) of a text, and its label.

    Labels are those of OntoNotes (PERSON, NORP, FAC, ORG, GPE, LOC, PRODUCT, EVENT, WORK_OF_ART, LAW, LANGUAGE, DATE,
    TIME, PERCENT, MONEY, QUANTITY, ORDINAL, CARDINAL), and NAME for a name of unknown kind.
    """

    start: int
    end: int
    label: str


class Sentence(NamedTuple):
    """A sentence of a passage as a search found it.

    Attributes:
        start: first code point in the article.
        end: one past its last.
        closeness: cosine similarity to the query in -1..1; 0 where nothing was compared.
        entities: what it names, in order, in code points of the article.
    """

    start: int
    end: int
    closeness: float
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found.

    Attributes:
        passage: what was found.
        article: the version it stands in, whole.
        score: the reranker's score, or that of the fusion in 0..1 if nothing reranked; comparable within one
            search only.
        rank: from 1, without gaps.
        cosine: cosine similarity to the query in -1..1, or None if the passage has no vector yet.
        sentences: the passage's sentences, in order.
    """

    passage: Passage
    article: Article
    score: float
    rank: int
    cosine: float | None = None
    sentences: tuple[Sentence, ...] = ()


class Variant(NamedTuple):
    """Another spelling of a query's word that was searched for too.

    Attributes:
        written: the word as the query has it, folded.
        term: its stem.
        stem: the stem of the other spelling, which counts as the term wherever it stands.
        spelled: the other spelling as an article has it.
    """

    written: str
    term: str
    stem: str
    spelled: str


@dataclass(frozen=True, slots=True)
class Query:
    """What search takes.

    Attributes:
        text: the words to search for.
        known_by: articles published later are left out (a day counts as begun, so the same day is in);
            articles without a date stay in. None: no such limit.
        since: only articles published at or after this moment; those without a date are out.
        until: only articles published before or at this moment; those without a date are out.
        sources: only these publishers, compared without regard to case; empty means all.
        limit: hits wanted, >= 1.
        freshness: how much newer articles are preferred to older ones that say as much, 0..1; see
            `retrieval.search.rerank.features`.
        half_life_days: the age at which news counts half for this question, > 0; infinite where age does not matter.
        preferred: the first and the last moment of publication that are preferred to others, each None where open;
            None prefers none. A preference, not a limit.
        dense_weight: the dense search's share of the fusion in 0..1, the keyword search having the rest;
            None takes the retriever's own weights. Given, nothing is reranked: the fusion alone is looked at.
        variants: other spellings of its words, likeliest first; None lets the retriever find them.
        scope: who asks. None sees public articles only, another scope its own as well; what it does not see is as if
            it were not there: not found, not counted, not suggested, in no weight and no copy.
    """

    text: str
    known_by: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    limit: int = 10
    freshness: float = 0.25
    half_life_days: float = 90.0
    preferred: tuple[datetime | None, datetime | None] | None = None
    dense_weight: float | None = None
    variants: tuple[Variant, ...] | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class IndexSize:
    """What the index holds: current articles, their passages, and the newest publication date among them."""

    articles: int
    passages: int
    newest_published_at: datetime | None
    newest_published: str | None = None


class Published(NamedTuple):
    """When an article was published: the start of the span that its publisher names, aware UTC, and its length."""

    at: datetime
    precision: Precision

    @property
    def until(self) -> datetime:
        """The last moment at which it may have been published."""
        match self.precision:
            case Precision.YEAR:
                return self.at.replace(month=12, day=31, hour=23, minute=59, second=59)
            case Precision.MONTH:
                # Day 28 and four days more is in the next month, whatever the month.
                following = (self.at.replace(day=28) + timedelta(days=4)).replace(day=1)
                return following - timedelta(seconds=1)
            case Precision.DAY:
                return self.at + timedelta(days=1, seconds=-1)
            case Precision.TIME:
                return self.at

    @property
    def day_text(self) -> str:
        """ISO 8601 to no more than its precision, and at most to the day: "2020", "2020-09", "2020-09-29"."""
        return (published_text(self.at, self.precision) or "")[:10]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search gave.

    Attributes:
        hits: best first, `rank` 1, 2, ...; at most `Query.limit`, without repetition; empty if nothing matched.
        term_weights: each content term of the query (stemmed, see `retrieval.index.terms`) and its
            inverse document frequency in 0..1, where 1 means that no passage has the term.
        index: the size of what was searched.
        timings_ms: duration of each stage in milliseconds; "embed" and "dense" run beside "spelling" and "lexical".
        copies: article id -> articles that say the same and count with it as one source, oldest first; an article
            without copies has no key.
        variants: other spellings that were searched for too, likeliest first for each word of the query.
        absent: those of the content terms that no passage seen by the query's scope has, in any spelling searched for.
        newest_known: when the newest article was published that `Query.known_by` admits, whatever else limits the
            query; None if none of these has a date.
    """

    hits: tuple[Hit, ...]
    term_weights: Mapping[str, float]
    index: IndexSize
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    copies: Mapping[str, tuple[CopyOf, ...]] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    absent: frozenset[str] = frozenset()
    newest_known: Published | None = None


def stems_by_term(variants: Iterable[Variant]) -> dict[str, set[str]]:
    """Collect for each term that has variants the stems that count as it besides itself."""
    found: dict[str, set[str]] = {}
    for one in variants:
        found.setdefault(one.term, set()).add(one.stem)
    return found
