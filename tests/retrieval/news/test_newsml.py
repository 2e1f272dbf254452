"""NewsML-G2 items and messages become articles, words of withdrawal, and rejections that name the class."""

from datetime import UTC, datetime

import pytest

from retrieval.articles import Article, Precision, Withdrawal
from retrieval.errors import ArticleRejected
from retrieval.news.newsml import split_newsml
from retrieval.news.parts import read_here
from retrieval.news.xml_trees import parse_xml

NAMESPACE = "http://iptc.org/std/nar/2006-10-01/"
NITF_BODY = (
    '<inlineXML contenttype="application/nitf+xml"><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">{head}'
    "<body><body.head><hedline><hl1>Inner</hl1></hedline></body.head>"
    "<body.content><p>The ferry is up.</p></body.content></body></nitf></inlineXML>"
)
XHTML_BODY = (
    '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title>'
    "</head><body><p>The ferry is up.</p><p>At last.</p></body></html></inlineXML>"
)


def item(
    body=XHTML_BODY, *, kind="ninat:text", status='<pubStatus qcode="stat:usable"/>', meta="", content="", guid="urn:a"
):
    return (
        f'<newsItem xmlns="{NAMESPACE}" guid="{guid}" version="3" xml:lang="en-GB">'
        "<rightsInfo><copyrightHolder><name>Ellery Wire</name></copyrightHolder>"
        "<usageTerms>Not for use in Corvane.</usageTerms></rightsInfo>"
        f'<itemMeta><itemClass qcode="{kind}"/><provider qcode="nprov:ELW"/>'
        f"<versionCreated>2021-05-04T10:00:00+02:00</versionCreated>{status}{meta}</itemMeta>"
        f"<contentMeta><creator><name>Ines Marrow</name></creator>{content}"
        '<headline xml:lang="de">Fähre gehoben</headline><headline xml:lang="en"> Ferry raised </headline>'
        f"</contentMeta><contentSet>{body}</contentSet></newsItem>"
    )


def read(written):
    return list(read_here(split_newsml(parse_xml(written.encode(), input="a.xml"), input="a.xml")))


def one(*arguments, **changed):
    (found,) = read(item(*arguments, **changed))
    return found


def test_everything_that_an_item_says_is_kept():
    found = one(meta="<firstCreated>2021-05-03T08:00:00Z</firstCreated>", guid="urn:newsml:news.example:ferry")
    assert found == Article(
        id="urn:newsml:news.example:ferry",
        title="Ferry raised",
        source="Ellery Wire",
        url=None,
        published_at=datetime(2021, 5, 3, 8, tzinfo=UTC),
        published_precision=Precision.TIME,
        authors=("Ines Marrow",),
        language="en",
        text="The ferry is up.\n\nAt last.",
        usage_terms="Not for use in Corvane.",
        updated_at=datetime(2021, 5, 4, 8, tzinfo=UTC),
    )


def test_text_is_read_from_nitf_xhtml_and_plain_data():
    plain = '<inlineData contenttype="text/plain">One.\n\nTwo.</inlineData>'
    encoded = '<inlineData contenttype="text/plain" encoding="base64">T25lLg==</inlineData>'
    assert one(NITF_BODY.format(head="")).text == "The ferry is up."
    assert one(plain).text == "One.\n\nTwo."
    assert "has no text" in one(encoded).reason
    assert "has no text" in one('<remoteContent href="https://news.example/a.mp4"/>').reason


def test_the_body_and_headline_in_the_language_of_the_item_go_first():
    bodies = (
        '<inlineData xml:lang="en">The ferry is up.</inlineData><inlineData xml:lang="de">Sie ist oben.</inlineData>'
    )
    german = one(bodies, content='<language tag="de"/>')
    assert (german.title, german.text, german.language) == ("Fähre gehoben", "Sie ist oben.", "de")


@pytest.mark.parametrize("namespace", ["http://iptc.org/std/nar/2006-03-01/", "urn:other"])
def test_items_of_other_namespaces_are_read(namespace):
    assert [each.id for each in read(item().replace(NAMESPACE, namespace))] == ["urn:a"]


def test_the_date_is_that_of_the_content_or_the_version_where_no_first_one_is_given():
    assert one(content="<contentCreated>2021-05-02</contentCreated>").published_at == datetime(2021, 5, 2, tzinfo=UTC)
    assert one().published_at == datetime(2021, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize("status", ["stat:canceled", "stat:withheld", "http://cv.example/stat/withheld"])
def test_an_item_that_is_canceled_or_withheld_takes_its_article_back_even_without_text(status):
    attribute = "uri" if status.startswith("http") else "qcode"
    found = one("", status=f'<pubStatus {attribute}="{status}"/>')
    assert found == Withdrawal("urn:a", status[-8:], "a.xml")


def test_an_embargo_is_kept_and_an_open_one_rejects_the_item():
    assert one(meta="<embargoed>2031-05-03T08:00:00Z</embargoed>").embargoed_until.year == 2031
    assert "until when" in one(meta="<embargoed/>").reason
    assert isinstance(one(meta="<embargoed>after the trial</embargoed>"), ArticleRejected)


def test_the_later_embargo_and_the_harder_status_of_item_and_story_hold():
    head = '<head><docdata management-status="{}"><date.release norm="20310503T080000Z"/></docdata></head>'
    both = one(NITF_BODY.format(head=head.format("usable")), meta="<embargoed>2030-01-01T00:00:00Z</embargoed>")
    assert both.embargoed_until.year == 2031
    assert one(NITF_BODY.format(head=head.format("withheld"))) == Withdrawal("urn:a", "withheld", "a.xml")


@pytest.mark.parametrize("kind", ["picture", "video", "audio", "graphic"])
def test_an_item_that_is_no_text_is_rejected_by_its_class(kind):
    assert kind in one(kind=f"ninat:{kind}").reason


def test_a_message_gives_each_of_its_items_and_the_rejections_name_their_places():
    package = f'<packageItem xmlns="{NAMESPACE}" guid="urn:p"/>'
    items = package + item(guid="urn:a") + item("", guid="urn:b") + item(guid="urn:c")
    message = f'<newsMessage xmlns="{NAMESPACE}"><header/><itemSet>{items}</itemSet></newsMessage>'
    first, second, third, fourth = read(message)
    assert (first.input, second.id, third.input, fourth.id) == ("a.xml[0]", "urn:a", "a.xml[2]", "urn:c")
    assert "package" in first.reason
    assert "has no text" in third.reason


@pytest.mark.parametrize("root", ["packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"])
def test_items_that_are_no_news_are_rejected(root):
    (found,) = read(f'<{root} xmlns="{NAMESPACE}" guid="urn:p"/>')
    assert isinstance(found, ArticleRejected)


def test_a_message_without_items_is_told():
    assert "without items" in read(f'<newsMessage xmlns="{NAMESPACE}"/>')[0].reason
