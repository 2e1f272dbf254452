"""The archive opens new, current and older databases, and says why it cannot open others."""

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, insert, text

from retrieval.archive.archive import Change, utc_now
from retrieval.archive.copies import CopyLedger
from retrieval.archive.database import ARCHIVE_FILE, build_engine, migrate, open_archive
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedLedger
from retrieval.archive.tables import metadata, passages
from retrieval.errors import ArchiveTooNew, ArchiveUnreadable
from retrieval.index.ledger import Ledger
from retrieval.index.sentences import Sentences, SentenceStore

NOBODY = 65534


def columns(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master"))


def store(archive, *taken):
    with archive.writing() as connection:
        for article, change in zip(taken, archive.changes(connection, taken), strict=True):
            archive.put(connection, article, change, generation=1, now=utc_now())


def store_early(connection, article):
    """Store an article in an archive of whichever schema."""
    columns = "id, version, added_at, changed_at, generation"
    stored = f"'{article.id}', '{article.version}', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1"
    connection.execute(text(f"INSERT INTO articles ({columns}) VALUES ({stored})"))
    columns = "article_id, version, added_at, title, source, authors, language, text"
    stored = f"'{article.id}', '{article.version}', '2026-01-01 00:00:00', :title, :source, '[]', 'en', :text"
    values = {"title": article.title, "source": article.source, "text": article.text}
    connection.execute(text(f"INSERT INTO versions ({columns}) VALUES ({stored})"), values)


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path):
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    migrate(engine, tmp_path / ARCHIVE_FILE)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_a_table_that_no_migration_makes_would_be_noticed(tmp_path):
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    migrate(engine, tmp_path / ARCHIVE_FILE)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_passages_article_id"))
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []
    engine.dispose()


def test_opening_again_changes_neither_schema_nor_articles(tmp_path, make_article):
    with open_archive(tmp_path) as archive:
        store(archive, make_article())
    before = columns(tmp_path / ARCHIVE_FILE)
    with open_archive(tmp_path) as archive:
        assert archive.read("a-1", make_article().version) == make_article()
    assert columns(tmp_path / ARCHIVE_FILE) == before


@pytest.mark.parametrize("statement", range(1, 57))
def test_a_migration_that_breaks_off_at_any_statement_leaves_an_archive_that_opens(tmp_path, statement):
    path = tmp_path / ARCHIVE_FILE
    engine = build_engine(path)
    seen = 0

    @event.listens_for(engine, "before_cursor_execute")
    def _break_off(connection, cursor, sql, parameters, context, many):
        nonlocal seen
        seen += sql.lstrip().startswith(("CREATE", "INSERT"))
        if seen == statement:
            raise KeyboardInterrupt

    @event.listens_for(engine, "commit")
    def _break_off_at_the_end(connection):
        if seen < statement:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(engine, path)
    engine.dispose()
    # The table of the version and its row; five tables and three indexes; four tables and three indexes more; the
    # table of sentences; five tables and eight indexes of intake; the table of unread passages, its filling and an
    # index; two indexes and the table of scopes, three tables kept, made anew with ten indexes and filled again: 55
    # statements, and the next is the commit.
    assert seen == min(statement, 55)
    with open_archive(tmp_path) as archive:
        assert archive.size().articles == 0


def test_an_archive_of_the_first_schema_is_brought_up_to_date_with_all_that_it_holds(tmp_path, make_article):
    article = make_article()
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    migrate(engine, tmp_path / ARCHIVE_FILE, revision="0001")
    with engine.begin() as connection:
        store_early(connection, article)
    engine.dispose()
    with open_archive(tmp_path) as archive:
        assert archive.read("a-1", article.version) == article
        with archive.reading() as connection:
            assert CopyLedger().unlinked(connection, below_scheme=1, limit=9) == [("a-1", article.version)]


def test_passages_that_lack_their_sentences_are_noted_as_unread_when_an_archive_is_brought_up_to_date(
    tmp_path, make_article
):
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    migrate(engine, tmp_path / ARCHIVE_FILE, revision="0004")
    with engine.begin() as connection:
        store_early(connection, make_article())
        for number, name in enumerate(("read", "unread"), start=1):
            row = {"number": number, "id": name, "article_id": "a-1", "version": make_article().version}
            connection.execute(insert(passages), [row | {"start_char": 0, "end_char": 3}])
        SentenceStore().put(connection, {"read": Sentences((), np.zeros((0, 0), np.int8), ())})
    engine.dispose()
    with open_archive(tmp_path) as archive, archive.reading() as connection:
        assert [one.id for one in Ledger().unread(connection, 9)] == ["unread"]


