"""What was noted of articles elsewhere is known to be gone once they were forgotten or kept long enough."""

from contextlib import asynccontextmanager
from dataclasses import replace

from forgotten import forget

from retrieval.forgetting import Forgetter
from retrieval.index.terms import stem
from retrieval.traces import Gone, Traces

URL = "https://obscurer.example/affair"
SOURCE = "The Quibblethorpe Obscurer"
NOTHING = Gone(frozenset(), frozenset(), frozenset())


@asynccontextmanager
async def opened(open_index, home):
    async with open_index(home) as index:
        index.forgetter = Forgetter(index.archive, index.ledger, index.lexical, index.dense, index.worker)
        index.traces = Traces(index.archive, index.lexical, index.worker)
        yield index


async def test_articles_addresses_and_publishers_are_gone_once_forgotten_and_not_before(
    open_index, tmp_path, make_article
):
    secret = make_article("plum", "Plumdragonov hid.", title="Plumdragonov affair", source=SOURCE, url=URL)
    other = make_article("goat", "Seven goats stood on a hill.", title="Goats", url="https://hill.example/1")
    noted = {
        "article_ids": ["plum", "goat"],
        "urls": [f"{URL}#top", "https://hill.example/1", "https://never.example/"],
        "sources": [SOURCE, "The Averden Courier", "Nobody"],
    }
    async with opened(open_index, tmp_path) as index:
        await index.indexer.add([secret, other])
        assert await index.traces.gone(**noted) == NOTHING
        assert await index.traces.addresses(["plum", "goat", "?"]) == {URL, "https://hill.example/1"}
        await forget(index.forgetter, URL)
        assert await index.traces.gone(**noted) == replace(
            NOTHING, article_ids=frozenset({"plum"}), urls=frozenset({f"{URL}#top"})
        )
        await index.indexer.add([replace(secret, id="plum-2", url=None, text="Another day.")])
        await forget(index.forgetter, SOURCE.upper())
        assert (await index.traces.gone(**noted)).sources == {SOURCE}


async def test_an_alias_of_an_article_that_is_kept_is_not_gone(open_index, tmp_path, make_article):
    async with opened(open_index, tmp_path) as index:
        await index.indexer.add([make_article("one"), make_article("two")])
        with index.archive.reading() as connection:
            assert index.archive.count(connection) == 1
        assert await index.traces.gone(article_ids=["one", "two"]) == NOTHING


async def test_a_word_is_held_until_the_last_article_that_has_it_is_forgotten(open_index, tmp_path, make_article):
    stems = {stem(one) for one in ("plumdragonov", "goats", "never")} | {f"stem{n}" for n in range(500)}
    async with opened(open_index, tmp_path) as index:
        await index.indexer.add([make_article("plum", "Plumdragonov saw goats."), make_article("goat", "Goats stood.")])
        assert await index.traces.held_stems(stems) == {"plumdragonov", stem("goats")}
        await forget(index.forgetter, "plum")
        assert await index.traces.held_stems(stems) == {stem("goats")}
