"""The form of an XML file is told by its first element."""

import pytest

from retrieval.articles import Article
from retrieval.news.parts import read_here
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.xml_files import split_xml

NITF = (
    "<nitf><body><body.head><hedline><hl1>Up</hl1></hedline></body.head>"
    "<body.content><p>It is up.</p></body.content></body></nitf>"
)
PAGE = '<?xml version="1.0"?><html><head><title>Up</title></head><body><p>The ferry is back in port.</p></body></html>'


def read(tmp_path, written):
    return list(read_here(split_xml(written.encode(), input="a.xml", own_id="file-1", title_otherwise="a")))


@pytest.mark.parametrize("written", [NITF, PAGE])
def test_stories_and_pages_become_articles_named_by_their_file(tmp_path, written):
    (article,) = read(tmp_path, written)
    assert isinstance(article, Article)
    assert article.title == "Up"
    assert article.id.startswith("file-")


@pytest.mark.parametrize(
    "written",
    [
        '<rss version="2.0"><channel/></rss>',
        '<r:RDF xmlns:r="urn:r"/>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry>broken',
        "<urlset/>",
    ],
)
def test_what_lists_articles_is_given_back_whole(tmp_path, written):
    assert read(tmp_path, written) == [SavedFeed("a.xml", written.encode())]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("<opml/>", "is a list of feeds; add them with `dateline feeds import`"),
        ("<sitemapindex/>", "is an index of sitemaps"),
        ("<recipe/>", "unknown form (its first element is 'recipe')"),
        ("plain text", "is not XML"),
        (NITF[:-5], "is not XML that can be read"),
    ],
)
def test_other_files_are_rejected_by_what_they_are(tmp_path, written, reason):
    (rejected,) = read(tmp_path, written)
    assert reason in rejected.reason
