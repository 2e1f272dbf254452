"""What is forgotten leaves every file of the home, does not come back, and an interrupted forgetting is finished."""

import asyncio
import random
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from bytes_on_disk import found_bytes
from forgotten import forget
from sqlalchemy import insert, select

from retrieval.archive.entries import Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedKind, FeedLedger, FeedState
from retrieval.archive.feed_tables import entries, entry_feeds, feeds
from retrieval.archive.retention import Retention
from retrieval.archive.scopes import known_scopes, place_of, scoped_id
from retrieval.archive.tables import copy_signatures, manifest, sentences, tombstones
from retrieval.errors import NothingToForget
from retrieval.forgetting import Forgetter
from retrieval.index.ledger import Admission
from retrieval.index.terms import stem
from retrieval.passages import Query

NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "https://obscurer.example/zyxwvutsia-affair"
SOURCE = "The Quibblethorpe Obscurer"
SECRET = "Zyxwvutsia Plumdragonov hid marmaladefully under Quartzomarble bridge while nobody was watching the river."
WORDS = [f"{a}{b}{c}" for a in ("mar", "tol", "bren", "ask") for b in ("ido", "ula", "eki") for c in ("ne", "st", "rk")]


def ordinary(make_article, number, words=120):
    """An article of nothing but invented words, the same in every run."""
    dice = random.Random(number)
    text = " ".join(
        " ".join(dice.choices(WORDS, k=11)).capitalize() + f" {number}x{line}." for line in range(words // 12)
    )
    return make_article(f"o-{number}", text, title=f"Report {number}", url=f"https://news.example/{number}")


def secret(make_article, **fields):
    given = {"title": "Plumdragonov affair", "source": SOURCE, "url": URL, **fields}
    return make_article(given.pop("id", "secret-plum-1"), SECRET, **given)


@asynccontextmanager
async def opened(open_index, home, **given):
    async with open_index(home, now=lambda: NOW, **given) as index:
        parts = (index.archive, index.ledger, index.lexical, index.dense, index.worker)
        index.forgetter = Forgetter(*parts, now=lambda: NOW)
        yield index


async def take_in(index, *articles):
    taken = await index.indexer.add(articles)
    await index.indexer.embed_pending()
    await index.indexer.sentences.make()
    return taken


async def ids_found(index, words):
    return [hit.article.id for hit in (await index.retriever.retrieve(Query(words))).hits]


def traces(index, *articles):
    """Everything by which the articles could be known: words, stems, names, passage ids, and their vectors."""
    with index.archive.reading() as connection:
        of = index.ledger.admitted(connection, sorted(index.ledger.ids(connection)), Admission())
    ids = [one.id for one in of.values() if one.article_id in {article.id for article in articles}]
    held, vectors = index.dense.read(ids)
    assert held, "the articles have vectors"
    said = ["Zyxwvutsia", "Plumdragonov", "marmaladefully", "Quartzomarble"]
    named = [*said, *map(stem, (one.lower() for one in said)), "Quibblethorpe", "obscurer.example", *ids]
    named += [article.id for article in articles]
    return {one: one.encode() for one in named}, dict(zip(held, vectors, strict=True))


async def test_nothing_of_a_forgotten_article_stands_in_any_file_and_its_neighbours_are_whole(
    open_index, tmp_path, make_article
):
    async with opened(open_index, tmp_path) as index:
        for start in range(0, 300, 50):
            await take_in(index, *(ordinary(make_article, n) for n in range(start, start + 50)))
        await take_in(index, secret(make_article))
        older = replace(secret(make_article), title="Plumdragonov affair, first told")
        await take_in(index, older)  # two versions
        for start in range(300, 500, 50):
            await take_in(index, *(ordinary(make_article, n) for n in range(start, start + 50)))
        wanted, vectors = traces(index, secret(make_article))
        before = found_bytes(tmp_path, wanted, vectors)
        assert {name for _, name in before} == wanted.keys() | vectors.keys(), "the search would find them"
        neighbours = await ids_found(index, "Report 77")
        assert await forget(index.forgetter, URL) == 1
        assert found_bytes(tmp_path, wanted, vectors) == set()
        assert "secret-plum-1" not in await ids_found(index, "Plumdragonov Quartzomarble")
        assert await ids_found(index, "Report 77") == neighbours
        with index.archive.reading() as connection:
            assert index.dense.ids() == index.ledger.ids(connection)
            assert index.ledger.count_pending(connection) == 0
            assert "plumdragonov" not in index.lexical.stems(connection)
            assert connection.execute(select(manifest.c.value).where(manifest.c.name == "forgetting")).all() == []
        assert found_bytes(tmp_path, wanted, vectors) == set()
    assert found_bytes(tmp_path, wanted, vectors) == set(), "nor after closing"
    async with opened(open_index, tmp_path) as index:
        assert index.repair.lacking == index.repair.surplus == index.repair.pending == 0
        assert found_bytes(tmp_path, wanted, vectors) == set(), "nor after opening again"


async def test_everything_of_a_publisher_is_forgotten_and_kept_out_whatever_the_letter_case(
    open_index, tmp_path, make_article
):
    one, two = secret(make_article), secret(make_article, id="secret-plum-2", url=None, title="Plumdragonov again")
    renamed = secret(make_article, id="secret-plum-3", url=None, title="Plumdragonov thrice")
    async with opened(open_index, tmp_path) as index:
        await take_in(index, one, two, renamed, *(ordinary(make_article, n) for n in range(40)))
        await take_in(index, replace(renamed, source="New Name Gazette"))
        wanted, vectors = traces(index, one, two, renamed)
        assert (await index.forgetter.find("the quibblethorpe OBSCURER")).article_ids == (
            "secret-plum-1",
            "secret-plum-2",
            "secret-plum-3",
        )
        assert await forget(index.forgetter, "the quibblethorpe OBSCURER") == 3
        assert found_bytes(tmp_path, wanted, vectors) == set()
        assert index.archive.sources() == ("The Averden Courier",)
        came = [
            make_article("new-1", "It says something new.", source=SOURCE.upper()),
            make_article("secret-plum-2", "The publisher's name is left out.", source=None),
            make_article("new-2", "Another one's words.", source="Another Gazette"),
        ]
        taken = await take_in(index, *came)
        assert (taken.added, [one.input for one in taken.refused]) == (1, ["new-1", "secret-plum-2"])
        assert "forgotten on request on 2026-11-25" in taken.refused[0].reason
        assert index.archive.size().articles == 41


async def test_a_forgotten_article_does_not_come_back_by_its_id_address_alias_or_words(
    open_index, tmp_path, make_article
):
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), secret(make_article, id="other-id", url=f"{URL}/2"))
        with index.archive.reading() as connection:
            assert index.archive.count(connection) == 1, "the second is an alias"
        assert await forget(index.forgetter, "other-id") == 1
        text = "Not the same words."
        came = [
            make_article("secret-plum-1", text, source=None),
            make_article("any-1", text, url=URL),
            make_article("other-id", text),
            make_article("any-2", text, url=f"{URL}/2"),
            make_article("any-3", SECRET, title="Plumdragonov affair", source=SOURCE.upper()),
            make_article("any-4", SECRET, title="Plumdragonov affair", source="Another Gazette"),
        ]
        taken = await take_in(index, *came)
        assert len(taken.refused) == 5
        assert index.archive.sources() == ("Another Gazette",), "another publisher's copy is its own"


