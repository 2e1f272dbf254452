"""XML of strangers is decoded, freed of what it declares, and mended where it is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.news.xml_text import local_name, parse_mended, read_xml_text


@pytest.mark.parametrize(
    ("raw", "root", "line"),
    [
        (b"<rss/>", "rss", 1),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?>\n<!-- <feed> -->\n<rdf:RDF/>", "rdf", 4),
        (b"<!DOCTYPE a [<!ENTITY b ']>'> <!-- ]> -->\n]><opml/>", "opml", 2),
        (b"<!DOCTYPE a SYSTEM '>'><A:URLSET/>", "urlset", 1),
        (b"<!DOCTYPE never ends", "", 1),
        (b"<!-- never ends", "", 1),
        (b"Warning: x\n<rss>", "rss", 2),
        (b"<html><rss>", "html", 1),
        (b"plain", "", 1),
        (b"", "", 1),
    ],
)
def test_a_document_begins_with_its_first_element(raw, root, line):
    document = read_xml_text(raw)
    assert (document.root, document.line) == (root, line)
    assert "<!" not in document.text[:2]


def test_references_are_mended_but_not_within_cdata():
    root = parse_mended("<a b='1&2&copy=3'>x & &eacute; &amp; &#233; &#0; &none; <![CDATA[& &eacute;]]> &lt;</a>")
    assert root.get("b") == "1&2&copy=3"
    assert root.text == "x & é & é \ufffd &none; & &eacute; <"


def test_a_document_cut_off_is_read_as_far_as_it_goes():
    root = parse_mended("<n:a xmlns:n='urn:n'><n:b>1</n:b><n:c>2")
    assert [local_name(each) for each in root.iter()] == ["a", "b", "c"]


@given(st.text(max_size=60), st.binary(max_size=60))
def test_anything_is_read(text, raw):
    parse_mended(text)
    parse_mended(f"<a>{text}")
    assert "\0" not in read_xml_text(raw).text