def test_feeds_and_entries_of_an_earlier_archive_stay_as_they_were_and_are_public(tmp_path):
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    migrate(engine, tmp_path / ARCHIVE_FILE, revision="0005")
    at = "'2026-01-01 00:00:00.000000'"
    with engine.begin() as connection:
        for n in (3, 7):
            connection.execute(
                text(
                    "INSERT INTO feeds (id, url, given_url, kind, tags, state, added_at, interval_s) "
                    f"VALUES ({n}, 'https://{n}.example/', 'https://{n}.example/', 'feed', '[]', 'active', {at}, 3600)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO entries (id, url, state, visits, fields, seen_at, changed_at) "
                    f"VALUES ({n}, 'https://{n}.example/a', 'kept', 2, '{{}}', {at}, {at})"
                )
            )
            connection.execute(text(f"INSERT INTO entry_feeds VALUES ({n}, 'key', {n}, 'said')"))
    engine.dispose()
    with open_archive(tmp_path) as archive, archive.reading() as connection:
        feeds = FeedLedger().all(connection)
        assert [(one.id, one.number, one.url, one.scope) for one in feeds] == [
            (3, 3, "https://3.example/", None),
            (7, 7, "https://7.example/", None),
        ]
        entry = EntryLedger().at(connection, "https://7.example/a")
        assert (entry.id, entry.scope, entry.visits, entry.feed_url) == (7, None, 2, "https://7.example/")
        assert connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE name LIKE 'kept%'")) == 0
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_an_archive_of_a_later_dateline_is_refused_by_its_revision(tmp_path):
    with open_archive(tmp_path) as archive, archive.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ArchiveTooNew) as refused, open_archive(tmp_path):
        pass
    assert refused.value.revision == "9999"
    assert refused.value.path == str(tmp_path / ARCHIVE_FILE)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / ARCHIVE_FILE
    path.write_bytes(b"no database " * 500)
    with pytest.raises(ArchiveUnreadable, match="not a database") as refused, open_archive(tmp_path):
        pass
    assert refused.value.path == str(path)
    assert path.read_bytes() == b"no database " * 500


def test_damaged_pages_are_found_when_they_are_read(tmp_path, make_article):
    with open_archive(tmp_path) as archive:
        store(archive, *(make_article(f"a-{n}", text="ferry " * 400) for n in range(50)))
    path = tmp_path / ARCHIVE_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    version = make_article(text="ferry " * 400).version
    with pytest.raises(ArchiveUnreadable, match="malformed"), open_archive(tmp_path) as archive:
        archive.read_many((f"a-{n}", version) for n in range(50))


def test_a_home_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ArchiveUnreadable, match="unable to open"), open_archive(tmp_path / "nowhere"):
        pass


@contextmanager
def without_roots_rights():
    """Root may write anywhere: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder_is_refused_until_it_can_be_written():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder, "home")
        home.mkdir()
        home.chmod(0o555)
        with without_roots_rights(), pytest.raises(ArchiveUnreadable, match="unable to open"), open_archive(home):
            pass
        assert list(home.iterdir()) == []
        home.chmod(0o777)
        with without_roots_rights(), open_archive(home) as archive:
            assert archive.size().articles == 0


def test_a_full_disk_is_told_and_stores_nothing(tmp_path, make_article):
    def put_on_a_full_disk():
        with archive.writing() as connection:
            pages = connection.scalar(text("PRAGMA page_count"))
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            huge = make_article("a-2", text="ferry " * 20_000)
            archive.put(connection, huge, Change.ADDED, generation=1, now=utc_now())

    with open_archive(tmp_path) as archive:
        store(archive, make_article())
        with pytest.raises(ArchiveUnreadable, match="full"):
            put_on_a_full_disk()
        assert archive.size().articles == 1


def test_a_path_with_signs_that_mean_something_elsewhere_is_only_a_path(tmp_path, make_article):
    home = tmp_path / "50 % ?mode=memory #1 %(here)s"
    home.mkdir()
    with open_archive(home) as archive:
        store(archive, make_article())
    engine = build_engine(home / ARCHIVE_FILE, read_only=True)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM articles")) == 1
    engine.dispose()


def test_a_read_only_engine_reads_beside_the_owner_and_cannot_write(tmp_path, make_article):
    with open_archive(tmp_path) as archive:
        store(archive, make_article())
        engine = build_engine(tmp_path / ARCHIVE_FILE, read_only=True)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM articles")) == 1
            with pytest.raises(Exception, match="readonly"):
                connection.execute(text("DELETE FROM articles"))
        engine.dispose()


def test_writing_ahead_is_on_so_that_readers_do_not_wait(tmp_path):
    with open_archive(tmp_path) as archive, archive.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_what_is_read_is_one_state_although_another_connection_writes_between(tmp_path, make_article):
    count = text("SELECT count(*) FROM articles")
    with open_archive(tmp_path) as archive:
        with archive.reading() as connection:
            assert connection.scalar(count) == 0
            store(archive, make_article())
            assert connection.scalar(count) == 0
        with archive.reading() as connection:
            assert connection.scalar(count) == 1
