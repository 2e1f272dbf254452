"""A fetch ends in an answer or in one of our errors, in time, whatever the server does."""

import asyncio
import gzip
import random
import socket
import time
import zlib
from datetime import UTC, datetime

import pytest
from aiohttp import web

from retrieval.errors import (
    BodyTooLarge,
    BodyUndecodable,
    ConnectionFailed,
    FetchFailed,
    FetchTimedOut,
    HostBusy,
    RobotsForbid,
    TooManyRedirects,
    UrlBlocked,
)
from retrieval.news import bodies
from retrieval.news.fetched import media_type_of, plain_header, retry_after_s, user_agent

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OK = b"HTTP/1.1 200 OK\r\n"


def redirect(status, location):
    return {"status": status, "headers": {"Location": location}}


def packed(body, encoding):
    return {"body": body, "headers": {"Content-Encoding": encoding}}


async def test_an_answer_says_what_came_and_how(serve, fetching):
    server = await serve(
        {
            "/a": {
                "body": "Fähre".encode("latin-1"),
                "headers": {
                    "Content-Type": "Text/HTML; Charset=ISO-8859-1",
                    "ETag": '"v1"',
                    "Last-Modified": "Sun, 01 Mar 2026 10:00:00 GMT",
                    "X-Robots-Tag": "noai",
                    "TDM-Reservation": "1",
                },
            }
        }
    )
    async with fetching(now=lambda: NOW) as fetcher:
        fetched = await fetcher.fetch(f"{server.root}/a#part")
    assert (fetched.url, fetched.final_url, fetched.moved_to) == (f"{server.root}/a", f"{server.root}/a", None)
    assert (fetched.status, fetched.media_type, fetched.charset) == (200, "text/html", "iso-8859-1")
    assert fetched.body == "Fähre".encode("latin-1")
    assert (fetched.etag, fetched.last_modified) == ('"v1"', "Sun, 01 Mar 2026 10:00:00 GMT")
    assert (fetched.x_robots_tag, fetched.tdm_reservation, fetched.fetched_at) == (("noai",), "1", NOW)
    (request,) = server.requests
    assert request.headers["User-Agent"] == "Dateline/test"
    assert request.headers["Host"] == f"news.example:{server.port}"
    assert "Cookie" not in request.headers and "If-None-Match" not in request.headers


@pytest.mark.parametrize("status", [204, 403, 404, 410, 451, 500, 503])
async def test_a_status_is_an_answer_and_no_error(status, serve, fetching):
    server = await serve({"/a": {"status": status}})
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{server.root}/a")
    assert (fetched.status, fetched.body) == (status, b"")


async def test_the_body_of_an_error_page_is_left_alone_however_large(serve, fetching):
    server = await serve({"/a": {"status": 404, "body": b"x" * 200_000}})
    async with fetching(max_body_bytes=1000) as fetcher:
        assert (await fetcher.fetch(f"{server.root}/a")).body == b""


async def test_what_has_not_changed_comes_back_as_304_without_a_body(serve, fetching):
    async def page(request):
        is_same = request.headers.get("If-None-Match") == '"v1"' and "If-Modified-Since" in request.headers
        return web.Response(status=304, headers={"ETag": '"v1"'}) if is_same else web.Response(text="news")

    server = await serve({"/feed": page})
    async with fetching() as fetcher:
        assert (await fetcher.fetch(f"{server.root}/feed")).status == 200
        same = await fetcher.fetch(f"{server.root}/feed", etag='"v1"', last_modified="Sun, 01 Mar 2026 10:00:00 GMT")
        odd = await fetcher.fetch(f"{server.root}/feed", etag='"v1"\r\nX-Evil: 1', last_modified="x" * 5000)
    assert (same.status, same.body, same.etag) == (304, b"", '"v1"')
    assert odd.status == 200 and "X-Evil" not in server.requests[-1].headers


async def test_no_cookie_is_sent_back(serve, fetching):
    server = await serve({"/a": {"text": "x", "headers": {"Set-Cookie": "id=1; Path=/"}}})
    async with fetching() as fetcher:
        await fetcher.fetch(f"{server.root}/a")
        await fetcher.fetch(f"{server.root}/a")
    assert all("Cookie" not in request.headers for request in server.requests)


# redirects


