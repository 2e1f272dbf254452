"""A question's words tell how new the news must be."""

import pytest

from bot.answering.timeframe import ANY_AGE, FRESH, freshness


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
