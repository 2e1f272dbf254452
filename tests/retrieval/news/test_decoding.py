"""Bytes become text strictly for what people write, and as in a browser for pages."""

import pytest

from retrieval.errors import ArticleRejected
from retrieval.news.decoding import decode_page, decode_utf8


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert decode_utf8(b"\xef\xbb\xbfPort Ellery", input="a.txt") == "Port Ellery"


@pytest.mark.parametrize(("raw", "at"), [(b"Caf\xe9", 103), (b"\xef\xbb\xbfCaf\xe9", 106), (b"\xff", 100)])
def test_the_first_byte_that_is_not_utf_8_is_named_by_its_offset_in_the_file(raw, at):
    with pytest.raises(ArticleRejected, match=rf"^a\.txt: is not UTF-8 at byte {at}; save it as UTF-8$"):
        decode_utf8(raw, input="a.txt", offset=100)


@pytest.mark.parametrize(
    ("declared", "written_in"),
    [("utf-8", "utf-8"), ("windows-1251", "cp1251"), ("KOI8-R", "koi8-r"), ("shift_jis", "shift_jis")],
)
def test_a_page_is_decoded_as_it_declares(declared, written_in):
    words = {"shift_jis": "港のニュース"}.get(written_in, "Новости порта")
    html = f'<html><head><meta charset="{declared}"></head><body>{words}</body></html>'
    assert decode_page(html.encode(written_in)) == (html, None)


def test_latin_1_means_windows_1252_as_in_every_browser():
    page = b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">\x93Caf\xe9\x94'
    assert decode_page(page)[0].endswith("“Café”")


def test_utf_8_is_believed_over_a_wrong_declaration():
    html = '<meta charset="windows-1252">Café'
    assert decode_page(html.encode()) == (html, None)


def test_utf_16_with_its_mark_is_read():
    assert decode_page("<p>Café".encode("utf-16")) == ("<p>Café", None)


@pytest.mark.parametrize("declared", ["utf-8", "idna", "zlib", "unicode_escape", "no-such-thing", "x" * 40])
def test_bytes_that_fit_no_allowed_encoding_are_marked_and_the_first_is_named(declared):
    page = f'<meta charset="{declared}">Caf'.encode() + b"\xe9"
    assert decode_page(page) == (page[:-1].decode() + "\ufffd", len(page) - 1)
