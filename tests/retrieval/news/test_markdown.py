"""Markdown loses its marks and keeps its words."""

import pytest

from retrieval.news.markdown import Block, plain_blocks


def texts(markdown):
    return [block.text for block in plain_blocks(markdown)]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("A **bold** _claim_ by `ferry.py`", ["A bold claim by ferry.py"]),
        ("Read [the report](https://x.example 'R') now", ["Read the report now"]),
        ("Read <https://x.example> now", ["Read https://x.example now"]),
        ("Before ![a map](map.png) after", ["Before  after"]),
        ("![a map](map.png)", []),
        ("One\ntwo  \nthree<br>four", ["One\ntwo\nthree\nfour"]),
        ("Fish &amp; chips \\*fresh\\*", ["Fish & chips *fresh*"]),
        ("> Said she.\n>\n> And he.", ["Said she.", "And he."]),
        ("- one\n- two\n\n  more\n  - inner", ["- one", "- two", "more", "- inner"]),
        ("- ![a map](map.png)\n\nText", ["Text"]),
        ("3. third\n4. fourth", ["3. third", "4. fourth"]),
        ("One\n\n---\n\nTwo", ["One", "Two"]),
        ("```py\nx = 1\n\n    y = '*2*'\n```", ["x = 1\n\n    y = '*2*'"]),
        ("Text\n\n    indented *code*", ["Text", "indented *code*"]),
        ("| a | *b* |\n|---|---|\n| 1 | 2 |", ["a | b", "1 | 2"]),
        ("Water in <b>Averden</b>", ["Water in Averden"]),
        ("<p>Raw <i>words</i></p>\n<script>steal()</script>", ["Raw words"]),
        ("<!-- note -->\n\nText", ["Text"]),
        ("", []),
    ],
)
def test_marks_go_and_words_stay(markdown, plain):
    assert texts(markdown) == plain


def test_headings_of_either_kind_are_told_from_paragraphs():
    assert plain_blocks("# One *two*\n\nText\n\nThree\n-----\n") == [
        Block("One two", True),
        Block("Text", False),
        Block("Three", True),
    ]


def test_text_nested_as_deep_as_quoted_mail_is_kept():
    assert texts(">" * 40 + " still here") == ["still here"]