async def test_five_redirects_are_followed_and_a_sixth_is_not(serve, fetching):
    pages = {f"/{n}": redirect(302, f"/{n - 1}") for n in range(1, 7)} | {"/0": {"text": "end"}}
    server = await serve(pages)
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(f"{server.root}/5")
        assert (fetched.body, fetched.final_url) == (b"end", f"{server.root}/0")
        with pytest.raises(TooManyRedirects):
            await fetcher.fetch(f"{server.root}/6")


async def test_a_circle_of_redirects_ends(serve, fetching):
    server = await serve({"/a": redirect(301, "/b"), "/b": redirect(301, "/a"), "/c": redirect(302, "/c")})
    async with fetching() as fetcher:
        for path in ("/a", "/c"):
            with pytest.raises(TooManyRedirects):
                await fetcher.fetch(server.root + path)
    assert len(server.requests) == 3


async def test_only_permanent_redirects_from_the_start_say_where_it_moved(serve, fetching):
    server = await serve(
        {
            "/moved": redirect(301, "/moved-again"),
            "/moved-again": redirect(308, "/then"),
            "/then": redirect(302, "/end"),
            "/now-and-then": redirect(307, "/moved"),
            "/lost": redirect(301, "/nowhere"),
            "/end": {"text": "end"},
        }
    )
    moved = {}
    async with fetching() as fetcher:
        for path in ("moved", "then", "now-and-then", "lost", "end"):
            moved[path] = (await fetcher.fetch(f"{server.root}/{path}")).moved_to
    assert moved == {"moved": f"{server.root}/then", "then": None, "now-and-then": None, "lost": None, "end": None}


async def test_what_was_known_of_one_url_is_not_said_to_another(serve, fetching):
    server = await serve({"/a": redirect(302, "/b"), "/b": {"text": "b"}})
    async with fetching() as fetcher:
        await fetcher.fetch(f"{server.root}/a", etag='"v1"')
    assert ["If-None-Match" in request.headers for request in server.requests] == [True, False]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/inside",
        "http://127.1:{port}/inside",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]:{port}/inside",
        "//localhost:{port}/inside",
        "http://inside.example:{port}/inside",
        "http://me@news.example:{port}/inside",
        "file:///etc/hostname",
        "gopher://news.example/",
        "http:\\\\news.example:{port}/inside",
        "http://[::1",
        "http://news.example:22/",
    ],
)
async def test_a_redirect_is_checked_like_any_url(location, serve, fetching, connects):
    server = await serve({"/inside": {"text": "secret"}})
    server_pages = await serve({"/a": redirect(302, location.format(port=server.port))})
    async with fetching(hosts=(f"news.example:{server_pages.port}",)) as fetcher:
        with pytest.raises(UrlBlocked):
            await fetcher.fetch(f"{server_pages.root}/a")
    assert server.requests == []
    assert set(connects) == {("127.0.0.1", server_pages.port)}


async def test_a_status_that_is_no_redirect_is_not_followed(serve, fetching):
    server = await serve({"/a": redirect(332, "http://127.0.0.1/"), "/b": {"status": 302}, "/c": redirect(304, "/a")})
    async with fetching() as fetcher:
        assert [(await fetcher.fetch(server.root + path)).status for path in ("/a", "/b", "/c")] == [332, 302, 304]


async def test_a_location_in_bytes_of_another_charset_is_percent_encoded(serve_bytes, fetching, serve):
    server = await serve({"/f%E4hre": {"text": "latin"}})
    start = await serve_bytes(
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + f"{server.root}/f".encode() + b"\xe4hre\r\n\r\n"
    )
    async with fetching() as fetcher:
        fetched = await fetcher.fetch(start)
    assert fetched.final_url == f"{server.root}/f%E4hre"


# bodies


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"news " * 1000), "gzip"),
        (gzip.compress(b"news " * 400) + gzip.compress(b"news " * 600), "x-GZIP"),
        (gzip.compress(b"news " * 1000) + b"\0" * 50, "gzip"),
        (zlib.compress(b"news " * 1000), "deflate"),
        (zlib.compress(b"news " * 1000, wbits=-15), "deflate"),
        (b"news " * 1000, "identity"),
    ],
    ids=["gzip", "two streams", "padded", "zlib", "bare deflate", "identity"],
)
async def test_packed_bodies_are_unpacked(body, encoding, serve, fetching):
    server = await serve({"/a": packed(body, encoding)})
    async with fetching() as fetcher:
        assert (await fetcher.fetch(f"{server.root}/a")).body == b"news " * 1000


