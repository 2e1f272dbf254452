"""How articles stand in the home that a backup replaces holds for what the backup brings back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from retrieval.archive.aliases import AliasKind, AliasLedger
from retrieval.archive.database import build_engine, migrate
from retrieval.archive.entries import Listing
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_tables import entries
from retrieval.archive.tables import articles
from retrieval.backup import Backups
from retrieval.passages import Query
from retrieval.restoring import Restored, restore

WITHDRAWN, BACKED_UP, LATER = (datetime(2026, 11, day, tzinfo=UTC) for day in (24, 25, 26))
URL = "https://news.example/ferry"


def ferry(make_article, text="The Quillbrook ferry sank off Marrow Bay at dawn.", **fields):
    return make_article("ferry", text, title="Quillbrook ferry sinks", url=URL, **fields)


def harbour(make_article):
    return make_article("harbour", "The harbour of Averden opens a second quay.", title="Second quay for Averden")


async def take_in(index, *taken):
    await index.indexer.add(taken)
    await index.indexer.embed_pending()


async def back_up(index, path):
    async for _ in Backups(index.archive, index.dense, index.worker).make(path, BACKED_UP):
        pass


async def found(index, question="Quillbrook ferry"):
    return {hit.article.id for hit in (await index.retriever.retrieve(Query(question))).hits}


def standing(index, article_id="ferry"):
    wanted = select(articles.c.withdrawn_at, articles.c.withdrawn_reason, articles.c.held_until)
    with index.archive.reading() as connection:
        return tuple(connection.execute(wanted.where(articles.c.id == article_id)).one())


def in_step(index):
    with index.archive.reading() as connection:
        ids = index.ledger.ids(connection)
        return index.dense.ids() == ids and index.lexical.count(connection) == len(ids)


def brought_back(tmp_path):
    restored = Restored()
    list(restore(tmp_path / "made.backup", tmp_path / "home", replaces=True, restored=restored))
    return restored


def set_entry(index, state, at, **columns):
    """Record the entry that leads to the article, or write how it stands."""
    with index.archive.writing(changes_articles=False) as connection:
        if EntryLedger().at(connection, URL) is None:
            EntryLedger().record_once(connection, [Listing("1", URL, {"title": "Ferry"})], at, place="here")
        changed = {"state": state, "article_id": "ferry", "changed_at": at, **columns}
        connection.execute(update(entries).where(entries.c.url == URL).values(**changed))


def entry(index):
    with index.archive.reading() as connection:
        row = connection.execute(select(entries).where(entries.c.url == URL)).one()
    return row.state, row.reason, row.next_at, row.etag


@pytest.fixture
async def open_home(open_index, tmp_path):
    """Open the home that is backed up and replaced."""
    (tmp_path / "home").mkdir()
    return lambda now=lambda: WITHDRAWN: open_index(tmp_path / "home", now=now)


async def test_an_article_taken_back_after_a_backup_is_not_shown_when_the_backup_is_restored(
    open_home, tmp_path, make_article
):
    async with open_home() as index:
        await take_in(index, ferry(make_article), harbour(make_article))
        set_entry(index, "kept", WITHDRAWN, etag='"1"')
        await back_up(index, tmp_path / "made.backup")
        assert await index.indexer.withdraw("ferry", "its page is gone (410)")
        set_entry(index, "gone", LATER, reason="its page is gone (410)", next_at=LATER)
    restored = brought_back(tmp_path)
    assert (restored.articles, restored.hidden_since, restored.shown_since, restored.pending) == (2, 1, 0, 0)
    async with open_home() as index:
        assert standing(index) == (WITHDRAWN, "its page is gone (410)", None)
        assert await found(index) == {"harbour"}
        assert in_step(index)
        assert (index.repair.lacking, index.repair.surplus) == (0, 0)
        assert index.archive.size().articles == 1
        # Its page is looked at again as before, and may show it again.
        assert entry(index) == ("gone", "its page is gone (410)", LATER, None)
        assert await index.indexer.show_again(["ferry"]) == 1
        await index.indexer.embed_pending()
        assert "ferry" in await found(index)


async def test_an_article_taken_back_and_shown_again_after_a_backup_is_shown(open_home, tmp_path, make_article):
    async with open_home() as index:
        await take_in(index, ferry(make_article))
        await back_up(index, tmp_path / "made.backup")
        await index.indexer.withdraw("ferry", "gone")
        await index.indexer.show_again(["ferry"])
    restored = brought_back(tmp_path)
    assert (restored.hidden_since, restored.shown_since) == (0, 0)
    async with open_home() as index:
        assert await found(index) == {"ferry"}


async def test_an_article_taken_back_before_a_backup_and_shown_again_since_is_shown_after_the_next_intake(
    open_home, tmp_path, make_article
):
    async with open_home() as index:
        await take_in(index, ferry(make_article), harbour(make_article))
        await index.indexer.withdraw("ferry", "gone")
        set_entry(index, "gone", WITHDRAWN, reason="gone")
        await back_up(index, tmp_path / "made.backup")
        await index.indexer.show_again(["ferry"])
        set_entry(index, "kept", LATER, reason=None, next_at=LATER)
    restored = brought_back(tmp_path)
    assert (restored.hidden_since, restored.shown_since) == (0, 1)
    async with open_home() as index:
        assert entry(index) == ("kept", None, LATER, None)
        assert await index.indexer.release_due() == 1
        await index.indexer.embed_pending()
        assert standing(index) == (None, None, None)
        assert "ferry" in await found(index)
        assert in_step(index)


@pytest.mark.parametrize("changed", ["its page was not seen since", "its publisher changed its words"])
async def test_a_backup_s_withdrawal_holds_where_the_home_has_not_seen_the_same_words_since(
    open_home, open_index, tmp_path, make_article, changed
):
    text = {} if "seen" in changed else {"text": "The Quillbrook ferry did not sink at all, its owners say."}
    seen_at = WITHDRAWN - timedelta(days=1) if "seen" in changed else LATER
    (tmp_path / "newer").mkdir()
    async with open_index(tmp_path / "newer", now=lambda: WITHDRAWN) as index:
        await take_in(index, ferry(make_article))
        await index.indexer.withdraw("ferry", "gone")
        set_entry(index, "gone", WITHDRAWN, reason="gone")
        await back_up(index, tmp_path / "made.backup")
    async with open_home() as index:
        await take_in(index, ferry(make_article, **text))
        set_entry(index, "kept", seen_at)
    restored = brought_back(tmp_path)
    assert (restored.hidden_since, restored.shown_since) == (0, 0)
    async with open_home() as index:
        assert standing(index) == (WITHDRAWN, "gone", None)
        assert await index.indexer.release_due() == 0
        assert await found(index) == set()
        assert entry(index)[0] == "gone"


@pytest.mark.parametrize("side", ["home", "backup"])
async def test_an_article_that_the_home_knows_under_another_id_is_taken_back_by_its_alias(
    open_home, open_index, tmp_path, make_article, side
):
    (tmp_path / "other").mkdir()
    other = make_article("courier-17", ferry(make_article).text, title="Quillbrook ferry sinks")
    async with open_index(tmp_path / "other") as index:
        await take_in(index, ferry(make_article))
        if side == "backup":
            with index.archive.writing() as connection:
                AliasLedger().add(connection, {"courier-17": ("ferry", AliasKind.ID)})
        await back_up(index, tmp_path / "made.backup")
    async with open_home() as index:
        await take_in(index, other)
        if side == "home":
            with index.archive.writing() as connection:
                AliasLedger().add(connection, {"ferry": ("courier-17", AliasKind.ID)})
        await index.indexer.withdraw("courier-17", "in error")
    assert brought_back(tmp_path).hidden_since == 1
    async with open_home() as index:
        assert standing(index) == (WITHDRAWN, "in error", None)
        assert await found(index) == set()


async def test_an_article_held_back_after_a_backup_waits_for_the_end_of_its_embargo(open_home, tmp_path, make_article):
    async with open_home() as index:
        await take_in(index, ferry(make_article))
        await back_up(index, tmp_path / "made.backup")
        await take_in(index, ferry(make_article, "The Quillbrook ferry sank; two are missing.", embargoed_until=LATER))
    assert brought_back(tmp_path).hidden_since == 1
    async with open_home() as index:
        assert standing(index) == (None, None, LATER)
        assert await found(index) == set()
    async with open_home(lambda: LATER) as index:
        assert await index.indexer.release_due() == 1


async def test_a_home_of_an_earlier_schema_is_replaced(open_home, open_index, tmp_path, make_article):
    async with open_home() as index:
        await take_in(index, ferry(make_article))
        await back_up(index, tmp_path / "made.backup")
    path = tmp_path / "home" / "archive.db"
    for one in path.parent.glob("archive.db*"):
        one.unlink()
    engine = build_engine(path)
    migrate(engine, path, revision="0003")
    engine.dispose()
    restored = brought_back(tmp_path)
    assert (restored.articles, restored.hidden_since, restored.lost_tombstones) == (1, 0, False)


async def test_a_home_whose_articles_cannot_be_read_is_replaced_and_that_is_told(open_home, tmp_path, make_article):
    async with open_home() as index:
        await take_in(index, ferry(make_article))
        await back_up(index, tmp_path / "made.backup")
        with index.archive.writing() as connection:
            connection.exec_driver_sql("PRAGMA writable_schema=ON")
            root = "(SELECT rootpage FROM sqlite_master WHERE name = 'copy_links')"
            spoilt = f"UPDATE sqlite_master SET rootpage = {root} WHERE name = 'sqlite_autoindex_articles_1'"
            connection.exec_driver_sql(spoilt)
    restored = brought_back(tmp_path)
    assert (restored.articles, restored.lost_tombstones) == (1, True)
    async with open_home() as index:
        assert await found(index) == {"ferry"}
