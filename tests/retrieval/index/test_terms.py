"""Words are folded, stop-words dropped and the rest stemmed, alike in every script and on every thread."""

import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index import terms as terms_module
from retrieval.index.terms import content_words, says_something, stem, stems, terms, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The ferry's 2,319 messages", ["the", "ferry", "s", "2", "319", "messages"]),
        ("Al-Jufra snake_case", ["al", "jufra", "snake", "case"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Zoë ZOE\u0308", ["zoe", "zoe"]),
        ("Российский ёлка", ["россиискии", "елка"]),
        ("ﬁre ２０２０ ™", ["fire", "2020", "tm"]),
        ("İstanbul Σίσυφος", ["istanbul", "σισυφοσ"]),
        ("北京 東京", ["北京", "東京"]),
        ("…!?\n— ''", []),
        ("", []),
    ],
)
def test_text_is_split_into_folded_words(text, found):
    assert words(text) == found


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text):
    assert words(" ".join(words(text))) == words(text)


@given(st.text())
def test_composed_and_decomposed_writing_are_the_same_words(text):
    import unicodedata

    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("word", "stemmed"),
    # From the published vocabulary of the algorithm (tartarus.org/martin/PorterStemmer).
    [("caresses", "caress"), ("ponies", "poni"), ("relational", "relat"), ("hopefulness", "hope"), ("sky", "sky")],
)
def test_stems_are_porters(word, stemmed):
    assert stem(word) == stemmed


def test_no_stem_is_empty():
    assert stem("s") == "s"


def test_threads_that_stem_at_once_get_the_stems_they_would_get_alone():
    vocabulary = [f"{start}{end}" for start in ("relat", "hope", "oscill", "troubl") for end in ("ional", "fulness")]
    vocabulary += ["generalizations", "oscillators", "conflated", "plastered", "caresses", "formaliti"]
    alone = {word: stem.__wrapped__(word) for word in vocabulary}
    wrong = []

    def work():
        for _ in range(300):
            wrong.extend(word for word in vocabulary if stem.__wrapped__(word) != alone[word])

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []


def test_content_words_are_those_that_carry_meaning_each_once_in_order():
    assert content_words("Where did the convoy go, and which convoy was it?") == ["convoy"]
    assert content_words("Who attacked the Marrow Bay ferry in 2020?") == ["attacked", "marrow", "bay", "ferry", "2020"]


def test_words_that_lists_of_stop_words_drop_but_news_is_about_are_kept():
    assert content_words("Who won the first world title, and which states burn?") == [
        "won",
        "first",
        "world",
        "title",
        "states",
        "burn",
    ]
    assert content_words("How many million did May cost, and will fire spread by 10?") == [
        "million",
        "may",
        "cost",
        "fire",
        "spread",
        "10",
    ]


def test_a_question_of_stop_words_only_keeps_them():
    assert content_words("Who is it?") == ["who", "is", "it"]


def test_a_question_without_words_has_no_terms():
    assert content_words("?!") == []
    assert terms("") == []
    assert stems(" … ") == set()


def test_single_letters_go_and_single_digits_stay():
    assert content_words("plan b of group 7") == ["plan", "group", "7"]


def test_stop_words_of_a_clearly_other_language_go_too():
    assert content_words("Warum wurde die Fähre in der Bucht angegriffen?") == ["fahre", "bucht", "angegriffen"]


def test_english_words_that_another_language_has_as_stop_words_stay():
    assert content_words("Did the mayor die?") == ["mayor", "die"]


def test_a_language_without_a_list_of_stop_words_loses_nothing():
    assert terms_module._stop_words("zz") == frozenset()


def test_terms_are_stems_each_once_in_order():
    assert terms("ferry convoys: the convoy attacked ferries") == ["ferri", "convoi", "attack"]


def test_stems_keep_stop_words():
    assert stems("The ferries were attacked") == {"the", "ferri", "were", "attack"}


@pytest.mark.parametrize(
    ("text", "says"),
    [("What happened?", False), ("any news", False), ("", False), ("What of the ferry?", True), ("7", True)],
)
def test_a_text_of_function_words_and_words_of_asking_says_nothing(text, says):
    assert says_something(text) is says