def nested(body, layers):
    for _ in range(layers):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (nested(b"news", 2), "gzip, gzip"),
        (b"\x0b\x02\x80news\x03", "br"),
        (b"news", "gzip"),
        (gzip.compress(b"news" * 1000)[:-9], "gzip"),
        (gzip.compress(b"x") * 200, "gzip"),
        (b"\xff\xff\xff", "deflate"),
        (b"news", "x" * 5000),
    ],
    ids=["twice", "brotli", "not packed", "cut off", "hundreds of streams", "garbage", "long name"],
)
async def test_bodies_packed_otherwise_or_damaged_are_undecodable(body, encoding, serve, fetching):
    server = await serve({"/a": packed(body, encoding)})
    async with fetching() as fetcher:
        with pytest.raises(BodyUndecodable):
            await fetcher.fetch(f"{server.root}/a")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bursting_body_stops_at_the_limit(encoding, serve, fetching, monkeypatch):
    """200 MB of zeros in 200 KB."""
    bomb = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    body = b"".join(bomb.compress(bytes(10**6)) for _ in range(200)) + bomb.flush()
    assert len(body) < 10**6
    unpacked = 0
    unpack = bodies._Unpacker.unpack

    def counted(self, packed):
        nonlocal unpacked
        piece, rest = unpack(self, packed)
        unpacked += len(piece)
        return piece, rest

    monkeypatch.setattr(bodies._Unpacker, "unpack", counted)
    server = await serve({"/a": packed(body, encoding)})
    async with fetching(max_body_bytes=3_000_000) as fetcher:
        with pytest.raises(BodyTooLarge):
            await fetcher.fetch(f"{server.root}/a")
    assert 3_000_000 < unpacked < 5_000_000


async def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(serve, serve_bytes, fetching):
    async def unannounced(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x" * 1001)
        return answer

    server = await serve({"/fits": {"body": b"x" * 1000}, "/more": {"body": b"x" * 1001}, "/chunks": unannounced})
    huge = await serve_bytes(OK + b"Content-Length: 99999999999\r\n\r\n")
    async with fetching(max_body_bytes=1000) as fetcher:
        assert len((await fetcher.fetch(f"{server.root}/fits")).body) == 1000
        for url in (f"{server.root}/more", f"{server.root}/chunks", huge):
            with pytest.raises(BodyTooLarge):
                await fetcher.fetch(url)


# servers that do not behave


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"A: " + b"x" * 100_000 + b"\r\n\r\n",
        OK + b"Content-Length: -5\r\n\r\nnews",
        OK + b"Content-Length: 5x\r\n\r\nnews",
        OK + b"Content-Length: 500\r\n\r\nnews",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nnews!\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nnews!\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nnews!\r\n0\r\n\r\n",
    ],
)
async def test_garbage_and_broken_answers_are_failed_connections(garbage, serve_bytes, fetching):
    url = await serve_bytes(garbage)
    async with fetching() as fetcher:
        with pytest.raises(ConnectionFailed):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "start",
    [OK, OK + b"X: ", OK + b"X: y\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"HTTP/1.1 200 "],
    ids=["headers", "one header", "folded header", "trailers", "reason"],
)
async def test_endless_headers_end(start, serve_bytes, fetching):
    url = await serve_bytes(start, *((b"more text" if start.endswith(b" ") else b"X: y\r\n") for _ in range(10_000)))
    async with fetching() as fetcher:
        with pytest.raises(ConnectionFailed):
            await fetcher.fetch(url)


