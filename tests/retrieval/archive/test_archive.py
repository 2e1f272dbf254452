"""The archive keeps every version of every article and never rewrites one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from retrieval.archive import archive as archive_module
from retrieval.archive.archive import Change
from retrieval.archive.batches import KEYS_PER_STATEMENT
from retrieval.archive.database import open_archive
from retrieval.articles import Precision
from retrieval.errors import ArchiveUnreadable
from retrieval.passages import IndexSize, Published

THEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        yield opened


def store(archive, *taken, now=THEN, generation=1):
    with archive.writing() as connection:
        changes = archive.changes(connection, taken)
        for article, change in zip(taken, changes, strict=True):
            archive.put(connection, article, change, generation=generation, now=now)
    return changes


def rows(archive, sql):
    with archive.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_what_was_put_is_read_back_in_every_field(archive, make_article):
    full = make_article(
        "påper/1 %",
        title='Zoë\'s "ruling" 北京',
        url="https://courier.example/?a=1&b=%20",
        authors=("Mira Holt", "Ďábel; DROP TABLE articles"),
        language="cs",
        text="Zoë 🔥👩🏽‍🚀 said:\n\n'Naïve'\u2028 — שלום.",
        published_at=datetime(2020, 9, 29, 8, 15, 30, tzinfo=UTC),
        published_precision=Precision.TIME,
    )
    bare = make_article("bare", source=None)
    store(archive, full, bare)
    for article in (full, bare):
        assert archive.read(article.id, article.version) == article


def test_what_is_unknown_is_not_invented(archive, make_article):
    store(archive, make_article())
    assert archive.read("a-1", "0" * 64) is None
    assert archive.read("a-2", make_article().version) is None
    assert archive.current("a-2") is None
    assert archive.read_many([]) == {}
    assert archive.history("a-2") == []


def test_each_publisher_of_a_current_article_is_listed_once_in_order(archive, make_article):
    assert archive.sources() == ()
    store(archive, *(make_article(f"a-{n}", source=source) for n, source in enumerate(["Post", "Mail", "Post", None])))
    store(archive, make_article("a-1", source="Echo"))
    assert archive.sources() == ("Echo", "Post")


def test_what_was_read_is_read_anew_once_something_is_written(archive, make_article):
    store(archive, make_article("a", source="Corvane Post"))
    assert (archive.sources(), archive.size().articles) == (("Corvane Post",), 1)
    store(archive, make_article("b", source="The Averden Courier", day="2020-01-01"))
    assert archive.sources() == ("Corvane Post", "The Averden Courier")
    assert (archive.size().articles, archive.size().newest_published) == (2, "2020-01-01")
    with archive.writing() as connection:
        connection.execute(text("UPDATE articles SET source = 'Corvane Post'"))
        # Another transaction sees what stands; what it sees is not remembered beyond the end of this one.
        assert archive.sources() == ("Corvane Post", "The Averden Courier")
    assert archive.sources() == ("Corvane Post",)


def test_an_article_that_is_read_twice_is_the_same_and_is_gone_once_it_was_taken_out(archive, make_article):
    article = make_article("a")
    store(archive, article)
    assert archive.read("a", article.version) == archive.read("a", article.version) == article
    with archive.writing() as connection:
        connection.execute(text("DELETE FROM versions"))
    assert archive.read("a", article.version) is None


def test_more_articles_than_are_remembered_are_read(archive, make_article, monkeypatch):
    monkeypatch.setattr(archive_module, "_ARTICLES_REMEMBERED", 2)
    taken = [make_article(f"a-{n}") for n in range(5)]
    store(archive, *taken)
    for wanted in (taken[:2], taken[1:], taken, taken[3:]):
        assert archive.read_many((one.id, one.version) for one in wanted) == {(o.id, o.version): o for o in wanted}


def test_a_new_a_changed_and_a_known_article_are_told_apart_before_anything_is_written(archive, make_article):
    store(archive, make_article("known"), make_article("changed"))
    taken = [make_article("known"), make_article("changed", text="The ferry was raised."), make_article("new")]
    with archive.reading() as connection:
        assert archive.changes(connection, taken) == [Change.UNCHANGED, Change.UPDATED, Change.ADDED]
    assert archive.size().articles == 2


def test_the_same_article_twice_in_one_batch_is_added_once(archive, make_article):
    first, second = make_article(), make_article(text="The ferry was raised.")
    assert store(archive, first, first, second, first) == [
        Change.ADDED,
        Change.UNCHANGED,
        Change.UPDATED,
        Change.UPDATED,
    ]
    assert rows(archive, "SELECT version FROM articles") == [(first.version,)]


def test_every_version_is_kept_and_the_newest_is_current(archive, make_article):
    versions = [make_article(text=f"The ferry was raised on day {n}.") for n in range(4)]
    for day, article in enumerate(versions):
        store(archive, article, now=THEN + timedelta(days=day))
    assert archive.history("a-1") == [(a.version, THEN + timedelta(days=n)) for n, a in enumerate(versions)]
    assert [archive.read("a-1", article.version) for article in versions] == versions
    assert archive.size().articles == 1
    assert archive.current("a-1") == versions[-1]


def test_a_version_that_returns_becomes_current_again_and_is_stored_once(archive, make_article):
    before, after = make_article(), make_article(text="The ferry was raised.")
    for day, article in enumerate([before, after, before]):
        assert store(archive, article, now=THEN + timedelta(days=day)) != [Change.UNCHANGED]
    assert archive.current("a-1") == before
    assert archive.history("a-1") == [(before.version, THEN), (after.version, THEN + timedelta(days=1))]


def test_putting_what_is_known_changes_nothing_at_all(archive, make_article):
    store(archive, make_article())
    before = rows(archive, "SELECT * FROM articles") + rows(archive, "SELECT * FROM versions")
    assert store(archive, make_article(), now=THEN + timedelta(days=9), generation=7) == [Change.UNCHANGED]
    assert rows(archive, "SELECT * FROM articles") + rows(archive, "SELECT * FROM versions") == before


def test_a_transaction_that_fails_half_way_stores_nothing(archive, make_article):
    def fail_half_way():
        with archive.writing() as connection:
            archive.put(connection, make_article("a-1"), Change.ADDED, generation=1, now=THEN)
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    assert archive.size() == IndexSize(0, 0, None)
    assert rows(archive, "SELECT * FROM versions") == []


def test_a_broken_rule_of_the_database_is_told_as_an_unreadable_archive_and_stores_nothing(archive, make_article):
    def put_twice():
        with archive.writing() as connection:
            for _ in range(2):
                archive.put(connection, make_article("a-1"), Change.ADDED, generation=1, now=THEN)

    with pytest.raises(ArchiveUnreadable, match="UNIQUE"):
        put_twice()
    assert archive.size().articles == 0


def test_more_keys_than_one_statement_takes_are_read(archive, make_article):
    many = [make_article(f"a-{n}", text=f"Ferry {n} sank.") for n in range(2 * KEYS_PER_STATEMENT + 1)]
    assert set(store(archive, *many)) == {Change.ADDED}
    found = archive.read_many([(a.id, a.version) for a in many] * 2)
    assert list(found.values()) == many
    assert set(store(archive, *many)) == {Change.UNCHANGED}


def test_the_size_names_the_newest_date_to_its_precision(archive, make_article):
    assert archive.size() == IndexSize(0, 0, None)
    store(archive, make_article("undated"))
    assert archive.size() == IndexSize(1, 0, None)
    store(
        archive,
        make_article("day", day="2020-09-29"),
        make_article("month", published_at=datetime(2020, 10, 1, tzinfo=UTC), published_precision=Precision.MONTH),
    )
    assert archive.size() == IndexSize(3, 0, datetime(2020, 10, 1, tzinfo=UTC), "2020-10")


def test_articles_of_older_generations_are_listed_until_they_are_marked(archive, make_article):
    store(archive, *(make_article(f"a-{n}") for n in range(3)))
    version = make_article().version
    with archive.writing() as connection:
        assert archive.count(connection) == 3
        assert archive.count(connection, below_generation=1) == 0
        assert archive.ids(connection, below_generation=2, limit=2) == [("a-0", version), ("a-1", version)]
        archive.mark_generation(connection, "a-0", 2)
        assert archive.ids(connection, below_generation=2, limit=9) == [("a-1", version), ("a-2", version)]
        assert archive.count(connection, below_generation=2) == 2


def test_the_newest_article_is_the_newest_of_those_published_by_then(archive, make_article):
    store(archive, make_article("old", day="2020-09-28"), make_article("new", day="2020-09-30"))
    assert archive.newest() == Published(datetime(2020, 9, 30, tzinfo=UTC), Precision.DAY)
    assert archive.newest(known_by=datetime(2020, 9, 29, tzinfo=UTC)) == (datetime(2020, 9, 28, tzinfo=UTC), "day")
    assert archive.newest(known_by=datetime(2020, 9, 1, tzinfo=UTC)) is None