async def test_an_address_is_forgotten_before_it_comes_and_undone_it_may_come(open_index, tmp_path, make_article):
    async with opened(open_index, tmp_path) as index:
        assert await forget(index.forgetter, URL) == 0
        assert len((await take_in(index, secret(make_article))).refused) == 1
        assert await index.forgetter.allow_again(URL) == 2
        assert await index.forgetter.allow_again(URL) == 0
        assert (await take_in(index, secret(make_article))).added == 1


async def test_undoing_takes_back_one_act_of_forgetting_and_no_other(open_index, tmp_path, make_article):
    second = secret(make_article, id="plum-second", url="https://b.example/2", title="Another affair", source="B")
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), second)
        await forget(index.forgetter, SOURCE)
        await forget(index.forgetter, "plum-second")
        assert await index.forgetter.allow_again(SOURCE) == 4  # the source; its article's id, address and story
        taken = await take_in(index, secret(make_article), second)
        assert (taken.added, [one.input for one in taken.refused]) == (1, ["https://b.example/2"])


async def test_a_name_that_nothing_has_is_an_error_that_names_the_nearest_publisher(open_index, tmp_path, make_article):
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article))
        with pytest.raises(NothingToForget) as problem:
            await forget(index.forgetter, "Quibblethorp Obscurer")
        assert (problem.value.name, problem.value.nearest) == ("Quibblethorp Obscurer", SOURCE)
        with pytest.raises(NothingToForget) as problem:
            await forget(index.forgetter, "zzz")
        assert problem.value.nearest is None
        with index.archive.reading() as connection:
            assert connection.execute(select(tombstones)).all() == []


