"""An entry is one however many feeds list it, under whatever name; and no feed moves or rewrites another site's."""

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.archive.database import open_archive
from retrieval.archive.entry_ledger import CAME_WHOLE, OPTED_OUT, EntryLedger, EntryState, Listing
from retrieval.archive.feed_ledger import FeedKind, FeedLedger
from retrieval.index.removal import remove_entries

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
URL, OTHER, EVIL = "https://courier.example/1", "https://courier.example/2", "https://evil.example/1"
LEDGER = EntryLedger()


@pytest.fixture
def connection(tmp_path):
    with open_archive(tmp_path) as archive, archive.writing() as opened:
        for host in ("courier", "sport.courier", "evil"):
            FeedLedger().add(opened, f"https://{host}.example/feed", kind=FeedKind.FEED, interval_s=60, now=NOW)
        yield opened


def listing(title="Ferry sinks", url=URL, guid=None, own=True):
    return Listing(guid, url, {"title": title}, own)


def record(connection, *listed, feed=1, now=NOW):
    new = LEDGER.record(connection, feed, listed, now)
    return new


def settle(connection, *ids):
    for one in ids:
        LEDGER.set(connection, one, now=NOW, state=EntryState.KEPT, next_at=None)


def due(connection, now=LATER, per_host=99):
    return [entry.id for entry in LEDGER.due(connection, now, per_host=per_host, limit=99)]


def title(connection, url=URL):
    return LEDGER.at(connection, url).fields["title"]


def test_a_new_entry_is_due_and_the_same_again_is_not(connection):
    assert record(connection, listing()) == 1
    assert due(connection) == [1]
    settle(connection, 1)
    assert record(connection, listing(), now=LATER) == 0
    assert due(connection) == []


def test_an_entry_names_the_feed_that_speaks_of_it(connection):
    FeedLedger().set(connection, 1, title="Courier", source="The Averden Courier")
    record(connection, listing())
    entry = LEDGER.at(connection, URL)
    assert (entry.feed_url, entry.feed_title) == ("https://courier.example/feed", "Courier")
    assert (entry.feed_source, entry.state, entry.seen_at) == ("The Averden Courier", EntryState.NEW, NOW)


def test_what_a_feed_says_anew_makes_its_entry_due(connection):
    record(connection, listing())
    settle(connection, 1)
    record(connection, listing("Ferry sank"), now=LATER)
    assert (due(connection), title(connection)) == ([1], "Ferry sank")


def test_what_another_feed_says_otherwise_does_not_and_so_nothing_goes_to_and_fro(connection):
    for _ in range(3):
        record(connection, listing("Ferry sinks"), feed=1)
        record(connection, listing("Ferry lost at sea"), feed=2)
        settle(connection, 1)
        assert (due(connection), title(connection)) == ([], "Ferry sinks")


def test_another_sites_words_never_replace_a_feeds_own(connection):
    record(connection, listing())
    record(connection, listing("A lie", own=False), feed=3)
    settle(connection, 1)
    record(connection, listing("Another lie", own=False), feed=3, now=LATER)
    assert (due(connection), title(connection)) == ([], "Ferry sinks")


def test_a_feeds_own_words_replace_another_sites_and_only_once(connection):
    record(connection, listing("A lie", own=False), feed=3)
    settle(connection, 1)
    assert record(connection, listing(), feed=1, now=LATER) == 0
    assert (due(connection), title(connection)) == ([1], "Ferry sinks")
    assert LEDGER.at(connection, URL).feed_url == "https://courier.example/feed"
    settle(connection, 1)
    record(connection, listing(), feed=1)
    record(connection, listing("Ferry lost at sea"), feed=2)
    assert due(connection) == []


def test_a_name_whose_address_moved_is_the_same_entry_and_its_page_is_read_whole(connection):
    record(connection, listing(guid="g"))
    settle(connection, 1)
    LEDGER.set(connection, 1, now=NOW, etag='"1"', last_modified="then")
    assert record(connection, listing(guid="g", url=OTHER), now=LATER) == 0
    entry = LEDGER.at(connection, OTHER)
    assert (entry.id, entry.etag, entry.last_modified, due(connection)) == (1, None, None, [1])
    assert LEDGER.at(connection, URL) is None


def test_a_name_that_moves_onto_the_address_of_another_entry_means_that_one(connection):
    record(connection, listing("One", guid="g1"), listing("Two", url=OTHER, guid="g2"))
    settle(connection, 1, 2)
    assert record(connection, listing("Two", url=OTHER, guid="g1")) == 0
    assert (title(connection, URL), title(connection, OTHER), due(connection)) == ("One", "Two", [])
    assert LEDGER.named(connection, 1, "g1", None).id == 2


@pytest.mark.parametrize("own_first", [True, False])
def test_a_feed_cannot_move_another_sites_entry_to_itself(connection, own_first):
    evil = listing("A lie", guid="g", own=False)
    for feed, one in [(1, listing()), (3, evil)] if own_first else [(3, evil), (1, listing())]:
        record(connection, one, feed=feed)
    assert record(connection, listing("A lie", url=EVIL, guid="g"), feed=3) == 1
    assert LEDGER.at(connection, URL).id == 1
    assert LEDGER.at(connection, EVIL).id == 2


def test_an_aggregator_can_move_an_entry_within_its_host_while_no_feed_of_that_site_is_known(connection):
    record(connection, listing(guid="g", own=False), feed=3)
    assert record(connection, listing(guid="g", url=OTHER, own=False), feed=3) == 0
    assert LEDGER.at(connection, OTHER).id == 1


