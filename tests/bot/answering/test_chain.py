"""A question passes gather, write, check and resolve, and becomes an answer that quotes, or an abstention."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from bot.answering.answers import Abstention, Answer, Citation, Claim, Draft, Evidence, Reason
from bot.answering.chain import build_answer_chain
from bot.answering.errors import AnswerTimedOut, QuestionEmpty, QuestionTooLong
from bot.answering.extractive import ExtractiveWriter
from bot.answering.hints import AskBefore, NotMentioned, WithoutLimits
from bot.answering.progress import watch
from bot.answering.questions import Exchange, Question
from retrieval.articles import Article
from retrieval.build import Engine, open_engine
from retrieval.errors import QueueFull
from retrieval.passages import Findings, Query
from retrieval.testing import HashingEmbedder

ASKED_AT = datetime(2020, 10, 1, tzinfo=UTC)
QUESTION = Question("Where did the convoy go?", ASKED_AT, id="7")
CONVOY = "A convoy left the air base. The convoy went to Brak al-Shati, north of Sabha, on Monday."
STATIONS = ["answer", "gather", "write", "check", "resolve"]


class Asked:
    """The retriever of an open engine; a test's own class overrides what it looks at."""

    def __init__(self, engine: Engine) -> None:
        self._retriever = engine.retriever
        self.queries: list[Query] = []

    async def retrieve(self, query: Query) -> Findings:
        self.queries.append(query)
        return await self._retriever.retrieve(query)

    async def read(self, article_id: str, version: str) -> Article | None:
        return await self._retriever.read(article_id, version)


class Proposing:
    """A writer that proposes what it was given and remembers what it was asked."""

    name = "proposing:words"

    def __init__(self, *proposals: tuple[str, str]) -> None:
        self.proposals = proposals
        self.asked: list[Evidence] = []

    async def write(self, evidence: Evidence) -> Draft:
        self.asked.append(evidence)
        hit = evidence.findings.hits[0]
        citations, claims = [], []
        for n, (text, quote) in enumerate(self.proposals, start=1):
            start = max(hit.article.text.find(quote), 0)
            version = hit.article.version
            citations.append(Citation(n, hit.article, version, start, start + len(quote), quote, hit.passage))
            claims.append(Claim(text, (n,), 0.8, is_quote=False))
        return Draft(tuple(claims), tuple(citations), self.name, "A notice.")


@pytest.fixture
def open_articles(tmp_path, settings, make_article):
    """Open a real engine over these articles, with the shipped embedding double."""

    @asynccontextmanager
    async def opened(*articles):
        async with open_engine(tmp_path, settings.retrieval, settings.embedding, load=HashingEmbedder) as engine:
            await engine.indexer.open()
            if articles:
                await engine.indexer.add(articles)
                await engine.indexer.embed_pending()
            yield engine
            await engine.indexer.close()

    return opened


def chain_of(retriever, writer=None, *, min_confidence=0.0, limit_chars=100, timeout_s=30.0, hits=5, understand=None):
    writer = writer or ExtractiveWriter(max_quotes=3)
    return build_answer_chain(
        retriever,
        writer,
        hits=hits,
        min_confidence=min_confidence,
        question_limit_chars=limit_chars,
        timeout_s=timeout_s,
        understand=understand,
    )


async def test_an_answer_quotes_the_archive_and_keeps_what_it_was_asked(open_articles, make_article):
    of = make_article(text=CONVOY, day="2020-09-29")
    async with open_articles(of, make_article("a-2", day="2020-09-28")) as engine:
        answer = await chain_of(engine.retriever).ainvoke(QUESTION)
    assert isinstance(answer, Answer)
    assert answer.citations[0].quote == "The convoy went to Brak al-Shati, north of Sabha, on Monday."
    assert answer.citations[0].article == of
    assert (answer.evidence.question, answer.writer, answer.notice) == (QUESTION, "extractive", None)
    assert answer.text().startswith("Brak al-Shati [1]: “The convoy went")
    assert 0.0 <= answer.confidence <= 1.0


async def test_a_misspelt_name_is_answered_and_the_answer_says_what_was_searched_for(open_articles, make_article):
    misspelt = replace(QUESTION, text="Is the town north of Sebha called Brok?")
    async with open_articles(make_article(text=CONVOY)) as engine:
        answer = await chain_of(engine.retriever).ainvoke(misspelt)
        told = await chain_of(engine.retriever, Proposing()).ainvoke(misspelt)
    assert isinstance(answer, Answer)
    assert answer.notice == "Also searched for: Sabha (you wrote Sebha); Brak (you wrote Brok)."
    assert isinstance(told, Abstention)
    assert told.notice == f"A notice. {answer.notice}"


