"""An article names its version by everything the publisher said, and refuses to be half an article."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import Article, Precision, clean_text, published_text

DAY = datetime(2020, 9, 29, tzinfo=UTC)
WHOLE = {
    "id": "courier-1",
    "title": "Water ruling",
    "source": "The Averden Courier",
    "url": "https://courier.example/1",
    "published_at": DAY,
    "published_precision": Precision.DAY,
    "authors": ("Mira Holt", "Jon Vey"),
    "language": "en",
    "text": "The court ruled on Tuesday.\n\nThe city will appeal.",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Water ruling."),
        ("source", "The Corvane Post"),
        ("source", None),
        ("url", "https://courier.example/2"),
        ("url", None),
        ("published_at", DAY + timedelta(days=1)),
        ("published_precision", Precision.MONTH),
        ("authors", ("Jon Vey", "Mira Holt")),
        ("authors", ()),
        ("language", "de"),
        ("text", "The court ruled on Tuesday.\nThe city will appeal."),
    ],
)
def test_a_change_of_any_field_makes_a_new_version(field, value):
    assert Article(**WHOLE | {field: value}).version != Article(**WHOLE).version


def test_the_same_words_are_the_same_version_under_any_id():
    assert Article(**WHOLE | {"id": "copy"}).version == Article(**WHOLE).version


def test_text_does_not_move_between_fields_unnoticed():
    one = Article(**WHOLE | {"title": "Water", "authors": ("ruling",)})
    other = Article(**WHOLE | {"title": "Water ruling", "authors": ()})
    split = Article(**WHOLE | {"authors": ("Mira", "Holt", "Jon Vey")})
    assert len({one.version, other.version, split.version, Article(**WHOLE).version}) == 4


def test_versions_stay_what_they_were_in_archives_already_written():
    assert Article(**WHOLE).version == "4b4eb4296e166bf02d6cb1faf1350d9d2e23375f7919eece143ed7aa828294d9"


@pytest.mark.parametrize("field", ["id", "title", "text"])
def test_an_article_without_id_title_or_text_is_refused(field):
    with pytest.raises(ValueError, match="must not be empty"):
        Article(**WHOLE | {field: ""})


@pytest.mark.parametrize("missing", ["published_at", "published_precision"])
def test_a_date_comes_with_its_precision(missing):
    with pytest.raises(ValueError, match="together or not at all"):
        Article(**WHOLE | {missing: None})


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=2)), timezone(timedelta(0), "GMT")])
def test_a_date_is_in_utc(zone):
    with pytest.raises(ValueError, match="must be in UTC"):
        Article(**WHOLE | {"published_at": DAY.replace(tzinfo=zone)})


@pytest.mark.parametrize(
    ("precision", "written"),
    [
        (Precision.YEAR, "2020"),
        (Precision.MONTH, "2020-09"),
        (Precision.DAY, "2020-09-29"),
        (Precision.TIME, "2020-09-29T08:15:00Z"),
    ],
)
def test_a_date_is_written_to_no_more_than_its_precision(precision, written):
    assert published_text(datetime(2020, 9, 29, 8, 15, tzinfo=UTC), precision) == written


def test_no_date_is_written_as_none():
    assert published_text(None, None) is None


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("one\x0btwo\x0cthree\x85four\x1efive", "one\ntwo\nthree\nfour\nfive"),
        ("nul\x00 bell\x07 escape\x1b[31m", "nul bell escape[31m"),
        ("half \ud83d a pair", "half  a pair"),
        (" \n\tround about\t\n ", "round about"),
        ("tab\tstays", "tab\tstays"),
        ("Zoë naïve 北京 🔥👩🏽‍🚀 שלום\u2028x\u00a0y", "Zoë naïve 北京 🔥👩🏽‍🚀 שלום\u2028x\u00a0y"),
        ("\x00\r\n", ""),
    ],
)
def test_cleaning_drops_what_cannot_be_stored_and_nothing_that_is_said(raw, clean):
    assert clean_text(raw) == clean


@given(st.text(st.characters()))
def test_clean_text_can_always_be_stored_and_cleaning_it_again_changes_nothing(raw):
    clean = clean_text(raw)
    clean.encode()
    assert not {"\r", "\x00"} & set(clean)
    assert clean_text(clean) == clean
