"""A query finds the current passages it may see, best first, by meaning and by words."""

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.errors import VectorStoreUnavailable
from retrieval.index.terms import terms
from retrieval.passages import IndexSize, Query
from retrieval.search import nearest
from retrieval.search.retriever import Retriever, tempered
from retrieval.testing import HashingEmbedder

NOON = datetime(2020, 9, 29, 12, tzinfo=UTC)
DATED = {"undated": None, "day before": "2020-09-28", "same day": "2020-09-29", "day after": "2020-09-30"}


@pytest.fixture
async def index(open_index, tmp_path):
    async with open_index(tmp_path) as opened:
        yield opened


@pytest.fixture
def take_in(index):
    async def take_in(*articles):
        await index.indexer.add(articles)
        await index.indexer.embed_pending()

    return take_in


@pytest.fixture
def find(index):
    """Retrieve, check what holds of all findings, and name the articles found."""

    async def find(text="ferry", **query):
        findings = await index.retriever.retrieve(Query(text, **query))
        hits = findings.hits
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        assert len({hit.passage.id for hit in hits}) == len(hits) <= query.get("limit", 10)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(0 <= hit.score <= 1 + 1e-6 for hit in hits)
        for hit in hits:
            assert hit.article.text[hit.passage.start : hit.passage.end] == hit.passage.text
            assert (hit.passage.article_id, hit.passage.version) == (hit.article.id, hit.article.version)
        return [hit.article.id for hit in hits]

    return find


async def test_the_best_passage_comes_first_with_its_whole_article(index, take_in, find, make_article):
    sunk = make_article("sunk", title="Ferry sinks", text="The ferry sank off Marrow Bay.\n\nNobody was hurt.")
    await take_in(sunk, make_article("school", title="School reopens", text="Pupils returned to Dunmorrow on Monday."))
    assert (await find("Where did the ferry sink?"))[0] == "sunk"
    (hit, *_) = (await index.retriever.retrieve(Query("Where did the ferry sink?"))).hits
    assert hit.article == sunk
    assert hit.score == pytest.approx(1.0)  # best by meaning and by words
    assert 0 < hit.cosine <= 1


async def test_a_hit_of_the_keyword_search_alone_has_no_cosine(open_index, tmp_path, make_article):
    async with open_index(tmp_path, candidates=1) as index:
        await index.indexer.add([make_article("late", text="ferry")])
        findings = await index.retriever.retrieve(Query("ferry"))  # its vector is not made yet
        assert [(hit.article.id, hit.cosine) for hit in findings.hits] == [("late", None)]


@pytest.mark.parametrize(
    ("limits", "admitted"),
    [
        ({}, set(DATED)),
        ({"known_by": NOON}, {"undated", "day before", "same day"}),
        ({"known_by": NOON - timedelta(days=1)}, {"undated", "day before"}),
        ({"since": NOON - timedelta(hours=12)}, {"same day", "day after"}),
        ({"until": NOON}, {"day before", "same day"}),
        ({"since": NOON - timedelta(days=1), "until": NOON}, {"same day"}),
        ({"since": NOON, "known_by": NOON}, set()),
        ({"sources": ("the averden COURIER",)}, {"undated", "same day"}),
        ({"sources": ("Corvane Post", "nobody")}, {"day before", "day after"}),
        ({"sources": ("nobody",)}, set()),
        ({"sources": ("Corvane Post",), "known_by": NOON}, {"day before"}),
    ],
)
@pytest.mark.parametrize("exact_up_to", [2000, 0], ids=["compared exactly", "filtered"])
@pytest.mark.parametrize("dense_weight", [0.0, 1.0], ids=["words", "meaning"])
async def test_limits_hold_in_both_searches_however_they_are_applied(
    take_in, find, make_article, monkeypatch, limits, admitted, exact_up_to, dense_weight
):
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", exact_up_to)
    sources = {"day before": "Corvane Post", "day after": "Corvane Post"}
    await take_in(
        *(
            make_article(id, f"The ferry sank. Report {id}.", day=day, source=sources.get(id, "The Averden Courier"))
            for id, day in DATED.items()
        )
    )
    assert set(await find(dense_weight=dense_weight, **limits)) == admitted


async def test_a_single_admitted_passage_among_thousands_is_found(index, take_in, find, make_article, monkeypatch):
    many = " ".join(
        f"Ferry {n} crossed the bay again and again on that day of the year, said the crew." for n in range(30)
    )
    await take_in(
        *(make_article(f"old-{n}", text=f"{many} {n}.", day="2019-01-01") for n in range(40)),
        make_article("new", title="Notice", text="Unrelated words on the harbour master.", day="2020-01-01"),
    )
    assert index.archive.size().passages > 1000
    for exact_up_to in (2000, 0):
        monkeypatch.setattr(nearest, "_EXACT_UP_TO", exact_up_to)
        assert await find(since=NOON - timedelta(days=300), dense_weight=1.0) == ["new"]


