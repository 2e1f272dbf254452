"""Each scope has ids, places and buckets of its own, and what it has is forgotten with its last article."""

from retrieval.archive.archive import Change, utc_now
from retrieval.archive.database import open_archive
from retrieval.archive.scopes import (
    PUBLIC,
    drop_emptied,
    known_scopes,
    place_of,
    places_of,
    scoped_buckets,
    scoped_id,
    scopes_of,
)
from retrieval.archive.tables import articles


def test_what_everybody_sees_keeps_its_id_its_place_and_its_buckets():
    assert scoped_id("a-1", None) == "a-1"
    assert places_of(None) == (place_of(None),) == (PUBLIC,)
    assert scoped_buckets((1, -2), None) == (1, -2)


def test_no_two_scopes_have_an_id_a_place_or_a_bucket_in_common():
    scopes = ["guild:1", "guild:2", "guild:12"]
    assert len({scoped_id("a-1", scope) for scope in scopes} | {"a-1"}) == 4
    assert len({place_of(scope) for scope in scopes} | {PUBLIC}) == 4
    buckets = range(-50, 50)
    assert len({bucket for scope in scopes for bucket in scoped_buckets(buckets, scope)} | {*buckets}) == 400
    assert places_of("guild:1") == (PUBLIC, place_of("guild:1"))


def test_a_scope_is_known_for_as_long_as_it_has_an_article(tmp_path, make_article):
    with open_archive(tmp_path) as archive, archive.writing() as connection:
        for id, scope in (("public", None), ("one", "guild:1"), ("two", "guild:2")):
            archive.put(connection, make_article(id), Change.ADDED, generation=1, now=utc_now(), scope=scope)
        assert known_scopes(connection) == ["guild:1", "guild:2"]
        assert scopes_of(connection, ["public", "two", "unknown"]) == {"public": None, "two": "guild:2"}
        archive.put(connection, make_article("one", text="New."), Change.UPDATED, generation=1, now=utc_now())
        assert scopes_of(connection, ["one"]) == {"one": "guild:1"}, "an article keeps the scope with which it came"
        connection.execute(articles.update().where(articles.c.id == "two").values(scope=None))
        assert drop_emptied(connection, [None, "guild:1", "guild:2"]) == ["guild:2"]
        assert known_scopes(connection) == ["guild:1"]
