"""The records' database opens new and current ones, says why it cannot open others, and never blocks the loop."""

import sqlite3
import stat
import threading
import traceback

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bot.records.store import MIGRATIONS_DIR, RECORDS_FILE, open_store
from bot.records.tables import metadata
from retrieval.archive.database import build_engine, migrate
from retrieval.errors import ArchiveTooNew, ArchiveUnreadable


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path):
    engine = build_engine(tmp_path / RECORDS_FILE)
    migrate(engine, tmp_path / RECORDS_FILE, migrations_dir=MIGRATIONS_DIR)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


async def test_only_its_owner_may_read_the_file(tmp_path):
    async with open_store(tmp_path) as store:
        await store.run(lambda connection: connection.execute(text("DELETE FROM answers")).rowcount)
        for path in tmp_path.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


async def test_all_calls_run_one_after_another_on_one_thread_that_is_not_the_loops(tmp_path):
    async with open_store(tmp_path) as store:
        names = {await store.run(lambda _: threading.current_thread().name) for _ in range(3)}
        assert len(names) == 1
        assert names != {threading.current_thread().name}
    with pytest.raises(RuntimeError):
        await store.run(lambda _: None)


async def test_a_call_that_fails_stores_nothing(tmp_path):
    def half(connection):
        connection.execute(text("INSERT INTO quotas VALUES ('2026-11-29', 0, 1)"))
        raise KeyError("broken off")

    async with open_store(tmp_path) as store:
        with pytest.raises(KeyError):
            await store.run(half)
        assert await store.run(lambda connection: connection.scalar(text("SELECT count(*) FROM quotas"))) == 0


async def test_a_file_of_a_later_dateline_or_a_damaged_one_is_refused_with_its_name(tmp_path):
    async with open_store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / RECORDS_FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ArchiveTooNew) as refused:
        async with open_store(tmp_path):
            pass
    assert refused.value.path.endswith(RECORDS_FILE)
    for beside in tmp_path.iterdir():
        beside.unlink()
    (tmp_path / RECORDS_FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(ArchiveUnreadable):
        async with open_store(tmp_path):
            pass


async def test_the_words_of_a_call_that_fails_stand_in_no_error(tmp_path):
    def fails(connection):
        row = {"place": 7, "said": "private words"}
        connection.execute(text("INSERT INTO exchanges (place_id, question) VALUES (:place, :said)"), row)

    async with open_store(tmp_path) as store:
        with pytest.raises(ArchiveUnreadable) as problem:
            await store.run(fails)
        assert "private words" not in "".join(traceback.format_exception(problem.value))
