"""The card of /status tells numbers and ages, warns, and names no place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rendering.status_card import GOOD_COLOUR, WARNING_COLOUR, status_card


def status(
    *feeds: dict[str, Any],
    articles: int = 3,
    newest: str | None = "2026-03-01T08:00:00Z",
    checked: str = "2026-03-01T13:12:00+00:00",
    is_stale: bool = False,
) -> dict[str, Any]:
    return {
        "home": "/srv/secret/home",
        "index": {"articles": articles, "passages": 9, "newest_published_at": newest},
        "freshness": {"newest_age_hours": None, "is_stale": is_stale},
        "checked_at": checked,
        "feeds": list(feeds),
    }


def feed(state: str = "active", failures: int = 0) -> dict[str, Any]:
    return {
        "state": state,
        "failures": failures,
        "url": "http://10.0.0.7/feed?key=secret",
        "problem": "10.0.0.7 is shut",
    }


def shown(told: dict[str, Any]) -> tuple[int, str]:
    (container,) = status_card(told).to_components()
    return container["accent_color"], "\n".join(one["content"] for one in container["components"])


def test_all_well_is_told_in_three_lines():
    colour, text = shown(status(feed(), feed("paused")))
    assert text.splitlines() == [
        "**3 articles**",
        "The newest is of 1 March 2026, 08:00 UTC (5 hours ago).",
        "2 feeds, none of which fails.",
    ]
    assert colour == GOOD_COLOUR.value


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ([feed(failures=1)], "1 feed, of which 1 fails."),
        ([feed("broken", 12), feed("ended"), feed()], "3 feeds, of which 2 fail."),
        ([], "No feeds are followed: articles are taken in by hand."),
    ],
)
def test_feeds_that_fail_are_counted_and_no_address_or_path_is_told(feeds, told):
    colour, text = shown(status(*feeds))
    assert text.splitlines()[-1] == told
    assert colour == (WARNING_COLOUR if feeds else GOOD_COLOUR).value
    assert not any(secret in text for secret in ("10.0.0.7", "secret", "/srv", "http"))


def test_stale_news_is_warned_of():
    colour, text = shown(status(feed(), checked="2026-03-04T11:00:00+00:00", is_stale=True))
    assert colour == WARNING_COLOUR.value
    assert "3 days ago" in text
    assert "**The news is stale:**" in text


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        ("2026-03-09T11:36:00Z", "9 March 2026, 11:36 UTC (24 minutes ago)"),
        ("2026-03-09", "9 March 2026 (today)"),
        ("2026-03-08", "8 March 2026 (yesterday)"),
        ("2026-02", "February 2026 (last month)"),
        ("2020-03-08", "8 March 2020 (6 years ago)"),
    ],
)
def test_an_age_is_told_as_on_every_card(newest, told):
    assert told in shown(status(newest=newest, checked="2026-03-09T12:00:00+00:00"))[1]


def test_a_home_without_articles_or_without_dates_is_told_as_such():
    assert shown(status(articles=0, newest=None))[1].splitlines()[0] == "**0 articles**"
    assert "None of them has a date." in shown(status(articles=1, newest=None))[1]