async def test_feeds_and_entries_of_what_is_forgotten_go_and_others_stay(open_index, tmp_path, make_article):
    def feed(number, **given):
        url = given.pop("url", f"https://feed.example/{number}")
        filled = {"kind": "feed", "title": None, "source": None, "tags": [], "state": "active", "interval_s": 300}
        row = {"id": number, "number": number, "url": url, "given_url": url, "added_at": NOW, "next_at": NOW}
        return row | filled | given

    def entry(number, **given):
        filled = {"url": f"https://news.example/e{number}", "state": "kept", "fields": {}}
        return {"id": number, "seen_at": NOW, "changed_at": NOW, "article_id": None} | filled | given

    def listed(*pairs):
        return [{"feed_id": f, "key": f"k{f}{e}", "entry_id": e, "said": "s"} for f, e in pairs]

    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article))
        with index.archive.writing() as connection:
            connection.execute(
                insert(feeds), [feed(1), feed(2, source=SOURCE), feed(3, kind="page", url=URL), feed(4, kind="page")]
            )
            rows = [
                entry(
                    1, url="https://elsewhere.example/1", article_id="secret-plum-1", fields={"title": "Plumdragonov"}
                ),
                entry(2, url=URL, fields={"summary": "Zyxwvutsia"}),
                entry(3, fields={"source": SOURCE, "title": "Quartzomarble"}),
                entry(4, fields={"title": "Plain"}),
                entry(5),
                entry(6),
            ]
            connection.execute(insert(entries), rows)
            connection.execute(insert(entry_feeds), listed((1, 1), (1, 2), (1, 4), (2, 3), (2, 5), (2, 6), (1, 6)))
        wanted, vectors = traces(index, secret(make_article))
        await forget(index.forgetter, URL)
        with index.archive.reading() as connection:
            assert sorted(connection.scalars(select(feeds.c.id))) == [1, 2, 4]
            assert sorted(connection.scalars(select(entries.c.id))) == [3, 4, 5, 6]
        taken = await take_in(index, make_article("new", "New words.", url="https://elsewhere.example/1"))
        assert len(taken.refused) == 1, "the address under which a feed listed it"
        await take_in(index, secret(make_article, id="new-5", url=None, title="More of it"))
        await forget(index.forgetter, SOURCE)
        with index.archive.reading() as connection:
            assert sorted(connection.scalars(select(feeds.c.id))) == [1, 4]
            assert sorted(connection.scalars(select(entries.c.id))) == [4, 6], "what another feed lists too stays"
        assert found_bytes(tmp_path, wanted, vectors) == set()