async def test_each_stage_is_timed_within_the_total(open_articles, make_article):
    async with open_articles(make_article(text=CONVOY)) as engine:
        timings = (await chain_of(engine.retriever).ainvoke(QUESTION)).timings_ms
    assert {"gather", "write", "resolve", "dense", "lexical", "total"} <= set(timings)
    assert all(0 <= spent <= timings["total"] for spent in timings.values())
    assert timings["gather"] + timings["write"] + timings["resolve"] <= timings["total"]


async def test_whoever_watches_is_told_how_many_articles_are_read_and_others_are_not(open_articles, make_article):
    told = []

    async def ask_watching(chain):
        watch(SimpleNamespace(read=told.append))
        await chain.ainvoke(QUESTION)

    other = make_article("a-2", text=f"{CONVOY} Nobody was hurt.")
    async with open_articles(make_article(text=CONVOY), other) as engine:
        chain = chain_of(engine.retriever)
        await asyncio.gather(asyncio.create_task(ask_watching(chain)), asyncio.create_task(chain.ainvoke(QUESTION)))
    assert told == [2]


async def test_a_trace_shows_the_stations_in_order(open_articles, make_article):
    async with open_articles(make_article(text=CONVOY)) as engine:
        events = [event async for event in chain_of(engine.retriever).astream_events(QUESTION, version="v2")]
    begun = [event["name"] for event in events if event["event"] == "on_chain_start"]
    assert [name for name in begun if name in STATIONS] == STATIONS
    assert isinstance(events[-1]["data"]["output"], Answer)


async def test_what_bounds_a_question_bounds_the_search(open_articles, make_article):
    since, until = datetime(2020, 9, 1, tzinfo=UTC), datetime(2020, 9, 30, tzinfo=UTC)
    bounded = replace(QUESTION, since=since, until=until, sources=("The Averden Courier",))
    async with open_articles(make_article(text=CONVOY, day="2020-09-29")) as engine:
        asked = Asked(engine)
        await chain_of(asked, hits=2).ainvoke(bounded)
    query = Query(QUESTION.text, ASKED_AT, since, until, ("The Averden Courier",), limit=2)
    assert asked.queries == [query]


@pytest.mark.parametrize("words", ["", "   ", "\n\t\u00a0"])
async def test_nothing_asked_is_refused_before_anything_is_searched(open_articles, words):
    async with open_articles() as engine:
        asked = Asked(engine)
        with pytest.raises(QuestionEmpty):
            await chain_of(asked).ainvoke(Question(words, ASKED_AT))
    assert asked.queries == []


async def test_a_question_may_have_just_as_many_characters_as_allowed(open_articles, make_article):
    async with open_articles(make_article(text=CONVOY)) as engine:
        asked = Asked(engine)
        chain = chain_of(asked, limit_chars=30)
        await chain.ainvoke(Question("🚚" * 30, ASKED_AT))
        with pytest.raises(QuestionTooLong) as refused:
            await chain.ainvoke(Question("🚚" * 31, ASKED_AT))
    assert (refused.value.length_chars, refused.value.limit_chars) == (31, 30)
    assert len(asked.queries) == 1


@pytest.mark.parametrize("min_confidence", [0.0, 1.0])
async def test_an_empty_index_is_the_reason_given_before_all_others(open_articles, min_confidence):
    writer = Proposing()
    async with open_articles() as engine:
        abstention = await chain_of(engine.retriever, writer, min_confidence=min_confidence).ainvoke(QUESTION)
    assert isinstance(abstention, Abstention)
    assert (abstention.reason, abstention.nearest) == (Reason.EMPTY_INDEX, ())
    assert (abstention.confidence, abstention.writer, writer.asked) == (0.0, "proposing:words", [])


async def test_articles_that_the_question_cannot_know_leave_nothing_found(open_articles, make_article):
    async with open_articles(make_article(text=CONVOY, day="2020-10-02")) as engine:
        abstention = await chain_of(engine.retriever).ainvoke(QUESTION)
    assert isinstance(abstention, Abstention)
    assert (abstention.reason, abstention.nearest) == (Reason.NOTHING_FOUND, ())


async def test_a_question_about_a_time_after_the_newest_article_it_may_know_is_declined_with_that_date(
    open_articles, make_article
):
    articles = (
        make_article(text=CONVOY, day="2020-09-29"),
        make_article("later", "A convoy came back.", day="2021-03-02"),
    )
    writer = Proposing(("It went to Brak.", "went to Brak al-Shati"))
    text = "Where did the convoy go on 15 November 2020?"
    async with open_articles(*articles) as engine:
        chain = chain_of(engine.retriever, writer)
        early = await chain.ainvoke(Question(text, datetime(2020, 12, 1, tzinfo=UTC)))
        late = await chain.ainvoke(Question(text, datetime(2021, 12, 1, tzinfo=UTC)))
    assert isinstance(early, Abstention)
    assert (early.reason, early.index_ends, early.hints) == (
        Reason.AFTER_INDEX,
        "2020-09-29",
        (AskBefore("2020-09-29"),),
    )
    assert [article.id for article in early.nearest] == ["a-1"]
    assert isinstance(late, Answer)