async def test_whatever_bytes_come_back_the_fetch_ends_in_an_answer_or_in_one_of_our_errors(fetching):
    """Answers that are well formed, and the same with bytes changed, left out and put in."""
    dice = random.Random(1)
    answers = [
        OK + b'Content-Length: 4\r\nContent-Type: text/html; charset=utf-8\r\nETag: "a"\r\nRetry-After: 3\r\n\r\nnews',
        OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n0\r\nT: x\r\n\r\n",
        OK + b"Content-Encoding: gzip\r\nX-Robots-Tag: noai\r\n\r\n" + gzip.compress(b"news" * 50),
        b"HTTP/1.1 302 Found\r\nLocation: /b?\xc3\xa4%zz#x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 301 Moved\r\nLocation: //news.example:1/\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ]

    def spoilt(answer):
        spoiled = bytearray(answer)
        for _ in range(dice.randrange(5)):
            at = dice.randrange(len(spoiled))
            spoiled[at : at + dice.choice((0, 1, 1, 9))] = dice.choice(
                (b"", b"\0", b"\xff", b"\r\n", b":", b"99", b" ", b"\\")
            )
        return bytes(spoiled)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(spoilt(dice.choice(answers)))
        writer.close()

    ends = set()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, fetching() as fetcher:
        for _ in range(500):
            try:
                ends.add((await fetcher.fetch(f"http://news.example:{server.sockets[0].getsockname()[1]}/")).status)
            except FetchFailed as failed:
                ends.add(type(failed))
    assert {200, 304, ConnectionFailed, BodyUndecodable} <= ends


async def test_nobody_listening_is_a_failed_connection(fetching):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        async with fetching() as fetcher:
            with pytest.raises(ConnectionFailed):
                await fetcher.fetch(f"http://news.example:{taken.getsockname()[1]}/")


async def test_plain_http_where_tls_is_expected_is_a_failed_connection(serve, fetching):
    server = await serve({})
    async with fetching() as fetcher:
        with pytest.raises(ConnectionFailed):
            await fetcher.fetch(f"https://news.example:{server.port}/")


@pytest.mark.parametrize(
    "pieces",
    [(OK + b"Content-Length: 100000\r\n\r\n", b"x"), (OK, b"X: y\r\n"), (b"HTTP/1.1 ", b"200 ", b"O")],
    ids=["body", "headers", "status line"],
)
async def test_an_answer_that_drips_is_given_up_in_time(pieces, serve_bytes, fetching):
    url = await serve_bytes(*pieces, *(b"x" for _ in range(1000)), pause_s=0.02)
    began = time.monotonic()
    async with fetching(timeout_s=0.2) as fetcher:
        with pytest.raises(FetchTimedOut):
            await fetcher.fetch(url)
    assert time.monotonic() - began < 2


async def test_a_name_server_that_is_silent_is_given_up_in_time(fetching):
    async def silent(host, port):
        await asyncio.Event().wait()

    async with fetching(timeout_s=0.05, resolve=silent) as fetcher:
        with pytest.raises(FetchTimedOut):
            await fetcher.fetch("http://news.example/")


async def test_redirects_share_the_time_of_one_fetch(serve, serve_bytes, fetching):
    slow = await serve_bytes(OK, b"X: y\r\n" * 3, pause_s=0.1, repeats=True)
    server = await serve({"/a": redirect(302, slow)})
    async with fetching(timeout_s=0.2) as fetcher:
        with pytest.raises(FetchTimedOut) as late:
            await fetcher.fetch(f"{server.root}/a")
    assert (late.value.url, late.value.timeout_s) == (slow, 0.2)


# politeness and robots


async def test_a_host_that_asks_for_a_pause_is_not_asked_before_it_is_over(serve, fetching):
    clock = [0.0]

    async def sleep(seconds):
        clock[0] += seconds

    server = await serve({"/busy": {"status": 429, "headers": {"Retry-After": "90"}}, "/a": {"text": "a"}})
    async with fetching(clock=lambda: clock[0], sleep=sleep, now=lambda: NOW) as fetcher:
        busy = await fetcher.fetch(f"{server.root}/busy")
        assert (busy.status, busy.retry_after_s) == (429, 90.0)
        with pytest.raises(HostBusy) as refused:
            await fetcher.fetch(f"{server.root}/a")
        assert refused.value.wait_s == 90
        clock[0] += 90
        assert (await fetcher.fetch(f"{server.root}/a")).status == 200
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "headers", "rests"),
    [
        (429, {}, True),
        (503, {}, False),
        (503, {"Retry-After": "Sun, 01 Mar 2026 12:01:00 GMT"}, True),
        (404, {"Retry-After": "9"}, False),
    ],
)
async def test_only_a_host_that_says_it_is_busy_rests(status, headers, rests, serve, fetching):
    server = await serve({"/a": {"status": status, "headers": headers}})
    async with fetching(now=lambda: NOW) as fetcher:
        await fetcher.fetch(f"{server.root}/a")
        if rests:
            with pytest.raises(HostBusy):
                await fetcher.fetch(f"{server.root}/a")
        else:
            assert (await fetcher.fetch(f"{server.root}/a")).status == status


