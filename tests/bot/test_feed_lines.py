"""An operator at night sees which feed fails, since when and why, and nothing a publisher wrote steers the terminal."""

from __future__ import annotations

import pytest

from bot.feed_lines import (
    added_lines,
    failure_lines,
    feed_lines,
    history_lines,
    imported_lines,
    retried_lines,
    state_lines,
    trial_lines,
)

NOW = "2026-03-08T12:00:00+00:00"


def feed(**changed):
    told = {
        "id": 1,
        "url": "https://a.example/rss",
        "kind": "feed",
        "title": "A Title",
        "source": "The Courier",
        "tags": [],
        "state": "active",
        "state_reason": None,
        "interval_s": 900,
        "next_at": "2026-03-08T12:10:00+00:00",
        "succeeded_at": "2026-03-08T11:48:00+00:00",
        "failures": 0,
        "problem": None,
    }
    return told | changed


def full(**changed):
    brought = {"newest_published_at": "2026-03-08T07:00:00+00:00", "entries": 30, "entries_per_day": 4.0}
    return feed(**(brought | {"waiting": 0, "dead": 0} | changed))


def status(*feeds, **changed):
    told = {
        "checked_at": NOW,
        "needs_migration": False,
        "freshness": {"newest_age_hours": 5.0, "is_stale": False},
        "entries": {},
        "feeds": list(feeds),
    }
    return told | changed


def plain(lines):
    return [line.plain for line in lines]


def test_an_operator_is_told_which_server_a_feed_is_of():
    assert "seen by guild:7 alone" in plain(feed_lines([feed(scope="guild:7")], NOW))[2]
    assert "guild" not in "".join(plain(feed_lines([feed(scope=None)], NOW)))
    told = {"feed": feed(scope=None), "is_new": False, "is_public": True, "others": [], "passed_over": []}
    assert plain(added_lines(told))[0] == "Everybody sees it already: The Courier"


def test_a_feed_that_does_well_is_told_in_three_lines_with_ages():
    assert plain(feed_lines([full(tags=["local", "x"], waiting=2, dead=1)], NOW)) == [
        "   1  active   The Courier",
        "      https://a.example/rss",
        "      last success 12 min ago; newest article 5 h ago; 4 entries a day; 2 waiting; 1 given up; "
        "fetched every 15 min; tags: local, x",
    ]


def test_a_feed_that_fails_says_why_how_often_and_when_it_is_tried_again():
    failing = full(failures=3, problem="its server answers 500", succeeded_at="2026-03-05T12:00:00+00:00")
    lines = plain(feed_lines([failing], NOW))
    assert lines[0] == "   1  failing  The Courier"
    assert "last success 3 days ago" in lines[2]
    assert lines[3] == "      its server answers 500 (3 times in a row); again in 10 min"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"succeeded_at": None}, "not fetched yet"),
        ({"succeeded_at": None, "failures": 1, "problem": "x"}, "never fetched"),
        ({"newest_published_at": None}, "no dated article yet"),
        ({"kind": "page", "next_at": None, "succeeded_at": None}, "a page; newest article 5 h ago"),
    ],
)
def test_what_is_not_known_is_told_as_such(changed, told):
    assert told in plain(feed_lines([full(**changed)], NOW))[2]


def test_without_feeds_it_is_told_how_to_add_one():
    assert plain(feed_lines([], NOW)) == ["No feeds. Add one: dateline feeds add URL"]


def test_status_counts_the_feeds_and_shows_those_first_that_need_somebody():
    well, broken = full(), full(id=2, state="broken", state_reason="failed 12 times in a row: 500", failures=12)
    lines = plain(state_lines(status(well, broken, full(id=3, state="paused"), entries={"kept": 1200, "dead": 2})))
    assert lines[0] == "Entries          2 given up, 1,200 kept"
    assert lines[1] == "Feeds            1 active, 1 broken, 1 paused"
    assert [line[:4].strip() for line in lines if line[3:4].isdigit()] == ["2", "1", "3"]


def test_stale_news_and_an_earlier_home_are_warned_of():
    lines = plain(state_lines(status(freshness={"newest_age_hours": 75.0, "is_stale": True}, needs_migration=True)))
    assert lines[0].startswith("Written by an earlier Dateline")
    assert lines[1] == "Stale: the newest article is 3 days old."


