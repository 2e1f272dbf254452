"""The ledger knows which passages exist, what Chroma has yet to do, and which articles a query may find."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from retrieval.archive.archive import utc_now
from retrieval.archive.database import open_archive
from retrieval.articles import Precision
from retrieval.index.ledger import Admission, Ledger, PassageRow, Pending
from retrieval.passages import Passage, Query

NOON = datetime(2020, 9, 29, 12, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        yield opened


@pytest.fixture
def connection(archive):
    with archive.writing() as opened:
        yield opened


@pytest.fixture
def put(archive, connection):
    """Store an article with the given spans as its passages; gives the passages."""

    def put(article, *spans):
        (change,) = archive.changes(connection, [article])
        archive.put(connection, article, change, generation=1, now=utc_now())
        made = [
            Passage(
                Passage.make_id(article.id, article.version, *span), article.id, article.version, *span,
                article.text[slice(*span)],
            )
            for span in spans
        ]  # fmt: skip
        Ledger().replace(connection, article.id, made)
        return made

    return put


def test_new_passages_are_noted_to_be_added_with_what_embedding_them_needs(connection, put, make_article):
    first, second = put(make_article(text="Zoë 🔥 left. Then 北京 fell."), (0, 11), (12, 25))
    assert Ledger().to_add(connection, 9) == [
        Pending(first.id, "Ferry sinks", "Zoë 🔥 left.", "en"),
        Pending(second.id, "Ferry sinks", "Then 北京 fell.", "en"),
    ]
    assert Ledger().to_add(connection, 1)[0].id == first.id
    assert Ledger().to_drop(connection, 9) == []
    assert Ledger().count_pending(connection) == 2


def test_replacing_notes_the_old_passages_to_be_dropped_and_forgets_them(connection, put, make_article):
    (old,) = put(make_article(), (0, 9))
    (new,) = put(make_article(text="The ferry was raised."), (0, 9))
    assert Ledger().pending_ids(connection) == {old.id: "drop", new.id: "add"}
    assert Ledger().ids(connection) == {new.id}
    assert Ledger().count(connection) == 1


def test_a_version_that_returns_is_to_be_added_again_not_dropped(connection, put, make_article):
    (first,) = put(make_article(), (0, 9))
    (second,) = put(make_article(text="The ferry was raised."), (0, 9))
    (again,) = put(make_article(), (0, 9))
    assert again.id == first.id
    assert Ledger().pending_ids(connection) == {first.id: "add", second.id: "drop"}


def test_settling_strikes_out_only_the_note_that_was_done(connection):
    Ledger().note(connection, ["p1", "p2", "p3"], "add")
    Ledger().note(connection, ["p2"], "drop")
    Ledger().settle(connection, ["p1", "p2", "unknown"], "add")
    assert Ledger().pending_ids(connection) == {"p2": "drop", "p3": "add"}
    Ledger().settle(connection, ["p2"], "drop")
    assert Ledger().pending_ids(connection) == {"p3": "add"}


def test_an_article_may_become_one_without_passages(connection, put, make_article):
    put(make_article(), (0, 9), (10, 19))
    put(make_article(text=" \n "))
    assert Ledger().ids(connection) == set()


def test_more_notes_than_one_statement_takes_are_kept(connection):
    many = [f"p{n}" for n in range(1203)]
    Ledger().note(connection, many, "drop")
    assert sorted(Ledger().to_drop(connection, 9999)) == sorted((one, "") for one in many)
    Ledger().settle(connection, many[:1000], "drop")
    assert Ledger().count_pending(connection) == 203


def test_a_passage_is_found_by_id_with_where_it_stands(connection, put, make_article):
    first, _ = put(make_article(), (0, 9), (10, 19))
    asked = [first.id, "unknown", first.id]
    found = Ledger().admitted(connection, asked, Admission())
    assert found == {first.id: PassageRow(first.id, "a-1", first.version, 0, 9)}


def test_clearing_forgets_passages_and_notes_and_keeps_articles(archive, connection, put, make_article):
    put(make_article(), (0, 9))
    Ledger().clear(connection)
    assert (Ledger().count(connection), Ledger().count_pending(connection)) == (0, 0)
    assert archive.count(connection) == 1


DATED = {
    "undated": None,
    "day before": "2020-09-28",
    "same day": "2020-09-29",
    "day after": "2020-09-30",
}


@pytest.mark.parametrize(
    ("limits", "admitted"),
    [
        ({}, set(DATED)),
        ({"known_by": NOON}, {"undated", "day before", "same day"}),
        ({"known_by": datetime(2020, 9, 29, tzinfo=UTC)}, {"undated", "day before", "same day"}),
        ({"known_by": datetime(2020, 9, 28, 23, 59, 59, 999999, tzinfo=UTC)}, {"undated", "day before"}),
        # 01:00 in Moscow is still the day before in UTC.
        ({"known_by": datetime(2020, 9, 29, 1, tzinfo=timezone(timedelta(hours=3)))}, {"undated", "day before"}),
        ({"known_by": datetime(1, 1, 1, tzinfo=UTC)}, {"undated"}),
        ({"since": datetime(2020, 9, 29, tzinfo=UTC)}, {"same day", "day after"}),
        ({"since": NOON}, {"day after"}),
        ({"until": datetime(2020, 9, 29, tzinfo=UTC)}, {"day before", "same day"}),
        ({"since": datetime(2020, 9, 29, tzinfo=UTC), "until": NOON}, {"same day"}),
        ({"since": NOON, "until": datetime(2020, 9, 29, tzinfo=UTC)}, set()),
        ({"since": datetime(2020, 9, 28, tzinfo=UTC), "known_by": NOON}, {"day before", "same day"}),
        ({"since": datetime(33, 1, 1, tzinfo=UTC)}, {"day before", "same day", "day after"}),
    ],
)
def test_dates_admit_the_same_articles_in_both_forms_of_the_conditions(connection, put, make_article, limits, admitted):
    for id, day in DATED.items():
        put(make_article(id, day=day), (0, 9))
    admission = Admission.of(Query("ferry", **limits))
    clauses, parameters = admission.as_sql()
    where = " AND ".join(clauses) or "1"
    assert set(connection.scalars(text(f"SELECT id FROM articles WHERE {where}"), parameters)) == admitted
    ids = Ledger().admitted_ids(connection, admission, limit=9)
    assert {row.article_id for row in Ledger().admitted(connection, ids, Admission()).values()} == admitted
    assert len(Ledger().admitted_ids(connection, admission, limit=1)) == min(len(admitted), 1)
    every = Ledger().admitted(connection, list(Ledger().ids(connection)), admission)
    assert {row.article_id for row in every.values()} == admitted


def test_a_moment_is_compared_to_the_second_and_below(connection, put, make_article):
    put(make_article(published_at=NOON, published_precision=Precision.TIME), (0, 9))
    for offset, count in ((-1, 0), (0, 1), (1, 1)):
        admission = Admission(known_by=NOON + timedelta(microseconds=offset))
        assert len(Ledger().admitted_ids(connection, admission, limit=9)) == count
        clauses, parameters = admission.as_sql()
        assert connection.scalar(text(f"SELECT count(*) FROM articles WHERE {clauses[0]}"), parameters) == count


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        (("The Averden Courier",), {"a"}),
        (("the AVERDEN courier",), {"a"}),
        (("STRASSE", "The Averden Courier"), {"a", "b"}),
        (("straße",), {"b"}),
        (("Averden",), set()),
        (("' OR 1=1 --",), set()),
    ],
)
def test_sources_are_compared_whole_and_without_regard_to_case(connection, put, make_article, asked, admitted):
    for id, source in {"a": "The Averden Courier", "b": "Straße", "c": None}.items():
        put(make_article(id, source=source), (0, 9))
    admission = Admission.of(Query("ferry", sources=asked))
    clauses, parameters = admission.as_sql()
    assert set(connection.scalars(text(f"SELECT id FROM articles WHERE {clauses[0]}"), parameters)) == admitted
    assert len(Ledger().admitted_ids(connection, admission, limit=9)) == len(admitted)


def test_a_moment_without_a_zone_is_refused(connection):
    with pytest.raises(ValueError, match="no time zone"):
        Admission(since=datetime(2020, 9, 29)).as_sql()


def test_the_share_of_articles_that_are_admitted_is_told(connection, put, make_article):
    assert Ledger().share(connection, Admission()) == 0.0
    for n, day in enumerate(["2020-09-27", "2020-09-28", "2020-09-30", None]):
        put(make_article(f"a-{n}", day=day), (0, 3))
    assert Ledger().share(connection, Admission()) == 1.0
    assert Ledger().share(connection, Admission(known_by=NOON)) == 0.75
    assert Ledger().share(connection, Admission(since=NOON - timedelta(days=2), until=NOON)) == 0.25
    assert Ledger().share(connection, Admission(sources=("nobody",))) == 0.0


def test_to_be_known_by_now_limits_nothing_where_everything_was_published_by_then():
    asked = Admission(known_by=NOON, sources=("corvane post",))
    assert asked.where_newest(NOON) == asked.where_newest(None) == Admission(sources=("corvane post",))
    assert asked.where_newest(NOON + timedelta(microseconds=1)) == asked
    assert not Admission(known_by=NOON).where_newest(NOON).is_limited
    assert all(
        one.is_limited for one in (asked, Admission(known_by=NOON), Admission(since=NOON), Admission(until=NOON))
    )
    assert not Admission().is_limited
