"""A quote is read again in its context, and compared with what its article says now, if it still says anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import convoy
import pytest
from sqlalchemy import delete

from bot.answering.kept import kept_fields
from bot.answering.quote_limits import QuoteLimits
from bot.answering.rereading import Since, read_in_place
from retrieval.archive.database import open_archive
from retrieval.archive.standing import hold, withdraw
from retrieval.archive.tables import articles, versions

NOW = datetime(2020, 10, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SENTENCES = [f"This is sentence {n} of the story that we tell." for n in range(60)]
QUOTE = SENTENCES[30]


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        yield opened


def put(archive, article, now=NOW):
    with archive.writing() as connection:
        (change,) = archive.changes(connection, [article])
        archive.put(connection, article, change, generation=1, now=now)


def quoting(article, quote):
    (citation,) = kept_fields(convoy.answer_quoting(convoy.citation(1, article, quote)))["citations"]
    return citation


def test_a_quote_stands_between_some_whole_sentences_before_and_after_it(archive):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.quote) == (Since.UNCHANGED, QUOTE)
    assert place.before.strip() == "… " + " ".join(SENTENCES[27:30])
    assert place.after.strip() == " ".join(SENTENCES[31:34]) + " …"


def test_at_the_beginning_and_the_end_of_an_article_nothing_is_left_out_and_nothing_says_so(archive):
    of = convoy.article(" ".join(SENTENCES[:3]))
    put(archive, of)
    place = read_in_place(archive, quoting(of, SENTENCES[1]), QuoteLimits())
    assert (place.before.strip(), place.after.strip()) == (SENTENCES[0], SENTENCES[2])


def test_of_a_publisher_that_limits_its_quotes_nothing_is_told_around_them(archive):
    of = convoy.article(" ".join(SENTENCES), source="The Ledger")
    put(archive, of)
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits(0, {"the ledger": 200}))
    assert (place.before, place.quote, place.after) == ("", QUOTE, "")


@pytest.mark.parametrize(("now_says", "since"), [(QUOTE, Since.CHANGED_AROUND), ("Corrected.", Since.CHANGED)])
def test_a_newer_version_is_told_and_whether_the_quote_still_stands_in_it(archive, now_says, since):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    put(archive, replace(of, text="A new beginning. " + now_says.replace(" ", "  ")), LATER)
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.changed_at, place.quote) == (since, LATER, QUOTE)
    assert SENTENCES[29] in place.before


def test_of_an_article_that_was_taken_back_only_that_is_told(archive):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    with archive.writing() as connection:
        withdraw(connection, of.id, "canceled", LATER)
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.changed_at, place.reason) == (Since.WITHDRAWN, LATER, "canceled")
    assert place.before + place.quote + place.after == ""


def test_of_an_article_that_is_held_back_only_that_is_told(archive):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    with archive.writing() as connection:
        hold(connection, of.id, LATER)
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.quote) == (Since.HELD, "")


def test_an_article_that_the_archive_has_no_longer_is_gone(archive):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    with archive.writing() as connection:
        connection.execute(delete(versions))
        connection.execute(delete(articles))
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.quote) == (Since.GONE, "")


def test_of_a_version_that_is_gone_the_quote_alone_is_told_beside_what_became_of_it(archive):
    of = convoy.article(" ".join(SENTENCES))
    put(archive, of)
    put(archive, replace(of, text="Corrected."), LATER)
    with archive.writing() as connection:
        connection.execute(delete(versions).where(versions.c.version == of.version))
    place = read_in_place(archive, quoting(of, QUOTE), QuoteLimits())
    assert (place.since, place.before, place.quote) == (Since.CHANGED, "", QUOTE)
