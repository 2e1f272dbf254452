"""The values of answering: evidence, claim, citation, answer, abstention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.answering.decompose import Part
from bot.answering.hints import Hint
from bot.answering.marks import marks, who_and_when
from bot.answering.questions import Question
from retrieval.articles import Article
from retrieval.passages import Findings, Passage


@dataclass(frozen=True, slots=True)
class PartFindings:
    """What was found for one part of a question: hits best first, of articles that stand in the whole's findings."""

    part: Part
    findings: Findings


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question, before anything is claimed; hashed by identity, for its parts have no hash.

    Attributes:
        question: what was asked.
        findings: the hits, best first, with the weights of the question's terms; one an article if there are parts.
        parts: what was found for each part of a question that needs several articles; empty for any other.
    """

    question: Question
    findings: Findings
    parts: tuple[PartFindings, ...] = ()

    def __hash__(self) -> int:
        return id(self)

    def of_part(self, found: PartFindings) -> Evidence:
        """Make the evidence for one part, as if it alone had been asked, at any time."""
        return Evidence(replace(self.question, text=found.part.text, any_time=True), found.findings)


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that stands, verbatim, in a stored article version: `article.text[start:end] == quote`.

    Attributes:
        n: the number by which claims point here, from 1.
        article: the stored version.
        version: its content hash.
        start: first code point of the quote in `article.text`.
        end: one past its last code point.
        quote: the words themselves.
        passage: the passage around the quote.
    """

    n: int
    article: Article
    version: str
    start: int
    end: int
    quote: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer.

    Attributes:
        text: the sentence, without [n] marks.
        citations: the numbers of the citations it rests on, at least one, ascending.
        support: estimate in 0..1 that they support it, see `SupportCheck`; a sentence quoted verbatim has 1.
        is_quote: the sentence is the publisher's own words, to be shown as a quotation.
    """

    text: str
    citations: tuple[int, ...]
    support: float
    is_quote: bool


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The name, place, date or number that answers, cut from a quote.

    Attributes:
        text: as it stands in the quote.
        kind: what kind of answer it is, such as "place"; see `bot.answering.cues.Kind`.
        citation: the number of the citation whose quote has it.
        confidence: its share among all that could answer, 0..1.
    """

    text: str
    kind: str
    citation: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Told:
    """One of several answers that sources give.

    Attributes:
        text: as it stands in the quotes.
        citations: the numbers of the citations whose quotes have it, at least one, ascending.
        sources: how many independent sources tell it, at least one; not all of them are quoted.
    """

    text: str
    citations: tuple[int, ...]
    sources: int = 1

    def told_by(self, byline: str) -> str:
        """Name who tells it: the first, and how many more."""
        return f"{byline}, and {self.sources - 1} more" if self.sources > 1 else byline


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several sources say.

    Attributes:
        independent_sources: how many independent ones tell the answer; copies of one story count as one source.
        kind: what kind of answer they give, such as "number"; see `bot.answering.cues.Kind`.
        differs: what they say where they differ, newest first, at least two; empty if they agree.
    """

    independent_sources: int
    kind: str
    differs: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer proposes: claims and the quotes they rest on, not yet checked against the archive.

    Attributes:
        claims: best first; empty if the writer found nothing to say.
        citations: best first, numbered from 1 without gaps.
        writer: "extractive" or "provider:model".
        notice: one sentence for the reader about how this answer came to be, or None.
        struck: sentences that a chat model wrote and the checks removed.
        short_answer: see `ShortAnswer`; None where none is sure.
        agreement: see `Agreement`; None where it is not known.
    """

    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    writer: str
    notice: str | None = None
    struck: tuple[str, ...] = ()
    short_answer: ShortAnswer | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What one of several questions of a message came to, beside its claims, which stand among the answer's.

    Attributes:
        question: its words, as typed.
        is_answered: False if the articles do not answer it.
        begins: the place among the answer's claims where its own begin, from 0.
        short_answer: its own; see `ShortAnswer`.
        agreement: its own; see `Agreement`.
    """

    question: str
    is_answered: bool
    begins: int
    short_answer: ShortAnswer | None = None
    agreement: Agreement | None = None


class Reason(StrEnum):
    """Why Dateline does not answer."""

    EMPTY_INDEX = "empty_index"
    NOTHING_FOUND = "nothing_found"
    NOT_IN_ARTICLES = "not_in_articles"
    PREMISE_NOT_FOUND = "premise_not_found"
    #: It is about a time after the newest article.
    AFTER_INDEX = "after_index"
    #: It asks for the latest, and the newest article is too old to tell.
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer: every claim rests on at least one citation, and every citation's quote stands in the archive.

    Attributes:
        evidence: what it was written from.
        claims: best first, at least one.
        citations: best first, numbered from 1, each used by a claim.
        confidence: estimate in 0..1 that the articles do answer the question.
        writer: "extractive" or "provider:model".
        notice: one sentence for the reader about how this answer came to be, or None.
        timings_ms: stage -> milliseconds; "total" is the whole.
        short_answer: see `ShortAnswer`; None where none is sure, and for several questions.
        agreement: see `Agreement`; None where it is not known, and for several questions.
        parts: what each of several questions of a message came to, in their order; empty for one question.
    """

    evidence: Evidence
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    confidence: float
    writer: str
    notice: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    short_answer: ShortAnswer | None = None
    agreement: Agreement | None = None
    parts: tuple[AnswerPart, ...] = ()

    def text(self) -> str:
        """Write the answer as plain text with [n] marks: the short answer, or those that differ, then the claims.

        Quotations stand in double quotation marks. Of several questions, each has what stands first before its claims.
        """
        spoken = [claim_text(claim) for claim in self.claims]
        if not self.parts:
            return " ".join([*self._leading(self.short_answer, self.agreement, spoken), *spoken])
        written: list[str] = []
        ends = [*(part.begins for part in self.parts[1:]), len(spoken)]
        for part, end in zip(self.parts, ends, strict=True):
            own = spoken[part.begins : end]
            written += [*self._leading(part.short_answer, part.agreement, own), *own]
        return " ".join(written)

    def _leading(self, short: ShortAnswer | None, agreement: Agreement | None, spoken: list[str]) -> list[str]:
        if agreement is not None and agreement.differs:
            articles = {citation.n: citation.article for citation in self.citations}
            said = (
                f"{told.text} ({told.told_by(who_and_when(articles[told.citations[0]]))}) {marks(told.citations)}"
                for told in agreement.differs
            )
            return [f"Sources differ: {'; '.join(said)}."]
        # A quote that answers two questions stands with the first.
        return [f"{short.text} [{short.citation}]{':' if spoken else '.'}"] if short is not None else []

    @property
    def understood_as(self) -> str | None:
        """See `Question.understood_as`."""
        return self.evidence.question.understood_as

    def timed(self, timings_ms: Mapping[str, float]) -> Answer:
        """Return the same answer with these timings."""
        return replace(self, timings_ms=timings_ms)