async def test_a_name_that_no_article_has_is_named_and_limits_that_keep_the_answer_away_too(
    open_articles, make_article
):
    since = datetime(2020, 9, 30, tzinfo=UTC)
    async with open_articles(
        make_article(text=CONVOY, day="2020-09-29"), make_article("a-2", day="2020-10-01")
    ) as engine:
        chain = chain_of(engine.retriever, Proposing())
        unknown = await chain.ainvoke(replace(QUESTION, text="Did Zorblatt leave in the convoy?"))
        chain = chain_of(engine.retriever, min_confidence=0.3)
        limited = await chain.ainvoke(replace(QUESTION, since=since))
    assert isinstance(unknown, Abstention)
    assert unknown.hints == (NotMentioned(("Zorblatt",)),)
    assert isinstance(limited, Abstention)
    assert limited.hints == (WithoutLimits(("since",)),)


@pytest.mark.parametrize(("second", "outcome"), [("Murzuk", Answer), ("Brak al-Shati", Abstention)])
async def test_a_little_below_the_least_confidence_only_a_contradiction_is_told(
    open_articles, make_article, second, outcome
):
    articles = [
        make_article("a-1", CONVOY),
        make_article("a-2", CONVOY.replace("Brak al-Shati", second), source="Harbour Post"),
    ]
    async with open_articles(*articles) as engine:
        sure = await chain_of(engine.retriever, min_confidence=0.0).ainvoke(QUESTION)
        told = await chain_of(engine.retriever, min_confidence=min(1.0, sure.confidence / 0.8)).ainvoke(QUESTION)
    assert isinstance(told, outcome)


async def test_below_the_least_confidence_the_writer_is_not_asked_and_the_nearest_articles_are_named(
    open_articles, make_article
):
    articles = [make_article(f"a-{n}", f"{CONVOY} Told for the time number {n}. " * 3) for n in range(5)]
    writer = Proposing(("A claim.", "A convoy"))
    async with open_articles(*articles) as engine:
        abstention = await chain_of(engine.retriever, writer, min_confidence=1.0, hits=10).ainvoke(QUESTION)
    assert isinstance(abstention, Abstention)
    assert abstention.reason is Reason.NOT_IN_ARTICLES
    assert writer.asked == []
    ranked = list(dict.fromkeys(hit.article.id for hit in abstention.evidence.findings.hits))
    assert [article.id for article in abstention.nearest] == ranked[:3]
    assert len(ranked) > 3


async def test_a_writer_that_finds_nothing_to_say_makes_an_abstention_that_keeps_its_notice(
    open_articles, make_article
):
    async with open_articles(make_article(text=CONVOY)) as engine:
        abstention = await chain_of(engine.retriever, Proposing()).ainvoke(QUESTION)
    assert isinstance(abstention, Abstention)
    assert (abstention.reason, abstention.writer) == (Reason.NOT_IN_ARTICLES, "proposing:words")
    assert abstention.notice == "A notice."
    assert [article.text for article in abstention.nearest] == [CONVOY]


async def test_quotes_that_do_not_stand_are_dropped_and_the_rest_is_numbered_anew(open_articles, make_article):
    writer = Proposing(("It flew to the moon.", "flew to the moon"), ("It went to Brak.", "went to Brak al-Shati"))
    async with open_articles(make_article(text=CONVOY)) as engine:
        answer = await chain_of(engine.retriever, writer).ainvoke(QUESTION)
    assert isinstance(answer, Answer)
    assert answer.text() == "It went to Brak. [1]"
    assert [citation.quote for citation in answer.citations] == ["went to Brak al-Shati"]


async def test_if_no_quote_stands_there_is_no_answer(open_articles, make_article):
    writer = Proposing(("It flew to the moon.", "flew to the moon"))
    async with open_articles(make_article(text=CONVOY)) as engine:
        abstention = await chain_of(engine.retriever, writer).ainvoke(QUESTION)
    assert isinstance(abstention, Abstention)
    assert abstention.reason is Reason.NOT_IN_ARTICLES


async def test_an_article_withdrawn_after_it_was_found_is_not_cited(open_articles, make_article):
    class Withdrawing(Asked):
        async def read(self, article_id, version):
            return None if article_id == "a-1" else await super().read(article_id, version)

    both = make_article("a-1", CONVOY), make_article("a-2", "The convoy went to Sabha itself, another source said.")
    async with open_articles(*both) as engine:
        answer = await chain_of(Withdrawing(engine)).ainvoke(QUESTION)
        assert isinstance(answer, Answer)
        assert {citation.article.id for citation in answer.citations} == {"a-2"}
        assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


