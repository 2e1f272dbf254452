"""Marked-up bodies become the paragraphs that readers see, in order."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.news.marked_up import paragraphs_of_html, without_title


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>One <b>and</b>\n a <i>ha</i>lf.</p><p>Two.</p>", ["One and a half.", "Two."]),
        ("no markup at all", ["no markup at all"]),
        ("before<p>One.</p>after", ["before", "One.", "after"]),
        ("One.<br>Still one.<br/><br/>", ["One.\nStill one."]),
        ("<ul><li>One<li>Two</ul><h2>Head</h2>", ["One", "Two", "Head"]),
        ("<table><tr><th>Day</th><td><p>a</p><p>b</p></td></tr><tr><td></td></tr></table>", ["Day | a b"]),
        ("<p>Seen<script>x()</script><!-- c --> too</p><style>p{}</style>", ["Seen too"]),
        ('<p>Seen</p><p hidden>no</p><div style="DISPLAY : none">no</div>tail', ["Seen", "tail"]),
        ("<figure><img src=x><figcaption>no</figcaption></figure><p>Seen</p>", ["Seen"]),
        ("<html><head><title>no</title></head><body><p>5 &lt; 6 &amp; &eacute;</p></body></html>", ["5 < 6 & é"]),
        ("", []),
        ("  \n ", []),
        ("<!-- only -->", []),
    ],
)
def test_paragraphs(markup, paragraphs):
    assert paragraphs_of_html(markup) == paragraphs


def test_a_first_paragraph_or_line_that_repeats_the_title_is_left_out():
    assert without_title(["ferry  Raised", "It is up."], "Ferry raised") == ["It is up."]
    assert without_title(["Ferry raised\nIt is up."], "Ferry raised") == ["It is up."]
    assert without_title(["Ferry raised again"], "Ferry raised") == ["Ferry raised again"]
    assert without_title([], "Ferry raised") == []


@pytest.mark.parametrize("piece", ["<b>", "<table><tr><td>", "<p>a<br>", "<ul><li>", "&amp;<i>x</i>"])
def test_hostile_markup_takes_time_in_proportion(piece):
    begun = time.perf_counter()
    paragraphs_of_html(piece * 100_000)
    assert time.perf_counter() - begun < 10


@given(st.text(st.sampled_from(list("<>/!-&;= \"'abptrdh\x00\ud800\x0b")), max_size=100))
def test_any_text_gives_clean_paragraphs(markup):
    for paragraph in paragraphs_of_html(markup):
        assert paragraph == paragraph.strip() != ""
