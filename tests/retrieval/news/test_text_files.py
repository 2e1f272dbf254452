"""Plain text and Markdown files become articles, with and without front matter."""

import hashlib
import os
from pathlib import Path

import pytest

from retrieval.articles import Precision, published_text
from retrieval.errors import ArticleRejected
from retrieval.news.fields import address_id, file_id
from retrieval.news.text_files import read_markdown, read_text, title_of_address, title_of_file

PATH = Path("/news/brak-al-shati_convoy.txt")
FRONT_MATTER = """---
id: ferry-1
title: "Ferry returns: all safe"
source: Ellery Post
url: https://ellerypost.example/ferry
published: 2020-09-29T08:15:00+02:00
authors: ["Ines Marrow"]
language: en
sample: true
---
"""
BODY = "The ferry returned to Port Ellery on Monday.\n\nIt carried 212 people."


def own_id(path):
    return file_id(os.fsencode(path.resolve()))


def text(raw, path=PATH):
    raw = raw.encode() if isinstance(raw, str) else raw
    return read_text(raw, input="a.txt", own_id=own_id(path), title_otherwise=title_of_file(path))


def markdown(raw, path=PATH):
    return read_markdown(raw.encode(), input="a.md", own_id=own_id(path), title_otherwise=title_of_file(path))


@pytest.mark.parametrize("read", [text, markdown])
def test_front_matter_names_the_fields_and_the_rest_is_the_text(read):
    article = read(FRONT_MATTER + BODY)
    assert article.id == "ferry-1"
    assert article.title == "Ferry returns: all safe"
    assert article.source == "Ellery Post"
    assert article.authors == ("Ines Marrow",)
    assert published_text(article.published_at, article.published_precision) == "2020-09-29T06:15:00Z"
    assert article.text == BODY


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2020", Precision.YEAR),
        ("2020-09", Precision.MONTH),
        ("2020-09-29", Precision.DAY),
        ("2020-09-29 08:15:00", Precision.TIME),
    ],
)
def test_a_date_in_front_matter_keeps_its_precision(written, precision):
    assert text(f"---\ntitle: x\npublished: {written}\n---\n{BODY}").published_precision is precision


def test_values_in_front_matter_are_strings_as_written():
    article = text(f"---\ntitle: 1984\nsource: yes\nlanguage: no\nid: 007\n---\n{BODY}")
    assert (article.title, article.source, article.language, article.id) == ("1984", "yes", "no", "007")


def test_null_in_front_matter_is_missing():
    article = text(f"---\ntitle: x\nsource: null\nurl: ~\npublished:\n---\n{BODY}")
    assert (article.source, article.url, article.published_at) == (None, None, None)


def test_front_matter_cannot_make_objects():
    with pytest.raises(ArticleRejected, match='"title" is a list'):
        text(f"---\ntitle: !!python/object/apply:os.getenv [HOME]\n---\n{BODY}")


def test_front_matter_that_is_not_yaml_is_rejected_with_its_line():
    with pytest.raises(ArticleRejected, match=r"a\.txt: the front matter .* is not YAML in line 2; mend it"):
        text(f'---\ntitle: "a" b\n---\n{BODY}')


@pytest.mark.parametrize("hostile", ["[" * 15_000, "{a: " * 4_000, "? " * 4_000])
def test_front_matter_nested_without_end_is_rejected(hostile):
    with pytest.raises(ArticleRejected, match="is not YAML"):
        text(f"---\n{hostile}\n---\n{BODY}")


def test_front_matter_beyond_all_measure_is_rejected_unparsed():
    with pytest.raises(ArticleRejected, match=r"its front matter has 20.* at most 20000 are taken"):
        text(f"---\n{'a: b' * 5001}\n---\n{BODY}")


def test_a_paragraph_between_two_rules_is_not_taken_for_front_matter():
    assert text(f"---\nFirst paragraph of all.\n---\n{BODY}").text.startswith("---\nFirst paragraph of all.")


def test_a_rule_at_the_top_is_not_taken_for_front_matter():
    assert markdown(f"---\n\n{BODY}").text == BODY


def test_empty_front_matter_is_none():
    assert text(f"---\n---\n{BODY}").text == BODY


@pytest.mark.parametrize("read", [text, markdown])
def test_a_first_line_like_a_headline_is_the_title(read):
    article = read(f"Ferry returns to Port Ellery\n\n{BODY}")
    assert article.title == "Ferry returns to Port Ellery"
    assert article.text == BODY


