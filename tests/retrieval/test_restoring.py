"""A backup gives the same answers elsewhere, less what was forgotten since; a damaged or hostile one does nothing."""

import asyncio
import json
import os
import random
import shutil
import sqlite3
import stat
import warnings
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from bytes_on_disk import found_bytes
from forgotten import forget

from retrieval.archive.database import build_engine, migrate
from retrieval.archive.entries import Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.tombstones import bury, source_key
from retrieval.backup import Backups
from retrieval.errors import (
    ArchiveTooNew,
    ArchiveUnreadable,
    BackupUnreadable,
    BackupUnwritable,
    HomeNotEmpty,
)
from retrieval.forgetting import Forgetter
from retrieval.index.ledger import Admission
from retrieval.passages import Query
from retrieval.restoring import Restored, finish_restoring, restore
from retrieval.testing import HashingEmbedder

NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "https://obscurer.example/zyxwvutsia-affair"
STARTS, MIDDLES, ENDS = (
    ("mar", "tol", "bren", "ask", "hul", "wem"),
    ("ido", "ula", "eki", "ano"),
    ("ne", "st", "rk", "lt"),
)
QUESTIONS = ["Where did number7 go?", "maridone tolulast number12", "brenekirk askanolt", "hulidost wemulark number3"]


def story(make_article, number):
    """An article of invented words of its own, so that no two passages are equally near to a question."""
    dice = random.Random(number)
    words = [f"{dice.choice(STARTS)}{dice.choice(MIDDLES)}{dice.choice(ENDS)}" for _ in range(90)]
    text = " ".join(" ".join(words[n : n + 9]).capitalize() + f" number{number}." for n in range(0, 90, 9))
    return make_article(f"a-{number}", title=f"Ferry number{number}", text=text, url=f"https://news.example/{number}")


def secret(make_article):
    text = "Zyxwvutsia Plumdragonov hid marmaladefully under Quartzomarble bridge."
    return make_article("secret-plum-1", text, title="Plumdragonov affair", source="The Quibblethorpe", url=URL)


WANTED = {
    one: one.encode()
    for one in ("Zyxwvutsia", "Plumdragonov", "plumdragonov", "Quibblethorpe", "secret-plum", "obscurer.example")
}


async def take_in(index, *articles):
    taken = await index.indexer.add(articles)
    await index.indexer.embed_pending()
    await index.indexer.sentences.make()
    return taken


async def answers(index):
    """What the questions find, with scores, and every stored word of it."""
    found = []
    for question in QUESTIONS:
        for hit in (await index.retriever.retrieve(Query(question))).hits:
            found.append((question, hit.rank, round(hit.score, 4), hit.passage, hit.article))
    return found


async def back_up(index, path):
    backups = Backups(index.archive, index.dense, index.worker)
    steps = [step async for step in backups.make(path, NOW, version="0.1.0")]
    assert steps[-1].done == steps[-1].total
    return path


def brought_back(path, home, *, replaces=False):
    home.mkdir(exist_ok=True)
    restored = Restored()
    steps = list(restore(path, home, replaces=replaces, restored=restored))
    assert steps[-1].done == steps[-1].total
    return restored


class CountingEmbedder(HashingEmbedder):
    """Counts the passages that it embeds."""

    made = 0

    def embed_passages(self, texts):
        self.made += len(texts)
        return super().embed_passages(texts)


@pytest.fixture(autouse=True)
def _home(tmp_path):
    (tmp_path / "home").mkdir()


@pytest.fixture
async def backup(open_index, tmp_path, make_article):
    """A backup of thirty articles and the secret one, with the answers of its home."""
    async with open_index(tmp_path / "home") as index:
        await take_in(index, secret(make_article), *(story(make_article, n) for n in range(30)))
        before = await answers(index)
        path = await back_up(index, tmp_path / "made.backup")
    return path, before


