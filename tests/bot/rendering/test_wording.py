"""Ages are told to no more than a date's precision, counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.rendering.wording import age_words, dated

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "age"),
    [
        ("2026-11-29T12:00:00Z", "1 minute ago"),
        ("2026-11-29T11:18:00Z", "42 minutes ago"),
        ("2026-11-29T11:00:00Z", "1 hour ago"),
        ("2026-11-28T12:00:01Z", "23 hours ago"),
        ("2026-11-28T12:00:00Z", "yesterday"),
        ("2026-11-29", "today"),
        ("2026-11-28", "yesterday"),
        ("2026-11-26", "3 days ago"),
        ("2026-11-16", "13 days ago"),
        ("2026-11-15", "2 weeks ago"),
        ("2026-09-30", "8 weeks ago"),
        ("2026-09-29", "2 months ago"),
        ("2025-12-30", "10 months ago"),
        ("2024-12-29", "23 months ago"),
        ("2024-11-29", "2 years ago"),
        ("2026-11", "this month"),
        ("2026-10", "last month"),
        ("2026-07", "4 months ago"),
        ("2026", None),
        ("2025", "last year"),
        ("2016", "10 years ago"),
        ("2026-11-30", None),
        (None, None),
    ],
)
def test_an_age_is_told_in_the_unit_that_people_would_use(published: str | None, age: str | None) -> None:
    assert age_words(published, NOW) == age


def test_a_date_is_followed_by_its_age_where_it_has_one() -> None:
    assert dated("2026-11-26", NOW) == "26 November 2026 (3 days ago)"
    assert dated("2026", NOW) == "2026"
    assert dated(None, NOW) == "date not given"
