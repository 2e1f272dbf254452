"""What a publisher states of the page's own article in JSON-LD is read, and nothing of other articles."""

import json

import pytest
from lxml.html import document_fromstring

from retrieval.news.json_ld import MAX_SCRIPT_CHARS, StatedArticle, own_article, stated_articles

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Harbour &amp; lighthouse <em>reopen</em>",
    "datePublished": "2021-03-04T10:00:00+01:00",
    "dateModified": "2021-03-05T11:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ada Quill"}, {"@type": "Person", "givenName": "Bo", "familyName": "Reed"}],
    "publisher": {"@type": "Organization", "name": "The Corvane Courier"},
    "mainEntityOfPage": {"@type": "WebPage", "@id": "https://courier.example/harbour"},
    "inLanguage": "en-GB",
    "isAccessibleForFree": "False",
    "wordCount": "640",
    "articleBody": "<p>The harbour is open.</p><script>steal()</script><p>So is the lighthouse.</p>",
}


def tree(*scripts, kind="application/ld+json"):
    written = [one if isinstance(one, str) else json.dumps(one).replace("</", "<\\/") for one in scripts]
    head = "".join(f"<script type='{kind}'>{one}</script>" for one in written)
    return document_fromstring(f"<html><head>{head}</head><body><p>Text</p></body></html>")


def stated(**changes):
    (one,) = stated_articles(tree({"@type": "Article", **changes}))
    return one


def test_every_fact_is_read_with_its_markup_and_entities_resolved():
    assert stated_articles(tree(ARTICLE)) == [
        StatedArticle(
            headline="Harbour & lighthouse reopen",
            published="2021-03-04T10:00:00+01:00",
            modified="2021-03-05T11:00:00+01:00",
            authors=("Ada Quill", "Bo Reed"),
            publisher="The Corvane Courier",
            urls=("https://courier.example/harbour",),
            language="en-GB",
            body="The harbour is open.\n\nSo is the lighthouse.",
            is_free=False,
            words=640,
        )
    ]


@pytest.mark.parametrize(
    "author",
    [
        "Ada Quill",
        ["Ada Quill"],
        {"name": "Ada Quill"},
        {"name": ["Ada Quill"]},
        ["Ada Quill", {"name": "Ada Quill"}, {"name": 7}, None, "https://courier.example/ada"],
    ],
)
def test_an_author_is_a_string_an_object_or_a_list_and_named_once(author):
    assert stated(author=author).authors == ("Ada Quill",)


@pytest.mark.parametrize(
    "kind",
    ["NewsArticle", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting", ["Thing", "https://schema.org/Article"]],
)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda a: a,
        lambda a: [a],
        lambda a: {"@graph": [{"@type": "WebSite"}, a]},
        lambda a: {"@type": "WebPage", "mainEntity": a},
    ],
)
def test_an_article_is_found_at_the_top_in_the_graph_and_as_main_entity(kind, wrap):
    (one,) = stated_articles(tree(wrap({"@type": kind, "headline": "Open"})))
    assert one.headline == "Open"


@pytest.mark.parametrize(
    "around",
    [
        lambda a: {"@type": "ItemList", "itemListElement": [a]},
        lambda a: {"@type": "WebSite", "hasPart": [a]},
        lambda a: {"@type": "Organization", "subjectOf": a},
    ],
)
def test_an_article_in_a_list_or_link_is_another_one(around):
    assert stated_articles(tree(around(ARTICLE))) == []


@pytest.mark.parametrize(
    ("whole", "part", "is_free"),
    [
        (True, None, True),
        ("true", None, True),
        ("http://schema.org/False", None, False),
        (0, None, False),
        (None, None, None),
        ("perhaps", None, None),
        (None, "False", False),
        (True, False, False),
        (False, True, False),
    ],
)
def test_an_article_is_not_free_if_it_or_a_part_of_it_is_not(whole, part, is_free):
    parts = [{"@type": "WebPageElement", "isAccessibleForFree": part, "cssSelector": ".rest"}]
    assert stated(isAccessibleForFree=whole, hasPart=parts).is_free is is_free


@pytest.mark.parametrize(
    "written",
    ["<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "/*<![CDATA[*/{}/*]]>*/", "{};", "\n  {}\n"],
)
def test_wrappings_of_old_templates_are_taken_off(written):
    (one,) = stated_articles(tree(written.replace("{}", json.dumps({"@type": "Article", "headline": "Open"}))))
    assert one.headline == "Open"


def test_a_line_end_inside_a_string_is_no_fault():
    (one,) = stated_articles(tree('{"@type": "Article", "headline": "The harbour\nis open"}'))
    assert one.headline == "The harbour is open"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        "null",
        "7",
        "[" * 100_000,
        '{"@type": "Article", "wordCount": ' + "9" * 5000 + "}",
        '{"@type": ["Article", 7, null, {}], "headline": {"a": 1}, "author": [[["x"]]], "hasPart": "no"}',
        " " * MAX_SCRIPT_CHARS + '{"@type": "Article", "headline": "Open"}',
    ],
)
def test_broken_and_hostile_scripts_state_nothing_and_hide_no_other(script):
    found = stated_articles(tree(script, {"@type": "Article", "headline": "The other"}))
    assert [one.headline for one in found if one.headline] == ["The other"]


def test_other_scripts_are_no_json_ld():
    assert stated_articles(tree(ARTICLE, kind="application/json")) == []


def test_a_graph_without_end_is_cut_off():
    many = {"@graph": [{"@type": "Thing"}] * 30_000 + [ARTICLE]}
    assert stated_articles(tree(many)) == []


def test_of_several_articles_the_one_with_the_pages_address_or_headline_is_its_own():
    first = StatedArticle(headline="One", urls=("https://courier.example/one",))
    second = StatedArticle(headline="Two", urls=("http://www.courier.example/two/?from=feed",))
    both = [first, second]
    assert own_article(both, urls=["https://courier.example/two"], title="") == second
    assert own_article(both, urls=[], title="one") == first
    assert own_article(both, urls=["https://courier.example/"], title="News") is None
    assert own_article([second], urls=[], title="Else") == second
    assert own_article([], urls=[], title="Else") is None


def test_an_article_stated_twice_has_the_facts_of_both_and_is_not_free_if_one_says_so():
    twice = [StatedArticle(headline="One", is_free=True), StatedArticle(headline="One", words=9, is_free=False)]
    assert own_article(twice, urls=[], title="") == StatedArticle(headline="One", words=9, is_free=False)
