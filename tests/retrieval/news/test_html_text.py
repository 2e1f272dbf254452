"""HTML of feeds becomes the paragraphs that a reader sees, and nothing that hides in it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.news.html_text import headline, html_paragraphs, plain_paragraphs


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One.<br><br />Two.<br/>Still two.", "One.\n\nTwo.\nStill two."),
        ("One.<br>\n  <br>\nTwo.", "One.\n\nTwo."),
        ("<div>One <b>bo</b>ld\n word.<div>Two.</div>Three.</div>", "One bold word.\n\nTwo.\n\nThree."),
        ("<ul><li>a</li><li></li><li>b</li></ul>", "- a\n\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<pre>a\nb</pre>", "a\nb"),
        ("a<script>x</script>b<style>y</style>c<!-- z -->d<noscript>e</noscript>", "abcd"),
        ("a<p hidden>x</p><p style='DISPLAY : none'>y</p><p style='visibility:hidden'>z</p>b", "a\n\nb"),
        ("<form><button>Sign up</button></form><iframe>x</iframe>a", "a"),
        ("Fish &amp; chips &eacute; &#8211; &lt;b&gt;", "Fish & chips é – <b>"),
        ("<p>never closed <i>at all", "never closed at all"),
        ("<del>Four</del> <s>five</s> six died", "six died"),
        ("<img src=x alt=y>", ""),
        ("", ""),
        (" \n ", ""),
        ("<?xml version='1.0' encoding='utf-16'?><p>ü</p>", "ü"),
        ("a\0b\ud800c", "abc"),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup, text):
    assert html_paragraphs(markup) == text


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("<b>Ferry</b>\n sails &amp; docks", "Ferry sails & docks"),
        ("Press <Ctrl> & <Alt>", "Press <Ctrl> & <Alt>"),
        ("AT&T <3 R&D", "AT&T <3 R&D"),
        ("5 < 6 > 4", "5 < 6 > 4"),
        ("&quot;Quoted&quot;", '"Quoted"'),
    ],
)
def test_a_headline_is_one_line_of_plain_text(written, line):
    assert headline(written) == line


def test_plain_text_keeps_its_paragraphs_and_html_called_plain_is_read_as_html():
    assert plain_paragraphs(" One.\r\n\r\n\n  Two\n lines. ") == "One.\n\nTwo\nlines."
    assert plain_paragraphs("<p>One.</p><p>Two.</p>") == "One.\n\nTwo."


@pytest.mark.parametrize("piece", ["<div>", "<", "&", "<a ", "<!--", "<p><table>", "<a href='", "</x", "<b>"])
def test_hostile_markup_takes_little_time(piece):
    started_at = time.monotonic()
    html_paragraphs(piece * (1_000_000 // len(piece)))
    headline(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - started_at < 10


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text("<>/&; pbrdivl'\"=!-?", max_size=80))
def test_any_text_becomes_text(written):
    for text in (html_paragraphs(written), plain_paragraphs(written)):
        assert text == text.strip()
        assert "\n\n\n" not in text
    assert "\n" not in headline(written)
