"""Two spellings of one page's address are one, two pages' addresses stay two, and sites are told apart."""

import pickle
import socket

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.news.canonical import canonical_url, same_site
from retrieval.news.links import check_url


@pytest.mark.parametrize(
    ("given_url", "wanted"),
    [
        ("HTTPS://News.Example:443/a?utm_source=rss&utm_medium=feed#top", "https://news.example/a"),
        ("http://news.example:80", "http://news.example/"),
        ("http://news.example:443/a", "http://news.example:443/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("https://news.example/a?at_medium=RSS&at_campaign=KARANGA", "https://news.example/a"),
        ("https://news.example/a?CMP=Share_iOS&id=7&ocid=x&ns_mchannel=rss&fbclid=1&gclid=2", "https://news.example/a?id=7"),
        ("https://news.example/?story=9&p=2&id=1&lang=", "https://news.example/?story=9&p=2&id=1&lang="),
        ("https://news.example/?reference=47&keyword=ferry&source=x&eid=1", "https://news.example/?reference=47&keyword=ferry&source=x&eid=1"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a?&id=1&&utm%5Fid=3&amp;utm_term=x", "https://news.example/a?id=1"),
        ("https://bücher.example/ä?ö=%c3%bc", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC"),
        ("https://XN--BCHER-KVA.example/", "https://xn--bcher-kva.example/"),
        ("https://news.example/a/amp/?amp=1", "https://news.example/a/amp/?amp=1"),
        ("https://news.example/A//b/../c/", "https://news.example/A//b/../c/"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
    ],
)  # fmt: skip
def test_an_address_gets_its_one_spelling(given_url, wanted):
    assert canonical_url(given_url) == wanted
    assert canonical_url(wanted) == wanted


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/a", "", "https://news.example@evil.example/", "https://x/a b"]
)
def test_what_is_no_address_of_a_page_is_refused(url):
    with pytest.raises(ValueError, match=r"URL|host"):
        canonical_url(url)


def test_an_address_that_encoding_would_make_too_long_stays_as_it_is():
    url = "https://news.example/" + "ä" * 1900
    assert canonical_url(url) == url


_PIECES = st.sampled_from(
    [
    "https://", "http://", "news.example", "NEWS.Example", "ü.example", ":80", ":443", ":", ".", "/", "//",
    "%", "%e", "%C3", "%25", "34", "?", "&", "=", "utm_source", "id", "#", ";", "ß", "a", "[::1]", "@", "+",
    "\u3002", "_", "xn--", "İ",
    ]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(st.lists(_PIECES, max_size=14).map("".join), st.text(max_size=40).map("https://news.example/".__add__))
)
@example("https://news.example/%%34%31")
@example("http://" + "é" * 70 + ".example/")
@example("http://..é/")
def test_spelling_twice_changes_nothing_and_only_what_check_url_refuses_is_refused(url):
    try:
        check_url(url)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011
            canonical_url(url)
        return
    once = canonical_url(url)
    assert check_url(once) == once
    assert canonical_url(once) == once
    assert pickle.loads(pickle.dumps(once)) == once
    assert same_site(url, once)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.bbc.co.uk/news", "http://feeds.bbc.co.uk/rss?x", True),
        ("https://www.bbc.co.uk/", "https://www.itv.co.uk/", False),
        ("https://one.blogspot.com/", "https://two.blogspot.com/", False),
        ("https://президент.рф/", "https://www.xn--d1abbgf6aiiy.xn--p1ai/", True),
        ("https://news.example/", "https://NEWS.example:8443/a", True),
        ("https://news.example/", "https://feeds.news.example/", True),
        ("http://10.0.0.1/", "http://10.0.0.1:81/", True),
        ("http://10.0.0.1/", "http://11.0.0.1/", False),
        ("http://[::1]/", "http://[::1]:80/a", True),
        ("http://localhost/", "http://localhost/a", True),
        ("not an address", "not an address", False),
        ("https://[", "https://[", False),
    ],
)
def test_sites_are_told_apart_by_their_registrable_domain(a, b, same):
    assert same_site(a, b) is same
    assert same_site(b, a) is same


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.lists(_PIECES, max_size=8).map("".join))
def test_any_text_is_compared_without_an_error(text, url):
    assert same_site(text, url) == same_site(url, text)


def test_no_site_is_asked_for_the_list_of_public_suffixes(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was used"))
    assert same_site("https://a.uncommon.co.jp/", "https://b.uncommon.co.jp/")
