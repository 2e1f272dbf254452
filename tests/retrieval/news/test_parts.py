"""A file comes apart into parts, each of which can be sent to another process and costs no other if it fails."""

import gzip
import io
import json
import pickle

import pytest

from retrieval.articles import Article
from retrieval.news.forms import split_form
from retrieval.news.parts import QUICK_BYTES, Part, grouped, read_here

SENTENCE = "The ferry Marrow Star came back to Port Ellery on Monday with all of its passengers. "
PAGE = f"<html><head><title>Ferry is back</title></head><body><article><p>{SENTENCE * 4}</p></article></body></html>"
NITF = (
    "<nitf><body><body.head><hedline><hl1>Ferry is back</hl1></hedline></body.head>"
    f"<body.content><p>{SENTENCE}</p></body.content></body></nitf>"
)


def own(number, text=SENTENCE):
    return {"id": str(number), "title": f"Ferry {number}", "text": text}


def ninjs(number):
    return {"uri": f"urn:{number}", "type": "text", "headline": f"Ferry {number}", "body_xhtml": f"<p>{SENTENCE}</p>"}


def news_item(number, more=""):
    return (
        f'<newsItem guid="urn:{number}"><itemMeta><itemClass qcode="ninat:text"/></itemMeta><contentMeta>'
        f"<headline>Ferry {number} &mdash; naïve</headline></contentMeta><contentSet><inlineXML><html><body>"
        f"<p>{SENTENCE * 12}{more}</p></body></html></inlineXML></contentSet></newsItem>"
    )


MESSAGE = (
    '<!DOCTYPE newsMessage SYSTEM "news.dtd"><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>{}'
    "</itemSet></newsMessage>"
).format
RECORD = (
    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: https://news.example/ferry\r\n"
    f"Content-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}\r\n\r\n"
)
PICTURE = "WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\nhtml\r\n\r\n"


def split(ending, written):
    raw = written if isinstance(written, bytes) else written.encode()
    return split_form(io.BytesIO(raw), ending, input="a", own_id="file-1", title_otherwise="a")


def leaves(steps):
    """Give every part that is not split any further, with what it comes to; read only from what was pickled."""
    for step in steps:
        if isinstance(step, Part):
            sent = pickle.loads(pickle.dumps(step))
            come = pickle.loads(pickle.dumps(list(sent.read(*sent.args))))
            if any(isinstance(one, Part) for one in come):
                yield from leaves(come)
            else:
                yield step, [one.id for one in come if isinstance(one, Article)]


@pytest.mark.parametrize(
    ("ending", "written", "expected"),
    [
        (".html", PAGE, [("a", ["file-1"])]),
        (".xml", NITF, [("a", ["file-1"])]),
        (".xml", MESSAGE(news_item(1) + news_item(2)), [("a[0]", ["urn:1"]), ("a[1]", ["urn:2"])]),
        (".json", json.dumps(ninjs(1)), [("a", ["urn:1"])]),
        (".json", json.dumps([ninjs(1), ninjs(2)]), [("a[0]", ["urn:1"]), ("a[1]", ["urn:2"])]),
        (".jsonl", f"{json.dumps(ninjs(1))}\n\n{json.dumps(ninjs(2))}", [("a:1", ["urn:1"]), ("a:3", ["urn:2"])]),
        (".json", json.dumps([own(1, SENTENCE * 200), own(2, SENTENCE * 200)]), [("a[0]", ["1"]), ("a[1]", ["2"])]),
        (".jsonl", json.dumps(own(1, SENTENCE * 200)), [("a:1", ["1"])]),
        (".md", SENTENCE * 200, [("a", ["file-1"])]),
        (".txt", SENTENCE * 200, [("a", ["file-1"])]),
    ],
)
def test_markup_and_what_is_large_is_read_elsewhere_and_each_article_by_itself(ending, written, expected):
    parts = [part for part in leaves(split(ending, written)) if not part[0].is_quick]
    assert [(part.input, ids) for part, ids in parts] == expected


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_of_a_web_archive_each_page_is_a_part_and_nothing_else_is_sent_elsewhere(pack):
    found = list(leaves(split(".warc", pack(RECORD) + pack(PICTURE) + pack(RECORD))))
    assert [len(ids) for _, ids in found] == [1, 1]
    assert not any(part.is_quick for part, _ in found)
    assert found[1][0].input.startswith("a record 3 at byte ")


@pytest.mark.parametrize(
    ("ending", "written"),
    [
        (".txt", SENTENCE),
        (".md", SENTENCE),
        (".json", json.dumps(own(1))),
        (".json", json.dumps([own(number) for number in range(9)])),
        (".jsonl", json.dumps(own(1)) + "\n" + json.dumps(own(2))),
    ],
)
def test_small_plain_forms_need_no_other_process(ending, written):
    assert all(part.is_quick for part, _ in leaves(split(ending, written)))


def test_an_array_of_many_small_articles_is_read_in_quick_parts_of_several():
    many = [own(number) for number in range(400)]
    parts = list(leaves(split(".json", json.dumps(many))))
    assert [id for _, ids in parts for id in ids] == [str(number) for number in range(400)]
    assert all(part.is_quick for part, _ in parts)
    assert 400 * len(json.dumps(own(1))) / QUICK_BYTES < len(parts) < 40


def test_an_element_too_deep_to_be_read_by_itself_is_rejected_by_its_number():
    nested = "[" * 985 + "]" * 985
    found = list(read_here(split(".json", f'[{json.dumps(own(1))}, {{"a": {nested}}}, {json.dumps(own(3))}]')))
    assert [one.id if isinstance(one, Article) else one.input for one in found] in (["1", "a[1]", "3"], ["a"])


def test_items_of_a_message_are_read_as_the_message_has_them():
    items = [news_item(1), "<packageItem/>", news_item(2, more="a &lt; b &amp; c")]
    first, package, second = read_here(split(".xml", MESSAGE("".join(items))))
    assert first.title == "Ferry 1 — naïve"
    assert (package.input, "package" in package.reason) == ("a[1]", True)
    assert second.text.endswith("a < b & c")


def test_neighbours_are_put_together_up_to_a_limit_and_all_are_kept_in_order():
    assert list(grouped(["aa", "b", "cccc", "dddddd", "e", ""], limit=4)) == [
        (0, ["aa", "b"]),
        (2, ["cccc"]),
        (3, ["dddddd"]),
        (4, ["e", ""]),
    ]
    assert list(grouped([], limit=4)) == []
