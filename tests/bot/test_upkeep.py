"""Forgetting and backing up as operations of an open home, and restoring, give plain events and never half of it."""

import json
import shutil
from datetime import UTC, datetime

import pytest
from bytes_on_disk import found_bytes

from bot.records.answers import KeptAnswer
from bot.records.guilds import GuildSettings
from bot.upkeep import restore_home
from retrieval.errors import HomeNotEmpty, IndexUnfinished, NothingToForget

TOLD = "Zyxwvutsia Plumdragonov hid marmaladefully under Quartzomarble bridge."
URL = "https://obscurer.example/affair"
SOURCE = "The Quibblethorpe Obscurer"
WANTED = {one: one.encode() for one in ("Zyxwvutsia", "plumdragonov", "Quibblethorpe", "obscurer.example")}


@pytest.fixture
def news(tmp_path):
    made = tmp_path / "secret.json"
    fields = {"id": "plum", "title": "Plumdragonov affair", "text": TOLD, "url": URL, "source": SOURCE}
    made.write_text(
        json.dumps([fields, {"title": "Goats", "text": "Seven goats stood on a hill.", "source": "Hill Post"}])
    )
    return made


async def report_of(operations, operation, **arguments):
    return [event async for event in operations.perform(operation, arguments)][-1]["report"]


async def restored(path, home, *, replaces=False):
    events = [event async for event in restore_home(path, home, replaces=replaces, server_url="")]
    assert all(event.keys() == {"progress"} for event in events[:-1])
    return events[-1]["report"]


async def test_a_forgotten_article_is_rejected_with_its_reason_until_that_is_undone(tmp_path, news, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        looked = await report_of(operations, "forget", names=[URL], look=True)
        assert looked == {"found": [{"name": URL, "kind": "article", "articles": 1}]}
        events = [event async for event in operations.perform("forget", {"names": [URL]})]
        assert events[1] == {"progress": {"done": 1, "total": 1, "articles": 1}}
        report = events[-1]["report"]
        assert (report["articles"], report["forgotten"]) == (1, looked["found"])
        assert found_bytes(tmp_path / "home", WANTED) == set()
        again = await report_of(operations, "ingest", paths=[str(news)])
        assert (again["added"], again["unchanged"]) == (0, 1)
        ((rejected),) = again["rejected"]
        assert rejected["input"] == URL
        assert "dateline forget --undo" in rejected["reason"]
        undone = await report_of(operations, "forget", names=[URL], undo=True)
        assert undone["allowed"][0]["tombstones"] > 0
        assert (await report_of(operations, "ingest", paths=[str(news)]))["added"] == 1


async def test_one_unknown_name_among_several_leaves_all_as_it_was(tmp_path, news, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        with pytest.raises(NothingToForget):
            await report_of(operations, "forget", names=[URL, "Hill Past"])
        again = await report_of(operations, "ingest", paths=[str(news)])
        assert (again["unchanged"], again["rejected"]) == (2, [])


async def test_nothing_is_forgotten_while_the_index_is_made_anew(tmp_path, news, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        rebuilding = operations.perform("reindex", {})
        await anext(rebuilding)
        with pytest.raises(IndexUnfinished):
            await report_of(operations, "forget", names=[URL])
        async for _ in rebuilding:
            pass
        assert (await report_of(operations, "forget", names=[SOURCE.upper()]))["articles"] == 1


async def test_a_backup_restored_over_its_home_brings_back_nothing_forgotten(tmp_path, news, open_operations):
    home, path = tmp_path / "home", tmp_path / "made.backup"
    async with open_operations(home) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        made = await report_of(operations, "backup", path=str(path))
        assert (made["path"], made["bytes"]) == (str(path), path.stat().st_size)
        await report_of(operations, "forget", names=[SOURCE])
    with pytest.raises(HomeNotEmpty):
        await restored(path, home)
    report = await restored(path, home, replaces=True)
    assert (report["articles"], report["forgotten"], report["pending"]) == (1, 1, 0)
    assert found_bytes(home, WANTED) == set()
    async with open_operations(home) as operations:
        again = await report_of(operations, "ingest", paths=[str(news)])
        assert (again["added"], len(again["rejected"])) == (0, 1)


async def test_a_home_whose_restoring_was_killed_is_finished_when_it_is_opened(tmp_path, news, open_operations):
    home, other = tmp_path / "home", tmp_path / "other"
    async with open_operations(home) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
    async with open_operations(other):
        pass
    shutil.copytree(home, other / "restoring" / "new")
    (other / "restoring" / "ready").touch()
    async with open_operations(other) as operations:
        assert (await report_of(operations, "ingest", paths=[str(news)]))["unchanged"] == 2
    assert not (other / "restoring").exists()


async def keep_answer(operations, source, question, user_id, at):
    """Keep an answer from one publisher and a thumb with words, as Discord's side does."""
    (event,) = [event async for event in operations.perform("ask", {"question": question, "sources": [source]})]
    kept = KeptAnswer(user_id, None, 7, at, question, None, None, event["outcome"])
    number = await operations.records.answers.keep(kept)
    words = f"words of {user_id}"
    await operations.records.feedback.give(number, user_id, is_good=True, at=at, words=words, consents=True)


async def test_a_backup_brings_settings_and_feedback_back_but_no_forgotten_person_and_nothing_of_a_forgotten_article(
    tmp_path, news, open_operations
):
    home, path = tmp_path / "home", tmp_path / "made.backup"
    at, later = datetime(2026, 11, 29, 12, 0, tzinfo=UTC), datetime(2026, 11, 29, 13, 0, tzinfo=UTC)
    async with open_operations(home, now=lambda: at) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        await operations.records.guilds.write(501, GuildSettings(opens_threads=True))
        await keep_answer(operations, SOURCE, "Who hid under Quartzomarble bridge?", 11, at)
        await keep_answer(operations, "Hill Post", "How many goats stood on the hill?", 12, at)
        await keep_answer(operations, "Hill Post", "Which goats stood on the hill?", 13, at)
        await report_of(operations, "backup", path=str(path))
        assert list(tmp_path.glob(".*")) == [], "nothing is left beside it"
        await operations.records.guilds.write(501, GuildSettings())
    async with open_operations(home, now=lambda: later) as operations:
        await report_of(operations, "forget", names=[URL])
        await operations.records.people.forget(12)
    report = await restored(path, home, replaces=True)
    assert (report["articles"], report["forgotten"], report["guilds"], report["feedback"]) == (1, 1, 1, 2)
    assert report["records_left_out"] == 1
    assert found_bytes(home, WANTED | {"words": b"words of 12"}) == set()
    async with open_operations(home, now=lambda: later) as operations:
        assert await operations.records.guilds.read(501) == GuildSettings(opens_threads=True)
        thumbs = await operations.records.feedback.list()
        assert sorted(thumb.words or "" for thumb in thumbs) == ["", "words of 13"]
