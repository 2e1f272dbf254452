"""Hostile XML is refused or harmless, and never costs much time, memory, or a look at another file."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import ArticleRejected
from retrieval.news.xml_trees import parse_xml, root_name

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


def parse(written):
    return parse_xml(written if isinstance(written, bytes) else written.encode(), input="a.xml")


def test_comments_and_instructions_are_left_out_and_entities_of_html_are_spelt_out():
    root = parse('<!DOCTYPE a SYSTEM "a.dtd"><a>1&mdash;<!-- x -->2&nbsp;<b/>&eacute;&euro;<?php x?>3<b/>&unknown;</a>')
    assert "".join(root.itertext()) == "1\u20142\u00a0é€3&unknown;"


def test_an_entity_that_names_a_file_is_refused_and_the_file_not_read(tmp_path):
    (tmp_path / "secret").write_text("secret")
    for kind in ("SYSTEM", 'PUBLIC "x"'):
        with pytest.raises(ArticleRejected, match="declares entities") as caught:
            parse(f'<!DOCTYPE a [<!ENTITY x {kind} "file://{tmp_path}/secret">]><a>&x;</a>')
        assert "secret" not in caught.value.reason
    with pytest.raises(ArticleRejected):
        parse(f'<!DOCTYPE a [<!ENTITY % x SYSTEM "file://{tmp_path}/secret"> %x;]><a/>')


@pytest.mark.parametrize("use", ["<a>&a11;</a>", '<a b="&a11;"/>', "<a/>"])
def test_a_billion_laughs_are_refused_at_once(use):
    begun = time.perf_counter()
    with pytest.raises(ArticleRejected):
        parse(f'<!DOCTYPE a [<!ENTITY a0 "lol">{LAUGHS}]>{use}')
    assert time.perf_counter() - begun < 1


def test_an_entity_declared_in_another_encoding_is_refused_too():
    with pytest.raises(ArticleRejected, match="declares entities"):
        parse('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"))


def test_elements_nested_without_end_are_refused():
    with pytest.raises(ArticleRejected, match="is not XML that can be read"):
        parse("<a>" * 100_000)


def test_a_text_of_entities_takes_time_in_proportion():
    begun = time.perf_counter()
    root = parse('<!DOCTYPE a SYSTEM "x"><a>' + "&mdash;x" * 100_000 + "</a>")
    assert root.text.count("\u2014") == 100_000
    assert time.perf_counter() - begun < 10  # 0.2 s; putting each in its place singly takes minutes


def test_white_space_before_the_declaration_is_tolerated():
    assert parse('\n <?xml version="1.0"?><a/>').tag == "a"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"<?xml version='1.0'?><!-- x --><rss version='2.0'><broken", "rss"),
        (b"<x:RDF xmlns:x='urn:x'>", "RDF"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<!DOCTYPE nitf SYSTEM 'x'><nitf>", "nitf"),
        (b"<a/><b>", "a"),
        (b"plain text", None),
        (b"", None),
    ],
)
def test_the_first_element_is_told_even_if_what_follows_is_broken(written, name):
    assert root_name(written) == name


@given(st.binary(max_size=200), st.sampled_from([b"", b"<a>", b"<?xml version='1.0' encoding='", b"<!DOCTYPE a ["]))
def test_any_bytes_are_parsed_or_rejected(raw, start):
    root_name(start + raw)
    with suppress(ArticleRejected):
        assert parse(start + raw) is not None
