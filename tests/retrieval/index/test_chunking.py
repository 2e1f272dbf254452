"""Splitting loses nothing, invents nothing, keeps sentences whole and passages within the model's window."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.articles import Article, clean_text
from retrieval.index.chunking import Splitter, split_sentences
from retrieval.index.terms import words
from retrieval.testing import HashingEmbedder

LANGUAGES = ["en", "de", "es", "ru", "zh", "ar", "ja", "hi", "th", "xx", ""]
# What splitters trip over, beside whatever Hypothesis finds.
TRICKY = [*" \n\t.!?…。！？؟।\"'”»)]•-–", "\u00a0", "\u200d", "\u2028", "\u0301", "\ufeff", "🔥", "👩🏽‍🚀", "北", "ب"]
TRICKY += ["Dr.", "3.5"]
texts = st.lists(st.one_of(st.sampled_from(TRICKY), st.text(max_size=12)), max_size=60).map("".join)


def count_words(texts):
    return [len(words(text)) for text in texts]


def count_signs(texts):
    """As if every code point but white space were a token: nothing long fits, and most cuts fall within words."""
    return [len("".join(text.split())) for text in texts]


def split(text, *, language="en", count=count_words, budget=16, window=24):
    article = Article("a-1", "Title", None, None, None, None, (), language, text)
    return Splitter(count, budget_tokens=budget, window_tokens=window).split(article)


@pytest.mark.parametrize("count", [count_words, count_signs])
@settings(max_examples=250)
@given(text=texts.filter(bool), language=st.sampled_from(LANGUAGES))
@example(text="One.\r\n\r\nTwo.\rThree.", language="en")
@example(text="e\u0301" * 200, language="en")
@example(text="👩🏽‍🚀" * 90, language="en")
@example(text="北京" * 300 + "。", language="zh")
@example(text="x " * 300, language="en")
@example(text=" \u2028\n ", language="en")
def test_any_text_is_split_without_loss_overlap_or_excess(text, language, count):
    text = clean_text(text) or "x"
    passages = split(text, language=language, count=count)
    position = 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip() != ""
        assert passage.start >= position
        assert text[position : passage.start].strip() == ""
        position = passage.end
        assert count([passage.text])[0] <= 24
    assert text[position:].strip() == ""
    for sentence in split_sentences(text, language):
        if count([text[sentence.start : sentence.end]])[0] <= 24:
            assert any(p.start <= sentence.start and sentence.end <= p.end for p in passages)


@settings(max_examples=150)
@given(texts, st.sampled_from(LANGUAGES))
def test_sentences_are_in_order_and_leave_out_only_white_space(text, language):
    position = 0
    for sentence in split_sentences(text, language):
        assert position <= sentence.start < sentence.end
        assert text[position : sentence.start].strip() == ""
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]
        position = sentence.end
    assert text[position:].strip() == ""


def sentences(text, language):
    return [text[s.start : s.end] for s in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Mr. Holt paid $2.5 million on Jan. 3.", "“Why now?” asked the U.S. envoy.", "Nobody knew…"]),
        ("de", ["Dr. Weiß sprach z. B. über die Fähre.", "Am 3. Oktober sank sie.", "„Warum?“, fragte er."]),
        ("es", ["El Sr. Gómez llegó a las 3.30.", "¿Quién lo sabía?", "¡Nadie!"]),
        ("ru", ["Паром затонул в 2020 г. у берега.", "Кто виноват?", "Никто не знает."]),
        ("zh", ["渡轮在海湾沉没。", "谁该负责？", "没有人知道！"]),
        ("ar", ["غرقت العبّارة في الخليج.", "من المسؤول؟", "لا أحد يعلم."]),
        ("ja", ["フェリーが沈没した。", "誰の責任か？", "誰も知らない。"]),
        ("hi", ["नौका डूब गई।", "कौन ज़िम्मेदार है?", "कोई नहीं जानता।"]),
    ],
)
def test_sentences_of_many_languages_are_found(language, said):
    text = ("" if language in ("zh", "ja") else " ").join(said)
    assert sentences(text, language) == said


@pytest.mark.parametrize("language", ["xx", "", "not a code", "EN", "zh-Hans-CN"])
def test_an_unknown_language_is_split_all_the_same(language):
    assert sentences("One sank. Two left.", language) == ["One sank.", "Two left."]


def test_sentences_never_run_over_a_blank_line():
    assert sentences("Storm at night\n\nThe ferry sank", "en") == ["Storm at night", "The ferry sank"]


def test_text_without_words_has_no_sentences():
    assert split_sentences(" \n\n\t ", "en") == []


def test_whole_sentences_are_packed_up_to_the_budget_and_not_beyond():
    five = [f"Word number {n} stands here." for n in range(7)]
    packed = [passage.text for passage in split(" ".join(five))]
    assert packed == [" ".join(five[:3]), " ".join(five[3:6]), five[6]]


def test_a_sentence_over_the_budget_but_within_the_window_stands_whole_and_alone():
    long = " ".join(["word"] * 20) + "."
    assert [passage.text for passage in split(f"Before. {long} After.")] == ["Before.", long, "After."]


def test_a_sentence_over_the_window_is_cut_at_white_space_near_its_middle():
    long = " ".join(f"w{n:02}" for n in range(30))
    halves = [passage.text for passage in split(long)]
    assert " ".join(halves) == long
    assert [len(half.split()) for half in halves] == [15, 15]


def test_a_sentence_without_white_space_is_cut_anywhere():
    passages = split("北" * 100, count=count_signs)
    assert "".join(passage.text for passage in passages) == "北" * 100
    assert all(len(passage.text) <= 24 for passage in passages)


def test_a_word_longer_than_the_window_between_short_ones_is_cut_alone():
    text = "short " + "x" * 100 + " short"
    passages = split(text, count=count_signs)
    assert "".join("".join(passage.text.split()) for passage in passages) == text.replace(" ", "")


def test_parts_that_count_more_together_than_apart_are_not_joined_over_the_window():
    def count(texts):
        """A tokenizer to which a run is as many tokens as it has signs and one more, but for the shortest runs."""
        return [sum(len(run) + (len(run) > 8) for run in text.split()) for text in texts]

    passages = split("x" * 16, count=count, budget=16, window=16)
    assert [len(passage.text) for passage in passages] == [8, 8]


def test_an_article_of_white_space_has_no_passages():
    assert split(" \n\n ") == []


def test_passages_name_their_article_version_and_span():
    article = Article("a-7", "Title", None, None, None, None, (), "en", "One sank. " * 20)
    splitter = Splitter(count_words, budget_tokens=16, window_tokens=24)
    passages = splitter.split(article)
    assert {(p.article_id, p.version) for p in passages} == {("a-7", article.version)}
    assert len({p.id for p in passages}) == len(passages) > 1
    assert splitter.split(article) == passages


def test_a_changed_article_shares_no_passage_id_with_its_old_version(make_article):
    splitter = Splitter(HashingEmbedder().count_tokens, budget_tokens=16, window_tokens=24)
    before = splitter.split(make_article(text="One sank. " * 20))
    after = splitter.split(make_article(text="One sank. " * 20, title="Another title"))
    assert {p.text for p in before} == {p.text for p in after}
    assert not {p.id for p in before} & {p.id for p in after}


@pytest.mark.parametrize(("budget", "window"), [(15, 24), (25, 24), (0, 0), (-1, 256)])
def test_a_budget_that_cannot_hold_a_sentence_or_exceeds_the_window_is_refused(budget, window):
    with pytest.raises(ValueError, match="16 <= budget_tokens <= window_tokens"):
        Splitter(count_words, budget_tokens=budget, window_tokens=window)


def test_a_very_long_text_without_sentences_is_split_in_little_time_and_depth():
    passages = split("word " * 20_000)
    assert sum(len(words(passage.text)) for passage in passages) == 20_000
