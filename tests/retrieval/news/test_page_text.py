"""Of a page's text, all of the article's is taken and nothing of what stands around it."""

import json

import pytest
from lxml.html import document_fromstring

from retrieval.news.json_ld import StatedArticle
from retrieval.news.page_text import article_text, visible_tree

PARAGRAPHS = [
    f"The {place} of Corvane was opened on Friday by the mayor, who praised all who worked on it for {years} years."
    for place, years in (
        ("theatre", 3),
        ("railway station", 7),
        ("market hall", 2),
        ("swimming bath", 4),
        ("library", 5),
    )
]


def text(body, stated=None):
    tree = document_fromstring(f"<html><head><title>Opened</title></head><body><article>{body}</article></body></html>")
    return article_text(visible_tree(tree), stated, None)


def chunk(paragraphs, name="article-body wide"):
    return f"<div class='row'><div class='{name}'>{''.join(f'<p>{one}</p>' for one in paragraphs)}</div></div>"


ADVERTISEMENT = "<div class='ad'>Buy a boat</div>"
MORE = [f"Later, {paragraph[0].lower()}{paragraph[1:]}" for paragraph in PARAGRAPHS]


def test_a_body_in_chunks_with_advertisements_between_them_is_read_whole_and_in_order():
    assert text(chunk(PARAGRAPHS) + ADVERTISEMENT + chunk(MORE)).split("\n") == PARAGRAPHS + MORE


@pytest.mark.parametrize("name", ["article-body wide", "post-content", "entry-content", "article__body body"])
def test_a_body_is_read_whole_by_whatever_name(name):
    found = text(chunk(PARAGRAPHS, name) + ADVERTISEMENT + chunk(MORE, name))
    assert found.split("\n") == PARAGRAPHS + MORE


@pytest.mark.parametrize("name", ["comment-body", "related body", "newsletter"])
def test_what_is_named_as_something_else_is_not_joined(name):
    found = text(chunk(PARAGRAPHS) + f"<div class='{name}'>{chunk(MORE)}</div>")
    assert PARAGRAPHS[0] in found
    assert MORE[0] not in found


def test_the_bodies_of_two_articles_are_not_joined():
    found = text(f"{chunk(PARAGRAPHS)}</article><article>{chunk(MORE)}")
    assert not (PARAGRAPHS[0] in found and MORE[0] in found)


def test_hidden_elements_and_json_ld_are_emptied_and_what_stands_after_them_stays():
    script = "<script type='application/ld+json'>{}</script>"
    tree = document_fromstring(f"<html><body><p>One <span hidden>secret</span>two</p>{script}</body></html>")
    visible = visible_tree(tree)
    assert visible.text_content() == "One two"
    assert "secret" in tree.text_content()


@pytest.mark.parametrize("is_free", [None, True, False])
def test_a_stated_body_stands_in_for_a_line_unless_it_is_not_free(is_free):
    stated = StatedArticle(body="\n\n".join(PARAGRAPHS), is_free=is_free)
    assert text("<p>Opened at last.</p>", stated) == (
        "Opened at last." if is_free is False else "\n\n".join(PARAGRAPHS)
    )


def test_a_stated_body_never_replaces_a_text():
    stated = StatedArticle(body=json.dumps(MORE * 9))
    assert text("".join(f"<p>{one}</p>" for one in PARAGRAPHS), stated).split("\n") == PARAGRAPHS