async def test_a_restored_home_gives_the_same_answers_and_embeds_nothing(open_index, tmp_path, backup):
    path, before = backup
    restored = brought_back(path, tmp_path / "other")
    assert (restored.articles, restored.pending, restored.forgotten) == (31, 0, 0)
    assert restored.made_at == "2026-11-25T00:00:00+00:00"
    embedder = CountingEmbedder()
    async with open_index(tmp_path / "other", embedder=embedder) as index:
        assert (index.repair.lacking, index.repair.surplus, index.repair.pending) == (0, 0, 0)
        assert await index.indexer.embed_pending() == 0
        assert await answers(index) == before
    assert embedder.made == 0
    assert sorted(one.name for one in (tmp_path / "other").iterdir()) == ["archive.db", "chroma"]


async def test_only_its_owner_can_read_a_backup_and_nothing_else_is_left_beside_it(tmp_path, backup):
    path, _ = backup
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "made.backup"]


async def test_a_backup_made_while_articles_come_in_is_one_state_and_questions_go_on(
    open_index, tmp_path, make_article
):
    async with open_index(tmp_path / "home") as index:
        await take_in(index, *(story(make_article, n) for n in range(40)))
        backing = asyncio.create_task(back_up(index, tmp_path / "made.backup"))
        number = 40
        while not backing.done():
            await take_in(index, story(make_article, number))
            assert (await answers(index))[0][4].id == "a-7"
            number += 1
        await backing
    restored = brought_back(tmp_path / "made.backup", tmp_path / "other")
    assert 40 <= restored.articles <= number
    async with open_index(tmp_path / "other") as index:
        await index.indexer.embed_pending()
        with index.archive.reading() as connection:
            assert index.dense.ids() == index.ledger.ids(connection)
            assert index.lexical.count(connection) == index.ledger.count(connection)
        assert (await answers(index))[0][4].id == "a-7"
        taken = await take_in(index, *(story(make_article, n) for n in range(number)))
        assert taken.added == number - restored.articles


async def test_what_was_forgotten_after_a_backup_does_not_come_back_from_it(open_index, tmp_path, backup, make_article):
    path, _ = backup
    home = tmp_path / "home"
    async with open_index(home) as index:
        forgetter = Forgetter(index.archive, index.ledger, index.lexical, index.dense, index.worker)
        (passage_id,) = [hit.passage.id for hit in (await index.retriever.retrieve(Query("Plumdragonov"))).hits][:1]
        _, (vector,) = index.dense.read([passage_id])
        assert await forget(forgetter, "the quibblethorpe") == 1
    assert found_bytes(home, WANTED, {"vector": vector}) == set()
    with pytest.raises(HomeNotEmpty) as problem:
        brought_back(path, home)
    assert problem.value.articles == 30
    restored = brought_back(path, home, replaces=True)
    assert (restored.articles, restored.forgotten) == (30, 1)
    assert found_bytes(home, WANTED, {"vector": vector}) == set()
    async with open_index(home) as index:
        assert (await take_in(index, secret(make_article))).refused
        assert await answers(index)
    assert found_bytes(home, WANTED, {"vector": vector}) == set()


