"""The form of what was fetched is told by what it is; what its server calls it counts only for plain text."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.news.form_finding import find_form
from retrieval.news.forms import KNOWN_ENDINGS

URL = "https://news.example/today"
WARC = b"WARC/1.0\r\nWARC-Type: warcinfo\r\n\r\n"
LINE = json.dumps({"title": "Up", "text": "It is up."})
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": []})


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/octet-stream", "text/html"])
@pytest.mark.parametrize(
    ("body", "form"),
    [
        (WARC, ".warc"),
        (gzip.compress(WARC), ".warc.gz"),
        (gzip.compress(b"<urlset/>"), None),
        (LINE, ".json"),
        (f"[{LINE}]", ".json"),
        (f"\ufeff {LINE}", ".json"),
        (f"{LINE}\n{LINE}\n", ".jsonl"),
        (f"{LINE}\nbroken", ".jsonl"),
        ('{"title": "Half', ".json"),
        (JSON_FEED, None),
        ("<nitf><body/></nitf>", ".xml"),
        ('<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"/>', ".xml"),
        ("<newsMessage/>", ".xml"),
        ('<?xml version="1.0"?><recipe/>', ".xml"),
        ('<rss version="2.0"><channel/></rss>', None),
        ('<r:RDF xmlns:r="urn:r"/>', None),
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', None),
        ("<urlset/>", None),
        ("<sitemapindex/>", None),
        ("<opml/>", None),
        ("<html><body><p>Up.</p></body></html>", None),
        ("<!DOCTYPE html><html><body><p>Up.</p></body></html>", None),
    ],
)
def test_what_has_marks_of_its_own_is_told_by_them(body, form, media_type):
    body = body if isinstance(body, bytes) else body.encode()
    assert find_form(body, url=URL, media_type=media_type) == form


@pytest.mark.parametrize(
    ("url", "media_type", "form"),
    [
        (URL, "text/plain", ".txt"),
        (URL, "text/markdown", ".md"),
        (f"{URL}.md?raw=1", "text/plain", ".md"),
        (f"{URL}.txt", "", ".txt"),
        (f"{URL}.txt", "application/octet-stream", ".txt"),
        (f"{URL}.jsonl", "text/plain", ".jsonl"),
        (URL, "application/x-ndjson", ".jsonl"),
        (URL, "text/html", None),
        (f"{URL}.md", "text/html", None),
        (URL, "", None),
        (f"{URL}.warc", "", ".warc"),
    ],
)
def test_plain_text_is_told_by_its_media_type_and_its_ending(url, media_type, form):
    assert find_form(b"The ferry is back.", url=url, media_type=media_type) == form


@given(body=st.binary(max_size=200), start=st.sampled_from([b"", b"{", b"[", b"<", b"\x1f\x8b", b"WARC/", b"<?xml "]))
def test_no_bytes_raise(body, start):
    assert find_form(start + body, url=URL, media_type="") in (*KNOWN_ENDINGS, None)