def test_adding_tells_what_was_added_and_what_else_there_is():
    others = [{"url": "https://a.example/sport", "title": "Sport"}]
    assert plain(
        added_lines({"feed": feed(), "is_new": True, "others": others, "passed_over": ["https://a.example/x: no"]})
    ) == [
        "Added feed 1: The Courier",
        "  https://a.example/rss",
        "  It is fetched for as long as `dateline serve` runs.",
        "  Passed over: https://a.example/x: no",
        "The site offers more; add those that you want:",
        "  https://a.example/sport  Sport",
    ]
    known = added_lines({"feed": feed(state="paused"), "is_new": False, "others": [], "passed_over": []})
    assert plain(known)[0] == "Already there as feed 1, paused: The Courier"


def test_trying_out_shows_the_entries_and_that_nothing_was_taken():
    entry = {"title": "One", "url": "https://a.example/1", "published_at": "2026-03-08T07:00:00Z", "takes": "the page"}
    told = {"url": "https://a.example/rss", "kind": "feed", "title": None, "count": 12, "entries": [entry]}
    assert plain(trial_lines(told | {"problems": ["no dates"], "others": [{"url": "https://a.example/2"}]})) == [
        "https://a.example/rss",
        "  a feed at https://a.example/rss: 12 entries",
        "  2026-03-08 07:00 UTC  One",
        "    takes the page: https://a.example/1",
        "  and 11 more",
        "  Problem: no dates",
        "  The site also offers https://a.example/2",
        "Nothing was taken in.",
    ]
    page = {"url": "https://a.example/1", "kind": "page", "title": None, "count": 0, "entries": []}
    assert "this page alone" in plain(trial_lines(page | {"problems": [], "others": []}))[1]


def test_what_failed_is_told_with_its_reason():
    entry = {"state": "dead", "url": None, "title": "One", "reason": "its page is gone (404)"}
    assert plain(failure_lines([entry], 1)) == ["given up     One", "             its page is gone (404)"]
    assert plain(failure_lines([entry], 1_201))[2:] == ["and 1,200 more; see --limit"]
    assert plain(failure_lines([], 0)) == ["Nothing has failed."]
    assert plain(retried_lines({"retried": 1})) == ["1 is fetched again, for as long as `dateline serve` runs."]
    assert plain(retried_lines({"retried": 0})) == ["Nothing to try again: nothing has failed."]


def test_versions_are_numbered_with_what_each_changed():
    version = {"stored_at": NOW, "title": "Ferry", "is_excerpt": True, "changes": ["-Sank.", "+Sailed."]}
    assert plain(history_lines({"versions": [version]})) == [
        "1. 2026-03-08 12:00 UTC  Ferry (excerpt)",
        "   -Sank.",
        "   +Sailed.",
    ]


def test_hostile_text_steers_no_terminal_and_breaks_no_line():
    hostile = "x\x1b]0;owned\x07\n\u202ey"
    said = {"source": hostile, "url": hostile, "tags": [hostile], "problem": hostile, "title": hostile}
    entry = {
        "title": hostile,
        "url": hostile,
        "published_at": None,
        "takes": "the page",
        "state": "dead",
        "reason": hostile,
    }
    examined = {"url": hostile, "kind": "feed", "title": hostile, "count": 1, "entries": [entry], "problems": [hostile]}
    version = {"stored_at": NOW, "title": hostile, "is_excerpt": False, "changes": [f"+{hostile}"]}
    lines = [
        *feed_lines([full(**said)], NOW),
        *added_lines(
            {
                "feed": feed(**said),
                "is_new": True,
                "others": [{"url": hostile, "title": hostile}],
                "passed_over": [hostile],
            }
        ),
        *trial_lines(examined | {"others": [{"url": hostile, "title": hostile}]}),
        *failure_lines([entry], 1),
        *imported_lines({"added": 0, "known": 0, "problems": [hostile]}),
        *history_lines({"versions": [version]}),
    ]
    assert not set("".join(plain(lines))) & set("\x1b\x07\n\u202e")
