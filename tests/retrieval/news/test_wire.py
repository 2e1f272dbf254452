"""An agency's fields and status become an article, word that it is taken back, or a rejection."""

import pytest

from retrieval.articles import Withdrawal
from retrieval.errors import ArticleRejected
from retrieval.news.wire import byline_names, finish, is_taken_back


def make(status="", paragraphs=("It is up.",), **fields):
    whole = {"id": "urn:up", "title": "Up", **fields}
    return finish(whole, list(paragraphs), status=status, input="a.xml")


def test_what_an_article_can_do_without_is_left_out_where_it_does_not_fit():
    found = make(source="x" * 201, url="urn:up", authors=["Ines Marrow", "x" * 201, 7])
    assert (found.source, found.url, found.authors) == (None, None, ("Ines Marrow",))


@pytest.mark.parametrize("name", ["published", "updated", "embargoed", "embargoed_until"])
def test_a_date_that_cannot_be_read_is_never_left_out(name):
    assert isinstance(make(**{name: "soon"}), ArticleRejected)


@pytest.mark.parametrize("status", ["usable", "", "Usable", "of a later standard"])
def test_other_statuses_change_nothing(status):
    assert make(status).title == "Up"
    assert not is_taken_back(status)


def test_an_article_taken_back_needs_its_name_only():
    assert make(" Cancelled ", (), title=None, published="soon") == Withdrawal("urn:up", "canceled", "a.xml")
    assert "which article" in make("withheld", id=" ").reason


def test_an_embargoed_article_needs_its_day():
    assert "until when" in make("embargoed").reason
    assert make("embargoed", embargoed_until="2031-05-03").embargoed_until is not None


@pytest.mark.parametrize(
    ("byline", "names"), [("By  Ines Marrow", ["Ines Marrow"]), ("Byron Vale", ["Byron Vale"]), ("by ", []), ("", [])]
)
def test_a_byline_is_one_author_without_the_word_before_it(byline, names):
    assert byline_names(byline) == names
