"""An address that an operator names is told by what is there, and a page by the feeds it names."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import FeedUnreadable
from retrieval.news.discovery import Discovery, discover, sitemaps_of

URL = "https://ellery.example/news/"
PAGE = """<!doctype html><html><head><title>Ellery</title><base href="/b/">
<link rel="alternate" type="application/rss+xml" title=" All  news " href="feed?a=1&amp;b=2">
<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="https://feeds.ellery.example/atom">
<link rel="alternate" type="application/rss+xml" title="Ellery" href="feed?a=1&amp;b=2">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
<link rel="alternate" hreflang="de" href="/de">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
<link rel="sitemap" type="application/xml" href="/sitemap.xml">
</head><body><p>Welcome.</p></body></html>"""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "feed"),
        ("<!-- x --><feed xmlns='http://www.w3.org/2005/Atom'/>", "feed"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        ("<urlset/>", "sitemap"),
        ("<sm:sitemapindex xmlns:sm='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "sitemap index"),
        ("<opml version='1.0'><body/></opml>", "opml"),
        (PAGE, "site"),
        (PAGE.replace("<title>", "<meta property='og:type' content='Article'><title>"), "article page"),
        ("<p>Just a page.", "site"),
    ],
)
def test_what_is_behind_an_address_is_told_by_what_it_is(body, kind):
    assert discover(body.encode(), url=URL, media_type="text/html").kind == kind
    if "{" not in body:
        assert discover(gzip.compress(body.encode()), url=URL, media_type="application/gzip").kind == kind
    assert discover(body.encode(), url=URL).is_page is (kind in ("site", "article page"))


def test_a_page_names_its_feeds_and_sitemaps():
    assert discover(PAGE.encode(), url=URL) == Discovery(
        "site",
        (("https://ellery.example/b/feed?a=1&b=2", "All news"), ("https://feeds.ellery.example/atom", None)),
        ("https://ellery.example/sitemap.xml",),
    )


def test_feeds_that_are_only_linked_in_the_text_are_found():
    page = "<html><body><a href='/about'>About</a><a href='/index.rss'>Subscribe</a></body></html>"
    assert discover(page.encode(), url=URL).feeds == (("https://ellery.example/index.rss", None),)


def test_a_first_page_is_no_article_whatever_it_says():
    page = "<html><head><meta property='og:type' content='article'></head><body>x</body></html>"
    assert discover(page.encode(), url="https://ellery.example/").kind == "site"


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"%PDF-1.7 \x00\x01", b"Not Found", b'{"a": 1}', b"\x1f\x8bxx", b"\xff\xd8\xff\xe0"]
)
def test_what_is_none_of_these_is_refused(body):
    with pytest.raises(FeedUnreadable):
        discover(body, url=URL)


def test_the_sitemaps_of_a_robots_txt_are_those_of_news_first():
    robots = (
        "User-agent: *\nDisallow: /x # Sitemap: no\nSITEMAP : https://ellery.example/sitemap.xml\r\n"
        "sitemap:https://ellery.example/news-sitemap.xml\nSitemap: /relative.xml\nSitemap: file:///etc/passwd\n"
        "Sitemap: https://ellery.example/sitemap.xml\n"
    )
    assert sitemaps_of(robots) == ("https://ellery.example/news-sitemap.xml", "https://ellery.example/sitemap.xml")
    assert sitemaps_of("") == ()


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=120), st.text("<>/='\" linkrehaft&;\0", max_size=120).map(str.encode)))
def test_any_bytes_are_something_or_refused(raw):
    for start in (b"", b"<html><head><link rel=alternate type=application/rss+xml href="):
        try:
            discover(start + raw, url=URL)
        except FeedUnreadable:
            continue