async def test_a_forgotten_publisher_s_articles_and_what_feeds_list_of_them_leave_no_byte_and_stay_out_without_its_name(
    open_index, tmp_path, make_article
):
    """The home that forgot the publisher never held this article, so its tombstone names the publisher alone."""
    (tmp_path / "other").mkdir()
    listed = Listing("1", "https://obscurer.example/short", {"title": "Ferry"})
    async with open_index(tmp_path / "other") as index:
        await take_in(index, secret(make_article), story(make_article, 1))
        with index.archive.writing() as connection:
            (entry,) = EntryLedger().record_once(connection, [listed], NOW, place="here")
            EntryLedger().set(connection, entry.id, now=NOW, state="kept", article_id="secret-plum-1")
            ids = index.ledger.ids(connection)
        held, vectors = index.dense.read(sorted(ids))
        with index.archive.reading() as connection:
            rows = index.ledger.admitted(connection, held, Admission())
        (vector,) = [vectors[n] for n, one in enumerate(held) if rows[one].article_id == "secret-plum-1"]
        path = await back_up(index, tmp_path / "made.backup")
    home = tmp_path / "home"
    async with open_index(home) as index:
        with index.archive.writing() as connection:
            bury(connection, [source_key("The Quibblethorpe")], NOW)
    was_there = {name for _, name in found_bytes(tmp_path / "other", WANTED, {"vector": vector})}
    assert was_there == {*WANTED, "vector"}
    restored = brought_back(path, home, replaces=True)
    assert (restored.articles, restored.forgotten) == (1, 1)
    assert found_bytes(home, WANTED, {"vector": vector}) == set()
    async with open_index(home) as index:
        assert (await take_in(index, replace(secret(make_article), source=None))).refused
        assert len(index.dense.ids()) > 0
    assert found_bytes(home, WANTED, {"vector": vector}) == set()


async def test_tombstones_of_the_backup_are_kept_too(open_index, tmp_path, make_article):
    async with open_index(tmp_path / "home") as index:
        forgetter = Forgetter(index.archive, index.ledger, index.lexical, index.dense, index.worker)
        await forget(forgetter, URL)
        path = await back_up(index, tmp_path / "made.backup")
    brought_back(path, tmp_path / "other")
    async with open_index(tmp_path / "other") as index:
        assert (await take_in(index, secret(make_article))).refused


async def test_vectors_that_were_missing_are_made_after_restoring(open_index, tmp_path, make_article):
    async with open_index(tmp_path / "home") as index:
        await take_in(index, *(story(make_article, n) for n in range(3)))
        before = await answers(index)
        await index.indexer.add([story(make_article, 9)])  # without vectors
        path = await back_up(index, tmp_path / "made.backup")
    restored = brought_back(path, tmp_path / "other")
    assert restored.pending > 0
    async with open_index(tmp_path / "other") as index:
        assert await index.indexer.embed_pending() == restored.pending
        with index.archive.reading() as connection:
            assert index.dense.ids() == index.ledger.ids(connection)
        assert before


async def test_a_damaged_archive_is_replaced_only_if_told_so(tmp_path, backup):
    path, _ = backup
    home = tmp_path / "broken"
    home.mkdir()
    (home / "archive.db").write_bytes(b"This is no database. " * 1000)
    with pytest.raises(HomeNotEmpty) as problem:
        brought_back(path, home)
    assert problem.value.articles == 0
    restored = brought_back(path, home, replaces=True)
    assert (restored.articles, restored.lost_tombstones) == (31, True)


