"""Named fields become an article, or a rejection that says what would mend it."""

import hashlib
import json
from datetime import UTC, datetime

import pytest

from retrieval.articles import Precision
from retrieval.errors import ArticleRejected
from retrieval.news.fields import make_article, normal_text, uri_id

TEXT = "The ferry returned to Port Ellery on Monday.\n\nIt carried 212 people."
WHOLE = {
    "id": "ferry-1",
    "title": "Ferry returns",
    "source": "Ellery Post",
    "url": "https://www.ellerypost.example/ferry",
    "published": "2020-09-29",
    "text": TEXT,
    "authors": ["Ines Marrow", "Tom Vale"],
    "language": "en-GB",
}


def make(**fields):
    return make_article({**WHOLE, **fields}, input="news.jsonl:17")


def test_every_field_is_kept():
    article = make()
    assert article.id == "ferry-1"
    assert article.title == "Ferry returns"
    assert article.source == "Ellery Post"
    assert article.url == "https://www.ellerypost.example/ferry"
    assert (article.published_at, article.published_precision) == (datetime(2020, 9, 29, tzinfo=UTC), Precision.DAY)
    assert article.authors == ("Ines Marrow", "Tom Vale")
    assert article.language == "en"
    assert article.text == TEXT


def test_unknown_fields_are_ignored():
    assert make(topics=["ferries"], sample=True) == make()


def test_title_and_text_are_enough_and_the_rest_stays_unknown():
    article = make_article({"title": "Ferry returns", "text": TEXT}, input="a")
    assert (article.source, article.url, article.published_at, article.published_precision) == (None,) * 4
    assert article.authors == ()
    assert article.language == "en"


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_null_and_blank_are_the_same_as_missing(blank):
    article = make(id=blank, source=blank, url=blank, published=blank, authors=blank, language=blank)
    assert article == make_article({"title": "Ferry returns", "text": TEXT}, input="a")


def test_published_at_is_another_name_of_published_which_goes_first():
    assert make(published=None, published_at="2019").published_precision is Precision.YEAR
    assert make(published_at="2019").published_precision is Precision.DAY


def test_a_missing_source_is_the_host_of_the_url():
    assert make(source=None).source == "ellerypost.example"


def test_a_language_that_is_no_code_is_detected():
    assert make(language="Spanish").language == "en"


def test_one_author_may_be_one_string():
    assert make(authors="Ines Marrow").authors == ("Ines Marrow",)


def test_white_space_in_names_is_collapsed_and_control_characters_go():
    article = make(title=" Ferry\x00\n returns\u2028\tsafely ", authors=[" Ines\n Marrow ", " "])
    assert article.title == "Ferry returns safely"
    assert article.authors == ("Ines Marrow",)


def test_lone_surrogates_do_not_reach_the_archive():
    article = make(id=None, url=None, title="Ferry \ud800returns", text="Safe \udfffagain.")
    assert article.title == "Ferry returns"
    assert article.text == "Safe again."


def test_paragraphs_are_separated_by_one_blank_line_and_their_lines_stay():
    assert normal_text("One\r\nline  two\n \t\n\n\n  Three\n") == "One\nline  two\n\n  Three"


def test_a_number_as_id_is_kept_as_text():
    assert make(id=0).id == "0"


def test_without_an_id_the_url_names_the_article():
    url = "https://www.ellerypost.example/ferry"
    assert make(id=None).id == "url-" + hashlib.sha256(url.encode()).hexdigest()[:24]
    assert make(id=None, title="Ferry returns at last").id == make(id=None).id


def test_without_id_and_url_a_file_of_its_own_names_the_article():
    fields = {**WHOLE, "id": None}
    assert make_article({**fields, "url": None}, input="a", own_id="file-1").id == "file-1"
    assert make_article(fields, input="a", own_id="file-1").id.startswith("url-")


def test_without_all_these_source_title_and_date_name_the_article():
    bare = {"id": None, "url": None}
    hashed = hashlib.sha256(json.dumps(["Ellery Post", "Ferry returns", "2020-09-29"]).encode()).hexdigest()
    assert make(**bare).id == "text-" + hashed[:24]
    assert make(**bare, text="Corrected.").id == make(**bare).id
    for changed in ({"source": "Other"}, {"title": "Other"}, {"published": "2020-09"}):
        assert make(**bare, **changed).id != make(**bare).id


