"""What a feed says is written down with whether it speaks for its own site, and becomes an article at need."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from retrieval.archive.entry_ledger import CAME_WHOLE, EntryRow, EntryState
from retrieval.articles import Precision
from retrieval.intake.listing import article_of_feed, listing_of, published_at, speaks_for_itself, without_texts
from retrieval.news.entries import Entry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED, URL = "https://courier.example/feed", "https://www.courier.example/ferry"
WHOLE = "The ferry Kestrel was raised off Marrow Bay, and the harbour office counted what was left of it. " * 12
ENTRY = Entry("g", URL, "Ferry raised", NOW, Precision.TIME, authors=("Ada Imrie",), summary="Raised.", content=WHOLE)


def row(entry=ENTRY, feed_url=FEED, **columns):
    listing = listing_of(entry, feed_url)
    made = EntryRow(
        7,
        listing.url,
        EntryState.NEW,
        0,
        0,
        None,
        None,
        listing.fields,
        None,
        None,
        NOW,
        NOW,
        feed_url,
        None,
        "The Courier",
    )
    return replace(made, **columns)


def test_what_is_not_said_is_not_written():
    listing = listing_of(Entry(url=URL, title="Ferry raised"), FEED)
    assert (listing.guid, listing.url, listing.fields) == (None, URL, {"title": "Ferry raised"})


def test_what_has_no_name_is_not_written_down():
    assert listing_of(Entry(title="Ferry raised"), FEED) is None


@pytest.mark.parametrize(
    ("url", "is_own"), [(URL, True), (None, True), ("https://news.example/ferry", False), ("http://127.0.0.1/", False)]
)
def test_a_feed_speaks_for_its_own_site_only(url, is_own):
    assert listing_of(replace(ENTRY, url=url), FEED).is_own is is_own


def test_the_moment_is_written_so_that_it_can_be_read_again():
    fields = listing_of(ENTRY, FEED).fields
    assert published_at(fields) == NOW
    assert published_at({}) is None


@pytest.mark.parametrize(
    ("entry", "feed_url", "speaks"),
    [
        (ENTRY, FEED, True),
        (replace(ENTRY, url=None), FEED, True),
        (ENTRY, "https://evil.example/feed", False),
        (ENTRY, None, False),
        (replace(ENTRY, content="Raised. ..."), FEED, False),
        (replace(ENTRY, content=""), FEED, False),
    ],
)
def test_a_whole_text_of_its_own_site_needs_no_page(entry, feed_url, speaks):
    assert speaks_for_itself(replace(row(entry), feed_url=feed_url)) is speaks


def test_the_texts_are_dropped_and_it_is_noted_that_they_were_the_whole():
    fields = listing_of(ENTRY, FEED).fields
    assert without_texts(fields).keys() == fields.keys() - {"summary", "content"}
    assert without_texts(fields, came_whole=True)[CAME_WHOLE] is True


def test_an_article_of_a_feed_is_what_it_says():
    article = article_of_feed(row(feed_source="The Averden Courier"), is_excerpt=False)
    assert (article.url, article.title, article.text) == (URL, "Ferry raised", WHOLE.strip())
    assert (article.source, article.published_at, article.is_excerpt) == ("The Averden Courier", NOW, False)


def test_without_a_text_or_a_title_there_is_no_article():
    assert article_of_feed(row(replace(ENTRY, summary="", content="")), is_excerpt=True) is None
    assert article_of_feed(row(replace(ENTRY, title=None)), is_excerpt=True) is None


def test_what_a_feed_says_of_another_site_is_said_by_the_feed_under_a_name_of_its_own():
    other = replace(ENTRY, updated_at=datetime(2099, 1, 1, tzinfo=UTC), source="The Averden Courier")
    article = article_of_feed(row(other, "https://evil.example/feed"), is_excerpt=True)
    own = article_of_feed(row(other), is_excerpt=True)
    assert (article.source, article.updated_at) == ("The Courier", None)
    assert (own.source, own.updated_at.year) == ("The Averden Courier", 2099)
    assert article.id != own.id
    named = article_of_feed(row(other, "https://evil.example/feed", feed_source="Marrow Digest"), is_excerpt=True)
    assert named.source == "Marrow Digest", "as the operator calls it, by which it is found and forgotten"


def test_an_entry_without_an_address_keeps_its_name_when_its_feed_moves():
    unnamed = replace(ENTRY, url=None)
    moved = [row(unnamed), row(unnamed, "https://new.example/feed")]
    assert len({article_of_feed(one, is_excerpt=False).id for one in moved}) == 1
    assert article_of_feed(row(unnamed, id=8), is_excerpt=False).id != article_of_feed(moved[0], is_excerpt=False).id
