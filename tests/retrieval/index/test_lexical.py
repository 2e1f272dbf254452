"""The keyword index finds passages by the stems of their words, and nothing that a person types is syntax."""

from datetime import UTC, datetime
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.archive.archive import Change, utc_now
from retrieval.archive.database import open_archive
from retrieval.index.ledger import Admission, Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.terms import content_words, terms
from retrieval.passages import Passage

ALL = Admission()


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        with opened.writing() as connection:
            LexicalIndex().create(connection)
        yield opened


@pytest.fixture
def hold(archive, make_article):
    """Take in articles of one passage each, as {id: text} or {id: (title, text)}; the title is "News" if not given."""

    def hold(texts, **fields):
        with archive.writing() as connection:
            for id, text in texts.items():
                title, text = text if isinstance(text, tuple) else ("News", text)
                put(connection, make_article(id, title=title, text=text, **fields))

    def put(connection, article):
        archive.put(connection, article, Change.ADDED, generation=1, now=utc_now())
        span = (0, len(article.text))
        made = Passage.make_id(article.id, article.version, *span)
        passage = Passage(made, article.id, article.version, *span, article.text)
        numbers = Ledger().replace(connection, article.id, [passage]).new
        LexicalIndex().add(connection, [(numbers[0], article.title, article.text)])

    return hold


@pytest.fixture
def find(archive):
    """Search, and name the articles found."""

    def find(question, *, admission=ALL, limit=10, words=None):
        words = content_words(question) if words is None else words
        with archive.reading() as connection:
            found = LexicalIndex().search(connection, words, admission=admission, limit=limit)
            rows = Ledger().admitted(connection, [one.id for one in found], ALL)
        assert all(one.score > 0 for one in found)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        return [rows[one.id].article_id for one in found]

    return find


def test_a_passage_with_any_of_the_words_is_found_and_one_with_none_is_not(hold, find):
    hold({"ferry": "A ferry sank.", "convoy": "A convoy left.", "school": "A school opened."})
    assert set(find("ferry or convoy?")) == {"ferry", "convoy"}


def test_more_and_rarer_words_rank_higher(hold, find):
    hold({"one": "ferry ship ship", "both": "ferry strike", "none": "ship ship ship"})
    assert find("ferry strike") == ["both", "one"]


@pytest.mark.parametrize(
    "typed",
    [
        'ferry"',
        '"ferry',
        'ferry" OR "convoy',
        "ferry AND NOT ferry",
        "NEAR(ferry convoy, 0)",
        "ferry*",
        "-ferry",
        "^ferry",
        "title : ferry",
        "{title passage} : ferry",
        "ferry + sank",
        "(((ferry",
        "ferry'; DROP TABLE keyword_index; --",
        "ferry \\ % _ ; :match",
    ],
)
def test_the_syntax_of_the_engine_is_only_words_in_a_question(hold, find, typed):
    hold({"ferry": "A ferry sank.", "other": "A school reopened."})
    assert find(typed) == ["ferry"]


def test_operators_are_found_as_the_words_they_are(hold, find):
    hold({"near": "The ship is near.", "other": "A school reopened."})
    assert find("", words=["near"]) == ["near"]
    assert find("", words=["and", "or", "not"]) == []


def test_a_star_is_no_prefix_search(hold, find):
    hold({"ferry": "A ferrywoman sang."})
    assert find("ferry*") == []


def test_a_quotation_mark_that_reaches_the_search_does_no_harm(hold, find):
    hold({"ferry": "A ferry sank."})
    assert find("", words=['"', 'a" OR "b', "ferry"]) == ["ferry"]


def test_any_text_at_all_can_be_asked(hold, find):
    hold({"ferry": "A ferry sank."})

    @given(st.text())
    def ask(text):
        assert find(f"{text} ferry") == ["ferry"]

    ask()


def test_hundreds_of_words_can_be_asked_for(hold, find):
    hold({"ferry": "A ferry sank."})
    assert find("", words=[f"word{n}" for n in range(1000)] + ["ferry"]) == ["ferry"]


def test_a_word_in_the_headline_counts_more_than_one_in_the_text(hold, find):
    hold({"text": ("Storm at night", "The ferry sank."), "title": ("Ferry sank", "The storm came at night.")})
    assert find("ferry") == ["title", "text"]


def test_stems_parted_by_spaces_are_a_phrase(archive, hold):
    hold({"whole": "The ferry sank off the bay.", "parted": "The ferry that sank.", "other": "It sank. A ferry came."})
    with archive.reading() as connection:
        found = LexicalIndex().search_stems(connection, ["ferri sank", 'bay"'], admission=ALL, limit=9)
        rows = Ledger().admitted(connection, [one.id for one in found], ALL)
    assert [rows[one.id].article_id for one in found] == ["whole"]


