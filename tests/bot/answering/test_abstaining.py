"""A question is declined before anything is written for a reason that holds, and it is told how to ask better."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import convoy
import pytest

from bot.answering.abstaining import asks_after_articles, find_hints, reason_to_abstain, wants_newer_articles
from bot.answering.answers import Evidence, Reason
from bot.answering.hints import AskBefore, NameSomething, NotMentioned, WithoutLimits
from bot.answering.questions import Question
from retrieval.articles import Precision
from retrieval.errors import QueueFull
from retrieval.passages import Published

ASKED_AT = datetime(2025, 6, 20, 10, tzinfo=UTC)
NEWEST = Published(datetime(2025, 5, 12, tzinfo=UTC), Precision.DAY)


def found(text, *, asked_at=ASKED_AT, newest=NEWEST, absent=(), articles=(convoy.WIRE,), **limits):
    """Find articles for a question in an index whose newest known article is of 12 May 2025."""
    findings = convoy.evidence(text, articles).findings
    findings = replace(findings, newest_known=newest, absent=frozenset(absent))
    return Evidence(Question(text, asked_at, **limits), findings)


class Finding:
    """Gives the same findings for every query and keeps the queries."""

    def __init__(self, findings):
        self.findings, self.queries = findings, []

    async def retrieve(self, query):
        self.queries.append(query)
        return self.findings

    async def sources(self, scope):
        return ()


@pytest.mark.parametrize(
    ("text", "is_after"),
    [
        ("What happened in Orvale on 13 May 2025?", True),
        ("What happened in Orvale on 12 May 2025?", False),
        ("What happened in Orvale in May 2025?", False),
        ("What happened in Orvale today?", True),
        ("What happened in Orvale this week?", True),
        ("What happened in Orvale after 13 May 2025?", True),
        ("What happened in Orvale before 13 June 2025?", False),
        ("What happened in Orvale?", False),
        # Announced before it comes to be.
        ("When will the bridge open on 30 June 2025?", False),
        ("Who hosts the 2025 World Cup?", False),
    ],
)
def test_a_question_about_a_time_that_begins_after_the_newest_article_is_after_the_articles(text, is_after):
    assert asks_after_articles(found(text)) is is_after


def test_an_event_with_a_year_in_its_name_may_have_been_announced():
    at = datetime(2026, 6, 20, tzinfo=UTC)
    assert not asks_after_articles(found("Who won the 2026 World Cup?", asked_at=at))
    assert asks_after_articles(found("Who won the cup in 2026?", asked_at=at))


@pytest.mark.parametrize(
    ("newest", "is_after"),
    [
        (Published(datetime(2025, 6, 1, tzinfo=UTC), Precision.MONTH), False),
        (Published(datetime(2025, 1, 1, tzinfo=UTC), Precision.YEAR), False),
        (Published(datetime(2025, 5, 1, tzinfo=UTC), Precision.MONTH), True),
        (None, False),
    ],
)
def test_the_articles_end_with_the_last_day_that_the_newest_one_may_be_of(newest, is_after):
    assert asks_after_articles(found("What happened in Orvale on 13 June 2025?", newest=newest)) is is_after


def test_today_just_after_midnight_is_not_after_an_index_that_is_kept_up():
    at = datetime(2025, 5, 13, 0, 30, tzinfo=UTC)
    assert not asks_after_articles(found("What happened in Orvale today?", asked_at=at))
    assert asks_after_articles(found("What happened in Orvale today?", asked_at=at.replace(day=15)))


def test_the_limit_since_counts_as_the_time_asked_about_and_any_time_as_none():
    assert asks_after_articles(found("What happened?", since=datetime(2025, 5, 13, tzinfo=UTC)))
    assert not asks_after_articles(found("What happened?", since=datetime(2025, 5, 12, 9, tzinfo=UTC)))
    assert not asks_after_articles(found("What happened on 13 May 2025?", any_time=True))


@pytest.mark.parametrize(
    ("text", "days", "is_stale"),
    [
        ("What is the latest on the bridge?", 15, True),
        ("What is the latest on the bridge?", 13, False),
        ("How much does the bridge cost now?", 15, True),
        ("How much does the bridge cost now?", 4, False),
        ("Who is winning right now?", 4, True),
        ("Who is winning right now?", 1, False),
        ("Who is the mayor of Orvale now?", 400, False),
        ("Where did the convoy go?", 400, False),
        ("Who sang “The Latest”?", 400, False),
        ("What was the latest count in April 2024?", 400, False),
    ],
)
def test_the_latest_is_not_told_from_articles_that_are_too_old_for_it(text, days, is_stale):
    at = datetime(2025, 5, 12, tzinfo=UTC)
    newest = Published(at, Precision.TIME)
    assert wants_newer_articles(found(text, asked_at=at + timedelta(days=days), newest=newest)) is is_stale


def test_limits_of_date_say_that_old_articles_are_meant():
    until = datetime(2025, 4, 1, tzinfo=UTC)
    assert not wants_newer_articles(found("What is the latest on the bridge?", until=until))
    assert not wants_newer_articles(found("What is the latest on the bridge?", any_time=True))
    assert wants_newer_articles(found("What is the latest on the bridge?"))


def test_the_first_reason_that_holds_is_given():
    late, latest = "Who left on 13 May 2025?", "What is the latest on the convoy?"
    assert reason_to_abstain(found(late), 1.0, 0.5) is Reason.AFTER_INDEX
    assert reason_to_abstain(found(late, articles=()), 0.0, 0.5) is Reason.AFTER_INDEX
    assert reason_to_abstain(found(latest, articles=()), 0.0, 0.5) is Reason.NOTHING_FOUND
    assert reason_to_abstain(found(latest), 0.1, 0.5) is Reason.STALE
    assert reason_to_abstain(found("Who left?"), 0.1, 0.5) is Reason.NOT_IN_ARTICLES
    assert reason_to_abstain(found("Who left?"), 0.9, 0.5) is None


async def hints_of(evidence, reason=Reason.NOT_IN_ARTICLES, *, freed=None, min_confidence=0.0):
    searches = Finding(freed or evidence.findings)
    return await find_hints(searches, evidence, reason, hits=5, min_confidence=min_confidence), searches.queries


@pytest.mark.parametrize("reason", [Reason.AFTER_INDEX, Reason.STALE])
async def test_where_the_articles_are_too_old_it_is_said_until_when_they_go(reason):
    assert await hints_of(found("What is the latest on Al-Jufra?"), reason) == ((AskBefore("2025-05-12"),), [])
    assert await hints_of(found("What of Al-Jufra?")) == ((), [])


@pytest.mark.parametrize(
    ("text", "absent", "names"),
    [
        ("Why did Oda Zorblatt leave Al-Jufra?", {"oda", "zorblatt"}, ("Oda Zorblatt",)),
        ("Why did Oda Zorblatt leave Al-Jufra?", {"zorblatt"}, ("Zorblatt",)),
        ("Did Zorblatt's men meet Quimby, or Zorblatt's wife?", {"zorblatt", "quimbi"}, ("Zorblatt", "Quimby")),
        ("how many died in zorbland?", {"zorbland"}, ("zorbland",)),
        ("Who left Al-Jufra in November 1777 and resigned?", {"novemb", "1777", "resign"}, ()),
        ("Who left Al-Jufra?", set(), ()),
    ],
)
async def test_names_that_no_article_has_are_told_as_they_were_typed(text, absent, names):
    hints, _ = await hints_of(found(text, absent=absent))
    assert hints == ((NotMentioned(names),) if names else ())


async def test_limits_are_named_if_the_question_is_answered_without_them_and_only_then():
    limited = found("Where did the convoy of Wagner go?", articles=(), since=ASKED_AT, sources=("The Ledger",))
    freed = found("Where did the convoy of Wagner go?").findings
    hints, queries = await hints_of(limited, Reason.NOTHING_FOUND, freed=freed)
    assert hints == (WithoutLimits(("since", "sources")),)
    assert [(query.since, query.sources) for query in queries] == [(None, ())]
    hints, _ = await hints_of(limited, Reason.NOTHING_FOUND, freed=freed, min_confidence=1.0)
    assert hints == ()


async def test_an_abstention_stays_one_where_the_search_for_hints_is_refused():
    class Full(Finding):
        async def retrieve(self, query):
            raise QueueFull(64)

    limited = found("Where did the convoy of Wagner go?", articles=(), since=ASKED_AT)
    searches = Full(limited.findings)
    assert await find_hints(searches, limited, Reason.NOTHING_FOUND, hits=10, min_confidence=0.5) == ()


@pytest.mark.parametrize(
    ("text", "is_vague"),
    [("What happened?", True), ("any news?", True), ("Where did the convoy go?", False), ("Who left Brak?", False)],
)
async def test_a_question_that_says_too_little_is_told_to_name_something(text, is_vague):
    hints, _ = await hints_of(found(text))
    assert hints == ((NameSomething(),) if is_vague else ())


async def test_there_are_at_most_two_hints_and_none_for_an_empty_index():
    evidence = found("Did Zorblatt go?", absent={"zorblatt"}, since=ASKED_AT)
    freed = found("Did Zorblatt go?").findings
    hints, _ = await hints_of(evidence, Reason.AFTER_INDEX, freed=freed)
    assert hints == (AskBefore("2025-05-12"), WithoutLimits(("since",)))
    assert await hints_of(evidence, Reason.EMPTY_INDEX) == ((), [])
