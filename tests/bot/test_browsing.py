"""What is looked up beside asking comes from the open engine, as of now, and never while it is being rebuilt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.errors import LimitUnreadable, QuestionTooLong
from bot.answering.questions import Question
from bot.answering.quote_limits import QuoteLimits
from bot.browsing import TOPIC_LIMIT_CHARS, Browsing
from config.settings import load_settings
from retrieval.archive.feed_ledger import FeedKind, FeedLedger, FeedState
from retrieval.build import open_engine
from retrieval.errors import IndexUnfinished
from retrieval.testing import HashingEmbedder

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)


class Rebuilding:
    """Refuses while a test says that the index is being rebuilt."""

    is_going_on = False

    def __call__(self):
        if self.is_going_on:
            raise IndexUnfinished(1, 2)


@pytest.fixture
async def engine(tmp_path, make_article):
    settings = load_settings()
    embedding = settings.embedding.model_copy(update={"tagger": "rules"})
    async with open_engine(tmp_path, settings.retrieval, embedding, load=HashingEmbedder) as opened:
        await opened.indexer.open()
        await opened.indexer.add(
            [
                make_article(
                    "bridge", "The tram bridge opens in May. It was shut.", title="Tram bridge", day="2024-03-09"
                ),
                make_article("school", "The school reopens.", title="School", day="2024-03-10", source="Harbour Post"),
                make_article("to come", "The future.", title="Future", day="2024-03-20", source="Future Post"),
            ]
        )
        await opened.indexer.embed_pending()
        yield opened
        await opened.indexer.close()


@pytest.fixture
def rebuilding():
    return Rebuilding()


@pytest.fixture
def browsing(engine, rebuilding):
    return Browsing(engine, now=lambda: NOW, check=rebuilding, quote_limits=QuoteLimits(12))


async def test_the_newest_articles_come_with_leads_as_short_as_their_publisher_wishes(browsing):
    latest = await browsing.latest(None, None)
    assert [(one.article.id, one.lead) for one in latest.headlines] == [
        ("school", "The school…"),
        ("bridge", "The tram…"),
    ]
    assert [one.article.id for one in (await browsing.latest("tram bridge", None)).headlines] == ["bridge"]


async def test_a_story_is_told_as_the_terminal_tells_it(browsing):
    (step,) = (await browsing.timeline(Question("tram bridge", NOW))).steps
    assert step.citation.article.id == "bridge"
    with pytest.raises(QuestionTooLong):
        await browsing.timeline(Question("x" * (TOPIC_LIMIT_CHARS + 1), NOW))


async def test_a_quote_is_found_and_no_more_of_it_shown_than_its_publisher_allows(browsing):
    (finding,) = (await browsing.quotes("the tram bridge opens in May", None)).quotes
    assert finding.match.article.id == "bridge"
    assert [run.published for run in finding.match.runs] == ["The tram…"]


async def test_publishers_are_listed_and_named_as_of_now(browsing):
    listed = await browsing.listed(None)
    assert [(one.name, one.articles, one.newest) for one in listed.publishers] == [
        ("Harbour Post", 1, "2024-03-10"),
        ("The Averden Courier", 1, "2024-03-09"),
    ]
    assert await browsing.source_names(None) == ("Harbour Post", "The Averden Courier")


async def test_feeds_are_named_without_their_addresses_and_only_those_that_may_be_seen(browsing, engine):
    ledger = FeedLedger()
    feeds = {
        "https://user:secret@a.example/feed?key=secret": {},
        "http://10.0.0.7/feed": {},
        "http://newsroom/feed": {},
        "http://news.internal/feed": {},
        "https://b.example/1": {"title": "B, titled"},
        "https://b.example/2": {"title": "B, titled", "source": "B Post"},
        "https://private.example/": {"scope": "guild:7", "source": "Private Post"},
        "https://ended.example/": {},
    }
    with engine.archive.writing() as connection:
        for url, said in feeds.items():
            ledger.add(connection, url, kind=FeedKind.FEED, interval_s=60, now=NOW, **said)
        ended = ledger.at(connection, "https://ended.example/")
        ledger.set(connection, ended.id, state=FeedState.ENDED)
    assert (await browsing.listed(None)).feeds == ("a.example", "B, titled", "B Post")
    assert "Private Post" in (await browsing.listed("guild:7")).feeds
    assert "Private Post" not in (await browsing.listed("guild:8")).feeds


async def test_dates_are_read_as_of_now(browsing):
    assert await browsing.limits(None, None) == (None, None)
    assert (await browsing.limits("yesterday", None))[0] == datetime(2024, 3, 9, tzinfo=UTC)
    with pytest.raises(LimitUnreadable):
        await browsing.limits(None, "soon")


async def test_nothing_is_looked_up_while_the_index_is_being_rebuilt(browsing, rebuilding):
    rebuilding.is_going_on = True
    for looking_up in (
        lambda: browsing.latest(None, None),
        lambda: browsing.timeline(Question("bridge", NOW)),
        lambda: browsing.quotes("the tram bridge", None),
    ):
        with pytest.raises(IndexUnfinished):
            await looking_up()
