"""Lists of feeds are read with their folders, survive being written and read, and do no harm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import FeedUnreadable
from retrieval.news import opml
from retrieval.news.opml import FeedList, ListedFeed, read_opml, write_opml


def read(inner, *, head="<?xml version='1.0'?>"):
    return read_opml(f"{head}<opml version='2.0'><head/><body>{inner}</body></opml>".encode(), input="my.opml")


def test_folders_and_categories_become_tags():
    found = read(
        "<outline text='News'><outline title='Europe'>"
        "<outline text='Ellery  Courier' xmlUrl='https://ellery.example/f' htmlUrl='https://ellery.example/'"
        " category='/Coast/Ferries,News'/>"
        "</outline><outline text='Ünten' XMLURL='https://two.example/f'/></outline>"
        "<outline text='' title='Three' xmlUrl=' https://three.example/f '/>"
    )
    assert found == FeedList(
        (
            ListedFeed(
                "https://ellery.example/f",
                "Ellery Courier",
                "https://ellery.example/",
                ("News", "Europe", "Coast", "Ferries"),
            ),
            ListedFeed("https://two.example/f", "Ünten", None, ("News",)),
            ListedFeed("https://three.example/f", "Three", None, ()),
        ),
        (),
    )


def test_a_feed_listed_twice_is_taken_once_with_the_tags_of_both():
    found = read(
        "<outline text='A'><outline xmlUrl='https://one.example/f' text='One'/></outline>"
        "<outline text='B'><outline xmlUrl='https://ONE.example:443/f#x'/></outline>"
    )
    assert found.feeds == (ListedFeed("https://one.example/f", "One", None, ("A", "B")),)


def test_an_address_that_cannot_be_fetched_is_named():
    found = read("<outline text='Mail' xmlUrl='mailto:a@b.example'/><outline xmlUrl='https://one.example/f'/>")
    assert [feed.url for feed in found.feeds] == ["https://one.example/f"]
    (problem,) = found.problems
    assert problem.startswith("the feed 'Mail' is left out: 'mailto:a@b.example' is not an http or https URL")


def test_bare_ampersands_and_a_missing_end_are_read_all_the_same():
    raw = b"<opml><body><outline text='Fish & chips &mdash; &eacute;' xmlUrl='https://one.example/?a=1&b=2&copy=3'/><outline"
    (feed,) = read_opml(raw, input="my.opml").feeds
    assert (feed.title, feed.url) == ("Fish & chips — é", "https://one.example/?a=1&b=2&copy=3")


@pytest.mark.parametrize("raw", [b"", b"\0", b"<html><body></body></html>", b"<rss/>", b"{}", b"\xff\xfe", b"opml"])
def test_what_is_no_list_is_refused(raw):
    with pytest.raises(FeedUnreadable, match=r"my\.opml: it is no list of feeds"):
        read_opml(raw, input="my.opml")


def test_entities_of_its_own_are_never_expanded():
    bomb = "<!DOCTYPE opml [<!ENTITY a 'ha'><!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
    found = read("<outline text='&a;&b;' xmlUrl='https://one.example/f'/>", head=bomb)
    assert found.feeds[0].title == "&a;&b;"


def test_more_feeds_than_anybody_reads_are_left_out(monkeypatch):
    monkeypatch.setattr(opml, "MAX_FEEDS", 2)
    found = read("".join(f"<outline xmlUrl='https://one.example/{n}'/>" for n in range(4)))
    assert (len(found.feeds), found.problems) == (2, ("only its first 2 feeds were read",))


NAMES = st.text("abcÄ&<>\"' -|\u0416\n", min_size=1, max_size=12).map(lambda name: " ".join(name.split())).filter(bool)


@given(
    st.lists(
        st.builds(
            ListedFeed,
            st.integers(0, 10**6).map("https://one.example/f?id={}&a=b".format),
            NAMES,
            st.none() | st.just("https://one.example/?x=1&y=2"),
            st.lists(NAMES, max_size=4, unique=True).map(tuple),
        ),
        max_size=6,
        unique_by=lambda feed: feed.url,
    )
)
def test_what_is_written_is_read_back_as_it_was(feeds):
    found = read_opml(write_opml(feeds), input="my.opml")
    assert found.problems == ()
    assert sorted(found.feeds, key=str) == sorted(feeds, key=str)


def test_a_feed_without_a_title_is_listed_under_its_address_and_parting_marks_leave_its_tags():
    written = write_opml([ListedFeed("https://one.example/f", None, None, ("a,b/c",))])
    assert read_opml(written, input="x").feeds == (
        ListedFeed("https://one.example/f", "https://one.example/f", None, ("a b c",)),
    )


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=100), st.text("<>/='\" outlinexmlUrl&;\0", max_size=100).map(str.encode)))
def test_any_bytes_are_a_list_or_refused(raw):
    try:
        read_opml(b"<opml><outline text='a'>" + raw, input="x")
        read_opml(raw, input="x")
    except FeedUnreadable:
        pass
