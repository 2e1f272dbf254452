"""robots.txt is read as RFC 9309 and the publisher mean it, and a hostile one costs little."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from retrieval.errors import ConnectionFailed, FetchTimedOut, HostBusy, HostNotFound, TooManyRedirects, UrlBlocked
from retrieval.news.robots import KEEP_S, KEEP_UNREADABLE_S, RobotsCache, read_robots

PAGE = URL("https://news.example/world/story.html?id=1")


def robots(text):
    return read_robots(text.encode())


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("", True),
        ("<!doctype html><title>Not found</title>", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /sport", True),
        ("User-agent: *\nDisallow: /*?id=", False),
        ("User-agent: *\nDisallow: /\nAllow: /world/", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Dateline\nAllow: /", True),
        ("User-agent: dateline\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("User-agent: Dateline-Archiver\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
    ],
)
def test_our_group_decides_and_else_the_one_for_everybody(text, is_allowed):
    assert robots(text).allows(PAGE) is is_allowed


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 7.5", 7.5),
        ("User-agent: *\nCrawl-delay: 7\n\nUser-agent: Dateline\nCrawl-delay: 2", 2),
        ("User-agent: *\nRequest-rate: 1/20", 20),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("User-agent: *\nCrawl-delay: nan", 0),
        ("User-agent: *\nCrawl-delay: -5", 0),
        ("", 0),
    ],
)
def test_the_pause_it_asks_for_is_read(text, delay_s):
    assert robots(text).delay_s == delay_s


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: GPTBot\nDisallow: /",
        "User-agent: CCBot\nUser-agent: anthropic-ai\nDisallow: /world/",
        "User-agent: PerplexityBot\nDisallow: /\n\nUser-agent: *\nAllow: /",
        "User-agent: *\nContent-Signal: search=yes, ai-input=no, ai-train=no\nAllow: /",
        "Content-Signal: ai-input=no",
        "User-agent: *\nContent-Usage: ai=n",
        "User-agent: *\nContent-Usage: /world/ ai=n",
        "User-agent: Dateline\nContent-Usage: bots=n\nAllow: /",
    ],
)
def test_a_wish_that_machines_keep_from_answering_with_it_is_read(text):
    assert robots(text).allows(PAGE)
    assert "robots.txt" in robots(text).ai_opt_out(PAGE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "User-agent: *\nDisallow: /sport",
        "User-agent: GPTBot\nDisallow: /sport",
        "User-agent: Googlebot\nDisallow: /",
        "User-agent: AhrefsBot\nDisallow: /",
        # by name, or more precisely, the publisher says otherwise
        "User-agent: GPTBot\nDisallow: /\n\nUser-agent: Dateline\nAllow: /",
        "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nContent-Signal: ai-input=yes, ai-train=no",
        # training does not concern us, nor do words to others or about other pages
        "User-agent: *\nContent-Signal: search=yes, ai-train=no",
        "User-agent: OtherBot\nContent-Signal: ai-input=no",
        "User-agent: *\nContent-Usage: /sport/ ai=n",
        "User-agent: *\nContent-Usage: ai=maybe",
        # where nothing may be fetched, nothing is said about what was
        "User-agent: *\nDisallow: /",
    ],
)
def test_no_such_wish_is_read_where_there_is_none(text):
    assert robots(text).ai_opt_out(PAGE) is None


@given(
    st.binary(max_size=300) | st.text(alphabet="User-agnt: *\nDisalow/$#%Cd=\r\t1\x00", max_size=200).map(str.encode)
)
def test_whatever_the_bytes_it_is_read(raw):
    read = read_robots(raw)
    read.allows(PAGE), read.ai_opt_out(PAGE), read.delay_s


@pytest.mark.parametrize(
    "line",
    [
        "User-agent: a{n}\n",
        "Disallow: /*a*b{n}*c*d$\n",
        "User-agent: a{n}\nDisallow: /\n",
        "Content-Usage: /{n} ai=n\n",
        "{n}:\n",
        "\n",
    ],
)
def test_half_a_megabyte_of_anything_is_read_in_seconds(line):
    half = "".join(line.format(n=n) for n in range(12_000))
    raw = (half + "Disallow: /x\n" * 20_000).encode()
    began = time.monotonic()
    read = read_robots(raw)
    read.allows(PAGE), read.ai_opt_out(PAGE)
    assert time.monotonic() - began < 5


def test_rules_behind_many_groups_of_other_robots_still_count():
    """A real file may have hundreds of groups of one name each before the one for everybody."""
    groups = "".join(f"User-agent: robot{n}\nDisallow: /a\nDisallow: /b\n\n" for n in range(1500))
    assert not robots(groups + "User-agent: *\nDisallow: /world/").allows(PAGE)


@pytest.fixture
def cached():
    """A cache over scripted answers, its clock, and what was asked for."""

    def made(*answers):
        now, asked = [0.0], []

        async def fetch(url):
            asked.append(str(url))
            answer = answers[min(len(asked), len(answers)) - 1]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return RobotsCache(fetch, clock=lambda: now[0]), now, asked

    return made


CLOSED = (200, b"User-agent: *\nDisallow: /")


@pytest.mark.parametrize(
    ("answer", "is_allowed"),
    [
        (CLOSED, False),
        ((404, b""), True),
        ((403, b""), True),
        ((410, b""), True),
        ((302, b""), True),
        (TooManyRedirects("https://news.example/robots.txt", 6), True),
        ((429, b""), False),
        ((500, b""), False),
        ((503, b""), False),
        (ConnectionFailed("https://news.example/robots.txt", "reset"), False),
        (FetchTimedOut("https://news.example/robots.txt", 5), False),
    ],
)
async def test_without_one_all_is_allowed_and_while_it_cannot_be_reached_nothing_is(answer, is_allowed, cached):
    cache, _, asked = cached(answer)
    assert (await cache.get(PAGE)).allows(PAGE) is is_allowed
    assert asked == ["https://news.example/robots.txt"]


@pytest.mark.parametrize(
    "error", [UrlBlocked("http://x", "inside"), HostNotFound("http://x", "none"), HostBusy("http://x", 9)]
)
async def test_what_stops_the_page_too_is_said_as_it_is(error, cached):
    cache, _, _ = cached(error)
    with pytest.raises(type(error)):
        await cache.get(PAGE)


async def test_it_is_kept_for_a_day_and_an_older_copy_stands_in_for_an_unreachable_one(cached):
    cache, now, asked = cached(CLOSED, (503, b""), (404, b""))
    seen = []
    for now[0] in (0, KEEP_S - 1, KEEP_S, KEEP_S + KEEP_UNREADABLE_S - 1, KEEP_S + KEEP_UNREADABLE_S):
        seen.append(((await cache.get(PAGE)).allows(PAGE), len(asked)))
    assert seen == [(False, 1), (False, 1), (False, 2), (False, 2), (True, 3)]