def test_any_form_of_a_word_finds_any_other(hold, find):
    hold({"one": "Ferries were attacked.", "other": "A school reopened."})
    for question in ("ferry", "attacking", "an attack"):
        assert find(question) == ["one"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Zoë Muñoz", "zoe munoz"),
        ("Die Straße ist gesperrt", "STRASSE"),
        ("Die STRASSE ist gesperrt", "Straße"),
        ("Российский конвой", "российский"),
        ("ёлка горит", "елка"),
        ("한국 대통령", "한국"),
        ("カザフスタン ガス", "ガス"),
        ("أحمد وصل", "أحمد"),
        ("أحمد وصل", "احمد"),
        ("Ａｌｄｅｎ ﬁre", "alden fire"),
        ("Zoe\u0301 left", "zoé"),
        ("new technology", "technology"),
        ("an incredibly long apology", "apologies"),
        ("Kyïv", "Kyiv"),
        ("5™ cups", "cup"),
    ],
)
def test_every_word_of_every_script_finds_itself_however_it_is_written(hold, find, written, asked):
    hold({"one": written, "other": "A school reopened."})
    assert find(asked) == ["one"]


def test_stop_words_can_be_found_when_a_question_has_nothing_else(hold, find):
    hold({"who": "The WHO said so.", "other": "School reopened."})
    assert find("Who is it?") == ["who"]


def test_no_words_find_nothing(hold, find):
    hold({"ferry": "A ferry sank."})
    assert find("", words=[]) == []


def test_ties_come_in_the_order_of_taking_in_and_the_limit_cuts_there(hold, find):
    hold({f"a-{n}": "A ferry sank." for n in (3, 1, 2)})
    assert find("ferry") == ["a-3", "a-1", "a-2"]
    assert find("ferry", limit=2) == ["a-3", "a-1"]


def test_admission_is_applied_before_the_limit(hold, find):
    hold({f"early-{n}": "ferry ferry ferry" for n in range(5)}, day="2020-01-01")
    hold({"late": "A ferry sank at night, and nobody knows why."}, day="2020-02-01")
    since = Admission(since=datetime(2020, 1, 15, tzinfo=UTC))
    assert find("ferry", admission=since, limit=1) == ["late"]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_however_many_are_admitted_the_same_are_found(archive, hold, share):
    hold({f"early-{n}": "ferry " * (1 + n % 3) + "sank" for n in range(9)}, day="2020-01-01")
    hold({f"late-{n}": "ferry " * (1 + n % 2) + "left the bay" for n in range(9)}, day="2020-02-01")
    since = Admission(since=datetime(2020, 1, 15, tzinfo=UTC))
    with archive.reading() as connection:
        every = LexicalIndex().search(connection, ["ferry"], admission=since, limit=50)
        assert len(every) == 9
        for limit in (1, 4, 9, 10):
            found = LexicalIndex().search(connection, ["ferry"], admission=since, limit=limit, share=share)
            assert found == every[:limit]


def test_a_dropped_passage_is_not_found_and_an_unknown_number_is_ignored(archive, hold, find):
    hold({"one": "A ferry sank.", "two": "A ferry left."})
    with archive.writing() as connection:
        LexicalIndex().drop(connection, [1, 99])
    assert find("ferry") == ["two"]
    with archive.reading() as connection:
        assert LexicalIndex().count(connection) == 1
        assert LexicalIndex().term_weights(connection, ["sank"], total=1) == {"sank": 1.0}


def test_clearing_drops_everything_and_leaves_an_index_that_works(archive, hold, find):
    hold({"one": "A ferry sank."})
    with archive.writing() as connection:
        LexicalIndex().clear(connection)
        Ledger().clear(connection)
    assert find("ferry") == []
    hold({"two": "A ferry left."})
    assert find("ferry") == ["two"]


@pytest.mark.parametrize("step", ["add", "drop", "clear"])
def test_what_fails_with_its_transaction_has_not_happened(archive, hold, find, step):
    hold({"one": "A ferry sank."})

    def fail_half_way():
        with archive.writing() as connection:
            if step == "add":
                LexicalIndex().add(connection, [(2, "News", "A ferry left.")])
            elif step == "drop":
                LexicalIndex().drop(connection, [1])
            else:
                LexicalIndex().clear(connection)
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    assert find("ferry") == ["one"]
    with archive.reading() as connection:
        assert LexicalIndex().count(connection) == 1


