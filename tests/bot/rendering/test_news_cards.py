"""The cards of /news tell managers of their feeds and settings within what Discord takes, whatever publishers write."""

from __future__ import annotations

from typing import Any

import pytest

from bot.records.guilds import GuildSettings
from bot.rendering.card import Card
from bot.rendering.limits import MAX_CHARS, MAX_COMPONENTS, width
from bot.rendering.news_cards import added_card, feed_choice, feeds_card, removed_card, settings_card, trial_card

HOSTILE = "@everyone <@1> **bold** [click](https://evil.example) `x` ||y||\n# big " * 20


def feed(**fields: Any) -> dict[str, Any]:
    told = {
        "id": 1,
        "url": "https://news.example/rss.xml",
        "kind": "feed",
        "title": "The Averden Courier",
        "source": None,
        "state": "active",
        "failures": 0,
        "problem": "a path of the operator's: /srv/home",
        "succeeded_at": "2026-03-01T08:00:00+00:00",
        "newest_published_at": "2026-03-01T08:00:00+00:00",
        "entries": 12,
    }
    return told | fields


def examined(**fields: Any) -> dict[str, Any]:
    told = {
        "url": "https://news.example/rss.xml",
        "kind": "feed",
        "title": "The Averden Courier",
        "count": 1,
        "entries": [
            {
                "title": "Linnet Bridge opens",
                "url": "https://news.example/a",
                "published_at": "2026-03-01",
                "takes": "the page",
            }
        ],
        "problems": [],
        "others": [],
        "is_public": False,
    }
    return told | fields


def added(**fields: Any) -> dict[str, Any]:
    return {"feed": feed(), "is_new": True, "is_public": False, "others": [], "passed_over": []} | fields


def texts(card: Card) -> list[str]:
    (container,) = card.to_components()
    parts = container["components"]
    assert len(parts) + 1 <= MAX_COMPONENTS
    said = [part["content"] for part in parts if "content" in part]
    assert sum(map(width, said)) <= MAX_CHARS
    return said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "12 articles listed, the newest of 1 March 2026"),
        ({"newest_published_at": None}, "12 articles listed"),
        ({"succeeded_at": None, "entries": 0}, "not fetched yet"),
        ({"failures": 3}, "could not be fetched, 3 times in a row"),
        ({"state": "paused"}, "paused by whoever runs this bot"),
        ({"state": "ended"}, "ended by its publisher"),
    ],
)
def test_a_feed_is_listed_by_its_number_and_how_it_does(fields: dict[str, Any], said: str) -> None:
    (text,) = texts(feeds_card([feed(**fields)], most=25))
    assert text.splitlines() == [
        "**1 feed of this server's own**, of 25 that it may have",
        f"1\\. **[The Averden Courier](https://news.example/rss.xml)**: {said}",
    ]


def test_feeds_that_do_not_fit_are_counted() -> None:
    url = "https://news.example/" + "x" * 300
    lines = texts(feeds_card([feed(id=n, url=url) for n in range(1, 101)], most=100))[0].splitlines()
    assert lines[0].startswith("**100 feeds")
    assert lines[-1] == f"-# and {100 - (len(lines) - 2)} more"
    assert len(lines) > 5


def test_no_feeds_are_told_with_how_to_add_one_where_one_may_be() -> None:
    assert "/news feeds add" in texts(feeds_card([], most=25))[0]
    assert "/news feeds add" not in texts(feeds_card([], most=0))[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "This server now follows"),
        ({"is_new": False}, "already"),
        ({"is_new": False, "is_public": True}, "public already"),
    ],
)
def test_what_came_of_adding_is_told(fields: dict[str, Any], said: str) -> None:
    assert said in texts(added_card(added(**fields)))[0]


def test_other_feeds_of_a_site_are_offered_and_counted() -> None:
    others = [{"url": f"https://news.example/{n}.xml", "title": f"Part {n}"} for n in range(12)]
    offered = texts(added_card(added(others=others)))[-1]
    assert "- Part 9 https:\u200b//news.example/9.xml" in offered
    assert "Part 10" not in offered
    assert offered.endswith("-# and 2 more")


def test_trying_out_tells_what_would_be_taken_and_what_is_wrong() -> None:
    said = texts(trial_card(examined(count=7, problems=["an entry without an address"], is_public=True)))
    assert "public already" in said[0]
    assert said[1].splitlines() == [
        "7 articles would be taken; nothing was.",
        "- [Linnet Bridge opens](https://news.example/a)",
        "-# 1 March 2026, the page",
        "-# and 6 more",
    ]
    assert said[2] == ("-# 1 thing there could not be read; whoever runs this bot can see it by `dateline feeds test`.")


def test_a_manager_learns_nothing_of_the_hosts_that_an_address_leads_to() -> None:
    problems = ["http://wiki.internal/: has no address", "http://10.0.0.7/: is on a private network"]
    said = "\n".join(texts(trial_card(examined(problems=problems))))
    assert "2 things there could not be read" in said
    assert "internal" not in said
    assert "10.0.0.7" not in said


@pytest.mark.parametrize("source", [None, HOSTILE])
def test_what_publishers_write_neither_formats_nor_pings_nor_breaks_a_card(source: str | None) -> None:
    evil = feed(title=HOSTILE, source=source, url="https://news.example/" + "a" * 1900)
    others = [{"url": "https://news.example/" + "b" * 1900, "title": HOSTILE}] * 30
    entries = [{"title": HOSTILE, "url": "https://x.example/" + "c" * 1900, "published_at": None, "takes": "the page"}]
    cards = [
        added_card(added(feed=evil, others=others)),
        feeds_card([evil] * 30, most=30),
        removed_card(evil),
        trial_card(examined(title=HOSTILE, count=30, entries=entries * 10, others=others, problems=[HOSTILE] * 9)),
    ]
    for card in cards:
        for text in texts(card):
            assert "@everyone" not in text
            assert "<@1>" not in text
            assert "**bold**" not in text
            assert "](https://evil.example)" not in text


def test_a_choice_is_plain_text_that_discord_takes() -> None:
    assert feed_choice(feed()) == "1. The Averden Courier"
    assert feed_choice(feed(title=None)) == "1. news.example"
    assert len(feed_choice(feed(source="word " * 100))) <= 100


def test_settings_name_channels_up_to_a_number() -> None:
    many = GuildSettings(frozenset(range(10**18, 10**18 + 200)))
    (text,) = texts(settings_card(many, was_changed=True, lacks_threads=False))
    assert "and 160 more" in text
    assert "Elsewhere a mention gets no answer" in text
    (text,) = texts(settings_card(GuildSettings(), was_changed=False, lacks_threads=True))
    assert "in every channel" in text
    assert "Create Public Threads" not in text
