"""NITF documents become articles with their dates, embargoes and structure."""

from datetime import UTC, datetime

import pytest

from retrieval.articles import Article, Precision, Withdrawal
from retrieval.errors import ArticleRejected
from retrieval.news.nitf import read_nitf
from retrieval.news.xml_trees import parse_xml

NITF = """<?xml version="1.0"?>
<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd">
<nitf xml:lang="en">
  <head>
    <title>Ferry raised (slug)</title>
    <docdata {status}>
      <doc-id id-string="ferry-1" regsrc="ELW"/>
      <date.issue norm="20210503T080000Z"/>
      {release}
      <doc.copyright year="2021" holder="Ellery Wire"/>
    </docdata>
    <pubdata name="Ellery Post"/>
    <revision-history norm="20210503T100000Z"/><revision-history norm="2021-05-04T10:00:00+02:00"/>
    <revision-history norm="later"/>
  </head>
  <body>
    <body.head>
      <hedline><hl1>Ferry <em>raised</em></hl1><hl2>After nine years</hl2></hedline>
      <rights>Not for use in Corvane.</rights>
      <byline>By <person>Ines Marrow</person>, <byttl>Staff Reporter</byttl></byline>
      <dateline><location>PORT ELLERY</location>, Monday</dateline>
      <abstract><p>In short.</p></abstract>
    </body.head>
    <body.content>
      <p>The ferry was raised&mdash;at
         last. <!-- never printed --></p>
      <media media-type="image"><media-caption>The ferry</media-caption></media>
      <table><tr><th>Day</th><th>Metres</th></tr><tr><td>Sunday</td><td>40</td></tr></table>
      <p>It is up.</p>
    </body.content>
    <body.end><tagline>Edited by Tom Vale.</tagline></body.end>
  </body>
</nitf>"""


def read(status="", release="", **changed):
    written = NITF.format(status=status, release=release)
    for old, new in changed.items():
        assert old.replace("_", " ") in written
        written = written.replace(old.replace("_", " "), new)
    return read_nitf(parse_xml(written.encode(), input="a.xml"), input="a.xml", own_id="file-1")


def test_everything_that_is_said_is_kept_and_captions_and_comments_are_not():
    assert read() == Article(
        id="ELW:ferry-1",
        title="Ferry raised",
        source="Ellery Post",
        url=None,
        published_at=datetime(2021, 5, 3, 8, tzinfo=UTC),
        published_precision=Precision.TIME,
        authors=("Ines Marrow",),
        language="en",
        text="After nine years\n\nPORT ELLERY, Monday \u2013 The ferry was raised\u2014at last.\n\nDay | Metres\n\n"
        "Sunday | 40\n\nIt is up.\n\nEdited by Tom Vale.",
        usage_terms="Not for use in Corvane.",
        updated_at=datetime(2021, 5, 4, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_a_story_taken_back_is_a_withdrawal(status):
    assert read(status=f'management-status="{status}"') == Withdrawal("ELW:ferry-1", status, "a.xml")


def test_a_release_is_an_embargo_and_one_that_cannot_be_read_rejects_the_story():
    released = read(status='management-status="embargoed"', release='<date.release norm="20310503T120000-0500"/>')
    assert released.embargoed_until == datetime(2031, 5, 3, 17, tzinfo=UTC)
    assert isinstance(read(release='<date.release norm="when the trial ends"/>'), ArticleRejected)
    assert "until when" in read(status='management-status="embargoed"').reason


def test_a_story_without_dates_has_none():
    undated = read(**{'<date.issue_norm="20210503T080000Z"/>': ""})
    assert undated.published_at is None


def test_a_story_that_does_not_name_itself_is_named_by_its_file():
    assert read(**{'<doc-id_id-string="ferry-1"_regsrc="ELW"/>': ""}).id == "file-1"


def test_a_story_without_text_is_rejected_and_one_with_an_abstract_only_is_told_by_it():
    bare = "<nitf><body><body.head><hedline><hl1>Up</hl1></hedline>{}</body.head></body></nitf>"

    def of(inner):
        return read_nitf(parse_xml(bare.format(inner).encode(), input="a"), input="a", own_id="file-1")

    assert of("<abstract><p>In short.</p></abstract>").text == "In short."
    assert "has no text" in of("").reason
