"""ninjs of all versions becomes articles, words of withdrawal, and rejections that name the type."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import Article, Precision, Withdrawal
from retrieval.errors import ArticleRejected
from retrieval.news.json_files import split_json
from retrieval.news.ninjs import is_ninjs, ninjs_in, read_ninjs
from retrieval.news.parts import read_here
from retrieval.news.saved_feeds import SavedFeed

URI = "urn:newsml:news.example:20210503:ferry-raised"
FIRST = {
    "uri": URI,
    "type": "text",
    "versioncreated": "2021-05-04T10:00:00+02:00",
    "firstcreated": "2021-05-03T08:00:00Z",
    "language": "en-GB",
    "headline": "Ferry raised",
    "byline": "By Ines Marrow",
    "copyrightholder": "Ellery Wire",
    "usageterms": "Not for use in Corvane.",
    "body_text": "The ferry was raised on Monday.\n\nIt had lain at 40 metres.",
}
SECOND = {
    "uri": URI,
    "type": "text",
    "versioncreated": "2021-05-04T10:00:00+02:00",
    "firstcreated": "2021-05-03T08:00:00Z",
    "language": "en-GB",
    "headlines": [{"role": "short", "value": "Up"}, {"role": "main", "value": "Ferry raised"}],
    "by": "By Ines Marrow",
    "copyrightholder": "Ellery Wire",
    "usageterms": "Not for use in Corvane.",
    "bodies": [
        {
            "role": "x",
            "contenttype": "text/plain",
            "value": "The ferry was raised on Monday.\n\nIt had lain at 40 metres.",
        }
    ],
}
CAMEL = {
    "versioncreated": "versionCreated",
    "firstcreated": "firstCreated",
    "copyrightholder": "copyrightHolder",
    "usageterms": "usageTerms",
}
THIRD = {CAMEL.get(name, name): value for name, value in SECOND.items()}


def read(item, **changed):
    return list(read_ninjs({**item, **changed}, input="wire.json"))


def one(item=FIRST, **changed):
    (found,) = read(item, **changed)
    return found


def reason(item=FIRST, **changed):
    found = one(item, **changed)
    assert isinstance(found, ArticleRejected)
    return found.reason


@pytest.mark.parametrize("item", [FIRST, SECOND, THIRD])
def test_the_same_article_is_read_from_each_version_of_the_standard(item):
    assert one(item) == Article(
        id=URI,
        title="Ferry raised",
        source="Ellery Wire",
        url=None,
        published_at=datetime(2021, 5, 3, 8, tzinfo=UTC),
        published_precision=Precision.TIME,
        authors=("Ines Marrow",),
        language="en",
        text="The ferry was raised on Monday.\n\nIt had lain at 40 metres.",
        usage_terms="Not for use in Corvane.",
        updated_at=datetime(2021, 5, 4, 8, tzinfo=UTC),
    )


def test_a_new_version_has_the_id_of_the_first():
    later = one(version="2", versioncreated="2021-05-05T08:00:00Z", body_text="The ferry was raised and towed away.")
    assert later.id == one().id
    assert later.version != one().version
    assert later.updated_at > one().updated_at


def test_a_uri_that_is_a_url_is_where_the_article_is_shown():
    assert one(uri="https://news.example/ferry").url == "https://news.example/ferry"
    assert one(uri="http://user@news.example/ferry").url is None


def test_a_uri_too_long_for_an_id_still_names_its_article_for_ever():
    long = "urn:" + "x" * 500
    assert one(uri=long).id == one(uri=long, headline="Other").id != one(uri=long + "y").id


def test_the_date_is_that_of_the_content_or_the_version_where_no_first_one_is_given_and_is_never_invented():
    assert one(firstcreated=None, contentcreated="2021-05-02").published_at == datetime(2021, 5, 2, tzinfo=UTC)
    assert one(firstcreated=None).published_at == datetime(2021, 5, 4, 8, tzinfo=UTC)
    assert one(firstcreated=None, versioncreated=None).published_at is None


@pytest.mark.parametrize(
    ("status", "told"), [("canceled", "canceled"), ("Canceled", "canceled"), ("withheld", "withheld")]
)
def test_an_item_that_is_canceled_or_withheld_takes_its_article_back_even_without_text(status, told):
    item = {"uri": URI, "type": "text", "pubStatus": status}
    assert one(item) == Withdrawal(article_id=URI, reason=told, input="wire.json")
    assert one(item, embargoed="never", versioncreated="soon", type="picture") == one(item)


def test_an_embargo_is_kept_and_one_that_cannot_be_read_rejects_the_article():
    assert one(embargoed="2031-05-03T08:00:00+02:00").embargoed_until == datetime(2031, 5, 3, 6, tzinfo=UTC)
    assert "is not a date" in reason(embargoed="until the trial ends")
    assert "does not say until when" in reason(embargoedreason="trial")
    assert isinstance(one(embargoed=True), ArticleRejected)


@pytest.mark.parametrize("kind", ["picture", "graphic", "video", "audio", "event", "planning", "component"])
def test_what_is_no_text_is_rejected_by_its_type(kind):
    assert f"is of the type {kind!r}" in reason(type=kind)


def test_an_event_is_told_by_its_details_where_it_gives_no_type():
    assert "event" in reason(THIRD, type=None, eventDetails={"dates": {}})


def test_marked_up_paragraphs_are_preferred_to_plain_text_without_any():
    item = {**FIRST, "body_text": "One. Two.", "body_xhtml": "<p>One.</p><!-- x --><p>Two.<script>bad()</script></p>"}
    assert one(item).text == "One.\n\nTwo."
    assert one(body_text="One. Two.", body_xhtml="<p>One. Two.</p>").text == "One. Two."


def test_a_body_in_nitf_is_read():
    nitf = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><nitf><body><body.content><p>Café.</p></body.content></body></nitf>'
    )
    body = {"role": "nitf", "contentType": "text/vnd.IPTC.NITF", "value": nitf}
    assert one(THIRD, bodies=[body]).text == "Café."


def test_the_headline_is_not_repeated_in_the_text():
    assert one(body_text="Ferry raised\nPort Ellery\nIt is up.").text == "Port Ellery\nIt is up."


def test_a_text_that_has_a_description_only_is_an_excerpt_and_a_headline_alone_is_rejected():
    described = {name: value for name, value in THIRD.items() if name != "bodies"}
    excerpt = one(described, descriptions=[{"value": "It was raised."}])
    assert (excerpt.text, excerpt.is_excerpt, one().is_excerpt) == ("It was raised.", True, False)
    assert "has no body of text" in reason(described)


def test_the_texts_of_a_package_are_taken_each_and_its_pictures_are_not():
    side = {**FIRST, "uri": "urn:side", "headline": "How a ferry is raised"}
    picture = {"uri": "urn:picture", "type": "picture", "headline": "The ferry"}
    package = {"uri": "urn:package", "type": "composite", "headline": "All on the ferry"}
    for associations in ({"main": FIRST, "side": side, "pic": picture}, [FIRST, side, picture]):
        found = read(package, associations=associations)
        assert isinstance(found[0], ArticleRejected)
        assert "'composite'" in found[0].reason
        assert [article.id for article in found[1:]] == [URI, "urn:side"]


def test_what_is_associated_with_an_embargoed_item_waits_as_long_and_with_a_withdrawn_one_is_not_taken_in():
    side = {**FIRST, "uri": "urn:side", "embargoed": "2030-01-01T00:00:00Z"}
    found = read(FIRST, embargoed="2031-01-01T00:00:00Z", associations={"side": side})
    assert [article.embargoed_until.year for article in found] == [2031, 2031]
    assert len(read(FIRST, pubstatus="withheld", associations={"side": side})) == 1
    assert len(read(FIRST, embargoed="soon", associations={"side": side})) == 1


def test_packages_within_packages_end():
    nested = FIRST
    for number in range(50):
        nested = {**FIRST, "uri": f"urn:{number}", "associations": {"inner": nested}}
    assert len(read(nested)) == 4


def test_our_own_form_is_never_taken_for_ninjs():
    ours = {"id": "a", "title": "Ferry raised", "text": "It is up.", "type": "text", "headline": "x"}
    assert not is_ninjs(ours)
    assert not is_ninjs({**ours, "uri": URI})
    assert not is_ninjs({"uri": URI, "name": "x"})
    assert all(map(is_ninjs, (FIRST, SECOND, THIRD)))
    assert ninjs_in({"text": ["x"], "list": [1]}) is None


def test_files_hold_one_item_or_a_list_or_an_object_around_a_list():
    second = {**SECOND, "uri": "urn:second"}
    for held in ([FIRST, second], {"total": 2, "items": [FIRST, second]}, {"articles": [FIRST, second]}):
        found = list(read_here([split_json(json.dumps(held).encode(), input="wire.json")]))
        assert [article.id for article in found] == [URI, "urn:second"]
    assert [article.id for article in read_here([split_json(json.dumps(FIRST).encode(), input="wire.json")])] == [URI]


def test_a_json_feed_is_told_to_be_a_feed():
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Post", "items": [{"id": "1"}]}
    (found,) = read_here([split_json(json.dumps(feed).encode(), input="feed.json")])
    assert isinstance(found, SavedFeed)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [*FIRST, *SECOND, *THIRD, "associations", "embargoed", "descriptions", "rightsinfo", "infosources"]
)


@given(changed=st.dictionaries(names, anything, max_size=6))
def test_any_values_give_articles_withdrawals_or_rejections_and_nothing_else(changed):
    for found in read_ninjs({**SECOND, **changed}, input="wire.json"):
        assert isinstance(found, Article | Withdrawal | ArticleRejected)
