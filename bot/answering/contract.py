"""Outcomes as plain objects: the JSON contract of `dateline ask --json`, kept by schemas/answer.schema.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.answering.answers import Abstention, Agreement, Answer, Citation, ShortAnswer
from bot.answering.hints import AskBefore, Hint, NameSomething, NotMentioned, WithoutLimits
from bot.answering.questions import Question
from retrieval.articles import Article, CopyOf, published_text
from retrieval.passages import Findings, IndexSize


def to_contract(outcome: Answer | Abstention) -> dict[str, Any]:
    """Write an outcome as the object that `dateline ask --json` prints; keys whose feature is to come are null."""
    question = outcome.evidence.question
    findings = outcome.evidence.findings
    answered = isinstance(outcome, Answer)
    contract: dict[str, Any] = {} if question.id is None else {"id": question.id}
    contract |= {
        "question": question.as_typed,
        "understood_as": outcome.understood_as,
        "asked_at": moment(question.asked_at),
        "status": "answered" if answered else "abstained",
        "confidence": round(outcome.confidence, 4),
        "answer": outcome.text() if isinstance(outcome, Answer) else None,
        "short_answer": None if not isinstance(outcome, Answer) else _short_answer(outcome.short_answer),
        "claims": [],
        "citations": [],
        "hits": _hits(findings),
        "window": _window(question),
        "agreement": None if not isinstance(outcome, Answer) else _agreement(outcome.agreement),
        "parts": _parts(outcome),
        "abstention": None,
        "writer": outcome.writer,
        "notice": outcome.notice,
        "index": index_fields(findings.index),
        "timings_ms": {name: round(value, 2) for name, value in outcome.timings_ms.items()},
    }
    if isinstance(outcome, Answer):
        contract["claims"] = [
            {"text": claim.text, "citations": list(claim.citations), "support": round(claim.support, 4)}
            for claim in outcome.claims
        ]
        contract["citations"] = [citation_fields(citation, findings.copies) for citation in outcome.citations]
    else:
        contract["abstention"] = {
            "reason": outcome.reason.value,
            "nearest": [article_fields(article) for article in outcome.nearest],
            "index_ends": outcome.index_ends,
            "hints": [hint_fields(hint) for hint in outcome.hints],
        }
    return contract


def citation_fields(citation: Citation, copies: Mapping[str, Sequence[CopyOf]]) -> dict[str, Any]:
    """Write a citation: its number, its article, its terms and copies, the quote and where it stands."""
    return {
        "n": citation.n,
        "article_id": citation.article.id,
        "version": citation.version,
        **article_fields(citation.article),
        "is_excerpt": citation.article.is_excerpt,
        "usage_terms": citation.article.usage_terms,
        "also_in": [article_fields(copy) for copy in copies.get(citation.article.id, ())],
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def hint_fields(hint: Hint) -> dict[str, Any]:
    """Write how to ask better: "kind", and what belongs to it."""
    match hint:
        case AskBefore():
            return {"kind": "ask_before", "date": hint.date}
        case WithoutLimits():
            return {"kind": "without_limits", "limits": list(hint.limits)}
        case NotMentioned():
            return {"kind": "not_mentioned", "names": list(hint.names)}
        case NameSomething():
            return {"kind": "name_something"}


def index_fields(index: IndexSize) -> dict[str, Any]:
    """Write the size of what was searched."""
    return {
        "articles": index.articles,
        "passages": index.passages,
        "newest_published_at": index.newest_published,
    }


def _parts(outcome: Answer | Abstention) -> list[dict[str, Any]] | None:
    """List what each of several questions came to; None for one question."""
    if not isinstance(outcome, Answer) or not outcome.parts:
        return None
    return [
        {
            "question": part.question,
            "status": "answered" if part.is_answered else "abstained",
            "short_answer": _short_answer(part.short_answer),
            "agreement": _agreement(part.agreement),
        }
        for part in outcome.parts
    ]


def _short_answer(short: ShortAnswer | None) -> dict[str, Any] | None:
    if short is None:
        return None
    return {
        "text": short.text,
        "kind": short.kind,
        "citations": [short.citation],
        "confidence": round(short.confidence, 4),
    }


def _agreement(agreement: Agreement | None) -> dict[str, Any] | None:
    if agreement is None:
        return None
    values = [
        {"text": told.text, "citations": list(told.citations), "sources": told.sources} for told in agreement.differs
    ]
    return {
        "independent_sources": agreement.independent_sources,
        "differs": [{"kind": agreement.kind, "values": values}] if values else [],
    }


def article_fields(article: Article | CopyOf) -> dict[str, Any]:
    """Name an article: its title, publisher, address and date."""
    return {
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published_at": published_text(article.published_at, article.published_precision),
    }


def _hits(findings: Findings) -> list[dict[str, Any]]:
    """List each found article once, at its best passage's place, ranked from 1 without gaps."""
    best: dict[str, float] = {}
    for hit in findings.hits:
        best.setdefault(hit.article.id, hit.score)
    return [
        {"article_id": article_id, "rank": rank, "score": round(score, 6)}
        for rank, (article_id, score) in enumerate(best.items(), start=1)
    ]


def _window(question: Question) -> dict[str, Any] | None:
    if question.since is not None or question.until is not None:
        return {"since": moment(question.since), "until": moment(question.until), "inferred": False}
    inferred = question.window()
    if inferred is None:
        return None
    return {
        "since": moment(inferred.since),
        "until": moment(inferred.until),
        "inferred": True,
        "words": inferred.words,
    }


def moment(at: datetime | None) -> str | None:
    """Write a moment to the second, in UTC: "2020-09-29T08:15:00Z"; None stays None."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
