"""Words close in spelling are found, whether a pen slipped or a name was transliterated otherwise."""

import pytest

from retrieval.index.spelling import Vocabulary, common_words, skeleton, sound

STEMS = ("mamdani", "earthquak", "marsh", "jufra", "hifter", "ferri", "convoi", "benghazi", "ferryman", "tenur", "2024")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("mamdami", "mamdani"),  # a wrong letter
        ("earthqak", "earthquak"),  # one too few
        ("mammdani", "mamdani"),  # one too many
        ("mrash", "marsh"),  # two exchanged
        ("namdani", "mamdani"),  # the first one wrong
        ("earthkuqk", "earthquak"),  # two edits of a long word
        ("jufrah", "jufra"),
        ("aljufrah", "jufra"),  # the Arabic article
        ("haftar", "hifter"),
        ("jafra", "jufra"),
    ],
)
def test_a_slip_or_another_transliteration_leads_to_the_word(asked, meant):
    assert Vocabulary(STEMS).close_to(asked) == [meant]


@pytest.mark.parametrize(
    "asked",
    [
        "mamtami",  # two edits of a short word
        "tanaru",  # the consonants of "tenure", which is a common word
        "fer",
        "2025",
        "",
        "melbourn",
    ],
)
def test_what_is_not_close_leads_nowhere(asked):
    assert Vocabulary(STEMS).close_to(asked) == []


def test_the_same_sound_goes_before_fewer_edits_and_the_same_first_letter_before_another():
    assert Vocabulary(["qaddafi", "gaddari"]).close_to("gaddafi") == ["qaddafi"]
    assert Vocabulary(["larsk", "marsd"]).close_to("marsk") == ["marsd"]
    assert Vocabulary(["larsk"]).close_to("marsk") == ["larsk"]


def test_a_stem_added_later_is_found_and_one_added_twice_is_found_once():
    vocabulary = Vocabulary(["marsh"])
    vocabulary.add(["mamdani", "marsh", "marsh"])
    assert len(vocabulary) == 2
    assert (vocabulary.close_to("mamdami"), vocabulary.close_to("marhs")) == (["mamdani"], ["marsh"])


def test_the_word_itself_is_not_among_the_words_that_are_close():
    assert Vocabulary(["marsh", "marsk"]).close_to("marsh") == ["marsk"]


@pytest.mark.parametrize(
    "spellings", [("gaddafi", "qaddafi", "khadafi", "gadhafi"), ("zelenskii", "zelensky"), ("shoigu", "shoygu")]
)
def test_usual_transliterations_of_a_name_sound_the_same(spellings):
    assert len({sound(one) for one in spellings}) == 1


def test_names_that_are_different_names_do_not_sound_the_same():
    for one, other in (("kessing", "kensing"), ("marsk", "marsh"), ("marrin", "marram"), ("lindqvarn", "lindgarn")):
        assert sound(one) != sound(other)
        assert skeleton(one) != skeleton(other)


def test_common_words_are_known_with_their_inflections_and_typos_are_not_among_them():
    assert {"convoy", "boiled", "winning", "wont"} <= common_words()
    assert not {"earthqake", "mamdami", "jafra"} & common_words()