@pytest.mark.parametrize("read", [text, markdown])
@pytest.mark.parametrize(
    "body",
    [
        f"It was Monday.\n\n{BODY}",
        f"{'Long ' * 25}line\n\n{BODY}",
        f"Two\nlines\n\n{BODY}",
        "Ferry returns to Port Ellery",
    ],
    ids=["full stop", "over 120 characters", "no blank line after it", "nothing after it"],
)
def test_any_other_first_line_stays_in_the_text_and_the_file_gives_the_title(read, body):
    article = read(body)
    assert article.title == "brak al shati convoy"
    assert article.text == body


def test_a_title_in_front_matter_leaves_the_body_whole():
    assert text(f"---\ntitle: x\n---\nFerry returns\n\n{BODY}").text == f"Ferry returns\n\n{BODY}"


def test_a_first_heading_is_the_title_of_a_markdown_file():
    article = markdown(f"# Is the *ferry* safe? It is.\n{BODY}")
    assert article.title == "Is the ferry safe? It is."
    assert article.text == BODY


def test_a_heading_that_repeats_the_title_is_dropped_and_another_stays():
    front = '---\ntitle: "Ferry  returns"\n---\n'
    assert markdown(f"{front}# Ferry returns\n\n{BODY}").text == BODY
    for body in (f"Other\n\n{BODY}", f"Ferry returns\n\n{BODY}"):
        assert markdown(front + body).text == body
    assert markdown(f"{front}# Other\n\n{BODY}").text == f"Other\n\n{BODY}"


def test_markdown_becomes_plain_paragraphs():
    article = markdown("---\ntitle: x\n---\nA **bold** [claim](https://x.example).\n- one\n- two\n")
    assert article.text == "A bold claim.\n\n- one\n\n- two"


def test_plain_text_is_not_read_as_markdown():
    assert text("---\ntitle: x\n---\n2 * 3 * 4 is [24]").text == "2 * 3 * 4 is [24]"


def test_without_id_and_url_the_path_names_the_article():
    expected = "file-" + hashlib.sha256(os.fsencode(PATH)).hexdigest()[:24]
    assert text(BODY).id == markdown(BODY).id == expected
    assert text(BODY, Path("/news/other.txt")).id != expected


def test_a_path_by_way_of_a_link_names_the_same_article(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert text(BODY, tmp_path / "link" / "a.txt").id == text(BODY, tmp_path / "real" / "a.txt").id


@pytest.mark.parametrize("raw", ["", " \n", "---\ntitle: x\n---\n"])
def test_a_file_without_text_is_rejected(raw):
    with pytest.raises(ArticleRejected, match="has no text"):
        text(raw)


def test_a_file_that_is_not_utf_8_is_rejected_with_the_offset():
    with pytest.raises(ArticleRejected, match="is not UTF-8 at byte 3"):
        text(b"Caf\xe9 in Averden")


def test_windows_line_ends_and_byte_order_mark_are_read():
    article = text(b"\xef\xbb\xbf" + (FRONT_MATTER + BODY).replace("\n", "\r\n").encode())
    assert article.id == "ferry-1"
    assert article.text == BODY


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (b"brak-al-shati_convoy.txt", "brak al shati convoy"),
        (b"___.txt", "untitled"),
        (b"caf\xc3\xa9.md", "café"),
        (b"caf\xe9.md", "caf\ufffd"),
    ],
)
def test_the_name_of_a_file_is_made_readable(name, title):
    assert title_of_file(Path(os.fsdecode(name))) == title


@pytest.mark.parametrize("read", [read_text, read_markdown])
def test_a_text_that_was_fetched_has_the_address_where_it_was_unless_it_names_its_own(read):
    url = "https://ellerypost.example/a.txt"
    fetched = read(BODY.encode(), input=url, own_id="x", title_otherwise="Ferry", url=url)
    assert (fetched.id, fetched.url, fetched.source) == (address_id(url), url, "ellerypost.example")
    named = read((FRONT_MATTER + BODY).encode(), input=url, own_id="x", title_otherwise="Ferry", url=url)
    assert (named.id, named.url) == ("ferry-1", "https://ellerypost.example/ferry")


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://news.example/2020/port_opens-again.txt?x=1", "port opens again"),
        ("https://news.example/caf%C3%A9.md", "café"),
        ("https://news.example/", "news.example"),
    ],
)
def test_an_address_gives_a_title_by_its_last_part_or_its_host(url, title):
    assert title_of_address(url) == title