async def test_robots_txt_is_heeded_asked_once_and_set_aside_on_demand(serve, fetching):
    server = await serve(
        {"/robots.txt": {"text": "User-agent: *\nDisallow: /closed"}, "/closed": {"text": "c"}, "/open": {"text": "o"}}
    )
    async with fetching(heed_robots=True) as fetcher:
        assert (await fetcher.fetch(f"{server.root}/open")).body == b"o"
        with pytest.raises(RobotsForbid):
            await fetcher.fetch(f"{server.root}/closed")
        assert (await fetcher.fetch(f"{server.root}/closed", heed_robots=False)).body == b"c"
    assert [request.path for request in server.requests] == ["/robots.txt", "/open", "/closed"]


async def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(serve, fetching):
    server = await serve(
        {
            "/robots.txt": {"text": "User-agent: dateline\nDisallow: /closed"},
            "/a": redirect(302, "/closed"),
            "/closed": {"text": "c"},
        }
    )
    async with fetching(heed_robots=True) as fetcher:
        with pytest.raises(RobotsForbid):
            await fetcher.fetch(f"{server.root}/a")
    assert "/closed" not in [request.path for request in server.requests]


async def test_robots_txt_itself_is_fetched_as_safely_as_all_else(fetching, serve, connects):
    server = await serve({"/robots.txt": redirect(302, "http://169.254.169.254/"), "/a": {"text": "a"}})
    async with fetching(heed_robots=True) as fetcher:
        with pytest.raises(FetchFailed):
            await fetcher.fetch(f"{server.root}/a")
    assert {address for address, _ in connects} == {"127.0.0.1"}


async def test_a_huge_robots_txt_counts_up_to_its_first_500_kib(serve, fetching):
    text = "User-agent: *\nDisallow: /early\n" + "# filler\n" * 60_000 + "Disallow: /late\n"
    server = await serve({"/robots.txt": {"text": text}, "/early": {"text": "e"}, "/late": {"text": "l"}})
    async with fetching(heed_robots=True, max_body_bytes=1000) as fetcher:
        with pytest.raises(RobotsForbid):
            await fetcher.fetch(f"{server.root}/early")
        assert (await fetcher.fetch(f"{server.root}/late")).body == b"l"


async def test_a_site_opts_out_by_robots_txt_or_tdmrep_json(serve, fetching):
    by_robots = await serve({"/robots.txt": {"text": "User-agent: GPTBot\nDisallow: /"}})
    by_tdm = await serve({"/.well-known/tdmrep.json": {"text": '[{"location": "/news/*", "tdm-reservation": 1}]'}})
    async with fetching() as fetcher:
        assert "robots.txt" in await fetcher.opt_out_reason(f"{by_robots.root}/news/1")
        assert "tdmrep.json" in await fetcher.opt_out_reason(f"{by_tdm.root}/news/1")
        assert await fetcher.opt_out_reason(f"{by_tdm.root}/about") is None


# what headers say


def test_media_types_are_read_however_they_are_written():
    assert media_type_of("application/rss+xml") == ("application/rss+xml", None)
    assert media_type_of(' TEXT/html ;charset = "UTF-8"') == ("text/html", "utf-8")
    assert media_type_of("") == media_type_of("html") == media_type_of(";;;" * 1000) == ("", None)


def test_a_pause_is_read_in_seconds_or_as_a_date_and_is_never_longer_than_a_day():
    wanted = {
        "120": 120.0,
        "Sun, 01 Mar 2026 12:02:00 GMT": 120.0,
        "Sun, 01 Mar 2026 11:00:00 GMT": 0.0,
        "99999999999999999999": 86400.0,
        "Fri, 01 Mar 2126 12:02:00 GMT": 86400.0,
        "": None,
        "soon": None,
        "-5": None,
        "١٢": None,
        "Sun, 99 Mar 99999 99:02:00 GMT": None,
    }
    assert {written: retry_after_s(written, now=NOW) for written in wanted} == wanted
    assert retry_after_s(None, now=NOW) is None


def test_headers_that_are_sent_back_hold_nothing_that_ends_a_line():
    assert plain_header(' W/"a" ') == 'W/"a"'
    assert [plain_header(odd) for odd in (None, "", "a\r\nb", "ä", "x" * 1001)] == [None] * 5


def test_the_user_agent_names_the_program_and_whom_to_write_to():
    assert user_agent("1.2", "https://bot.example") == "Dateline/1.2 (+https://bot.example)"
    assert user_agent("1.2", "") == "Dateline/1.2"
    assert user_agent("1.2", "me@news.example)\r\nX: (ü") == "Dateline/1.2 (+me@news.exampleX:)"
