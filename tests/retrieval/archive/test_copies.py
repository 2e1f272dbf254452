"""Links between copies make groups, whatever the order; what is taken back leaves nothing behind."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from retrieval.archive.archive import utc_now
from retrieval.archive.copies import UNDATED, CopyLedger, Signature
from retrieval.archive.database import open_archive
from retrieval.archive.naming_copies import MAX_COPIES

DAY = datetime(2021, 5, 3, tzinfo=UTC).toordinal()


@pytest.fixture
def archive(tmp_path, make_article):
    """An archive of a few articles, dated a day after each other by their letter."""
    with open_archive(tmp_path) as opened, opened.writing() as connection:
        articles = [make_article(letter, day=f"2021-05-{n + 1:02}") for n, letter in enumerate("abcdefg")]
        articles.append(make_article("undated"))
        for article, change in zip(articles, opened.changes(connection, articles), strict=True):
            opened.put(connection, article, change, generation=1, now=utc_now())
        connection.commit()
        yield opened


@pytest.fixture
def link(archive):
    def link(article_id, *copies, day=DAY, buckets=range(32), scheme=1):
        with archive.writing() as connection:
            signature = Signature(day, tuple(buckets))
            CopyLedger().replace(connection, article_id, signature, copies, scheme)

    return link


@pytest.fixture
def groups(archive):
    """Read who is with whom: article -> the ids of its copies in their order."""

    def groups(ids="abcdefg", **given):
        return {i: "".join(copy.article_id for copy in copies) for i, copies in archive.copies(ids, **given).items()}

    return groups


def rows(archive, table):
    with archive.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}")))


def test_an_article_without_links_has_no_copies(groups, link):
    link("a")
    assert groups() == groups(["nowhere"]) == groups([]) == {}


def test_links_hold_groups_together_over_articles_between(groups, link):
    link("b", "a")
    link("c", "b")
    link("f", "e")
    assert groups() == {"a": "bc", "b": "ac", "c": "ab", "e": "f", "f": "e"}
    link("g", "c", "f")
    assert groups("ag") == {"a": "bcefg", "g": "abcef"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_links_makes_no_difference(archive, link, order):
    pairs = [("c", "b"), ("b", "a"), ("d", "c")]
    known = set()
    for one, other in (pairs[n] for n in order):
        # The article that comes later names all that it is linked with, as the intake does.
        linked = {b if a == one else a for a, b in known if one in (a, b)}
        link(one, other, *linked)
        known.add((one, other))
    assert rows(archive, "copy_links") == [("a", "b", None), ("b", "c", None), ("c", "d", None)]
    assert rows(archive, "copy_groups") == [(i, "a") for i in "abcd"]


def test_linking_again_changes_nothing(archive, link):
    link("a")
    link("b", "a")
    before = {table: rows(archive, table) for table in ("copy_links", "copy_groups", "copy_buckets")}
    link("b", "a")
    after = {table: rows(archive, table) for table in before}
    assert after["copy_links"] == before["copy_links"]
    assert after["copy_groups"] == before["copy_groups"]
    assert len(after["copy_buckets"]) == len(before["copy_buckets"]) == 64


def test_an_article_that_alone_held_a_group_together_parts_it_when_it_leaves(groups, link, archive):
    link("b", "a")
    link("d", "c")
    link("e", "b", "d")
    assert groups("a") == {"a": "bcde"}
    with archive.writing() as connection:
        CopyLedger().remove(connection, "e")
    assert groups() == {"a": "b", "b": "a", "c": "d", "d": "c"}
    link("b", buckets=range(100, 132))
    assert groups() == {"c": "d", "d": "c"}


def test_what_is_removed_leaves_no_row(archive, link):
    link("a")
    link("b", "a")
    for article_id in "ab":
        with archive.writing() as connection:
            CopyLedger().remove(connection, article_id)
    for table in ("copy_signatures", "copy_buckets", "copy_links", "copy_groups"):
        assert rows(archive, table) == []


def test_a_transaction_that_fails_leaves_all_as_it_was(archive, link, groups):
    link("b", "a")

    def fail_half_way():
        with archive.writing() as connection:
            CopyLedger().replace(connection, "b", Signature(DAY, (1, 2)), ["c"], 1)
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    assert groups() == {"a": "b", "b": "a"}


def test_copies_come_oldest_first_and_undated_ones_last_with_what_names_them(archive, link, make_article):
    link("undated", "c", "a", "b")
    copies = archive.copies(["b"])["b"]
    assert [copy.article_id for copy in copies] == ["a", "c", "undated"]
    article = make_article("a", day="2021-05-01")
    named = (copies[0].version, copies[0].title, copies[0].source, copies[0].url, copies[0].published_at)
    assert named == (article.version, article.title, article.source, article.url, article.published_at)
    assert copies[0].published_precision is article.published_precision


def test_copies_published_after_the_question_was_asked_are_not_named(groups, link):
    link("undated", "c", "a", "b")
    assert groups("a", known_by=datetime(2021, 5, 2, 12, tzinfo=UTC)) == {"a": "bundated"}


def test_no_more_copies_are_named_than_anybody_reads(archive, link, make_article):
    many = [make_article(f"m-{n:02}", day="2021-05-03") for n in range(MAX_COPIES + 5)]
    with archive.writing() as connection:
        for article, change in zip(many, archive.changes(connection, many), strict=True):
            archive.put(connection, article, change, generation=1, now=utc_now())
    link("g", *(article.id for article in many))
    assert [copy.article_id for copy in archive.copies(["g"])["g"]] == [f"m-{n:02}" for n in range(MAX_COPIES)]


def test_more_ids_than_one_statement_takes_are_refused(archive):
    with pytest.raises(ValueError, match="501"):
        archive.copies(map(str, range(501)))


def test_candidates_share_a_bucket_within_the_window_and_come_by_how_many_they_share(archive, link):
    link("a", buckets=(1, 2, 3))
    link("b", buckets=(1, 2), day=DAY + 3)
    link("c", buckets=(1, 2, 3), day=DAY + 4)
    link("d", buckets=(4,))
    link("undated", buckets=(3,), day=UNDATED)

    def found(day):
        with archive.reading() as connection:
            candidates = CopyLedger().candidates(connection, Signature(day, (1, 2, 3)), window_days=3, besides="a")
        return [article_id for article_id, _ in candidates]

    assert found(DAY) == ["b", "undated"]
    assert found(DAY + 4) == ["c", "b", "undated"]
    assert found(UNDATED) == ["c", "b", "undated"]


def test_candidates_are_looked_up_from_their_buckets_not_among_all_articles_that_are_shown(archive):
    plans = []

    with archive.reading() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def _explain(connection, cursor, sql, parameters, context, many):
            plans.append([row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)])

        CopyLedger().candidates(connection, Signature(DAY, tuple(range(32))), window_days=3, besides="a")
    plan = plans[-1]
    assert any(step.startswith("SEARCH articles USING INDEX sqlite_autoindex_articles_1 (id=?)") for step in plan), plan


def test_a_bucket_with_a_crowd_in_it_names_no_more_than_can_be_compared(archive, link, make_article):
    many = [make_article(f"m-{n:03}") for n in range(100)]
    with archive.writing() as connection:
        for article, change in zip(many, archive.changes(connection, many), strict=True):
            archive.put(connection, article, change, generation=1, now=utc_now())
            CopyLedger().replace(connection, article.id, Signature(DAY, (7,)), [], 1)
        found = CopyLedger().candidates(connection, Signature(DAY, (7,)), window_days=3, besides="a")
    assert [article_id for article_id, _ in found] == [f"m-{n:03}" for n in range(32)]


def test_a_new_version_is_listed_until_it_is_linked(archive, link, make_article):
    def unlinked(scheme=1):
        with archive.reading() as connection:
            return [i for i, _ in CopyLedger().unlinked(connection, below_scheme=scheme, limit=99)]

    for article_id in [*"abcdefg", "undated"]:
        link(article_id)
    assert unlinked() == []
    assert len(unlinked(scheme=2)) == 8
    changed = make_article("a", text="The ferry was raised.")
    with archive.writing() as connection:
        archive.put(connection, changed, *archive.changes(connection, [changed]), generation=1, now=utc_now())
    assert unlinked() == ["a"]
