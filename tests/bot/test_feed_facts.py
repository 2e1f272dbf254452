"""Of each feed is told where it is, how fetching goes and what it brought, as JSON can hold it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from bot.feed_facts import read_failures, read_feeds
from retrieval.archive.database import open_archive
from retrieval.archive.entry_ledger import EntryLedger, EntryState, Listing
from retrieval.archive.feed_ledger import FeedKind, FeedLedger

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_entries_are_counted_by_what_became_of_them_and_by_the_day_over_a_week(tmp_path):
    feeds, entries = FeedLedger(), EntryLedger()
    with open_archive(tmp_path) as archive:
        with archive.writing() as connection:
            first, _ = feeds.add(
                connection, "https://a.example/", kind=FeedKind.FEED, interval_s=900, now=NOW, tags=["x"], source="A"
            )
            feeds.add(connection, "https://b.example/", kind=FeedKind.PAGE, interval_s=900, now=NOW)
            for days, count in ((30, 5), (1, 14)):
                listed = [Listing(f"{days}-{n}", f"https://a.example/{days}/{n}", {}) for n in range(count)]
                entries.record(connection, first.id, listed, NOW - timedelta(days=days))
            for id, state in ((1, EntryState.DEAD), (2, EntryState.KEPT)):
                entries.set(connection, id, now=NOW, state=state, next_at=None)
            feeds.set(connection, first.id, failures=2, problem="its server answers 500")
        told = read_feeds(archive, NOW)
    assert json.loads(json.dumps(told)) == told
    one, other = told
    assert (one["url"], one["kind"], one["source"], one["tags"]) == ("https://a.example/", "feed", "A", ["x"])
    assert (one["state"], one["failures"], one["problem"]) == ("active", 2, "its server answers 500")
    assert (one["entries"], one["waiting"], one["dead"], one["entries_per_day"]) == (19, 17, 1, 2.0)
    assert (other["id"], other["kind"], other["entries"], other["newest_published_at"]) == (2, "page", 0, None)


def test_a_home_without_feeds_tells_none(tmp_path):
    with open_archive(tmp_path) as archive:
        assert read_feeds(archive, NOW) == []


def test_of_more_failures_than_are_told_the_number_is(tmp_path):
    entries = EntryLedger()
    listed = [Listing(None, f"https://a.example/{n}", {"title": f"No {n}"}) for n in range(4)]
    with open_archive(tmp_path) as archive:
        with archive.writing() as connection:
            for row in entries.record_once(connection, listed, NOW, place="https://a.example/"):
                state = EntryState.KEPT if row.id == 1 else EntryState.DEAD
                entries.set(connection, row.id, now=NOW, state=state, reason="its page is gone (404)")
        told = read_failures(archive, 2)
        assert read_failures(archive, 200)["total"] == len(read_failures(archive, 200)["entries"]) == 3
    assert json.loads(json.dumps(told)) == told
    assert (told["total"], len(told["entries"])) == (3, 2)
    assert {one["state"] for one in told["entries"]} == {"dead"}
