"""Pages in web archives become articles, and a damaged record costs none of the others."""

import gzip
import random
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.articles import Article
from retrieval.errors import ArticleRejected
from retrieval.news import warc, warc_records
from retrieval.news.parts import Part, read_here
from retrieval.news.warc import split_warc

WORDS = "The ferry of Port Ellery was raised on Monday after nine years at the bottom of the sound, the harbour said."


def page(number, more=""):
    paragraphs = "".join(f"<p>{WORDS} It was crossing number {number}, part {part}.</p>" for part in range(8))
    return f"<html><head><title>Ferry {number}</title>{more}</head><body>{paragraphs}</body></html>".encode()


def record(number, block=None, *, kind="response", media="application/http; msgtype=response", length=None, more=""):
    block = http(page(number)) if block is None else block
    header = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2021-05-03T08:00:00Z\r\n{more}"
        f"Content-Type: {media}\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return header.encode() + block + b"\r\n\r\n"


def http(body, *, status="200 OK", media="text/html", more=""):
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{more}\r\n".encode() + body


@pytest.fixture
def read(tmp_path):
    def read_all(*parts, name="a.warc"):
        path = tmp_path / name
        path.write_bytes(b"".join(parts))
        done = []
        with path.open("rb") as stream:
            found = list(read_here(split_warc(stream, input=name, advance=done.append)))
        assert sum(done) == path.stat().st_size
        return found

    return read_all


