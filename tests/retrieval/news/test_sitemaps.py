"""Sitemaps list articles, indexes list sitemaps, and neither can be made to do harm."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.articles import Precision
from retrieval.errors import FeedUnreadable
from retrieval.news import sitemaps
from retrieval.news.entries import Entry
from retrieval.news.sitemaps import parse_sitemap

URL = "https://ellery.example/sitemap-news.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://ellery.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
<loc>https://ellery.example/ferry?utm_source=sitemap</loc><lastmod>2024-03-04</lastmod>
<n:news><n:publication><n:name>Ellery Courier</n:name><n:language>en</n:language></n:publication>
<n:access>Subscription</n:access><n:publication_date>2024-03-04T08:30:00+01:00</n:publication_date>
<n:title>Ferry &amp;amp; <![CDATA[<b>bridge</b>]]></n:title></n:news></url>
<url><loc>/plain</loc><lastmod>2024-03-05T00:00:00Z</lastmod></url>
<url><loc>javascript:alert(1)</loc></url>
</urlset>"""


def plain(*places):
    return "".join(
        [
            "<urlset>",
            *(f"<url><loc>{place}</loc><lastmod>{when}</lastmod></url>" for place, when in places),
            "</urlset>",
        ]
    )


def test_a_news_sitemap_says_title_date_language_and_publisher():
    found = parse_sitemap(NEWS.encode(), url=URL)
    assert found.entries == (
        Entry(
            url="https://ellery.example/ferry",
            title="Ferry & bridge",
            published_at=datetime(2024, 3, 4, 7, 30, tzinfo=UTC),
            published_precision=Precision.TIME,
            updated_at=datetime(2024, 3, 4, tzinfo=UTC),
            language="en",
            source="Ellery Courier",
            paid=True,
        ),
        Entry(url="https://ellery.example/plain", updated_at=datetime(2024, 3, 5, tzinfo=UTC)),
    )
    assert found.children == ()
    assert [problem.partition(":")[0] for problem in found.problems] == ["entry 3"]


def test_an_index_lists_its_sitemaps_those_changed_last_first():
    index = (
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<sitemap><loc>https://ellery.example/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        "<sitemap><loc>/new.xml.gz</loc><lastmod>2024-03-01</lastmod></sitemap>"
        "<sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>"
    )
    found = parse_sitemap(index.encode(), url=URL)
    assert found.children == ("https://ellery.example/new.xml.gz", "https://ellery.example/old.xml")
    assert found.entries == ()
    assert len(found.problems) == 1


def test_a_gzipped_sitemap_is_read_in_however_many_members():
    raw = NEWS.encode()
    packed = gzip.compress(raw[:300]) + gzip.compress(raw[300:])
    assert parse_sitemap(packed, url=URL) == parse_sitemap(raw, url=URL)


def test_a_gzip_bomb_is_unpacked_to_the_limit_only(monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_SITEMAP_BYTES", 2**20)
    packed = gzip.compress(plain(("https://ellery.example/a", "2024-01-01")).encode() + b" " * 2**26)
    assert len(sitemaps.unpack(packed, url=URL)) == 2**20 + 1
    found = parse_sitemap(packed, url=URL)
    assert ([entry.url for entry in found.entries], found.problems) == (
        ["https://ellery.example/a"],
        ("only its first 1 MiB were read",),
    )


def test_of_too_many_entries_the_latest_are_taken_in_their_order(monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_ENTRIES", 2)
    raw = plain(("/a", "2024-01-03"), ("/b", "2024-01-01"), ("/c", "2024-01-02"))
    found = parse_sitemap(raw.encode(), url=URL)
    assert [entry.url[-1] for entry in found.entries] == ["a", "c"]
    assert found.problems == ("only the 2 latest of its 3 entries were taken",)


def test_a_broken_sitemap_is_read_as_far_as_it_goes():
    raw = plain(("https://ellery.example/?a=1&b=2", "2024-01-03"), ("/b", "x"))[:-30]
    assert parse_sitemap(raw.encode(), url=URL).entries[0].url == "https://ellery.example/?a=1&b=2"


def test_entities_of_its_own_are_never_expanded():
    bomb = "<!DOCTYPE urlset [<!ENTITY a 'https://evil.example/'><!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
    found = parse_sitemap((bomb + plain(("/x&a;&b;", "2024-01-01"))).encode(), url=URL)
    assert [entry.url for entry in found.entries] == ["https://ellery.example/x&a;&b;"]


@pytest.mark.parametrize("raw", [b"", b"<html></html>", b"<rss/>", b"\x1f\x8bnot gzip", b"{}", gzip.compress(b"text")])
def test_what_is_no_sitemap_is_refused(raw):
    with pytest.raises(FeedUnreadable, match=r"no sitemap|compression is damaged"):
        parse_sitemap(raw, url=URL)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=120), st.text("<>/='\" urlocnews:&;\0", max_size=120).map(str.encode)), st.booleans()
)
def test_any_bytes_are_a_sitemap_or_refused(raw, is_packed):
    for start in (b"", b"<urlset><url><loc>"):
        try:
            parse_sitemap(gzip.compress(start + raw) if is_packed else start + raw, url=URL)
        except FeedUnreadable:
            continue