@pytest.mark.parametrize("renamings", range(5))
async def test_a_restoring_that_is_killed_while_it_swaps_is_finished(
    open_index, tmp_path, backup, monkeypatch, renamings
):
    """From the moment at which all is ready, the home becomes the restored one, whenever the process ends."""
    path, before = backup
    home = tmp_path / "home"
    (home / "archive.db-wal").touch()
    (home / "other file").write_text("stays")
    rename, done = type(home).rename, []

    def killed(self, target):
        if len(done) == renamings:
            raise KeyboardInterrupt
        done.append(target)
        return rename(self, target)

    monkeypatch.setattr(type(home), "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        brought_back(path, home, replaces=True)
    monkeypatch.undo()
    finish_restoring(home)
    async with open_index(home) as index:
        assert await answers(index) == before
    assert {"restoring"}.isdisjoint(one.name for one in home.iterdir())
    assert (home / "other file").read_text() == "stays"


async def test_what_an_interrupted_restoring_left_is_removed_and_the_home_stays_as_it_was(tmp_path, backup):
    path, _ = backup
    home = tmp_path / "home"
    before = (home / "archive.db").read_bytes()
    step = restore(path, home, replaces=True, restored=Restored())
    next(step)
    shutil.copytree(home, tmp_path / "killed")
    step.close()
    (tmp_path / "killed" / "restoring" / "new").mkdir(parents=True, exist_ok=True)
    finish_restoring(tmp_path / "killed")
    for one in (home, tmp_path / "killed"):
        assert not (one / "restoring").exists()
        assert (one / "archive.db").read_bytes() == before


def rewritten(path, target, **changed):
    """Write a backup anew with other members: name -> bytes, or None to leave it out."""
    names = {"archive": "archive.db", "vectors": "vectors.f32", "passages": "passages.txt", "manifest": "manifest.json"}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for key, name in names.items():
            content = changed[key] if key in changed else old.read(name)
            if content is not None:
                new.writestr(name, content)
        for name, content in changed.get("more", {}).items():
            new.writestr(name, content)
    return target


def manifest_of(path):
    with zipfile.ZipFile(path) as bundle:
        return json.loads(bundle.read("manifest.json"))


def hashed(path, **members):
    """A manifest whose sizes and hashes fit other members."""
    import hashlib

    manifest = manifest_of(path)
    for name, content in members.items():
        full = {"archive": "archive.db", "vectors": "vectors.f32", "passages": "passages.txt"}[name]
        manifest["members"][full] = [len(content), hashlib.sha256(content).hexdigest()]
    return manifest


async def test_a_file_that_is_no_sound_backup_is_refused_and_leaves_the_home_as_it_was(tmp_path, backup):
    path, _ = backup
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as bundle:
        vectors, ids = bundle.read("vectors.f32"), bundle.read("passages.txt")
    half_way = raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 255]) + raw[len(raw) // 2 + 1 :]
    nan = np.full(len(vectors) // 4, np.nan, dtype="<f4").tobytes()
    trigger = tmp_path / "trigger.db"
    with closing(sqlite3.connect(trigger)) as made:
        made.execute("CREATE TABLE articles (id TEXT)")
        made.execute("CREATE TRIGGER evil AFTER INSERT ON articles BEGIN DELETE FROM articles; END")
    evil = trigger.read_bytes()
    told = manifest_of(path)

    def of(name, **changed):
        if "told" in changed:
            changed["manifest"] = json.dumps(changed.pop("told")).encode()
        return rewritten(path, tmp_path / f"{name}.bad", **changed)

    def plain(name, content):
        (tmp_path / f"{name}.bad").write_bytes(content)
        return tmp_path / f"{name}.bad"

    larger = json.loads(json.dumps(told))
    larger["members"]["archive.db"][0] = 10**15
    bad = [
        tmp_path / "missing",
        tmp_path,
        plain("empty", b""),
        plain("text", b"This is a letter, no backup."),
        plain("short", raw[: len(raw) * 2 // 3]),
        plain("bit", half_way),
        of("hash", archive=b"x" * told["members"]["archive.db"][0]),
        of("lacking", vectors=None),
        of("more", more={"../../escaped": b"x"}),
        of("absolute", more={"/tmp/escaped": b"x"}),
        of("manifest", manifest=b"[1]"),
        of("no json", manifest=b"{"),
        of("long manifest", manifest=b" " * 10**6),
        of("form", told={**told, "form": 99}),
        of("fields", told={"form": 1}),
        of("dimensions", told={**told, "dimensions": 3}),
        of("negative", told={**told, "dimensions": -1}),
        of("larger", told=larger),
        of("nan", vectors=nan, told=hashed(path, vectors=nan)),
        of("ids", passages=ids.replace(b"a", b"/"), told=hashed(path, passages=ids.replace(b"a", b"/"))),
        of("no database", archive=b"x" * 10_000, told=hashed(path, archive=b"x" * 10_000)),
        of("trigger", archive=evil, told=hashed(path, archive=evil)),
    ]
    home = tmp_path / "home"
    before = (home / "archive.db").read_bytes()
    for one in bad:
        with pytest.raises(BackupUnreadable) as problem:
            brought_back(one, home, replaces=True)
        assert problem.value.path == str(one)
        assert not (home / "restoring").exists(), one
    assert (home / "archive.db").read_bytes() == before
    assert not (tmp_path.parent / "escaped").exists()


async def test_a_member_that_is_there_twice_is_refused(tmp_path, backup):
    path, _ = backup
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bad = rewritten(path, tmp_path / "twice", more={"archive.db": b"another"})
    with pytest.raises(BackupUnreadable):
        brought_back(bad, tmp_path / "new home")


async def test_an_older_archive_is_migrated_and_a_newer_one_refused(open_index, tmp_path, backup):
    path, _ = backup

    def with_revision(name, revision):
        with zipfile.ZipFile(path) as bundle:
            (tmp_path / name).write_bytes(bundle.read("archive.db"))
        with closing(sqlite3.connect(tmp_path / name)) as made, made:
            made.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        made = (tmp_path / name).read_bytes()
        told = json.dumps(hashed(path, archive=made)).encode()
        return rewritten(path, tmp_path / f"{name}.backup", archive=made, manifest=told)

    with pytest.raises(ArchiveTooNew):
        brought_back(with_revision("newer", "9999"), tmp_path / "new home")
    assert list((tmp_path / "new home").iterdir()) == []

    old = tmp_path / "old.db"
    engine = build_engine(old)
    migrate(engine, old, revision="0003")
    engine.dispose()
    raw = old.read_bytes()
    empty = {"archive": raw, "vectors": b"", "passages": b""}
    told = hashed(path, **empty)
    older = rewritten(path, tmp_path / "older.backup", manifest=json.dumps(told).encode(), **empty)
    assert brought_back(older, tmp_path / "old home").articles == 0
    async with open_index(tmp_path / "old home") as index:
        assert index.archive.size().articles == 0


async def test_a_backup_that_cannot_be_written_leaves_nothing_and_the_older_one_as_it_was(
    open_index, tmp_path, make_article, monkeypatch
):
    async with open_index(tmp_path / "home") as index:
        await take_in(index, story(make_article, 1))
        with pytest.raises(BackupUnwritable):
            await back_up(index, tmp_path / "nowhere" / "made.backup")
        with pytest.raises(BackupUnwritable):
            await back_up(index, tmp_path / "home")
        path = tmp_path / "made.backup"
        path.write_text("an older one")

        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(BackupUnwritable) as problem:
            await back_up(index, path)
        monkeypatch.undo()
        assert "No space left" in problem.value.detail
        assert path.read_text() == "an older one"
        assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "made.backup"]
        await back_up(index, path)
    assert brought_back(path, tmp_path / "other").articles == 1


async def test_a_disk_too_small_is_an_error_before_anything_is_unpacked(tmp_path, backup, monkeypatch):
    path, _ = backup
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    with pytest.raises(ArchiveUnreadable, match="GiB"):
        brought_back(path, tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


async def test_a_backup_brings_back_who_sees_what(open_index, make_article, tmp_path):
    private = story(make_article, 12)
    async with open_index(tmp_path / "home") as index:
        await index.indexer.add([private], "guild:1")
        await take_in(index, *(story(make_article, n) for n in range(3)))
        found = {scope: await index.retriever.retrieve(Query(QUESTIONS[1], scope=scope)) for scope in (None, "guild:1")}
        await back_up(index, tmp_path / "all.backup")
    brought_back(tmp_path / "all.backup", tmp_path / "new")
    embedder = CountingEmbedder()
    async with open_index(tmp_path / "new", embedder=embedder) as index:
        await index.indexer.embed_pending()
        assert embedder.made == 0
        for scope, before in found.items():
            after = await index.retriever.retrieve(Query(QUESTIONS[1], scope=scope))
            assert (after.hits, after.index, after.absent) == (before.hits, before.index, before.absent)
    titles = [{hit.article.title for hit in findings.hits} for findings in found.values()]
    assert [private.title in some for some in titles] == [False, True]