@pytest.mark.parametrize("broken", ["remove_articles", "drop_noted", "compact"])
async def test_a_forgetting_that_breaks_off_anywhere_is_finished_at_the_next_start(
    open_index, tmp_path, make_article, monkeypatch, broken
):
    class Broken(Exception):
        pass

    def breaks(*_args):
        raise Broken

    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), *(ordinary(make_article, n) for n in range(40)))
        wanted, vectors = traces(index, secret(make_article))
        monkeypatch.setattr(f"retrieval.forgetting.{broken}", breaks)
        with pytest.raises(Broken):
            await forget(index.forgetter, URL)
        monkeypatch.undo()
    assert broken == "compact" or found_bytes(tmp_path, wanted, vectors) != set()
    async with opened(open_index, tmp_path) as index:
        assert await index.forgetter.finish() == (1 if broken == "remove_articles" else 0)
        assert found_bytes(tmp_path, wanted, vectors) == set()
        assert await index.forgetter.finish() == 0
        assert not await index.forgetter.scrub(), "nothing is left to do"


async def test_questions_are_answered_and_articles_taken_in_between_the_pieces_of_a_forgetting(
    open_index, tmp_path, make_article
):
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), *(ordinary(make_article, n) for n in range(150)))
        wanted, vectors = traces(index, secret(make_article))
        await index.forgetter.bury(URL)
        async for _ in index.forgetter.remove():
            assert "o-77" in await ids_found(index, "Report 77")
        scrubbing = asyncio.create_task(index.forgetter.scrub())
        taken = 0
        while not scrubbing.done():
            assert "o-77" in await ids_found(index, "Report 77")
            if taken < 20:
                await take_in(index, ordinary(make_article, 200 + taken))
                taken += 1
        assert await scrubbing
        with index.archive.reading() as connection:
            assert index.dense.ids() == index.ledger.ids(connection)
        assert taken
        for number in range(200, 200 + taken):
            assert f"o-{number}" in await ids_found(index, f"Report {number}")
        assert found_bytes(tmp_path, wanted, vectors) == set()


async def test_two_forgettings_at_once_both_leave_nothing(open_index, tmp_path, make_article):
    second = secret(make_article, id="plum-second", url="https://b.example/2", title="Another affair", source="B")
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), second, *(ordinary(make_article, n) for n in range(40)))
        wanted, vectors = traces(index, secret(make_article), second)
        await asyncio.gather(forget(index.forgetter, SOURCE), forget(index.forgetter, "plum-second"))
        assert found_bytes(tmp_path, wanted, vectors) == set()


async def test_articles_are_kept_as_many_days_as_their_publishers_and_no_longer(open_index, tmp_path, make_article):
    retention = Retention.of(30, {"The Long Review": 90, "Short News": 5})
    days = {
        "old": ("2026-10-01", "The Averden Courier"),
        "young": ("2026-11-01", "The Averden Courier"),
        "long": ("2026-10-01", "the long review"),
        "too-long": ("2026-08-01", "The Long Review"),
        "short": ("2026-11-15", "SHORT NEWS"),
        "nameless": ("2026-10-01", None),
    }
    made = [make_article(i, f"{SECRET} {i}", day=day, source=source) for i, (day, source) in days.items()]
    made.append(make_article("undated", "No day is given."))
    async with opened(open_index, tmp_path) as index:
        await take_in(index, *made)
        row = {"url": "https://news.example/old", "state": "kept", "fields": {"title": "Old"}, "article_id": "old"}
        with index.archive.writing() as connection:
            connection.execute(insert(entries).values(id=1, seen_at=NOW, changed_at=NOW, next_at=NOW, **row))
        assert await index.forgetter.expire(Retention()) == 0
        assert await index.forgetter.expire(retention) == 4
        assert await index.forgetter.expire(retention) == 0
        with index.archive.reading() as connection:
            assert sorted(one for one, _ in index.archive.ids(connection, below_generation=9, limit=99)) == [
                "long",
                "undated",
                "young",
            ]
            (kept,) = connection.execute(select(entries)).all()
            assert (kept.state, kept.next_at, kept.article_id, kept.fields) == ("refused", None, None, {})
            assert connection.execute(select(tombstones)).all() == [], "it may be taken in again by other settings"
            assert len(connection.execute(select(sentences)).all()) == index.ledger.count(connection)
            assert len(connection.execute(select(copy_signatures)).all()) <= 3
        assert await index.forgetter.finish() == 0
        wanted = {"too-long": b"river. too-long"}
        assert await index.forgetter.scrub()
        assert found_bytes(tmp_path, wanted) == set()
        assert not await index.forgetter.scrub()