def test_terms_are_weighed_by_how_few_passages_have_them(archive, hold):
    hold({"a": "ferry technology", "b": "ferry strikes", "c": ("A ferry", "School.")})
    with archive.reading() as connection:
        weights = LexicalIndex().term_weights(connection, terms("ferry striking technology zebra"), total=3)
    # ln((N + 1) / (n + 1)) / ln(N + 1) with N = 3 passages, n = 3, 1, 1, 0 of them with the term.
    assert weights == {
        "ferri": pytest.approx(0.0),
        "strike": pytest.approx(log(4 / 2) / log(4)),
        "technologi": pytest.approx(0.5),
        "zebra": pytest.approx(1.0),
    }


def test_an_empty_index_weighs_every_term_1(archive):
    with archive.reading() as connection:
        assert LexicalIndex().term_weights(connection, ["ferri"], total=0) == {"ferri": 1.0}


SCOPE = "guild:1"


@pytest.fixture
def hold_own(archive, make_article):
    """Take in articles that only a scope sees, as `hold` does."""

    def hold_own(texts, scope=SCOPE):
        with archive.writing() as connection:
            for id, text in texts.items():
                article, span = make_article(id, title="News", text=text), (0, len(text))
                archive.put(connection, article, Change.ADDED, generation=1, now=utc_now(), scope=scope)
                passage = Passage(Passage.make_id(id, article.version, *span), id, article.version, *span, text)
                numbers = Ledger().replace(connection, id, [passage]).new
                LexicalIndex().add(connection, [(numbers[0], article.title, text)], scope)

    return hold_own


def scored(archive, words, scope, total):
    with archive.reading() as connection:
        found = LexicalIndex().search(connection, words, admission=Admission(scope=scope), limit=9, total=total)
        rows = Ledger().admitted(connection, [one.id for one in found], Admission(scope=scope))
    return [(rows[one.id].article_id, one.score) for one in found]


def test_what_only_a_scope_sees_changes_no_score_and_no_weight_of_others(archive, hold, hold_own):
    hold({"a": "The ferry sank.", "b": "The convoy left the base."})
    before = scored(archive, ["ferry", "base"], None, 2)
    hold_own({f"own-{n}": "The ferry ferry ferry sank at the zeppelin base." for n in range(5)})
    assert scored(archive, ["ferry", "base"], None, 2) == before
    assert scored(archive, ["ferry", "base"], "guild:2", 2) == before
    lexical = LexicalIndex()
    with archive.reading() as connection:
        for scope in (None, "guild:2"):
            assert lexical.term_weights(connection, ["zeppelin"], total=2, scope=scope) == {"zeppelin": 1.0}
            assert lexical.variants(connection, ["zepelin"], scope) == {}
        assert lexical.term_weights(connection, ["zeppelin"], total=7, scope=SCOPE)["zeppelin"] < 0.2
        assert lexical.variants(connection, ["zepelin"], SCOPE) == {"zepelin": ("zeppelin",)}
        assert lexical.count(connection) == 7


def test_a_scopes_own_passages_score_as_if_all_that_it_sees_stood_in_one_index(archive, hold, hold_own):
    """By itself an index of two passages that both name the zeppelin would find that name worth nothing."""
    public = {f"p-{n}": f"The mayor of town{n} opened a school of music." for n in range(20)}
    hold(public)
    hold_own({"own-1": "A zeppelin burned down in Corvane.", "own-2": "Nobody saw the zeppelin of Corvane burn."})
    found = scored(archive, ["zeppelin", "mayor"], SCOPE, 22)
    assert [id for id, _ in found[:2]] == ["own-1", "own-2"]
    assert found[0][1] > 2.0 > 2 * found[2][1]


def test_a_scope_is_dropped_with_all_that_it_has(archive, hold, hold_own):
    hold({"a": "The ferry sank."})
    hold_own({"own-1": "A zeppelin burned."})
    hold_own({"own-2": "A zeppelin burned."}, "guild:2")
    lexical = LexicalIndex()
    with archive.writing() as connection:
        lexical.drop_scope(connection, SCOPE)
        lexical.drop(connection, [99], SCOPE)
        assert lexical.count(connection) == 2
        assert lexical.search(connection, ["zeppelin"], admission=Admission(scope=SCOPE), limit=9) == []
        begins = True
        while lexical.purge_some(connection, begins=begins):
            begins = False
        lexical.clear(connection)
        assert lexical.count(connection) == 0