@dataclass(frozen=True, slots=True)
class Abstention:
    """The articles do not answer the question, and why.

    Attributes:
        evidence: what was found all the same.
        reason: why there is no answer.
        nearest: up to three articles that come closest, best first, each once; may be empty.
        confidence: estimate in 0..1 that the articles do answer the question; low here.
        writer: the writer that would have answered.
        notice: as in `Answer`.
        timings_ms: as in `Answer`.
        hints: how to ask better, the surest first, at most two.
    """

    evidence: Evidence
    reason: Reason
    nearest: tuple[Article, ...]
    confidence: float
    writer: str
    notice: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()

    @property
    def index_ends(self) -> str | None:
        """The date of the newest article that the question may know, at most to the day; None if none is dated."""
        newest = self.evidence.findings.newest_known
        return None if newest is None else newest.day_text

    @property
    def understood_as(self) -> str | None:
        """See `Question.understood_as`."""
        return self.evidence.question.understood_as

    def timed(self, timings_ms: Mapping[str, float]) -> Abstention:
        """Return the same abstention with these timings."""
        return replace(self, timings_ms=timings_ms)


def claim_text(claim: Claim) -> str:
    """Write one claim with its marks: a quotation in double quotation marks, then [1][2]."""
    words = f"“{claim.text}”" if claim.is_quote else claim.text
    return f"{words} {marks(claim.citations)}"
