"""A question's words tell what time it asks about, and how new the news must be."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.timeframe import ANY_AGE, FRESH, Pace, Window, find_window, freshness, pace, publication_window

WEDNESDAY = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
# What questions about time are made of, in any order.
PIECES = st.sampled_from(
    "since before after until between and from to on in the last next this past early late will did who ago of 's ? . "
    "yesterday today tonight week weekend month year quarter March May may Tuesday Friday 3 31 2024 1999 2024-03-05 "
    "3rd 30.2.2024 couple few 999 decades hours winter fall Christmas New Year's Eve 1990s Q3 US Open 2022-23".split()
)


def days(question, asked_at=WEDNESDAY):
    """Write the window as its first and last day, "2026-11-18..2026-11-18"; an open end is left out."""
    window = find_window(question, asked_at)
    return window and "..".join(f"{moment:%Y-%m-%d}" if moment else "" for moment in (window.since, window.until))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What happened today?", "2026-11-18..2026-11-18"),
        ("WHAT HAPPENED TODAY?", "2026-11-18..2026-11-18"),
        ("Who won tonight?", "2026-11-18..2026-11-19"),
        ("What did she say this morning?", "2026-11-18..2026-11-18"),
        ("Where did the ferry sink last night?", "2026-11-17..2026-11-18"),
        ("Who resigned yesterday?", "2026-11-17..2026-11-17"),
        ("Who resigned the day before yesterday?", "2026-11-16..2026-11-16"),
        ("What opens tomorrow?", "2026-11-19..2026-11-19"),
        ("Which port did the tanker reach this week?", "2026-11-12..2026-11-22"),
        ("What was said at this week's talks?", "2026-11-12..2026-11-22"),
        ("What happened last week?", "2026-11-09..2026-11-15"),
        ("What is on next week?", "2026-11-23..2026-11-29"),
        ("What happened over the weekend?", "2026-11-14..2026-11-15"),
        ("What happened last weekend?", "2026-11-14..2026-11-15"),
        ("Where will the fair be this weekend?", "2026-11-21..2026-11-22"),
        ("Where is the fair next weekend?", "2026-11-28..2026-11-29"),
        ("What changed this month?", "2026-11-01..2026-11-30"),
        ("What changed earlier this month?", "2026-11-01..2026-11-18"),
        ("What changes later this month?", "2026-11-18..2026-11-30"),
        ("What changed last month?", "2026-10-01..2026-10-31"),
        ("How much did it earn last quarter?", "2026-07-01..2026-09-30"),
        ("What is this year's budget?", "2026-01-01..2026-12-31"),
        ("Who hosts it next year?", "2027-01-01..2027-12-31"),
        ("Who quit in the past month?", "2026-10-18..2026-11-18"),
        ("What happened over the last 48 hours?", "2026-11-16..2026-11-18"),
        ("what happened in the last 24h", "2026-11-17..2026-11-18"),
        ("What happened in the past two years?", "2024-11-18..2026-11-18"),
        ("What happens in the next three days?", "2026-11-18..2026-11-21"),
        ("Who quit three days ago?", "2026-11-15..2026-11-15"),
    ],
)
def test_words_counted_from_the_time_of_asking(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # half a week, half a year either way
        ("What happened two weeks ago?", "2026-10-31..2026-11-07"),
        ("What happened a year ago?", "2025-05-19..2026-05-19"),
        ("What happened a few weeks ago?", "2026-10-07..2026-11-04"),
        ("What happened in the last couple of weeks?", "2026-10-28..2026-11-18"),
    ],
)
def test_a_rounded_or_vague_number_is_taken_wide(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who won in March?", "2026-03-01..2026-03-31"),
        ("who won in may", "2026-05-01..2026-05-31"),
        ("Who won in December?", "2025-12-01..2025-12-31"),
        ("Who won last November?", "2025-11-01..2025-11-30"),
        ("Who won this March?", "2026-03-01..2026-03-31"),
        ("Who plays next March?", "2027-03-01..2027-03-31"),
        ("What is the name of November's full moon?", "2026-11-01..2026-11-30"),
        ("Who won in March 2024?", "2024-03-01..2024-03-31"),
        ("Who resigned at the end of March?", "2026-03-21..2026-03-31"),
        ("What happened on March 3?", "2026-03-03..2026-03-03"),
        ("What happened on the 3rd of March?", "2026-03-03..2026-03-03"),
        ("What happened on Sept. 3, 2024?", "2024-09-03..2024-09-03"),
        ("What happened on 3 March 2024?", "2024-03-03..2024-03-03"),
        ("What was said on 2024-03-05?", "2024-03-05..2024-03-05"),
        ("What was said on 15/03/2024?", "2024-03-15..2024-03-15"),
        ("Who was elected on Tuesday?", "2026-11-17..2026-11-17"),
        ("Who was elected mayor Tuesday?", "2026-11-17..2026-11-17"),
        ("Did Tuesday's vote pass?", "2026-11-17..2026-11-17"),
        ("What was said on Wednesday?", "2026-11-18..2026-11-18"),
        ("What was said last Wednesday?", "2026-11-11..2026-11-11"),
        ("Who plays next Wednesday?", "2026-11-25..2026-11-25"),
        ("What happened on Tuesday last week?", "2026-11-10..2026-11-10"),
        ("What happened in 2023?", "2023-01-01..2023-12-31"),
        ("What happened in early 2023?", "2023-01-01..2023-05-01"),
        ("What happened in mid-2023?", "2023-05-02..2023-08-31"),
        ("What happened in late 2023?", "2023-09-01..2023-12-31"),
        ("What did it earn in the third quarter of 2024?", "2024-07-01..2024-09-30"),
        ("What did it earn in Q3?", "2026-07-01..2026-09-30"),
        ("How hot was it last summer?", "2026-06-01..2026-08-31"),
        ("How hot was it in the summer of 2023?", "2023-06-01..2023-08-31"),
        ("What opened this fall?", "2026-09-01..2026-11-30"),
        ("How cold was it in winter 2022-23?", "2022-12-01..2023-02-28"),
        ("What was new in the 1990s?", "1990-01-01..1999-12-31"),
        ("What was new in the late '90s?", "1996-08-31..1999-12-31"),
        ("What happened at Christmas?", "2025-12-24..2025-12-26"),
        ("What happened on New Year's Eve 2023?", "2023-12-31..2023-12-31"),
    ],
)
def test_a_named_date_is_the_last_one_that_has_begun_unless_its_words_say_which(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What will open on Friday?", "2026-11-20..2026-11-20"),
        ("On Friday, who will be sworn in?", "2026-11-20..2026-11-20"),
        ("What is due by Friday?", "2026-11-20..2026-11-20"),
        ("Will the bank cut rates in March?", "2027-03-01..2027-03-31"),
        ("Who is set to speak on 3 March?", "2027-03-03..2027-03-03"),
        ("Who did the palace say on Friday will be crowned?", "2026-11-13..2026-11-13"),
        ("Will the judge who quit on Friday return?", "2026-11-13..2026-11-13"),
        ("She will resign. Who was elected on Friday?", "2026-11-13..2026-11-13"),
        ("Will Smith slapped whom in March?", "2026-03-01..2026-03-31"),
    ],
)
def test_in_a_sentence_about_what_will_be_a_date_lies_ahead(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What has happened since Monday?", "2026-11-16.."),
        ("What has happened since 2022?", "2022-01-01.."),
        ("What happened after March 2024?", "2024-04-01.."),
        ("What did he say after last week's debate?", "2026-11-09.."),
        ("Who was mayor before 2016?", "..2015-12-31"),
        ("What did she promise before Tuesday's vote?", "..2026-11-17"),
        ("Who was mayor until 2016?", "..2016-12-31"),
        ("What happened between 3 March and 9 April 2024?", "2024-03-03..2024-04-09"),
        ("What happened between Monday and today?", "2026-11-16..2026-11-18"),
        ("What happened from November to February?", "2025-11-01..2026-02-28"),
        ("Who was chancellor from 2005 to 2021?", "2005-01-01..2021-12-31"),
        ("Who was mayor 2005-2009?", "2005-01-01..2009-12-31"),
        ("What happened after May 2020 and before July 2020?", "2020-06-01..2020-06-30"),
    ],
)
def test_words_before_a_date_open_a_span_or_join_two(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which firm, founded in 1998, was sued this week?", "2026-11-12..2026-11-22"),
        ("Did the report of 3 March 2024 agree with that of 9 April 2024?", "2024-03-03..2024-04-09"),
        ("Which league, the 2026 season of which began on Sunday, has grown?", "2026-11-15..2026-11-15"),
    ],
)
def test_the_most_precise_date_counts_and_equals_are_taken_together(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who won the US Open 2024?", "2024-01-01..2024-12-31"),
        ("Who won the 2024 US Open?", "2024-01-01..2024-12-31"),
        ("Who hosts the World Cup 2030?", None),
        ("What will the World Cup 2026 cost?", None),
    ],
)
def test_the_year_of_an_event_counts_once_it_is_not_ahead(question, expected):
    assert days(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Where did the convoy go?",
        "What's the latest on the convoy?",
        "Who is currently mayor, and who leads now?",
        "May I ask who won?",
        "may 3 people share a room?",
        "Did Theresa May resign?",
        "What did the council say after May resigned?",
        "Who spoke at the March for Life?",
        "Who organised the last march?",
        "Who will march 10 miles?",
        "Who is in the Tuesday Group?",
        "Who directed Friday Night Lights?",
        "Who scored on Monday Night Football?",
        "What did the Sunday Times report?",
        "Who plays for Sheffield Wednesday?",
        "What did Black Friday sales reach?",
        "Which shops open every Sunday?",
        "Who anchors the Today show?",
        "What did USA Today report?",
        "Who wrote “Yesterday”?",
        "Who sang '1989'?",
        "Which Christmas song topped the charts?",
        "Who won at the Winter Olympics?",
        "In which country did prices fall?",
        "What did the January 6 committee find?",
        "Who flew the Boeing 747?",
        "Who still uses Windows 95?",
        "Who paid $2024, 2024% or 2,024?",
        "How many were in 2000 schools?",
        "What is Vision 2030, and what is Agenda 2063?",
        "What does the Act of parliament of 2,010 pages say?",
        "Which team reached its first finals since 1999?",
        "Which team won its last five games?",
        "What was said on 03/04/2024?",
        "Who was fined on 30 February?",
        "What happened in the past 999 decades?",
        "What happened after July 2020 and before May 2020?",
    ],
)
def test_names_numbers_and_dates_that_are_none_give_no_window(question):
    assert find_window(question, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("asked_at", "expected"),
    [(WEDNESDAY, "2026-11-14..2026-11-15"), (FRIDAY, "2026-11-21..2026-11-22"), (MONDAY, "2026-11-21..2026-11-22")],
)
def test_until_thursday_this_weekend_is_the_one_just_over(asked_at, expected):
    assert days("What happened this weekend?", asked_at) == expected


def test_this_week_reaches_back_over_monday():
    assert days("What happened this week?", MONDAY) == "2026-11-17..2026-11-29"


def test_a_window_says_from_which_words_it_comes():
    question = "What changed from the report of 3 March 2024 to the one before 9 April 2024?"
    assert find_window(question, WEDNESDAY).words == "3 March 2024 … before 9 April 2024"


def test_of_very_many_dates_only_some_are_read():
    window = find_window("on 3 March or " * 200, WEDNESDAY)
    assert window.words.count("3 March") == 12


def test_both_moments_of_a_window_are_in_it():
    window = find_window("Who resigned yesterday?", WEDNESDAY)
    assert window.since == datetime(2026, 11, 17, tzinfo=UTC)
    assert window.until == datetime(2026, 11, 17, 23, 59, 59, 999999, tzinfo=UTC)


def test_a_day_is_a_day_in_utc_wherever_it_is_asked():
    late = datetime(2026, 11, 17, 20, tzinfo=timezone(timedelta(hours=-8)))
    assert days("What happened today?", late) == "2026-11-18..2026-11-18"


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join)), MOMENTS)
def test_any_text_gives_no_window_or_one_in_order_in_utc_and_in_its_own_words(question, asked_at):
    window = find_window(question, asked_at)
    pace(question, asked_at)
    if window is None:
        return
    for one in (window, publication_window(window, asked_at)):
        moments = [moment for moment in (one.since, one.until) if moment is not None]
        assert moments == sorted(moments) and moments
        assert all(moment.tzinfo is UTC for moment in moments)
    assert window.words and all(part in question for part in window.words.split(" … "))


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        # a week before; a fortnight after a day, a month after a month, at most a quarter after a year
        ("What happened on 3 March 2024?", datetime(2024, 2, 25), datetime(2024, 3, 17)),
        ("What happened in March 2024?", datetime(2024, 2, 23), datetime(2024, 5, 1)),
        ("What happened in 2023?", datetime(2022, 12, 25), datetime(2024, 3, 31)),
    ],
)
def test_an_event_is_written_about_from_the_week_before_until_as_long_again_after(question, first, last):
    published = publication_window(find_window(question, WEDNESDAY), WEDNESDAY)
    assert (f"{published.since:%F}", f"{published.until:%F}") == (f"{first:%F}", f"{last:%F}")


def test_what_is_to_come_was_announced_in_the_quarter_before_the_question():
    published = publication_window(find_window("Who hosts it next year?", WEDNESDAY), WEDNESDAY)
    assert published.since == WEDNESDAY - timedelta(days=91)


def test_an_open_window_stays_open():
    window = Window(None, WEDNESDAY, "until Wednesday")
    assert publication_window(window, WEDNESDAY) == Window(None, WEDNESDAY + timedelta(days=14), "until Wednesday")
    assert publication_window(Window(WEDNESDAY, None, "since Wednesday"), WEDNESDAY).until is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is happening right now?", Pace.LIVE),
        ("What's the score?", Pace.LIVE),
        ("Who is winning?", Pace.LIVE),
        ("Who won tonight?", Pace.LIVE),
        ("What happened in the last two hours?", Pace.LIVE),
        ("What's the latest on the convoy?", Pace.THESE_DAYS),
        ("Who resigned today?", Pace.THESE_DAYS),
        ("Which port did the tanker reach this week?", Pace.THESE_DAYS),
        ("What did she promise before Tuesday's vote?", Pace.THESE_DAYS),
        ("Where did the convoy go?", Pace.UNSAID),
        ("What is this year's budget?", Pace.UNSAID),
        ("Who has led the party since 2022?", Pace.UNSAID),
        ("Who is the mayor of Port Ellery?", Pace.OFFICE),
        ("Who is the current mayor?", Pace.OFFICE),
        ("Who currently leads the party?", Pace.OFFICE),
        ("Who was mayor in the 1990s?", Pace.HISTORY),
        ("What happened on 3 March 2024?", Pace.HISTORY),
        ("Who founded the news agency?", Pace.HISTORY),
    ],
)
def test_an_answer_grows_old_at_the_pace_of_what_is_asked(question, expected):
    assert pace(question, WEDNESDAY) is expected


def test_a_year_is_history_only_when_it_is_over_for_a_month():
    question = "What happened in 2023?"
    assert pace(question, datetime(2024, 1, 5, tzinfo=UTC)) is Pace.UNSAID
    assert pace(question, datetime(2024, 3, 5, tzinfo=UTC)) is Pace.HISTORY


def test_half_lives_run_from_hours_to_no_decay_at_all():
    half_lives = [one.half_life_days for one in (Pace.LIVE, Pace.THESE_DAYS, Pace.UNSAID, Pace.OFFICE, Pace.HISTORY)]
    assert half_lives == sorted(half_lives)
    assert half_lives[0] < 1
    assert 0.5 ** (10_000 / Pace.HISTORY.half_life_days) == 1


@pytest.mark.parametrize(
    "question",
    [
        "Which port did the tanker reach this week?",
        "What is this year's budget?",
        "Who resigned yesterday?",
        "what happened on Tuesday",
        "Any new figures on the drought?",
        "What's the LATEST on the convoy?",
        "Who is the mayor of Port Ellery?",
        "Where did the ferry sink last night?",
    ],
)
def test_a_question_about_these_days_prefers_the_newest(question):
    assert freshness(question) == FRESH


@pytest.mark.parametrize(
    "question",
    [
        "Where did the convoy go?",
        "Who founded the news agency?",
        "What did the minister know in 2019?",
        "Renew the lease?",
        "",
    ],
)
def test_any_other_question_takes_news_of_any_age_with_a_slight_preference(question):
    assert 0 < freshness(question) == ANY_AGE < FRESH
