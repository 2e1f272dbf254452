"""What a page says of its article beside the text is taken as said, and nothing is invented."""

import json
import time

import pytest

from retrieval.news.extract import read_page

PARAGRAPHS = [
    "The ferry Margaret Ellery returned to its home port on Monday after nine days of repairs in the yard at Corvane.",
    "It carried 212 people, the harbour master said, and nobody was hurt when its engine failed in the storm.",
    "The company that runs the line has promised to pay for the hotel rooms of everybody who was stranded.",
]
TEXT = "\n\n".join(PARAGRAPHS)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
META = """<meta property="og:title" content="Ferry returns | The Ellery Post">
<meta property="og:site_name" content="The Ellery Post">
<meta name="author" content="Ines Marrow">
<meta property="article:published_time" content="2020-09-29T08:15:00+02:00">
"""
FETCHED = "https://m.ellerypost.com/ferry?utm_source=feed"
CANONICAL = "https://www.ellerypost.com/2020/09/29/ferry-returns"


def page(head=META, body=f"<h1>Ferry returns</h1>{BODY}", lang="en"):
    return f"<!doctype html><html lang={lang}><head>{head}</head><body><article>{body}</article></body></html>"


def read(html, url=FETCHED):
    return read_page(html.encode(), input="a.html", url=url)


def json_ld(**facts):
    stated = {"@context": "https://schema.org", "@type": "NewsArticle", **facts}
    return f'<script type="application/ld+json">{json.dumps(stated)}</script>'


def test_a_script_made_to_take_quadratic_time_takes_none():
    begun = time.perf_counter()
    read(page(head=META + json_ld(articleBody="<a" * 250_000)))
    assert time.perf_counter() - begun < 10  # it took 80 s


@pytest.mark.parametrize(
    "head",
    [
        f'<link rel="canonical" href="{CANONICAL}">',
        f'<meta property="og:url" content="{CANONICAL}">',
        json_ld(mainEntityOfPage={"@id": CANONICAL}),
        json_ld(url=CANONICAL),
        '<link rel="canonical" href="//www.ellerypost.com/2020/09/29/ferry-returns">',
        f'<link rel="canonical" href="https://www.ellerypost.com/"><meta property="og:url" content="{CANONICAL}">',
    ],
)
def test_a_mobile_page_is_named_by_the_address_that_its_own_site_gives_the_article(head):
    found = read(page(head=f"<title>Ferry returns</title>{head}"))
    assert found.fields["url"] == found.canonical_url == CANONICAL


@pytest.mark.parametrize(
    ("fetched", "claimed"),
    [
        ("https://evil.com/copy", CANONICAL),
        ("https://evil.github.io/copy", "https://other.github.io/article"),
        ("https://www.evil.example/copy", "https://www.ellerypost.example/article"),
    ],
)
def test_a_page_cannot_pass_itself_off_as_an_article_of_another_site(fetched, claimed):
    found = read(page(head=f'<link rel="canonical" href="{claimed}">'), url=fetched)
    assert found.fields["url"] == fetched
    assert found.canonical_url == claimed


def test_a_site_without_a_registered_suffix_is_told_by_its_host():
    head = '<link rel="canonical" href="https://www.ellerypost.example/ferry">'
    assert read(page(head=head), url="https://amp.ellerypost.example/ferry").fields["url"].startswith("https://www.")


def test_json_ld_gives_what_the_page_says_nowhere_else():
    head = "<title></title>" + json_ld(
        headline="Ferry returns",
        author={"@type": "Person", "name": "Ines Marrow"},
        publisher={"name": "The Ellery Post"},
        datePublished="2020-09-29T08:15:00+02:00",
        dateModified="2020-09-29T12:00:00+02:00",
        inLanguage="en-GB",
    )
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    found = read(page(head=head, body=body, lang=""))
    assert found.fields == {
        "title": "Ferry returns",
        "source": "The Ellery Post",
        "url": FETCHED,
        "published": "2020-09-29T08:15:00+02:00",
        "updated": "2020-09-29T12:00:00+02:00",
        "text": TEXT,
        "authors": ["Ines Marrow"],
    }
    assert found.language_otherwise == "en"
    assert found.opts_out is None


def test_nothing_is_invented_where_a_page_says_nothing():
    found = read(page(head="", body="".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)), url=None)
    assert {name: value for name, value in found.fields.items() if value} == {"text": TEXT}


@pytest.mark.parametrize("modified", ["2020-09-29", "2020-09-29T12:00:00", "2020-09-28T12:00:00Z", "soon", ""])
def test_a_change_is_dated_only_by_a_zoned_time_after_publication(modified):
    assert read(page(head=META + json_ld(dateModified=modified))).fields["updated"] is None


def test_the_site_is_the_source_though_an_agency_wrote_the_article():
    head = META + json_ld(headline="Ferry returns", publisher={"name": "Northern Press Agency Limited"})
    assert read(page(head=head)).fields["source"] == "The Ellery Post"


@pytest.mark.parametrize("found", ["Monday September", "https://www.ellerypost.example/ines", "@ines_marrow"])
def test_what_cannot_be_a_name_is_no_author(found):
    head = META.replace("Ines Marrow", found) + json_ld(headline="Ferry returns", author="Ada Quill")
    assert read(page(head=head)).fields["authors"] == ["Ada Quill"]
    assert read(page(head=META.replace("Ines Marrow", found))).fields["authors"] == []
