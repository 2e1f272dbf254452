"""The outcomes of several questions in one message become one: claims in order, each citation once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.answering.answers import Abstention, Agreement, Answer, AnswerPart, Citation, Claim, Evidence, ShortAnswer
from bot.answering.questions import Question
from bot.locales.speaking import say
from retrieval.articles import Article
from retrieval.passages import Findings, Hit

_NEAREST = 3


def join_outcomes(question: Question, outcomes: Sequence[Answer | Abstention]) -> Answer | Abstention:
    """Join what each question of a message came to.

    Of several outcomes, the claims follow each other in the order of the questions, citations are numbered anew and
    equal ones (same version, same place) stand once, the confidence is the lowest of those answered, and a notice
    names the questions that the articles do not answer. Each question keeps its short answer and its agreement in
    `Answer.parts`.

    Args:
        question: the whole message.
        outcomes: one for each of its questions, in order, at least one.

    Returns:
        The only outcome as it is; an abstention, with the first reason, if none was answered.
    """
    if len(outcomes) == 1:
        return outcomes[0]
    answers = [one for one in outcomes if isinstance(one, Answer)]
    evidence = _join_evidence(question, outcomes)
    timings = _summed([one.timings_ms for one in outcomes])
    if not answers:
        first = outcomes[0]
        assert isinstance(first, Abstention)
        return replace(first, evidence=evidence, nearest=_nearest(outcomes), timings_ms=timings)
    claims, citations, parts = _join_claims(outcomes)
    return Answer(
        evidence=evidence,
        claims=claims,
        citations=citations,
        confidence=min(one.confidence for one in answers),
        writer=answers[0].writer,
        notice=_notice(outcomes),
        timings_ms=timings,
        parts=parts,
    )


def _join_claims(
    outcomes: Sequence[Answer | Abstention],
) -> tuple[tuple[Claim, ...], tuple[Citation, ...], tuple[AnswerPart, ...]]:
    numbers: dict[tuple[str, str, int, int], int] = {}
    claims: dict[tuple[str, tuple[int, ...]], Claim] = {}
    citations: list[Citation] = []
    parts: list[AnswerPart] = []
    for answer in outcomes:
        asked = answer.evidence.question.as_typed
        if isinstance(answer, Abstention):
            parts.append(AnswerPart(asked, is_answered=False, begins=len(claims)))
            continue
        renumbered = {}
        for citation in answer.citations:
            place = citation.article.id, citation.version, citation.start, citation.end
            if place not in numbers:
                numbers[place] = len(numbers) + 1
                citations.append(replace(citation, n=numbers[place]))
            renumbered[citation.n] = numbers[place]
        short, agreement = _renumbered(answer, renumbered)
        parts.append(AnswerPart(asked, True, len(claims), short, agreement))
        for claim in answer.claims:
            marks = tuple(sorted(renumbered[n] for n in claim.citations))
            claims.setdefault((claim.text, marks), replace(claim, citations=marks))
    return tuple(claims.values()), tuple(citations), tuple(parts)


def _renumbered(answer: Answer, numbers: Mapping[int, int]) -> tuple[ShortAnswer | None, Agreement | None]:
    short, agreement = answer.short_answer, answer.agreement
    if short is not None:
        short = replace(short, citation=numbers[short.citation])
    if agreement is not None:
        told = (replace(one, citations=tuple(sorted(numbers[n] for n in one.citations))) for one in agreement.differs)
        agreement = replace(agreement, differs=tuple(told))
    return short, agreement


def _join_evidence(question: Question, outcomes: Sequence[Answer | Abstention]) -> Evidence:
    """Take the hits of all, those of the first question first, each passage once, ranked anew."""
    found = [one.evidence.findings for one in outcomes]
    hits: dict[str, Hit] = {}
    for hit in (hit for findings in found for hit in findings.hits):
        hits.setdefault(hit.passage.id, hit)
    weights = {term: weight for findings in found for term, weight in findings.term_weights.items()}
    ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits.values(), start=1))
    timings = _summed([one.timings_ms for one in found])
    findings = Findings(ranked, weights, found[0].index, timings, newest_known=found[0].newest_known)
    if any(one.understood_as for one in outcomes):
        question = question.reworded(" ".join(one.evidence.question.text for one in outcomes))
    return Evidence(question, findings)


def _notice(outcomes: Sequence[Answer | Abstention]) -> str | None:
    unanswered = [one.evidence.question.as_typed for one in outcomes if isinstance(one, Abstention)]
    parts = list(dict.fromkeys(one.notice for one in outcomes if one.notice))
    if unanswered:
        told = " ".join(f"“{words}”" for words in unanswered)
        parts.append(say("The articles do not answer: {questions}", questions=told))
    return " ".join(parts) or None


def _nearest(outcomes: Sequence[Answer | Abstention]) -> tuple[Article, ...]:
    found = (article for one in outcomes if isinstance(one, Abstention) for article in one.nearest)
    return tuple({article.id: article for article in found}.values())[:_NEAREST]


def _summed(timings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    summed: dict[str, float] = {}
    for one in timings:
        for stage, spent in one.items():
            summed[stage] = summed.get(stage, 0.0) + spent
    return summed