async def test_the_whole_must_be_there_in_time_whatever_station_is_slow(open_articles, make_article):
    class Stuck(Asked):
        async def retrieve(self, query):
            await asyncio.Event().wait()

    class Pondering(Proposing):
        async def write(self, evidence):
            await asyncio.Event().wait()

    async with open_articles(make_article(text=CONVOY)) as engine:
        for chain in (
            chain_of(Stuck(engine), timeout_s=0.02),
            chain_of(engine.retriever, Pondering(), timeout_s=0.5),
        ):
            with pytest.raises(AnswerTimedOut):
                await chain.ainvoke(QUESTION)
        assert isinstance(await chain_of(engine.retriever).ainvoke(QUESTION), Answer)


async def test_what_the_retriever_raises_comes_out_as_it_is(open_articles):
    class Full(Asked):
        async def retrieve(self, query):
            raise QueueFull(64)

    async with open_articles() as engine:
        with pytest.raises(QueueFull):
            await chain_of(Full(engine)).ainvoke(QUESTION)


async def test_one_chain_answers_many_questions_at_once_each_its_own(open_articles, make_article):
    towns = ("Hun", "Waddan", "Zella", "Tmassa", "Sabha", "Murzuk", "Ubari", "Ghat")
    articles = [make_article(f"a-{town}", f"The caravan of {town} rested in the town of {town}.") for town in towns]
    async with open_articles(*articles) as engine:
        chain = chain_of(engine.retriever)
        asked = [Question(f"Where did the caravan of {town} rest?", ASKED_AT, id=town) for town in towns]
        outcomes = await asyncio.gather(*map(chain.ainvoke, asked))
    for town, outcome in zip(towns, outcomes, strict=True):
        assert isinstance(outcome, Answer)
        assert outcome.evidence.question.id == town
        assert outcome.citations[0].article.id == f"a-{town}"


async def test_a_follow_up_is_searched_and_answered_as_it_is_understood_and_keeps_the_words_typed(
    open_articles, make_article
):
    of = make_article(text=f"{CONVOY} It had forty lorries and two tanks.")
    asked = Question("how many lorries did it have?", ASKED_AT, history=(Exchange("Where did the convoy go?", ""),))
    async with open_articles(of, make_article("a-2", "The firm has ten lorries and would like more.")) as engine:
        watched = Asked(engine)
        answer = await chain_of(watched).ainvoke(asked)
    assert isinstance(answer, Answer)
    assert answer.understood_as == "how many lorries did it have (the convoy go)?" == watched.queries[0].text
    assert watched.queries[1].text == "how many lorries did it have?"
    assert answer.evidence.question.as_typed == asked.text
    assert "forty lorries" in answer.citations[0].quote


async def test_what_understands_follow_ups_can_be_given(open_articles, make_article):
    async def understand(question):
        return question.reworded("Where did the convoy go?")

    async with open_articles(make_article(text=CONVOY)) as engine:
        answer = await chain_of(engine.retriever, understand=understand).ainvoke(Question("where?", ASKED_AT))
    assert (answer.understood_as, answer.evidence.question.as_typed) == ("Where did the convoy go?", "where?")


async def test_several_questions_are_answered_one_after_the_other_each_a_follow_up_to_those_before(
    open_articles, make_article
):
    asked = replace(QUESTION, text="Where did the convoy go? How many tanks did it have?")
    async with open_articles(make_article(text=f"{CONVOY} The convoy had two tanks.")) as engine:
        watched = Asked(engine)
        answer = await chain_of(watched).ainvoke(asked)
    assert isinstance(answer, Answer)
    assert [query.text for query in watched.queries[:2]] == [
        "Where did the convoy go?",
        "How many tanks did it have (the convoy go)?",
    ]
    assert (answer.evidence.question.as_typed, answer.evidence.question.id) == (asked.text, "7")
    assert answer.short_answer is None
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


async def test_a_question_that_takes_for_granted_what_no_article_says_is_declined_as_such(open_articles, make_article):
    writer = Proposing(("A claim.", "A convoy"))
    of = make_article(text="Oda Lindqvarn stays mayor. Her deputy, Ole Lindgarn, resigned on Tuesday.")
    async with open_articles(of) as engine:
        asked = Question("Why did Oda Lindqvarn resign?", ASKED_AT)
        abstention = await chain_of(engine.retriever, writer).ainvoke(asked)
    assert isinstance(abstention, Abstention)
    assert (abstention.reason, abstention.nearest, writer.asked) == (Reason.PREMISE_NOT_FOUND, (of,), [])
