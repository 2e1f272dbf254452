"""What has something of forgotten articles is known by what it rests on, by names and words, and by no accident."""

import pytest

from bot.records.forgotten import ForgottenArticles, JustForgotten, stems_of
from bot.records.resting import RestsOn


@pytest.mark.parametrize(
    ("text", "touches"),
    [
        ("What does AP say?", True),
        ("what does the ap, say", True),
        ("Who is the captain?", False),
        ("see https://obscurer.example/affair/", True),
        ("see https://obscurer.example/affairs", False),
        ("When did the Plumdragonovs leave?", True),
        ("", False),
    ],
)
def test_a_text_has_something_of_them_if_a_name_stands_in_it_by_itself_or_a_word_that_none_has_any_more(text, touches):
    gone = ForgottenArticles(names=frozenset({"ap", "obscurer.example/affair"}), stems=stems_of("Plumdragonovs"))
    assert gone.touches(RestsOn(), [text]) is touches


def test_nothing_that_is_gone_touches_nothing(make_kept):
    assert not ForgottenArticles().touches(RestsOn(frozenset({"plum"})), ["any words"])


def test_what_was_asked_later_or_by_others_is_not_covered(clock):
    just = JustForgotten(people_at={7: clock.at})
    assert just.covers(7, clock.at)
    assert not just.covers(8, clock.at)
    assert not just.covers(7, clock.at.replace(second=1))
    just.articles_at = clock.at
    assert just.covers(8, clock.at)
