"""Feeds are added once, found by every address they had, and due when their time has come."""

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.archive.database import open_archive
from retrieval.archive.entry_ledger import EntryLedger, EntryState, Listing
from retrieval.archive.feed_ledger import FeedHealth, FeedKind, FeedLedger, FeedState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, C = (f"https://courier.example/{name}" for name in "abc")
LEDGER = FeedLedger()


@pytest.fixture
def connection(tmp_path):
    with open_archive(tmp_path) as archive, archive.writing() as opened:
        yield opened


def add(connection, url, now=NOW, **fields):
    return LEDGER.add(connection, url, kind=FeedKind.FEED, interval_s=3600, now=now, **fields)


def test_a_feed_is_added_once_and_due_at_once(connection):
    feed, is_new = add(connection, A, title="News", source="Courier", tags=["sea", "air"], scope="guild:1")
    assert is_new
    assert (feed.url, feed.title, feed.source, feed.tags, feed.scope) == (
        A,
        "News",
        "Courier",
        ("sea", "air"),
        "guild:1",
    )
    assert (feed.state, feed.next_at, feed.interval_s, feed.failures) == (FeedState.ACTIVE, NOW, 3600, 0)
    assert add(connection, A, title="Other", scope="guild:1") == (feed, False)
    assert LEDGER.all(connection) == [feed]


def test_an_address_is_one_feed_in_each_scope_and_each_scope_counts_its_own(connection):
    """Neither that others have a feed nor how many they have shows in what a scope is told."""
    public, _ = add(connection, A)
    add(connection, B, scope="guild:1")
    own, is_new = add(connection, A, scope="guild:2")
    assert (is_new, own.id != public.id, own.number) == (True, True, 1)
    assert add(connection, C, scope="guild:2")[0].number == 2
    assert LEDGER.at(connection, A) == public
    assert LEDGER.at(connection, A, "guild:2") == LEDGER.numbered(connection, 1, "guild:2") == own
    assert LEDGER.at(connection, A, "guild:1") is LEDGER.numbered(connection, 2, "guild:1") is None
    assert [feed.url for feed in LEDGER.of_scope(connection, "guild:2")] == [A, C]
    assert LEDGER.known_urls(connection) == {A}
    assert LEDGER.count(connection) == len(LEDGER.all(connection)) == 4


def test_a_feed_is_found_where_it_is_and_as_it_was_named(connection):
    feed, _ = add(connection, A)
    LEDGER.set(connection, feed.id, url=B)
    assert LEDGER.at(connection, A) == LEDGER.at(connection, B) == LEDGER.read(connection, feed.id)
    assert LEDGER.at(connection, C) is LEDGER.read(connection, 9) is None
    assert LEDGER.known_urls(connection) == {A, B}


def test_a_feed_that_was_removed_is_unseen_and_can_be_added_anew_and_is_read_whole(connection):
    feed, _ = add(connection, A)
    gone = {"state": FeedState.REMOVED, "etag": '"1"', "last_modified": "then", "failures": 3, "problem": "500"}
    LEDGER.set(connection, feed.id, **gone)
    assert LEDGER.all(connection) == []
    assert LEDGER.known_urls(connection) == {A}
    again, is_new = add(connection, A, now=NOW + timedelta(days=1))
    assert is_new
    assert (again.id, again.state, again.next_at) == (feed.id, FeedState.ACTIVE, NOW + timedelta(days=1))
    assert (again.etag, again.last_modified, again.failures, again.problem) == (None, None, 0, None)


def test_those_are_due_that_are_fetched_at_all_longest_waiting_first(connection):
    states = [FeedState.ACTIVE, FeedState.BROKEN, FeedState.PAUSED, FeedState.ENDED, FeedState.REMOVED]
    for number, state in enumerate(states):
        feed, _ = add(connection, f"{A}/{number}", now=NOW - timedelta(hours=number))
        LEDGER.set(connection, feed.id, state=state)
    add(connection, B, now=NOW + timedelta(seconds=1))
    assert [feed.state for feed in LEDGER.due(connection, NOW)] == [FeedState.BROKEN, FeedState.ACTIVE]
    assert LEDGER.next_due_at(connection) == NOW - timedelta(hours=1)


def test_nothing_is_ever_due_without_feeds(connection):
    assert (LEDGER.due(connection, NOW), LEDGER.next_due_at(connection)) == ([], None)


def test_the_health_of_a_feed_counts_each_entry_once(tmp_path, make_article):
    with open_archive(tmp_path) as archive:
        with archive.writing() as connection:
            feed, _ = add(connection, A)
            entries = EntryLedger()
            entries.record(connection, feed.id, [Listing(f"g{n}", f"{A}/{n}", {}) for n in range(4)], NOW)
            entries.record(connection, feed.id, [Listing("other name", f"{A}/0", {})], NOW)
            entries.record(connection, feed.id, [Listing("late", f"{A}/9", {})], NOW + timedelta(hours=1))
            for entry_id, state in enumerate([EntryState.KEPT, EntryState.FAILED, EntryState.DEAD], start=1):
                entries.set(connection, entry_id, now=NOW, state=state)
            entries.set(connection, 1, now=NOW, article_id="a-1")
            article = make_article(day="2026-02-28")
            (change,) = archive.changes(connection, [article])
            archive.put(connection, article, change, generation=1, now=NOW)
            health = LEDGER.health(connection, feed.id, since=NOW + timedelta(minutes=1))
        assert health == FeedHealth(article.published_at, entries=5, recent=1, waiting=3, dead=1)