async def test_what_is_older_than_it_would_be_kept_is_not_taken_in(open_index, tmp_path, make_article):
    async with opened(open_index, tmp_path, retention=Retention.of(30, {})) as index:
        days = [(NOW - timedelta(days=n)).date().isoformat() for n in (31, 29)]
        taken = await take_in(index, *(make_article(f"a-{day}", f"Of {day}.", day=day) for day in days))
        assert taken.added == 1
        assert "keep_days" in taken.refused[0].reason


def test_vectors_are_compared_to_more_than_their_first_numbers(tmp_path):
    """The search itself does not find what only looks alike."""
    vector = np.array([0, 0.5, 0, 0, 0.25, 0], dtype="<f4")
    (tmp_path / "file").write_bytes(b"x" + vector.tobytes())
    assert found_bytes(tmp_path, {}, {"v": vector}) == {("file", "v")}
    assert found_bytes(tmp_path, {}, {"v": np.array([0, 0.5, 0, 0, 0.26, 0])}) == set()


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from retrieval.archive.database import open_archive
from retrieval.forgetting import Forgetter
from retrieval.index.dense import DenseIndex, open_dense_index
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.manifest import read_manifest
from retrieval.worker import open_worker

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(home, where):
    with open_worker(max_waiting=8) as worker, open_archive(home) as archive, open_dense_index(home) as dense:
        with archive.reading() as connection:
            kept = read_manifest(connection)
        dense.use(kept.index_id, kept.generation)
        forgetter = Forgetter(archive, Ledger(), LexicalIndex(), dense, worker)
        if where == "renaming":
            dense._client.delete_collection = die
        else:
            setattr(*((DenseIndex, "drop", die) if where == "drop" else (Forgetter, "_compact", die)))
        await forgetter.bury("https://obscurer.example/zyxwvutsia-affair")
        async for _ in forgetter.remove():
            pass
        await forgetter.scrub()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize("where", ["drop", "renaming", "compact"])
async def test_a_forgetting_that_is_killed_is_finished_at_the_next_start(open_index, tmp_path, make_article, where):
    async with opened(open_index, tmp_path) as index:
        await take_in(index, secret(make_article), *(ordinary(make_article, n) for n in range(40)))
        wanted, vectors = traces(index, secret(make_article))
    arguments = [sys.executable, "-c", _KILLED, str(tmp_path), where]
    killed = await asyncio.to_thread(subprocess.run, arguments, check=False)
    assert killed.returncode == -signal.SIGKILL
    async with opened(open_index, tmp_path) as index:
        assert await index.forgetter.finish() == 0
        assert found_bytes(tmp_path, wanted, vectors) == set()
        with index.archive.reading() as connection:
            assert index.dense.ids() == index.ledger.ids(connection)
            assert index.ledger.count_pending(connection) == 0, "nothing has to be embedded again"
        assert "o-7" in await ids_found(index, "Report 7")
        assert (await take_in(index, secret(make_article))).refused