def test_an_entry_without_an_address_is_known_by_its_name_to_its_feed_alone(connection):
    record(connection, listing(url=None, guid="g"))
    assert record(connection, listing(url=None, guid="g")) == 0
    assert record(connection, listing(url=None, guid="g"), feed=2) == 1
    assert record(connection, listing(guid="g")) == 0
    assert LEDGER.at(connection, URL).id == 1
    assert LEDGER.named(connection, 1, None, None) is None


def test_recorded_by_hand_a_known_entry_keeps_what_is_said_and_is_read_anew(connection):
    record(connection, listing())
    settle(connection, 1)
    LEDGER.set(connection, 1, now=NOW, etag='"1"', fields={"title": "Ferry sinks", CAME_WHOLE: True})
    rows = LEDGER.record_once(connection, [Listing(None, URL, {}), Listing(None, OTHER, {})], LATER, place="by hand")
    assert [(row.id, row.etag, row.fields) for row in rows] == [(1, None, {"title": "Ferry sinks"}), (2, None, {})]
    assert due(connection) == [1, 2]


def test_a_visit_does_not_undo_what_its_feed_said_meanwhile(connection):
    record(connection, listing())
    (visited,) = LEDGER.read(connection, [1])
    record(connection, listing(title="Ferry raised"), now=LATER)
    LEDGER.settle(connection, visited, now=LATER, state=EntryState.KEPT, next_at=None, fields={}, article_id="a")
    (row,) = LEDGER.read(connection, [1])
    assert (row.article_id, row.fields["title"]) == ("a", "Ferry raised")
    assert due(connection) == [1]


def test_of_each_host_only_some_are_due_at_once_the_longest_waiting_first(connection):
    record(connection, *(listing(url=f"{URL}{n}") for n in range(5)))
    record(connection, listing(url=EVIL), feed=3, now=NOW - timedelta(hours=1))
    assert due(connection, per_host=2) == [6, 1, 2]
    assert due(connection, now=NOW - timedelta(minutes=1)) == [6]
    assert LEDGER.next_due_at(connection) == NOW - timedelta(hours=1)


def test_what_was_given_up_is_listed_counted_and_tried_again(connection):
    record(connection, *(listing(url=f"{URL}{n}") for n in range(3)))
    LEDGER.set(connection, 1, now=NOW, state=EntryState.DEAD, failures=6, next_at=None, reason="500")
    settle(connection, 2)
    assert [entry.reason for entry in LEDGER.in_state(connection, [EntryState.DEAD], limit=9)] == ["500"]
    assert LEDGER.counts(connection) == {"dead": 1, "kept": 1, "new": 1}
    assert LEDGER.retry(connection, [EntryState.DEAD], LATER) == 1
    (entry,) = LEDGER.read(connection, [1])
    assert (entry.state, entry.failures, due(connection)) == (EntryState.FAILED, 0, [3, 1])


def test_what_publishers_opted_out_is_retried_only_when_that_is_asked_and_what_was_forgotten_never(connection):
    record(connection, listing(), listing(url=OTHER))
    LEDGER.set(connection, 1, now=NOW, state=EntryState.REFUSED, next_at=None, fields={OPTED_OUT: True})
    LEDGER.set(connection, 2, now=NOW, state=EntryState.REFUSED, next_at=None, fields={})
    assert LEDGER.retry(connection, [EntryState.DEAD], LATER) == 0
    assert LEDGER.retry(connection, [EntryState.DEAD], LATER, opted_out=True) == 1
    assert due(connection) == [1]


def test_an_article_that_two_entries_lead_to_is_kept_by_either(connection):
    record(connection, listing(), listing(url=OTHER))
    for one in (1, 2):
        LEDGER.set(connection, one, now=NOW, article_id="a", state=EntryState.KEPT)
    assert LEDGER.is_kept_by_another(connection, "a", 1)
    LEDGER.set(connection, 2, now=NOW, state=EntryState.GONE)
    assert not LEDGER.is_kept_by_another(connection, "a", 1)


def test_what_is_removed_is_listed_by_no_feed_and_comes_as_new(connection):
    record(connection, listing(guid="g"))
    remove_entries(connection, [1])
    assert LEDGER.counts(connection) == {}
    assert record(connection, listing(guid="g")) == 1


def test_an_address_is_one_entry_in_each_scope(connection):
    """What the feed of one scope says of a page, and how that went, is nothing to another's."""
    feed, _ = FeedLedger().add(
        connection, "https://courier.example/feed", kind=FeedKind.FEED, interval_s=60, now=NOW, scope="guild:1"
    )
    assert record(connection, listing("Ferry sinks", guid="f")) == 1
    settle(connection, 1)
    assert record(connection, listing("Ferry sinks fast", guid="f"), feed=feed.id) == 1
    assert due(connection) == [2]
    assert (LEDGER.at(connection, URL).scope, title(connection)) == (None, "Ferry sinks")
    own = LEDGER.at(connection, URL, "guild:1")
    assert (own.scope, own.fields["title"], own.state) == ("guild:1", "Ferry sinks fast", EntryState.NEW)
    assert LEDGER.at(connection, URL, "guild:2") is None
    assert LEDGER.named(connection, feed.id, None, URL).id == own.id
    assert LEDGER.counts(connection) == {"kept": 1, "new": 1}
    assert LEDGER.counts(connection, [None]) == LEDGER.counts(connection, [None, "guild:2"]) == {"kept": 1}