def told(found):
    """Titles of articles, and of rejections the place, in order."""
    return [each.title if isinstance(each, Article) else each.input for each in found]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_pages_are_read_and_other_records_are_passed_over(read, pack):
    records = [
        record(1, b"software: x", kind="warcinfo", media="application/warc-fields"),
        record(2),
        record(3, http(b"", status="404 Not Found")),
        record(4, http(b"", status="301 Moved", more="Location: /2\r\n")),
        record(5, http(b"{}", media="application/json")),
        record(6, b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        record(7, http(b""), kind="revisit"),
        record(8, page(8), kind="resource", media="text/html; charset=utf-8"),
        record(9, http(page(9), media="application/xhtml+xml; charset=UTF-8")),
        record(10, b"x", kind="of a later standard"),
        record(11, b"\x89PNG", kind="resource", media="image/png"),
    ]
    found = read(*map(pack, records))
    assert told(found) == ["Ferry 2", "Ferry 8", "Ferry 9"]
    assert found[0].url == "https://news.example/2"
    assert found[0].source == "news.example"
    assert WORDS in found[0].text


def test_a_gzip_file_of_one_member_is_read_whole(read):
    assert told(read(gzip.compress(record(1) + record(2)))) == ["Ferry 1", "Ferry 2"]


def test_the_names_of_headers_but_for_the_length_may_be_written_in_any_case(read):
    small = record(1)
    for name in (b"WARC-Type", b"WARC-Target-URI", b"Content-Type"):
        small = small.replace(name, name.lower())
    assert told(read(small, record(2))) == ["Ferry 1", "Ferry 2"]


def test_the_date_of_the_crawl_is_never_the_date_of_the_article(read):
    dated = page(2, '<meta property="article:published_time" content="2020-09-29T08:00:00Z">')
    bare, told_by_page = read(record(1), record(2, http(dated)))
    assert bare.published_at is None
    assert told_by_page.published_at.year == 2020


def test_the_same_page_has_the_same_id_in_every_archive(read):
    (first,), (second,) = read(record(1)), read(record(9, kind="warcinfo"), record(1), name="b.warc")
    assert first.id == second.id


@pytest.mark.parametrize(
    ("encode", "more"),
    [
        (gzip.compress, "Content-Encoding: gzip\r\n"),
        (zlib.compress, "Content-Encoding: deflate\r\n"),
        (brotli.compress, "Content-Encoding: br\r\n"),
        (lambda body: b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), "Transfer-Encoding: chunked\r\n"),
        (bytes, "Transfer-Encoding: chunked\r\n"),
        (bytes, "Content-Encoding: gzip\r\n"),
        (bytes, "Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n"),
        (gzip.compress, "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
    ],
    ids=["gzip", "deflate", "br", "chunked", "not chunked", "not gzip", "neither", "gzip, not chunked"],
)
def test_encodings_are_undone_and_those_that_the_crawler_undid_do_no_harm(read, encode, more):
    assert told(read(record(1, http(encode(page(1)), more=more)), record(2))) == ["Ferry 1", "Ferry 2"]


def test_the_charset_of_the_http_header_is_heeded(read):
    body = page(1).decode().replace("ferry", "паром").encode("cp1251")
    (article,) = read(record(1, http(body, media="text/html; charset=windows-1251")))
    assert "паром" in article.text


@pytest.mark.parametrize(
    "block",
    [
        http(b"4\r\n<htm\r\nzzz", more="Transfer-Encoding: chunked\r\n").replace(b"<htm", b"\x00\x01\x02\x03"),
        http(b"\x1f\x8b\x08broken", more="Content-Encoding: gzip\r\n"),
        http(page(1)[:-300], more=f"Content-Length: {len(page(1))}\r\n"),
    ],
    ids=["chunks", "gzip", "broken off"],
)
def test_a_page_that_is_not_as_its_header_says_is_rejected_and_the_next_is_read(read, block):
    first, second = read(record(1, block), record(2))
    assert isinstance(first, ArticleRejected)
    assert first.input == "a.warc record 1 at byte 0"
    assert second.title == "Ferry 2"


def test_a_page_that_the_crawler_cut_off_is_rejected(read):
    (found,) = read(record(1, more="WARC-Truncated: length\r\n"))
    assert "cut off (length)" in found.reason


def test_a_page_too_large_or_a_bomb_is_rejected_without_being_held(read):
    bomb = http(gzip.compress(bytes(200 * 2**20)), more="Content-Encoding: gzip\r\n")
    large = http(b"<p>" + b"x" * (11 * 2**20))
    video = http(bytes(11 * 2**20), media="video/mp4")
    tracemalloc.start()
    found = read(record(1, bomb), record(2, large), record(3, video), record(4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(found) == ["a.warc record 1 at byte 0", f"a.warc record 2 at byte {len(record(1, bomb))}", "Ferry 4"]
    assert all("larger than 10 MiB" in each.reason for each in found[:2])
    assert peak < 120 * 2**20  # the file itself, which the test writes, is 23 MiB of it, joined twice


def place(number, *before, name="a.warc"):
    return f"{name} record {number} at byte {sum(map(len, before))}"


def test_a_damaged_header_is_named_by_number_and_byte_and_the_next_record_is_read(read):
    first, third = record(1), record(3)
    damaged = record(2).replace(b"WARC/1.0", b"WORC/9.9")
    assert told(read(first, damaged, third)) == ["Ferry 1", place(2, first), "Ferry 3"]
    first, damaged, third = map(gzip.compress, (first, damaged, third))
    assert told(read(first, damaged, third)) == ["Ferry 1", place(2, first), "Ferry 3"]


def test_a_record_without_type_or_length_is_told(read):
    first = record(1)
    assert told(read(first, record(2).replace(b"WARC-Type", b"W\x00\xffRC-Type"), record(3)))[1] == place(2, first)
    assert told(read(first, record(2).replace(b"Content-Length", b"Content-Lentgh", 1)))[1] == place(2, first)


def test_bytes_between_records_are_told_and_passed(read):
    first = record(1)
    assert told(read(first, b"\x00garbage\n" * 300_000, record(2))) == ["Ferry 1", place(2, first), "Ferry 2"]


@pytest.mark.parametrize("wrong", [-100, 100])
def test_a_wrong_length_costs_no_more_than_the_next_record(read, wrong):
    right = len(http(page(2)))
    found = told(read(record(1), record(2, length=right + wrong), record(3), record(4)))
    assert found[0] == "Ferry 1"
    assert found[-1] == "Ferry 4"
    assert any("record 3 at byte" in each for each in found)


def test_a_damaged_gzip_member_costs_itself_alone(read):
    noise = random.Random(1).randbytes(300_000).hex().encode()
    members = [gzip.compress(record(n, http(page(n) + b"<!--" + noise + b"-->"))) for n in (1, 2, 3)]
    broken = bytearray(members[1])
    broken[150_000:150_020] = bytes(20)
    assert told(read(members[0], bytes(broken), members[2])) == ["Ferry 1", place(2, members[0]), "Ferry 3"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_truncated_end_is_told_and_what_came_before_is_kept(read, pack, part):
    first, second = pack(record(1)), pack(record(2))
    assert told(read(first, second[: int(len(second) * part)])) == ["Ferry 1", place(2, first)]


def test_records_inside_a_page_are_never_read_as_records(read):
    forged = page(9) + b"\r\n\r\n" + record(7) + b"x" * 100
    found = told(read(record(1, http(forged)), record(2).replace(b"WARC/1.0", b"WORC/9.9"), record(3)))
    assert "Ferry 7" not in found
    assert found[-1] == "Ferry 3"
    assert "Ferry 7" not in told(read(record(1, http(forged), length=10**9)))


def test_what_is_no_archive_is_told_once(read):
    for content in (b"hello world\n" * 100, gzip.compress(b"hello world\n" * 100)):
        assert told(read(content)) == ["a.warc record 1 at byte 0"]
    assert read(b"") == []


def test_a_header_without_end_is_not_held(read):
    found = read(b"WARC/1.0\r\nX: " + b"a" * (5 * 2**20) + b"\r\n\r\n", record(2))
    assert told(found) == ["a.warc record 1 at byte 0", "Ferry 2"]


def test_a_file_of_nothing_but_damage_is_given_up(read, monkeypatch):
    monkeypatch.setattr(warc_records, "MAX_DAMAGES", 5)
    found = read(b"WARC/x\r\n" * 1000)
    assert len(found) == 6
    assert "the rest is not read" in found[-1].reason


def test_texts_made_from_pages_are_told_once_for_the_whole_file(read):
    texts = [record(n, b"Home News Sport", kind="conversion", media="text/plain") for n in range(3)]
    (found,) = read(*texts)
    assert "holds 3 texts" in found.reason


def test_an_address_that_is_no_url_gives_no_link(read):
    (article,) = read(record(1).replace(b"https://news.example/1", b"file:///a b.html"))
    assert article.url is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_articles_and_rejections_and_ends(read, data):
    pack = data.draw(st.sampled_from([bytes, gzip.compress]))
    raw = bytearray(pack(record(1)) + pack(record(2, http(gzip.compress(page(2)), more="Content-Encoding: gzip\r\n"))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    for found in read(bytes(raw)):
        assert isinstance(found, Article | ArticleRejected)


def test_the_limits_leave_room_for_the_http_header():
    assert warc_records.MAX_BLOCK_BYTES > warc.MAX_PAGE_BYTES


def test_what_is_large_and_no_page_is_passed_over_in_steps_that_tell_nothing(tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(record(1, bytes(200 * 2**20), media="video/mp4")) + gzip.compress(record(2)))
    with path.open("rb") as stream:
        steps = list(split_warc(stream, input="a", advance=lambda size: None))
    (part,) = (step for step in steps if step is not None)
    assert steps.index(part) > 10
    assert told(read_here([part])) == ["Ferry 2"]


def test_records_are_split_off_one_at_a_time(tmp_path):
    path = tmp_path / "a.warc"
    page_of_2_mb = page(1).replace(b"</body>", b"<!--" + b"x" * 2**21 + b"--></body>")
    path.write_bytes(b"".join(record(number, http(page_of_2_mb)) for number in range(30)))
    with path.open("rb") as stream:
        tracemalloc.start()
        count = sum(isinstance(step, Part) for step in split_warc(stream, input="a", advance=lambda size: None))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 30
    assert peak < 12 * 2**20
