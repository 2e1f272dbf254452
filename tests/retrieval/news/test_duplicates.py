"""Two articles are copies if they say the same in the same words, within days, and are no template and no footer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.archive.copies import UNDATED
from retrieval.articles import Precision
from retrieval.news.duplicates import MIN_WORDS, are_copies, compare, read_wording, sign

TEXT = (
    "The ferry Zoë Marrow sank off Marrow Bay on Monday night with 19 people on board, the harbour master said. "
    "All of them were taken off by two fishing boats that had been waiting out the storm behind the breakwater. "
    "The company that runs the ferry had bought it in 1989 from the port of Averden and rebuilt its engine twice. "
    "Divers are to look for the wreck as soon as the wind drops, which is not expected before Thursday. "
    "The mayor of Dunmorrow thanked the crews and asked why the ferry had been allowed to leave at all."
)
SENTENCES = TEXT.split(". ")


@pytest.fixture
def word(make_article):
    """Read the wording of an article with this text."""

    def word(text=TEXT, *, title="Ferry sinks off Marrow Bay", day="2021-05-03", **fields):
        return read_wording(make_article(text=text, title=title, day=day, **fields))

    return word


def test_the_same_story_under_another_headline_of_another_publisher_is_a_copy(word):
    other = word(title="All saved as ferry goes down", source="Sirte Coast Wire")
    assert compare(word(), other) == (1.0, 1.0)
    assert are_copies(word(), other)


def test_a_story_that_an_editor_changed_a_little_is_a_copy(word):
    edited = TEXT.replace("on Monday night ", "").replace("Divers are to look", "Divers will look")
    resemblance, _ = compare(word(), word(edited))
    assert 0.6 < resemblance < 1
    assert are_copies(word(), word(edited))


def test_a_story_cut_after_some_sentences_is_a_copy_although_most_of_it_is_gone(word):
    cut = word(". ".join(SENTENCES[:2]))
    resemblance, containment = compare(word(), cut)
    assert resemblance < 0.6
    assert containment == 1.0
    assert are_copies(word(), cut)


def test_another_story_about_the_same_is_no_copy(word):
    other = (
        "Nineteen passengers were rescued when a ferry went down near Marrow Bay late on Monday. Two fishing boats "
        "picked everybody up, according to the harbour master of Dunmorrow, who praised their crews. The ship was "
        "more than thirty years old. What caused it to sink is not known, and the search for the wreck must wait."
    )
    assert not are_copies(word(), word(other))


def test_a_quotation_that_both_stories_have_makes_no_copy(word):
    said = " The mayor said: we have warned the company again and again that this ship must not leave in a storm."
    long = " ".join(f"Witness {name} saw the lamps go out and called the harbour." for name in "ABCDEFGHIJKL")
    other = " ".join(f"Engineer {name} had found rust below the deck last spring." for name in "MNOPQRSTUVWX")
    assert not are_copies(word(long + said), word(other + said))


def test_a_report_that_a_template_makes_is_no_copy_of_the_next_days(word):
    template = (
        "The harbour office of Averden reports that {} ships were waiting at the roads this morning and that {} were "
        "being loaded at the grain piers, against {} on the day before. The office expects {} more to arrive by the "
        "evening, most of them for grain, it said in its usual report on the traffic in the port and at the piers."
    )
    one, other = word(template.format(5, 12, 10, 3)), word(template.format(7, 14, 12, 6))
    assert compare(one, other)[0] > 0.5
    assert compare(one, other)[1] < 0.95
    assert not are_copies(one, other)


def test_a_story_whose_one_figure_was_corrected_is_a_copy(word):
    assert are_copies(word(), word(TEXT.replace("19 people", "91 people")))


@pytest.mark.parametrize(("other_day", "are"), [("2021-05-06", True), ("2021-04-30", True), ("2021-05-07", False)])
def test_copies_are_at_most_three_days_apart(word, other_day, are):
    assert are_copies(word(), word(day=other_day)) is are
    assert are_copies(word(day=other_day), word()) is are


def test_an_article_without_a_day_may_be_a_copy_of_any(word):
    month = {"published_at": datetime(2020, 1, 1, tzinfo=UTC), "published_precision": Precision.MONTH}
    for undated in (word(day=None), word(day=None, **month)):
        assert undated.day == UNDATED
        assert are_copies(word(), undated)


def test_equal_text_under_headlines_it_does_not_speak_of_is_boilerplate(word):
    footer = (
        "Please turn on scripts in your browser to read this page and tell us whether the advertisement was of use. "
        * 3
    )
    one, other = word(footer, title="Ferry sinks off Marrow Bay"), word(footer, title="Wildfire near Vallesombra")
    assert compare(one, other) == (1.0, 1.0)
    assert not are_copies(one, other)


def test_a_very_short_text_is_never_a_copy_and_stands_in_no_bucket(word):
    short = word(
        "one two three four five six seven eight nine ten " * 3 + "and nine words more to make thirty nine all"
    )
    assert short.word_count == MIN_WORDS - 1
    assert not are_copies(short, short)
    assert sign(short) is None


def test_a_text_without_spaces_between_words_is_compared_by_its_signs(word):
    text = (
        "渡轮周一晚间在马罗湾沉没船上十九人全部获救港务长说两艘渔船在风暴中等候时救起了所有乘客"
        "公司于去年购入该船并两次更换发动机潜水员将寻找残骸"
    )
    assert are_copies(word(text, title="渡轮沉没"), word(text + "市长向船员致谢", title="渡轮沉没"))


def test_of_a_book_only_its_beginning_counts(word):
    book = " ".join(f"word{n}" for n in range(30_000))
    assert word(book).word_count == 10_000
    assert sign(word(book)) == sign(word(book + " and an end"))


def test_a_signature_is_the_same_on_every_machine_and_with_every_release_of_the_library(word):
    """If this fails, what is stored no longer finds what is new: raise SCHEME, then write the new numbers here."""
    signature = sign(word())
    assert signature.day == datetime(2021, 5, 3).toordinal()
    assert len(set(signature.buckets)) == 32
    assert signature.buckets[:3] == (-1558395621, -841233908, -1982775455)


def test_copies_share_buckets_and_strangers_do_not(word):
    one, edited = sign(word()), sign(word(TEXT.replace("two fishing boats", "three boats")))
    stranger = sign(word(" ".join(f"{n} apples were sold at market {n}" for n in range(20))))
    assert len(set(one.buckets) & set(edited.buckets)) > 8
    assert not set(one.buckets) & set(stranger.buckets)


@given(st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)), st.integers(0, 5))
def test_being_copies_goes_both_ways(make_article, dropped, other_dropped, days):
    words = [f"{sentence} number{n}." for n, sentence in enumerate(TEXT.split(","))] * 2
    one, other = (
        read_wording(
            make_article(text=" ".join(w for n, w in enumerate(words) if n not in gone) or "x", day="2021-05-03")
        )
        for gone in (dropped, other_dropped)
    )
    other = replace(other, day=other.day + days)
    assert are_copies(one, other) is are_copies(other, one)
    assert compare(one, other) == compare(other, one)
