"""A backup holds servers' settings and feedback; neither forgotten people nor forgotten articles come back from it."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from bytes_on_disk import found_bytes

from bot.answering.questions import Exchange
from bot.records.backups import copy_for_backup, restore_records
from bot.records.guilds import GuildSettings
from bot.records.pending import PendingQuestion
from bot.records.resting import RestsOn
from retrieval.errors import ArchiveTooNew

ASKER, OTHER, PLACE, GUILD = 81_234_567_890_123_456, 92_345_678_901_234_567, 701, 501
SETTINGS = GuildSettings(frozenset({7}), is_private=True)
SECRETS = {one: one.encode() for one in ("the-token", "private talk", "kept question")}


def keeps_all(_resting):
    return RestsOn()


def forgets(*article_ids):
    return lambda resting: RestsOn(resting.article_ids & set(article_ids))


async def give(records, make_kept, at, user_id, words):
    number = await records.answers.keep(make_kept(asker_id=user_id, question="kept question", asked_at=at))
    await records.feedback.give(number, user_id, is_good=True, at=at, words=words, consents=True)
    return number


@pytest.fixture
async def backed_up(opened, make_kept, clock, tmp_path):
    """A home with everything in it, and what its backup holds of it."""
    home, copy = tmp_path / "home", tmp_path / "backup" / "records.db"
    for one in (home, copy.parent):
        one.mkdir()
    copy.touch()
    async with opened(home) as records:
        await records.guilds.write(GUILD, SETTINGS)
        for user_id in (ASKER, OTHER):
            await give(records, make_kept, clock.at, user_id, f"words of {user_id}")
        await records.conversations.add(PLACE, ASKER, Exchange("private talk", "?"), clock.at)
        waiting = PendingQuestion(ASKER, PLACE, None, "private talk", {}, clock.at, 1, "the-token", 2)
        await records.pending.accept(waiting)
        await copy_for_backup(records.store, copy)
    return home, copy


async def test_a_backup_has_no_talk_no_kept_answer_and_no_token_ever_in_its_file(backed_up):
    home, copy = backed_up
    assert {name for _, name in found_bytes(home, SECRETS)} == SECRETS.keys(), "the search would find them"
    assert found_bytes(copy.parent, SECRETS) == set()
    with closing(sqlite3.connect(copy)) as connection:
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("guilds", "feedback", "answers", "exchanges", "pending", "quotas")
        }
    assert counts == {"guilds": 1, "feedback": 2, "answers": 0, "exchanges": 0, "pending": 0, "quotas": 0}


async def test_settings_and_feedback_come_back_into_an_empty_home(backed_up, opened, tmp_path):
    _, copy = backed_up
    other = tmp_path / "other"
    other.mkdir()
    restored = restore_records(other / "records.db", copy, other / "new.db", keeps_all)
    assert (restored.guilds, restored.feedback, restored.left_out, restored.lost) == (1, 2, 0, False)
    assert [one.name for one in other.iterdir()] == ["new.db"], "all of it is in one file"
    (other / "new.db").rename(other / "records.db")
    async with opened(other) as records:
        assert await records.guilds.read(GUILD) == SETTINGS
        assert {thumb.words for thumb in await records.feedback.list()} == {f"words of {one}" for one in (ASKER, OTHER)}


async def test_who_wanted_to_be_forgotten_since_does_not_come_back_but_for_what_they_left_later(
    backed_up, opened, make_kept, clock, tmp_path
):
    home, copy = backed_up
    async with opened(home) as records:
        clock.at += timedelta(minutes=1)
        await records.people.forget(ASKER)
        await records.guilds.write(GUILD + 1, SETTINGS)
        clock.at += timedelta(minutes=1)
        number = await give(records, make_kept, clock.at, ASKER, "later words")
    restored = restore_records(home / "records.db", copy, home / "new.db", keeps_all)
    assert (restored.guilds, restored.feedback, restored.left_out) == (1, 2, 1)
    (home / "new.db").rename(home / "records.db")
    async with opened(home) as records:
        assert {thumb.words for thumb in await records.feedback.list()} == {"later words", f"words of {OTHER}"}
        assert await records.answers.read(number) is not None, "what the home keeps of talk stays"
    wanted = {"words": f"words of {ASKER}".encode()}
    assert found_bytes(home, wanted) == set()


async def test_the_marks_of_forgotten_people_travel_with_a_backup_and_are_obeyed_by_earlier_backups(
    backed_up, opened, clock, tmp_path
):
    home, earlier = backed_up
    later, other = tmp_path / "later.db", tmp_path / "other"
    other.mkdir()
    later.touch()
    async with opened(home) as records:
        clock.at += timedelta(minutes=1)
        await records.people.forget(ASKER)
        await copy_for_backup(records.store, later)
    async with opened(other) as records:
        await records.people.forget(7)  # with a salt of its own
    restore_records(other / "records.db", later, other / "one.db", keeps_all)
    restored = restore_records(other / "one.db", earlier, other / "two.db", keeps_all)
    assert (restored.feedback, restored.left_out) == (1, 1)


async def test_what_rests_on_articles_that_were_forgotten_since_is_erased(backed_up, tmp_path):
    home, copy = backed_up
    restored = restore_records(home / "records.db", copy, tmp_path / "new.db", forgets("plum"))
    assert restored.left_out == 4, "two answers, and what two thumbs say of them"
    assert found_bytes(tmp_path, {"quote": b"Zyxwvutsia"}) - found_bytes(home, {}) == {
        (f"{one.parent.name}/{one.name}", "quote") for one in (home / "records.db", copy)
    }


async def test_damaged_records_of_the_home_are_replaced_and_that_is_told(backed_up, tmp_path):
    _, copy = backed_up
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 500)
    restored = restore_records(damaged, copy, tmp_path / "new.db", keeps_all)
    assert (restored.lost, restored.feedback) == (True, 2)


async def test_records_of_a_later_dateline_are_refused(backed_up, tmp_path):
    home, copy = backed_up
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(ArchiveTooNew):
        restore_records(home / "records.db", copy, tmp_path / "new.db", keeps_all)


async def test_a_backup_without_records_leaves_the_homes_own(backed_up, tmp_path):
    home, _ = backed_up
    restored = restore_records(home / "records.db", None, tmp_path / "new.db", keeps_all)
    assert (restored.guilds, restored.feedback, restored.left_out) == (1, 2, 0)
