"""A home can be looked at without owning it, opening its vectors or leaving a trace; `doctor` names every remedy."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import aclosing, closing
from datetime import UTC, datetime

import pytest

from bot.home import hold_home
from bot.inspection import examine, read_status
from retrieval.errors import ArchiveUnreadable

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz-0123456789_"


@pytest.fixture
async def home(tmp_path, open_operations):
    """A home of twenty small articles, whose path has to be quoted in a URI."""
    lines = [
        json.dumps({"id": f"c{n}", "title": "Convoy", "text": f"Convoy {n} went to Brak.", "published": "2020-09-29"})
        for n in range(20)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    made = tmp_path / "ho me #1? 50%41é"
    async with open_operations(made) as operations:
        async for _ in operations.perform("ingest", {"paths": [str(tmp_path / "many.jsonl")]}):
            pass
    return made


def checks_of(home, **changed):
    """Examine a home made by the embedding double, all else being in order, by name of check."""
    given = {"model": "hashing", "passage_tokens": 128, "chat_model": "", "chat_key": None, "token": TOKEN} | changed
    checks = list(examine(home, **given))
    assert all(check.remedy for check in checks if check.state == "failure")
    return {check.name: check for check in checks}


def test_a_home_that_does_not_exist_holds_nothing_and_is_not_made(tmp_path):
    home = tmp_path / "none"
    status = read_status(home)
    assert status["index"] == {"articles": 0, "passages": 0, "newest_published_at": None}
    assert (status["owner"], status["embedding_model"], status["disk_bytes"]) == (None, None, 0)
    found = checks_of(home)
    assert found["home"].state == found["index"].state == "warning"
    assert list(tmp_path.iterdir()) == []


async def test_a_home_tells_what_it_holds_and_looking_changes_nothing(home):
    before = sorted(path.name for path in home.parent.rglob("*"))
    status = read_status(home)
    assert status["index"] == {"articles": 20, "passages": 20, "newest_published_at": "2020-09-29"}
    assert (status["pending_vectors"], status["articles_to_reindex"], status["generation"]) == (0, 0, 1)
    assert status["unread_passages"] == 20
    assert status["embedding_model"] == "hashing"
    assert status["disk_bytes"] > (home / "archive.db").stat().st_size
    assert json.loads(json.dumps(status)) == status
    found = checks_of(home)
    assert {name: check.state for name, check in found.items() if check.state != "ok"} == {"embedding model": "warning"}
    assert "20 articles" in found["archive"].finding
    assert "20 passages" in found["index"].finding
    left = {"archive.db-shm", "archive.db-wal"}  # SQLite's own, of a reader of a write-ahead log
    assert set(before) ^ {path.name for path in home.parent.rglob("*")} <= left


async def test_a_home_of_an_earlier_schema_is_told_as_such_and_is_not_brought_up_to_date_by_a_look(home):
    with closing(sqlite3.connect(home / "archive.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    status = read_status(home)
    assert (status["needs_migration"], status["feeds"], status["index"]["articles"]) == (True, [], 0)
    with closing(sqlite3.connect(home / "archive.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]


async def test_news_is_stale_once_the_newest_article_is_older_than_the_settings_allow(home):
    def freshness(hours):
        day_after = datetime(2020, 9, 30, 6, tzinfo=UTC)
        return read_status(home, clock=lambda: day_after, stale_after_hours=hours)["freshness"]

    assert freshness(7) == {"newest_age_hours": 6.0, "is_stale": False}
    assert freshness(5.9) == {"newest_age_hours": 6.0, "is_stale": True}
    assert read_status(home.parent / "none", stale_after_hours=0)["freshness"]["is_stale"] is False


def test_the_owner_is_told_while_it_owns(tmp_path):
    with hold_home(tmp_path / "home", "dateline serve"):
        owner = read_status(tmp_path / "home")["owner"]
        assert (owner["command"], owner["pid"]) == ("dateline serve", os.getpid())
        assert f"dateline serve (process {os.getpid()})" in checks_of(tmp_path / "home")["home"].finding
    assert read_status(tmp_path / "home")["owner"] is None


async def test_the_vectors_are_not_looked_at(home):
    shutil.rmtree(home / "chroma")
    (home / "chroma").mkdir()
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"no database")
    assert read_status(home)["index"]["passages"] == 20
    assert checks_of(home)["index"].state == "ok"
    shutil.rmtree(home / "chroma")
    assert checks_of(home)["index"].state == "warning"


@pytest.mark.parametrize("damage", ["not a database", "torn"])
async def test_a_damaged_archive_is_a_failure_with_a_remedy_and_no_exception(home, damage):
    path = home / "archive.db"
    if damage == "torn":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.write_bytes(b"this is not a database at all, but long enough to be read as a header of one" * 10)
        with pytest.raises(ArchiveUnreadable):
            read_status(home)
    found = checks_of(home)
    assert found["archive"].state == "failure"
    assert "backup" in found["archive"].remedy
    assert "Discord token" in found


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_home_that_is_no_folder_is_a_failure(tmp_path, below):
    (tmp_path / "file").write_text("")
    home = tmp_path / "file" / below if below else tmp_path / "file"
    found = checks_of(home)
    assert (found["home"].state, "index" in found) == ("failure", False)
    assert "Discord token" in found
    if not below:
        with pytest.raises(ArchiveUnreadable, match="not a folder"):
            read_status(home)


def test_a_home_that_cannot_be_written_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, who may run this, can write everywhere
    assert checks_of(tmp_path)["home"].state == "failure"


def test_a_disk_that_is_nearly_full_is_a_failure(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**40, 2**40 - 2**20, 2**20))
    assert checks_of(tmp_path)["disk"].state == "failure"


@pytest.mark.parametrize(
    ("changed", "state", "told"),
    [
        ({"model": "other-model"}, "failure", "embedding_model: index hashing, settings other-model"),
        ({"passage_tokens": 64}, "failure", "passage_tokens: index 128, settings 64"),
        ({"passage_tokens": 200}, "warning", "the settings say 200"),
    ],
)
async def test_an_index_made_by_other_settings_is_told_before_a_command_fails_on_it(home, changed, state, told):
    check = checks_of(home, **changed)["index"]
    assert (check.state, told in check.finding, "dateline reindex" in check.remedy) == (state, True, True)


@pytest.mark.parametrize("field", ["splitter", "schema"])
async def test_an_index_of_another_version_of_the_program_is_a_failure(home, field):
    with closing(sqlite3.connect(home / "archive.db")) as connection, connection:
        (kept,) = connection.execute("SELECT value FROM manifest WHERE name = 'recipe'").fetchone()
        old = json.dumps(json.loads(kept) | {field: "of yore"})
        connection.execute("UPDATE manifest SET value = ? WHERE name = 'recipe'", (old,))
    check = checks_of(home)["index"]
    assert (check.state, check.remedy) == ("failure", "run: dateline reindex")
    assert f"{field}: index of yore" in check.finding


async def test_an_unfinished_rebuild_is_told_with_how_much_is_left(home, open_operations):
    async with open_operations(home) as operations, aclosing(operations.perform("reindex", {})) as events:
        async for event in events:
            if event["progress"]["done"]:
                break
    check = checks_of(home)["index"]
    assert (check.state, check.remedy) == ("failure", "finish it: dateline reindex")
    assert "4 articles" in check.finding


async def test_vectors_still_to_be_made_are_a_warning(home):
    with closing(sqlite3.connect(home / "archive.db")) as connection, connection:
        connection.execute("INSERT INTO pending_vectors (passage_id, operation) SELECT id, 'add' FROM passages LIMIT 3")
    assert read_status(home)["pending_vectors"] == 3
    check = checks_of(home)["index"]
    assert (check.state, "3 wait" in check.finding) == ("warning", True)


@pytest.mark.parametrize(
    ("token", "state"),
    [
        (TOKEN, "ok"),
        (None, "warning"),
        ("", "warning"),
        ("0123456789abcdef0123456789abcdef", "failure"),  # the form of a client secret
        (f"Bot {TOKEN}", "failure"),
        (f"{TOKEN}\n", "failure"),
    ],
)
def test_a_token_is_judged_by_its_form_and_never_shown(tmp_path, token, state):
    check = checks_of(tmp_path, token=token)["Discord token"]
    assert check.state == state
    assert not token or token.strip() not in check.finding + check.remedy


def test_the_packaged_model_is_checked_against_its_published_weights(tmp_path):
    assert checks_of(tmp_path, model="all-MiniLM-L6-v2")["embedding model"].state == "ok"
    assert checks_of(tmp_path, model=str(tmp_path))["embedding model"].state == "ok"
    assert checks_of(tmp_path, model="no/such-model")["embedding model"].state == "warning"


@pytest.mark.parametrize(
    ("chat_model", "key", "state"),
    [
        ("", None, "ok"),
        ("openai:a-model", "sk-1", "ok"),
        ("openai:a-model", None, "warning"),
        ("nobody:a-model", "sk-1", "failure"),
    ],
)
def test_a_chat_model_needs_its_package_and_its_key(tmp_path, chat_model, key, state):
    assert importlib.util.find_spec("langchain_openai")
    check = checks_of(tmp_path, chat_model=chat_model, chat_key=key)["chat model"]
    assert check.state == state
    assert not key or key not in check.finding + check.remedy