async def test_what_is_forgotten_leaves_every_scope_and_comes_back_into_none(open_index, make_article, tmp_path):
    """A server's own article is known by its address, whichever id it is kept under."""
    async with opened(open_index, tmp_path) as index:
        await take_in(index, ordinary(make_article, 1))
        await index.indexer.add([secret(make_article)])
        for scope in ("guild:1", "guild:2"):
            await index.indexer.add([secret(make_article)], scope)
        await index.indexer.add([ordinary(make_article, 2)], "guild:2")
        await index.indexer.embed_pending()
        assert len((await index.forgetter.find(URL)).article_ids) == 3
        await forget(index.forgetter, URL)
        for scope in (None, "guild:1", "guild:2"):
            taken = await index.indexer.add([secret(make_article, id="another")], scope)
            assert (taken.added, len(taken.refused)) == (0, 1)
            assert (await index.retriever.retrieve(Query("Plumdragonov", scope=scope))).absent
        assert index.dense.places() == ["", place_of("guild:2")], "nothing is left of the first server's"
        with index.archive.reading() as connection:
            assert known_scopes(connection) == ["guild:2"]
            assert index.lexical.count(connection) == index.ledger.count(connection) == index.dense.count()
    assert found_bytes(tmp_path, {"said": b"Plumdragonov", "stem": stem("plumdragonov").encode()}) == set()


async def test_what_a_removed_feed_of_a_server_brought_goes_unless_another_of_its_feeds_lists_it(
    open_index, make_article, tmp_path
):
    ledger, lists = FeedLedger(), EntryLedger()
    both, alone = "https://news.example/both", "https://news.example/alone"

    async with opened(open_index, tmp_path) as index:

        def follow(name, scope, *urls):
            with index.archive.writing() as connection:
                feed, _ = ledger.add(
                    connection, f"https://{name}.example/", kind=FeedKind.FEED, interval_s=60, now=NOW, scope=scope
                )
                lists.record(connection, feed.id, [Listing(None, url, {}) for url in urls], NOW)
            return feed.id

        first, _ = follow("one", "guild:1", both, alone), follow("two", "guild:1", both)
        other, public = follow("one", "guild:2", both), follow("one", None, both)
        for scope, url in (("guild:1", both), ("guild:1", alone), ("guild:2", both), (None, both)):
            article = ordinary(make_article, 1 if url == both else 2)
            await index.indexer.add([replace(article, url=url)], scope)
            with index.archive.writing() as connection:
                kept = index.indexer._identities.kept_id(connection, scoped_id(article.id, scope))
                lists.set(connection, lists.at(connection, url, scope).id, now=NOW, article_id=kept)
        assert await index.forgetter.clear_removed_feeds() == 0
        with index.archive.writing() as connection:
            for feed_id in (first, other, public):
                ledger.set(connection, feed_id, state=FeedState.REMOVED)
        assert await index.forgetter.clear_removed_feeds() == 2
        assert [index.archive.size(scope).articles for scope in (None, "guild:1", "guild:2")] == [1, 2, 1]
        with index.archive.reading() as connection:
            assert lists.at(connection, alone, "guild:1") is None
            assert lists.at(connection, both, "guild:1") is not None
            assert [ledger.read(connection, one) is None for one in (first, other, public)] == [True, True, False]
        assert await index.forgetter.clear_removed_feeds() == 0


async def test_an_article_that_a_visit_stored_after_its_feed_was_removed_goes_an_hour_later(
    open_index, make_article, tmp_path
):
    early = NOW - timedelta(hours=2)
    async with open_index(tmp_path, now=lambda: early) as index:
        await index.indexer.add([ordinary(make_article, 1)], "guild:1")
    async with opened(open_index, tmp_path) as index:
        await index.indexer.add([ordinary(make_article, 2)], "guild:1")
        await index.indexer.add([ordinary(make_article, 3)])
        assert await index.forgetter.clear_removed_feeds() == 1
        assert [index.archive.size(scope).articles for scope in (None, "guild:1")] == [1, 2]