async def test_limit_cuts_after_the_best(take_in, find, make_article):
    await take_in(*(make_article(f"a-{n}", text=f"The ferry {'and the ferry ' * n} sank.") for n in range(6)))
    every = await find(limit=50)
    assert len(every) == 6
    for limit in (1, 3, 6):
        assert await find(limit=limit) == every[:limit]


async def test_the_weights_of_the_query_win_over_the_retrievers(index, take_in, make_article):
    # The double's vectors count words, so a long text with the word is far from a question that is the word.
    await take_in(
        make_article("words", title="x", text=f"Ferry ferry ferry. {'Other words stand here too. ' * 3}"),
        make_article("meaning", title="ferry", text="What?"),
    )

    async def scores(weight):
        hits = (await index.retriever.retrieve(Query("what ferry", dense_weight=weight))).hits
        return {hit.article.id: hit.score for hit in hits}

    by_meaning, by_words, both = await scores(1.0), await scores(0.0), await scores(0.25)
    assert list(by_meaning) == ["meaning", "words"]
    assert max(by_meaning.values()) == max(by_words.values()) == pytest.approx(1.0)
    assert both == {id: pytest.approx(0.25 * by_meaning[id] + 0.75 * by_words[id]) for id in ("meaning", "words")}


async def test_only_the_ratio_of_the_weights_counts(index, take_in, make_article):
    await take_in(make_article("a"), make_article("b", text="A ferry left for the bay."))
    parts = (index.archive, index.ledger, index.lexical, index.dense, index.embedder, index.annotator, index.worker)
    found = [
        (await Retriever(*parts, dense_weight=d, lexical_weight=w, candidates=50).retrieve(Query("ferry sank"))).hits
        for d, w in ((0.4, 0.6), (1.0, 1.5))
    ]
    assert [(h.passage.id, pytest.approx(h.score)) for h in found[0]] == [(h.passage.id, h.score) for h in found[1]]


@pytest.mark.parametrize(("dense", "lexical"), [(0, 0), (-1, 2), (1, -0.5)])
async def test_weights_that_weigh_nothing_are_refused(index, dense, lexical):
    parts = (index.archive, index.ledger, index.lexical, index.dense, index.embedder, index.annotator, index.worker)
    with pytest.raises(ValueError, match="weights"):
        Retriever(*parts, dense_weight=dense, lexical_weight=lexical, candidates=50)


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "\u200b"])
async def test_a_query_without_words_finds_nothing(take_in, find, make_article, text):
    await take_in(make_article())
    assert await find(text) == []


async def test_an_empty_index_finds_nothing_and_weighs_every_term_alike(index):
    findings = await index.retriever.retrieve(Query("Where did the ferry sink?"))
    assert findings.hits == ()
    assert findings.index == IndexSize(0, 0, None)
    assert findings.term_weights == dict.fromkeys(terms("ferry sink"), 0.5)


def test_weights_are_drawn_to_the_middle_while_an_index_is_small():
    # With as many passages as the middle counts for, half of the way; with none, all of it.
    assert tempered({"rare": 1.0, "common": 0.0}, 50) == {"rare": 0.75, "common": 0.25}
    assert tempered({"rare": 1.0, "common": 0.0}, 0) == {"rare": 0.5, "common": 0.5}
    assert list(tempered({"rare": 1.0, "common": 0.2}, 10**6).values()) == pytest.approx([1.0, 0.2], abs=1e-4)


async def test_findings_tell_weights_size_and_time(index, take_in, make_article):
    await take_in(make_article("a", day="2020-09-28"), make_article("b", text="A convoy left.", title="News"))
    findings = await index.retriever.retrieve(Query("ferry convoy zebra"))
    weights = findings.term_weights
    assert list(weights) == terms("ferry convoy zebra")
    assert 0 < weights["ferri"] == weights["convoi"] < weights["zebra"] < 1
    assert findings.index == IndexSize(2, 2, datetime(2020, 9, 28, tzinfo=UTC), "2020-09-28")
    stages = {"wait", "spelling", "embed", "dense", "lexical", "compare", "read", "sentences", "copies"}
    assert set(findings.timings_ms) == stages
    assert all(0 <= ms < 60_000 for ms in findings.timings_ms.values())


async def test_what_a_person_types_is_never_syntax(take_in, find, make_article):
    await take_in(make_article())
    for typed in ('ferry" OR 1 --', "ferry NEAR(", "ferry*", "title:ferry", "'); DROP TABLE articles; --ferry"):
        assert await find(typed) == ["a-1"]


