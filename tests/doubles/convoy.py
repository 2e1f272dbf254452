"""Answers and abstentions about the convoy from Al-Jufra, built of real values, for tests that render or send them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.answering.answers import Abstention, Answer, Citation, Claim, Evidence, Reason
from bot.answering.questions import Question
from retrieval.articles import Article, Precision
from retrieval.passages import Findings, Hit, IndexSize, Passage, Published

ASKED_AT = datetime(2020, 10, 1, 9, 0, tzinfo=UTC)

WIRE = Article(
    id="sample-wagner-convoy-al-jufra",
    title="Wagner convoy leaves Al-Jufra base, Libyan military source says",
    source="Sirte Coast Wire",
    url="https://sirtecoastwire.example/2020/09/29/wagner-convoy-al-jufra",
    published_at=datetime(2020, 9, 29, 8, 15, tzinfo=UTC),
    published_precision=Precision.TIME,
    authors=("Nadir Belloum",),
    language="en",
    text=(
        "Around 40 vehicles carrying Wagner fighters have driven out of the Al-Jufra air base in central Libya, "
        "according to a military source of the Government of National Accord (GNA).\n\n"
        "The convoy is thought to have gone to Brak al-Shati air base, north of Sabha and some 650 kilometres to the "
        "south of Tripoli, the source said.\n\n"
        "Two Pantsir air-defence systems and five guns travelled with the vehicles. On its way the column passed some "
        "checkpoints of Khalifa Haftar's forces without stopping."
    ),
)

LEDGER = Article(
    id="sample-pantsir-guns-convoy",
    title="Two Pantsirs, five guns: what is known of the convoy from Al-Jufra",
    source="The Aldenmoor Ledger",
    url="https://aldenmoorledger.example/2020/09/30/pantsir-guns-convoy",
    published_at=datetime(2020, 9, 30, tzinfo=UTC),
    published_precision=Precision.DAY,
    authors=("Gerrit Haskamp-Lund",),
    language="en",
    text=(
        "Five guns and two Pantsir air-defence systems went along with the Wagner convoy that was reported this week "
        "to have left the Al-Jufra air base in central Libya.\n\n"
        "The information comes from a single person, a military source of the Government of National Accord, or GNA, "
        "which is an enemy of the Wagner fighters and their ally Khalifa Haftar. The source put the convoy at about "
        "40 vehicles."
    ),
)

GUNS = "Two Pantsir air-defence systems and five guns travelled with the vehicles."
GUNS_TOO = (
    "Five guns and two Pantsir air-defence systems went along with the Wagner convoy that was reported this week to "
    "have left the Al-Jufra air base in central Libya."
)


def article(text: str, *, title: str = "A title", url: str | None = None, source: str | None = None) -> Article:
    """Build an article without a date from what a hostile or careless publisher may write."""
    return Article("made", title, source, url, None, None, (), "en", text)


def citation(n: int, of: Article, quote: str) -> Citation:
    """Quote an article, whose whole text is the passage.

    Raises:
        ValueError: the quote does not stand in the article.
    """
    start = of.text.index(quote)
    passage = Passage("p" * 32, of.id, of.version, 0, len(of.text), of.text)
    return Citation(n, of, of.version, start, start + len(quote), quote, passage)


def evidence(asked: str, articles: Iterable[Article] = (WIRE, LEDGER)) -> Evidence:
    """Find articles for a question in an index of 20, the newest of 30 September 2020."""
    hits = tuple(
        Hit(Passage("p" * 32, found.id, found.version, 0, len(found.text), found.text), found, 1 / rank, rank)
        for rank, found in enumerate(articles, 1)
    )
    newest = Published(datetime(2020, 9, 30, tzinfo=UTC), Precision.DAY)
    size = IndexSize(20, 61, newest.at, newest.day_text)
    return Evidence(Question(asked, ASKED_AT), Findings(hits, {}, size, newest_known=newest))


def answer_quoting(
    *citations: Citation, asked: str = "What weapons were in the convoy?", notice: str | None = None
) -> Answer:
    """Answer with every quote as a claim of its own, as the extractive writer does."""
    claims = tuple(Claim(cited.quote, (cited.n,), 1.0, True) for cited in citations)
    found = evidence(asked, [cited.article for cited in citations])
    return Answer(found, claims, citations, 0.9, "extractive", notice)


def convoy_answer(asked: str = "What weapons were in the convoy?") -> Answer:
    """Answer from the two articles on the convoy."""
    return answer_quoting(citation(1, WIRE, GUNS), citation(2, LEDGER, GUNS_TOO), asked=asked)


def abstention(asked: str = "Who won the cup?", reason: Reason = Reason.NOT_IN_ARTICLES) -> Abstention:
    """Abstain, with both articles as the nearest unless there is nothing at all."""
    nearest = () if reason is Reason.EMPTY_INDEX else (WIRE, LEDGER)
    return Abstention(evidence(asked), reason, nearest, 0.1, "extractive")