def test_usage_terms_and_the_time_of_the_version_are_kept():
    article = make(usage_terms=" Not for\n use in Corvane. ", updated="2020-09-30T10:00:00+02:00")
    assert article.usage_terms == "Not for use in Corvane."
    assert (
        article.updated_at == make(updated_at="2020-09-30T08:00:00Z").updated_at == datetime(2020, 9, 30, 8, tzinfo=UTC)
    )
    assert (make().usage_terms, make().updated_at, make().embargoed_until) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("2031-05-03T12:00:00+02:00", datetime(2031, 5, 3, 10, tzinfo=UTC)),
        ("2031-05-03T12:00:00Z", datetime(2031, 5, 3, 12, tzinfo=UTC)),
        ("20310503T120000Z", datetime(2031, 5, 3, 12, tzinfo=UTC)),
        ("20310503T120000-0500", datetime(2031, 5, 3, 17, tzinfo=UTC)),
        ("Sat, 03 May 2031 12:00:00 GMT", datetime(2031, 5, 3, 12, tzinfo=UTC)),
        ("2031-05-03T12:00:00", datetime(2031, 5, 4, tzinfo=UTC)),
        ("2031-05-03", datetime(2031, 5, 3, 12, tzinfo=UTC)),
    ],
)
def test_an_embargo_ends_when_its_moment_has_come_everywhere(written, until):
    assert make(embargoed=written).embargoed_until == until
    assert make(embargoed_until=written).embargoed_until == until


def test_of_two_embargoes_the_later_holds():
    assert make(embargoed="2031-05-03T12:00:00Z", embargoed_until="2032-01-01T00:00:00Z").embargoed_until.year == 2032


def test_an_embargo_changes_no_version():
    assert make(embargoed="2031-05-03").version == make().version


def test_a_publishers_name_is_an_id_if_it_fits_and_names_the_article_anyway():
    assert uri_id(" urn:a ") == "urn:a"
    assert uri_id("urn:" + "a" * 300).startswith("uri-")
    assert uri_id("urn:a\u202eb").startswith("uri-")
    assert uri_id(" ") is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"embargoed": "soon"}, """"embargoed": 'soon' is not a date"""),
        ({"embargoed_until": "2031-05"}, '"embargoed_until" names no day'),
        ({"embargoed": True}, '"embargoed" is true or false'),
        ({"updated": "soon"}, '"updated": '),
        ({"usage_terms": ["x"]}, '"usage_terms" is a list'),
        ({"usage_terms": "x" * 5001}, '"usage_terms" has 5001 characters'),
        ({"title": None}, "has no title"),
        ({"title": " "}, "has no title"),
        ({"title": 7}, '"title" is a number; it must be a string'),
        ({"title": "x" * 1001}, '"title" has 1001 characters; at most 1000 are taken'),
        ({"text": None}, "has no text"),
        ({"text": "\x00 \n"}, "has no text"),
        ({"text": ["a"]}, '"text" is a list; it must be a string'),
        ({"text": "x" * 5_000_001}, "its text has 5000001 characters; at most 5000000 are taken"),
        ({"id": True}, '"id" is true or false'),
        ({"id": 1.5}, '"id" is a number; it must be a string or a whole number'),
        ({"id": "x" * 201}, '"id" has 201 characters; at most 200 are taken'),
        ({"id": "a\nb"}, '"id" has control or invisible characters'),
        ({"id": "a\u202eb"}, '"id" has control or invisible characters'),
        ({"id": "a\ud800b"}, '"id" has control or invisible characters'),
        ({"source": {"name": "x"}}, '"source" is an object'),
        ({"source": "x" * 201}, '"source" has 201 characters'),
        ({"url": "javascript:alert(1)"}, "is not an http or https URL"),
        ({"published": "soon"}, """"published": 'soon' is not a date .* write "2020", "2020-09", "2020-09-29" or"""),
        ({"published": None, "published_at": "soon"}, '"published_at": '),
        ({"published": True}, '"published" is true or false; write the date as a string'),
        ({"published": 1.5}, '"published" is a number; write the date as a string'),
        ({"authors": {"name": "x"}}, '"authors" must be a list of strings or one string'),
        ({"authors": ["x", 1]}, '"authors" must be a list of strings or one string'),
        ({"authors": ["x"] * 201}, '"authors": at most 200 names'),
        ({"authors": ["x" * 201]}, '"authors": at most 200 names of 200 characters'),
        ({"language": 1}, '"language" is a number'),
    ],
)
def test_a_field_that_does_not_hold_what_it_should_rejects_the_article_by_its_place(fields, reason):
    with pytest.raises(ArticleRejected, match=reason) as caught:
        make(**fields)
    assert caught.value.input == "news.jsonl:17"
    assert len(caught.value.reason) < 300