async def test_stale_vectors_in_chroma_are_not_hits(index, take_in, find, make_article):
    await take_in(make_article())
    index.dense.add(["stale"], index.embedder.embed_queries(["ferry"]))
    assert await find("ferry", dense_weight=1.0) == ["a-1"]


async def test_short_texts_are_embedded_and_versions_read_on_the_worker(index, take_in, make_article):
    article = make_article()
    await take_in(article)
    assert (await index.retriever.embed(["ferry", "sank"])).shape == (2, 256)
    assert await index.retriever.read("a-1", article.version) == article
    assert await index.retriever.read("a-1", "0" * 64) is None
    assert (await index.retriever.size()).articles == 1


async def test_the_real_model_finds_what_shares_no_word_with_the_question(open_index, tmp_path, make_article, minilm):
    async with open_index(tmp_path, embedder=minilm, passage_tokens=128) as index:
        await index.indexer.add(
            [
                make_article("ship", title="Vessel lost", text="The boat went down in heavy seas; all aboard drowned."),
                make_article("budget", title="Budget", text="Parliament approved next year's spending plan."),
                make_article("vaccine", title="Clinics", text="Doctors began to inoculate children on Monday."),
            ]
        )
        await index.indexer.embed_pending()
        for question, id in (
            ("Which ship sank?", "ship"),
            ("How will the government use its money?", "budget"),
            ("Who got vaccinated?", "vaccine"),
        ):
            findings = await index.retriever.retrieve(Query(question))
            assert findings.hits[0].article.id == id
            assert findings.hits[0].cosine > 0.2


def test_the_double_embeds_queries_as_passages():
    double = HashingEmbedder()
    assert (double.embed_queries(["ferry sank"]) == double.embed_passages(["sank ferry"])).all()


async def test_what_is_found_is_reranked_before_it_is_cut_unless_the_fusion_alone_is_wanted(
    index, take_in, make_article
):
    class Backwards:
        def score(self, query, term_weights, candidates):
            return [float(hit.article.title == "Bay") for hit in candidates]

    await take_in(
        make_article("a", title="Sinking", text="The ferry sank."), make_article("b", title="Bay", text="A ferry.")
    )
    parts = (index.archive, index.ledger, index.lexical, index.dense, index.embedder, index.annotator, index.worker)
    retriever = Retriever(*parts, dense_weight=0.5, lexical_weight=0.5, candidates=50, reranker=Backwards())
    found = await retriever.retrieve(Query("Where did the ferry sank?", limit=1))
    assert [(hit.article.id, hit.rank, hit.score) for hit in found.hits] == [("b", 1, 1.0)]
    bare = await retriever.retrieve(Query("Where did the ferry sank?", limit=1, dense_weight=0.5))
    assert [hit.article.id for hit in bare.hits] == ["a"]


async def test_every_hit_knows_how_close_it_is_even_if_only_its_words_were_found(open_index, tmp_path, make_article):
    async with open_index(tmp_path, candidates=1) as index:
        texts = ["Where does the boat sink?", "A ferry, a ferry, a ferry.", "Goats stand on a hill."]
        await index.indexer.add([make_article(f"a-{n}", title="Untitled", text=text) for n, text in enumerate(texts)])
        await index.indexer.embed_pending()
        hits = (await index.retriever.retrieve(Query("ferry"))).hits
        assert hits and all(hit.cosine is not None for hit in hits)


async def test_findings_tell_which_words_no_passage_has_in_any_spelling_searched_for(index, take_in, make_article):
    await take_in(make_article("sabha", text="The convoy went to Sabha."), make_article("bay", text="A ferry left."))
    findings = await index.retriever.retrieve(Query("Did the convoy reach Sebha or Zorblatt?"))
    assert [one.spelled for one in findings.variants] == ["Sabha"]
    assert findings.absent == {"reach", "zorblatt"}


async def test_the_newest_article_that_a_query_may_know_is_told_whatever_else_limits_it(index, take_in, make_article):
    await take_in(*(make_article(day, f"The ferry sank. {day}.", day=day) for day in ("2020-09-28", "2020-10-02")))
    findings = await index.retriever.retrieve(Query("ferry", known_by=NOON, sources=("Nobody",)))
    assert (findings.newest_known.day_text, findings.index.newest_published) == ("2020-09-28", "2020-10-02")


async def test_a_store_that_fails_while_words_are_searched_is_told_and_the_next_question_is_answered(
    index, take_in, find, make_article, monkeypatch
):
    await take_in(make_article("a"))

    def fail(vector, limit, places):
        raise VectorStoreUnavailable("chroma", "gone")

    with monkeypatch.context() as patched:
        patched.setattr(index.dense, "search", fail)
        with pytest.raises(VectorStoreUnavailable):
            await find()
    assert await find() == ["a"]
