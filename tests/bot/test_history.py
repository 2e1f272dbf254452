"""Every version of an article is told, oldest first, and what each changed in the one before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.history import read_history
from retrieval.archive.database import open_archive
from retrieval.errors import ArticleUnknown
from retrieval.news.fields import address_id

URL = "https://news.example/ferry"


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        yield opened


async def test_each_version_tells_the_lines_that_it_changed(tmp_path, open_index, make_article):
    first = make_article(
        address_id(URL), "The ferry sank.\n\nNobody was hurt.", title="Ferry sinks", url=URL, day="2026-03-01"
    )
    second = replace(first, title="Ferry sinks off Marrow Bay", text="The ferry sank.\n\nTwo people were hurt.")
    async with open_index(tmp_path) as engine:
        for article in (replace(first, is_excerpt=True), second):
            await engine.indexer.add([article])
        told = read_history(engine.archive, URL)
        assert read_history(engine.archive, "HTTPS://news.example:443/ferry?utm_source=x#top") == told
        assert read_history(engine.archive, first.id) == told
        with pytest.raises(ArticleUnknown):
            read_history(engine.archive, "https://news.example/goats")
    assert told["id"] == first.id
    assert [(one["title"], one["is_excerpt"], one["published_at"]) for one in told["versions"]] == [
        ("Ferry sinks", True, "2026-03-01"),
        ("Ferry sinks off Marrow Bay", False, "2026-03-01"),
    ]
    assert [one["changes"] for one in told["versions"]] == [
        [],
        ["-Ferry sinks", "+Ferry sinks off Marrow Bay", "-Nobody was hurt.", "+Two people were hurt."],
    ]
    assert [one["version"] for one in told["versions"]] == [replace(first, is_excerpt=True).version, second.version]


@pytest.mark.parametrize("name", ["no such thing", "", "https://user@news.example/", "x" * 5000])
def test_what_the_archive_does_not_hold_is_named(archive, name):
    with pytest.raises(ArticleUnknown) as unknown:
        read_history(archive, name)
    assert unknown.value.name == name
