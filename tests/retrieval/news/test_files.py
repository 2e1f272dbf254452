"""Files and folders are read in order, lazily, and nothing in them stops the reading."""

import gzip
import itertools
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.articles import Withdrawal
from retrieval.errors import InputNotFound
from retrieval.news import forms
from retrieval.news.files import read_articles, total_bytes
from retrieval.news.forms import KNOWN_ENDINGS

TEXT = "The ferry returned to Port Ellery on Monday.\n\nIt carried 212 people."
PAGE = "<html><head><title>Ferry returns</title></head><body><p>The ferry is back in port.</p></body></html>"
NITF = (
    "<nitf><body><body.head><hedline><hl1>Up</hl1></hedline></body.head>"
    "<body.content><p>It is up.</p></body.content></body></nitf>"
)
NINJS = json.dumps({"uri": "urn:up", "type": "text", "headline": "Up", "body_text": "It is up."})
WARC = (
    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2021-05-03T08:00:00Z\r\n"
    f"Content-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}\r\n\r\n"
).encode()


def write(path, content=TEXT):
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def element(number):
    return json.dumps({"id": number, "title": "x", "text": "y"})


def read(*paths):
    """Give back the articles, and the rejections as (input, reason)."""
    rejected = []
    articles = list(read_articles(paths, reject=rejected.append))
    return articles, [(each.input, each.reason) for each in rejected]


def titles(*paths):
    return [article.title for article in read(*paths)[0]]


def test_each_kind_of_file_is_read(tmp_path):
    contents = {
        "a.txt": TEXT,
        "b.MD": f"# Heading\n\n{TEXT}",
        "c.html": PAGE,
        "d.htm": PAGE,
        "e.json": f"[{element(1)}, {element(2)}]",
        "f.jsonl": f"{element(3)}\n{element(4)}\n",
        "g.ndjson": element(5),
        "h.xml": NITF,
        "i.NITF": NITF,
        "j.warc": WARC,
        "k.warc.gz": gzip.compress(WARC),
        "l.json": NINJS,
    }
    for name, content in contents.items():
        write(tmp_path / name, content)
    articles, rejected = read(tmp_path)
    assert [article.title for article in articles] == [
        "a",
        "Heading",
        "Ferry returns",
        "Ferry returns",
        *["x"] * 5,
        *["Up"] * 2,
        *["Ferry returns"] * 2,
        "Up",
    ]
    assert rejected == []


def test_word_that_an_article_is_taken_back_is_told_in_its_place(tmp_path):
    taken_back = json.dumps({"uri": "urn:up", "type": "text", "pubstatus": "canceled"})
    path = write(tmp_path / "a.jsonl", f"{NINJS}\n{taken_back}\n{element(1)}\n")
    article, withdrawal, other = read(path)[0]
    assert (article.id, other.id) == ("urn:up", "1")
    assert withdrawal == Withdrawal("urn:up", "canceled", f"{path}:2")


def test_a_gzip_file_that_is_no_web_archive_has_an_unknown_ending(tmp_path):
    write(tmp_path / "a.json.gz", gzip.compress(NINJS.encode()))
    assert read(tmp_path) == ([], [])


def test_paths_keep_their_order_and_entries_of_a_folder_are_sorted(tmp_path):
    for name in ("b/2.txt", "b/1.txt", "b/10/z.txt", "a.txt"):
        write(tmp_path / name)
    assert titles(tmp_path / "b", tmp_path / "a.txt") == ["1", "z", "2", "a"]


def test_hidden_entries_are_passed_over_unless_named(tmp_path):
    hidden = write(tmp_path / ".hidden.txt")
    write(tmp_path / ".git" / "a.txt")
    write(tmp_path / "seen.txt")
    assert titles(tmp_path) == ["seen"]
    assert len(titles(hidden, tmp_path / ".git")) == 2


def test_an_unknown_ending_is_rejected_only_where_the_file_is_named(tmp_path):
    picture = write(tmp_path / "map.png")
    assert read(tmp_path) == ([], [])
    ((named, reason),) = read(picture)[1]
    assert named == str(picture)
    assert all(ending in reason for ending in KNOWN_ENDINGS)


def test_linked_files_are_read_and_linked_folders_are_not_followed(tmp_path):
    write(tmp_path / "in" / "a.txt")
    (tmp_path / "in" / "b.txt").symlink_to("a.txt")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "self").symlink_to("self")
    (tmp_path / "in" / "gone.txt").symlink_to("nowhere.txt")
    assert titles(tmp_path) == ["a", "b"]


def test_a_named_link_to_a_folder_is_followed(tmp_path):
    write(tmp_path / "in" / "a.txt")
    (tmp_path / "link").symlink_to("in")
    assert titles(tmp_path / "link") == ["a"]


def test_folders_nested_deeper_than_python_calls_are_read(tmp_path):
    folders = [str(tmp_path) + "/d" * depth for depth in range(1, 1201)]
    for folder in folders:
        os.mkdir(folder)
    deep = write(Path(folders[-1]) / "deep.txt")
    try:
        assert titles(tmp_path) == ["deep"]
    finally:  # pytest's own cleaning calls itself once per level
        deep.unlink()
        for folder in reversed(folders):
            os.rmdir(folder)


