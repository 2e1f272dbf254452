"""A saved feed or sitemap tells what it lists, and nothing of it is resolved against the file."""

import pickle

import pytest

from retrieval.errors import FeedUnreadable
from retrieval.news.saved_feeds import SavedFeed, read_saved_feed

RSS = (
    '<rss version="2.0"><channel><title>Ellery Post</title><link>https://ellery.example/</link>'
    "<item><title>Up</title><link>https://ellery.example/up</link></item></channel></rss>"
)
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "E", "items": [{"id": "1", "content_text": "Up."}]}'
SITEMAP = "<urlset><url><loc>https://ellery.example/up</loc></url><url><loc>/down</loc></url></urlset>"


@pytest.mark.parametrize(
    ("written", "title", "urls"),
    [
        (RSS, "Ellery Post", ["https://ellery.example/up"]),
        (JSON, "E", [None]),
        (SITEMAP, None, ["https://ellery.example/up"]),
    ],
)
def test_each_form_says_what_it_lists(written, title, urls):
    contents = read_saved_feed(SavedFeed("a.xml", written.encode()))
    assert (contents.title, [entry.url for entry in contents.entries]) == (title, urls)


def test_a_relative_address_leads_nowhere_and_is_a_problem():
    assert len(read_saved_feed(SavedFeed("a.xml", SITEMAP.encode())).problems) == 1


@pytest.mark.parametrize("written", ["<html></html>", "", '{"version": "https://jsonfeed.org/version/1"'])
def test_what_cannot_be_read_is_named_by_its_file_even_from_another_process(written):
    with pytest.raises(FeedUnreadable) as caught:
        read_saved_feed(SavedFeed("a.xml", written.encode()))
    assert caught.value.url == "a.xml"
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason
