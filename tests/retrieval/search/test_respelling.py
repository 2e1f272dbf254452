"""A query finds what it misspells, and the findings say which spelling was searched for."""

import pytest

from retrieval.index.terms import terms
from retrieval.passages import Query, Variant
from retrieval.search.respelling import respelled

BASE = ("base", "A convoy left the base at Al-Jufra on Monday.")
MARSH = ("marsh", "Edwin Marsh signed for the club.")
MARSK = ("marsk", "Edvin Marsk was sent off.")


@pytest.fixture
async def index(open_index, tmp_path):
    async with open_index(tmp_path, dense_weight=0.0) as opened:
        yield opened


@pytest.fixture
def retrieve(index, make_article):
    """Take in articles of (id, text), then ask; words alone decide."""

    async def retrieve(asked, *told, **query):
        await index.indexer.add(
            [make_article(id, text, title="News", **fields) for id, text, *rest in told for fields in (rest or [{}])]
        )
        await index.indexer.embed_pending()
        return await index.retriever.retrieve(Query(asked, **query))

    return retrieve


async def test_a_misspelt_name_is_found_and_its_other_spelling_told(retrieve):
    findings = await retrieve("who left Jafra", BASE, MARSH)
    assert findings.variants == (Variant("jafra", "jafra", "jufra", "Jufra"),)
    assert findings.hits[0].article.id == "base"


async def test_a_misspelt_question_is_compared_by_meaning_in_the_spelling_that_was_found(index, retrieve):
    misspelt = await retrieve("who left Jafra", BASE, MARSH)
    right = await retrieve("who left Jufra")
    assert [(hit.article.id, hit.cosine) for hit in misspelt.hits] == [(h.article.id, h.cosine) for h in right.hits]
    assert misspelt.hits[0].cosine > 0


async def test_a_warmed_index_knows_the_words_that_come_after(index, retrieve):
    await index.retriever.warm()
    assert (await retrieve("who left Jafra", MARSH)).variants == ()
    assert (await retrieve("who left Jafra", BASE)).variants == (Variant("jafra", "jafra", "jufra", "Jufra"),)


async def test_a_misspelt_term_weighs_as_the_word_it_means(retrieve):
    findings = await retrieve("Jafra Jafura", BASE, MARSH)
    right = await retrieve("Jufra")
    assert findings.term_weights["jafra"] == right.term_weights["jufra"]


async def test_two_names_of_the_index_that_resemble_each_other_stay_two(retrieve):
    findings = await retrieve("did Edvin Marsk sign", MARSH, MARSK)
    assert findings.variants == ()


async def test_a_common_word_that_the_index_lacks_is_no_slip(retrieve):
    assert (await retrieve("who felt the boy", BASE, MARSH)).variants == ()


async def test_a_word_written_as_a_name_is_no_slip_for_a_word_written_small(retrieve):
    told = ("told", "They left some litters there.")
    assert (await retrieve("what did Luke Littlers win", told)).variants == ()
    assert [one.spelled for one in (await retrieve("what are littters")).variants] == ["litters"]


async def test_both_spellings_of_a_listed_place_are_searched_for_whichever_is_known(retrieve):
    findings = await retrieve("Kiev", ("new", "A train left Kyiv."), ("old", "A train left Kiev."))
    assert {hit.article.id for hit in findings.hits} == {"new", "old"}
    assert findings.term_weights.keys() == set(terms("Kiev"))


async def test_no_spelling_is_told_that_only_articles_out_of_sight_have(retrieve):
    limited = await retrieve("Jafra", BASE, sources=("nobody",))
    assert limited.variants == ()


async def test_a_word_that_has_left_the_index_is_not_meant_and_one_that_came_is(retrieve):
    assert (await retrieve("Jafra", BASE)).variants != ()
    gone = await retrieve("Jafra", ("base", "A convoy left the base at Sabha on Monday."))
    assert gone.variants == ()
    assert [one.spelled for one in (await retrieve("Sebha")).variants] == ["Sabha"]


async def test_a_query_that_wants_no_other_spellings_gets_none(retrieve):
    assert (await retrieve("Jafra", BASE, variants=())).variants == ()


def test_a_text_is_written_anew_with_the_likeliest_spelling_of_each_word():
    variants = [Variant("jafra", "jafra", "jufra", "Jufra"), Variant("jafra", "jafra", "jabra", "Jabra")]
    assert respelled("Who left JAFRA (Jafra)?", variants) == "Who left Jufra (Jufra)?"
    assert respelled("Who left Jafra?", []) == "Who left Jafra?"