@pytest.mark.parametrize("name", ["missing", "missing.txt", "a.txt/b", "nul\0byte"])
def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(tmp_path, name):
    good = write(tmp_path / "a.txt")
    with pytest.raises(InputNotFound) as caught:
        read_articles([good, tmp_path / name], reject=pytest.fail)
    assert caught.value.path == str(tmp_path / name)
    with pytest.raises(InputNotFound):
        total_bytes([tmp_path / name])


def test_a_file_that_vanishes_is_rejected_and_the_next_is_read(tmp_path):
    first, second, third = (write(tmp_path / name) for name in ("a.txt", "b.jsonl", "c.txt"))
    rejected = []
    articles = read_articles([first, second, third], reject=rejected.append)
    next(articles)
    second.unlink()
    assert [article.title for article in articles] == ["c"]
    ((named, reason),) = [(each.input, each.reason) for each in rejected]
    assert named == str(second)
    assert "is not a regular file" in reason


def test_a_pipe_is_rejected_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert read(tmp_path) == ([], [])
    assert "is not a regular file" in read(tmp_path / "pipe.txt")[1][0][1]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("a.txt", "MAX_TEXT_BYTES"),
        ("a.html", "MAX_PAGE_BYTES"),
        ("a.json", "MAX_JSON_BYTES"),
        ("a.xml", "MAX_XML_BYTES"),
    ],
)
def test_a_file_too_large_to_hold_is_rejected_with_a_remedy(tmp_path, monkeypatch, name, limit):
    monkeypatch.setattr(forms, limit, 2**20)
    path = write(tmp_path / name, b" " * (2**20 + 1))
    ((named, reason),) = read(path)[1]
    assert named == str(path)
    assert reason.startswith("is larger than 1 MiB; ")


def test_a_name_that_is_not_utf_8_can_still_be_printed(tmp_path):
    path = write(tmp_path / os.fsdecode(b"caf\xe9.txt"), "")
    ((named, _),) = read(path)[1]
    assert named.endswith("caf\\xe9.txt")
    assert named.isprintable()


def test_articles_come_one_at_a_time(tmp_path):
    write(tmp_path / "a.jsonl", element(1) + "\n")
    write(tmp_path / "b.jsonl", "not JSON")
    rejected = []
    articles = read_articles([tmp_path], reject=rejected.append)
    assert next(articles).id == "1"
    assert rejected == []
    assert list(articles) == []
    assert [each.input for each in rejected] == [f"{tmp_path / 'b.jsonl'}:1"]


def test_reading_stops_where_reject_raises(tmp_path):
    write(tmp_path / "a.jsonl", "not JSON\n" + element(1))

    def stop(rejected):
        raise rejected

    articles = read_articles([tmp_path], reject=stop)
    with pytest.raises(Exception, match=r"a\.jsonl:1: is not JSON"):
        next(articles)


def test_the_bytes_done_add_up_to_the_total(tmp_path):
    contents = [TEXT, PAGE, f"[{element(1)}]", f"{element(1)}\n\nbad\n{element(2)}", b"\xff", ""]
    for (number, content), ending in itertools.product(enumerate(contents), KNOWN_ENDINGS):
        write(tmp_path / f"{number}{ending}", content)
    write(tmp_path / "unknown.png")
    write(tmp_path / ".hidden.txt")
    done = []
    list(read_articles([tmp_path], reject=lambda rejected: None, advance=done.append))
    assert sum(done) == total_bytes([tmp_path]) > 0


def test_the_bytes_of_a_file_too_large_count_as_done(tmp_path, monkeypatch):
    monkeypatch.setattr(forms, "MAX_TEXT_BYTES", 10)
    path = write(tmp_path / "a.txt", "x" * 1000)
    done = []
    list(read_articles([path], reject=lambda rejected: None, advance=done.append))
    assert sum(done) == 1000


def test_reading_twice_gives_the_same_versions(tmp_path):
    for name, content in {"a.txt": TEXT, "b.md": TEXT, "c.html": PAGE, "d.jsonl": element(1)}.items():
        write(tmp_path / name, content)
    first, second = read(tmp_path)[0], read(tmp_path)[0]
    assert first == second
    assert len({article.id for article in first}) == 4


def test_the_time_a_file_was_written_is_never_the_date_of_its_article(tmp_path):
    assert read(write(tmp_path / "a.txt"))[0][0].published_at is None


STARTS = [
    b"",
    b"---\n",
    b"---\ntitle: x\n---\n",
    b"# ",
    b"<html><body><p>",
    b"<meta charset=utf-7>",
    b'<script type="application/ld+json">{"datePublished":"',
    b'{"title":"a","text":"b","published":"',
    b"\xff\xfe",
    b"<nitf><body>",
    b"<newsMessage><itemSet><newsItem guid='a'>",
    b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n",
    b"\x1f\x8b\x08",
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300), start=st.sampled_from(STARTS), ending=st.sampled_from(KNOWN_ENDINGS))
def test_any_bytes_give_articles_or_rejections_and_nothing_else(tmp_path, raw, start, ending):
    path = write(tmp_path / f"any{ending}", start + raw)
    articles, rejected = read(path)
    assert (
        articles
        or rejected
        or not (start + raw).removeprefix(b"\xef\xbb\xbf").strip()
        or ending in (".jsonl", ".ndjson")
    )
    for article in articles:
        assert article.id.isprintable()
        article.text.encode()
