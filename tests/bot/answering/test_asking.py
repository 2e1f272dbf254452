"""Plain fields become a question, or one error that names the field and what would mend it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.asking import read_moment, read_question
from bot.answering.errors import QuestionMalformed
from bot.answering.questions import Exchange

NOW = datetime(2020, 10, 1, 12, 0, tzinfo=UTC)
JUST_BEFORE = timedelta(microseconds=1)


def test_a_question_alone_is_asked_now_of_everything():
    question = read_question({"question": " Who left? "}, now=NOW)
    assert (question.text, question.asked_at, question.id) == (" Who left? ", NOW, None)
    assert (question.since, question.until, question.sources, question.history) == (None, None, (), ())


def test_every_field_is_taken_and_unknown_ones_are_ignored():
    fields = {
        "question": "Who left?",
        "id": 7,
        "asked_at": "2020-09-29",
        "since": "2020-09",
        "until": 2020,
        "sources": ["Harbour Post", "Sirte Coast Wire"],
        "history": [{"question": "What happened?", "answer": "A convoy left.", "more": 1}],
        "answers": ["forty"],
    }
    question = read_question(fields, now=NOW)
    assert question.id == "7"
    assert question.asked_at == datetime(2020, 9, 30, tzinfo=UTC) - JUST_BEFORE
    assert question.since == datetime(2020, 9, 1, tzinfo=UTC)
    assert question.until == datetime(2021, 1, 1, tzinfo=UTC) - JUST_BEFORE
    assert question.sources == ("Harbour Post", "Sirte Coast Wire")
    assert question.history == (Exchange("What happened?", "A convoy left."),)


@pytest.mark.parametrize("empty", [None, [], ""])
def test_empty_lists_and_null_are_the_same_as_missing(empty):
    fields = {"question": "Who?", "sources": empty, "history": empty, "asked_at": None, "id": None}
    assert read_question(fields, now=NOW) == read_question({"question": "Who?"}, now=NOW)


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(QuestionMalformed) as refused:
        read_question({"question": "Who?", "since": "2020-10", "until": "2020-09-30"}, now=NOW)
    assert (refused.value.field, refused.value.reason) == (
        "since",
        "2020-10 lies after until, 2020-09-30: swap the two",
    )
    day = read_question({"question": "Who?", "since": "2020-10-01", "until": "2020-10-01"}, now=NOW)
    assert day.since < day.until


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("question", None, "got nothing"),
        ("question", 5, "got int"),
        ("question", ["Who?"], "got list"),
        ("id", [1], "got list"),
        ("id", 1.5, "got float"),
        ("asked_at", "yesterday", "'yesterday'"),
        ("asked_at", True, "'True'"),
        ("since", "2020-13-01", "'2020-13-01'"),
        ("until", {"day": 1}, "got dict"),
        ("sources", "Harbour Post", '["Harbour Post"]'),
        ("sources", ["Harbour Post", 5], '["Harbour Post"]'),
        ("sources", {"Harbour Post": 1}, '["Harbour Post"]'),
        ("history", "Who?", "got str"),
        ("history", ["Who?"], '{"question": "...", "answer": "..."}'),
        ("history", [{"question": "Who?"}], '{"question": "...", "answer": "..."}'),
        ("history", [{"question": "Who?", "answer": None}], '{"question": "...", "answer": "..."}'),
    ],
)
def test_a_field_of_the_wrong_kind_is_named_with_what_is_wanted(field, value, told):
    with pytest.raises(QuestionMalformed) as refused:
        read_question({"question": "Who?", field: value}, now=NOW)
    assert refused.value.field == field
    assert told in refused.value.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "Who \ud800?"),
        ("question", "\udcff"),
        ("id", "\ud800"),
        ("sources", ["Harbour \udfff"]),
        ("history", [{"question": "Who?", "answer": "\ud800"}]),
    ],
)
def test_half_a_surrogate_pair_is_refused_here_since_no_database_and_no_model_takes_it(field, value):
    with pytest.raises(QuestionMalformed, match="not valid Unicode") as refused:
        read_question({"question": "Who?", field: value}, now=NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2020", "2020-01-01T00:00:00+00:00", "2020-12-31T23:59:59.999999+00:00"),
        ("2020-02", "2020-02-01T00:00:00+00:00", "2020-02-29T23:59:59.999999+00:00"),
        ("2020-12", "2020-12-01T00:00:00+00:00", "2020-12-31T23:59:59.999999+00:00"),
        ("2020-12-31", "2020-12-31T00:00:00+00:00", "2020-12-31T23:59:59.999999+00:00"),
        ("2020-09-29T08:15:00+02:00", "2020-09-29T06:15:00+00:00", "2020-09-29T06:15:00+00:00"),
        ("2020-09-29 08:15", "2020-09-29T08:15:00+00:00", "2020-09-29T08:15:00+00:00"),
    ],
)
def test_a_date_without_a_time_names_its_whole_span(written, start, end):
    assert read_moment(written, end=False).isoformat() == start
    assert read_moment(written, end=True).isoformat() == end


@given(st.dates(min_value=datetime(1600, 1, 1).date(), max_value=datetime(2200, 12, 31).date()))
def test_the_last_moment_of_any_day_is_just_before_the_next_day(day):
    start, end = read_moment(day.isoformat(), end=False), read_moment(day.isoformat(), end=True)
    assert end - start == timedelta(days=1) - JUST_BEFORE
    month = day.isoformat()[:7]
    after = read_moment(month, end=True) + JUST_BEFORE
    assert (after.day, after.hour) == (1, 0)
    assert after.month == day.month % 12 + 1


@pytest.mark.parametrize(
    "written",
    [
        "",
        "tomorrow",
        "2020-02-30",
        "2020-13-01",
        "2020-13",
        "2020-30-09",
        "03/04/2020",
        "29 September 2020",
        "0000",
        " ",
    ],
)
def test_what_is_no_date_in_iso_8601_is_refused_with_the_forms_wanted(written):
    with pytest.raises(ValueError, match="2020-09-29T08:15:00"):
        read_moment(written, end=True)


def test_who_asks_is_no_field_of_a_question():
    """A line of a batch, or a judged question, must not say what it may see."""
    assert read_question({"question": "Where?", "scope": "guild:1"}, now=NOW).scope is None
    assert read_question({"question": "Where?"}, now=NOW, scope="guild:1").as_query(limit=1).scope == "guild:1"
