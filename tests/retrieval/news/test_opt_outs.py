"""A publisher's wish to be left alone by machines is understood wherever it is written, and not where it is not."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from retrieval.errors import ConnectionFailed, HostNotFound
from retrieval.news.opt_outs import TdmCache, opt_out_reason, read_tdm_rules
from retrieval.news.robots import KEEP_S

WORDS = "<p>The ferry returned to Port Ellery on Monday, and noai was said.</p>"


def page(head):
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{WORDS}</body></html>".encode()


@pytest.mark.parametrize(
    "header",
    [
        "noai",
        "NoAI, noimageai",
        "noindex,  noai",
        "dateline: noindex",
        "dateline: nosnippet, nofollow",
        "max-snippet: 50, noai",
    ],
)
def test_the_header_x_robots_tag_is_understood(header):
    assert "X-Robots-Tag" in opt_out_reason(x_robots_tag=("all", header))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "noindex",
        "noarchive, nosnippet",
        "noimageai",
        "otherbot: noai",
        "otherbot: nofollow, noai",
        "notnoai",
        "max-snippet:-1",
    ],
)
def test_the_header_says_nothing_to_us_when_it_speaks_of_pictures_search_engines_or_to_others(header):
    assert opt_out_reason(x_robots_tag=(header,)) is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="robots" content="noai">',
        "<META CONTENT='index, NoAI' NAME=Robots>",
        '<meta name="dateline" content="noindex">',
        '<meta name="Dateline" content="none"/>',
        '<meta name="tdm-reservation" content="1">',
        '<meta property="tdm-reservation" content=" 1 ">',
        '<script>"</head>"</script><meta name="robots" content="noai">',
    ],
)
def test_a_meta_tag_is_understood(head):
    assert opt_out_reason(page=page(head))
    assert opt_out_reason(page=page(head).decode().encode("utf-16"))


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta name="robots" content="noindex, noarchive">',
        '<meta name="robots" content="noimageai">',
        '<meta name="otherbot" content="noai">',
        '<meta name="description" content="noai">',
        '<!-- <meta name="robots" content="noai"> -->',
        '<script>\'<meta name="robots" content="noai">\'</script>',
        '<meta name="tdm-reservation" content="0">',
        '<meta name="robots"><meta content="noai"><meta>',
    ],
)
def test_no_wish_is_read_into_a_page_that_has_none(head):
    assert opt_out_reason(page=page(head)) is None


def test_the_header_tdm_reservation_is_understood():
    assert "TDM" in opt_out_reason(tdm_reservation=" 1 ")
    assert opt_out_reason(tdm_reservation="0") is None
    assert opt_out_reason() is None


@given(st.binary(max_size=300), st.text(max_size=60))
def test_whatever_the_page_and_its_headers_nothing_is_raised(raw, header):
    opt_out_reason(x_robots_tag=(header,), tdm_reservation=header, page=b"noai <meta name=robots content=" + raw)
    read_tdm_rules(raw)


@pytest.mark.parametrize("piece", [b"<meta name=robots>", b"<!--", b"<div>", b"<", b"<meta content='", b"&#0;"])
def test_ten_megabytes_of_anything_are_looked_through_in_seconds(piece):
    raw = b"noai " + piece * (10**7 // len(piece))
    began = time.monotonic()
    opt_out_reason(page=raw)
    assert time.monotonic() - began < 5


RULES = [
    {"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "https://news.example/policy.json"},
    {"location": "/news/free/", "tdm-reservation": 0},
    {"location": "/*.pdf$", "tdm-reservation": 1},
    {"location": "/x\nDisallow: /about", "tdm-reservation": 1},
    {"location": 7, "tdm-reservation": 1},
    {"tdm-reservation": 1},
    "nonsense",
]


@pytest.fixture
def site():
    """The cache over one scripted answer, and what was asked for."""

    def made(*answers):
        asked = []

        async def fetch(url):
            asked.append(str(url))
            answer = answers[min(len(asked), len(answers)) - 1]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return TdmCache(fetch, clock=lambda: now[0]), asked

    now = [0.0]
    made.now = now
    return made


@pytest.mark.parametrize(
    ("path", "is_reserved"),
    [("/news/1", True), ("/news/free/1", False), ("/about", False), ("/a.pdf", True), ("/a.pdf.html", False)],
)
async def test_a_sites_rules_reserve_the_paths_they_name_the_longest_first(path, is_reserved, site):
    cache, asked = site((200, json.dumps(RULES).encode()))
    assert (await cache.reason(URL("https://news.example" + path)) is not None) is is_reserved
    assert asked == ["https://news.example/.well-known/tdmrep.json"]


@pytest.mark.parametrize(
    "answer",
    [
        (404, b""),
        (503, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"location": "/", "tdm-reservation": 1}'),
        (200, b"[" * 100_000),
        ConnectionFailed("https://news.example/", "reset"),
    ],
)
async def test_rules_that_are_not_there_or_not_readable_reserve_nothing(answer, site):
    cache, _ = site(answer)
    assert await cache.reason(URL("https://news.example/news/1")) is None


async def test_an_older_copy_stands_in_for_rules_that_cannot_be_reached(site):
    cache, asked = site((200, json.dumps(RULES).encode()), (503, b""))
    for site.now[0] in (0.0, KEEP_S + 1):
        assert await cache.reason(URL("https://news.example/news/1"))
    assert len(asked) == 2


async def test_a_host_without_address_is_said_as_it_is(site):
    cache, _ = site(HostNotFound("https://news.example/", "none"))
    with pytest.raises(HostNotFound):
        await cache.reason(URL("https://news.example/"))
