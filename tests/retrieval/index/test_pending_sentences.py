"""Sentences are read after the vectors are made, in pieces that questions overtake; none is lost, none is stale."""

import asyncio

import pytest
from held_embedder import HeldEmbedder

from retrieval.errors import ArchiveUnreadable
from retrieval.index.sentences import SentenceStore
from retrieval.passages import Query
from retrieval.testing import HashingEmbedder
from retrieval.worker import Lane


def story(make_article, number, *, edition=1):
    """One article of three passages."""
    told = " ".join(
        f"Report {number} of edition {edition} tells how the ferry number{number} left harbour {part} at dawn "
        f"with everybody on board and came back by night unharmed."
        for part in range(3)
    )
    return make_article(f"a-{number}", title=f"Ferry number{number}", text=told)


def read_and_unread(index):
    """The ids of the passages that were read, and of those noted as unread."""
    with index.archive.reading() as connection:
        known = sorted(index.ledger.ids(connection))
        read = set(SentenceStore().read(connection, known))
        unread = [one.id for one in index.ledger.unread(connection, 999)]
        assert len(unread) == index.ledger.count_unread(connection)
    assert read.isdisjoint(unread)
    assert sorted(read | set(unread)) == known
    return read, unread


async def test_what_is_taken_in_is_found_by_both_searches_before_its_sentences_are_read(
    open_index, tmp_path, make_article
):
    async with open_index(tmp_path) as index:
        await index.indexer.add([story(make_article, 1)])
        await index.indexer.embed_pending()
        assert read_and_unread(index)[0] == set()
        before = (await index.retriever.retrieve(Query("When did the ferry number1 leave?"))).hits
        assert await index.indexer.sentences.count() == 3
        assert await index.indexer.sentences.make() == 3
        assert await index.indexer.sentences.count() == 0
        after = (await index.retriever.retrieve(Query("When did the ferry number1 leave?"))).hits
    assert [hit.cosine is not None for hit in before] == [True] * 3
    assert before == after
    assert all(hit.sentences for hit in after)


async def test_the_oldest_are_read_first_and_no_more_than_are_asked_for(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        await index.indexer.add([story(make_article, n) for n in range(9)])
        _, order = read_and_unread(index)
        assert await index.indexer.sentences.make(1) == 8
        assert read_and_unread(index) == (set(order[:8]), order[8:])
        assert await index.indexer.sentences.make() == 27 - 8
        assert await index.indexer.sentences.make() == 0


async def test_a_question_overtakes_the_reading_and_has_it_go_on_in_single_passages(open_index, tmp_path, make_article):
    embedder = HeldEmbedder()
    async with open_index(tmp_path, embedder=embedder) as index:
        await index.indexer.add([story(make_article, n) for n in range(4)])
        reading = asyncio.create_task(index.indexer.sentences.make())
        assert await asyncio.to_thread(embedder.begun.wait, 30)
        asking = asyncio.create_task(index.worker.run(Lane.QUESTION, embedder.order.append, "question"))
        await asyncio.sleep(0)
        embedder.go_on.set()
        await asyncio.gather(reading, asking)
    assert embedder.order == [8, "question", 1, 1, 1, 1]


@pytest.mark.parametrize("edition", [1, 2])
async def test_a_passage_whose_article_changes_while_it_is_read_is_read_anew(
    open_index, tmp_path, make_article, edition
):
    embedder = HeldEmbedder()
    async with open_index(tmp_path, embedder=embedder) as index:
        await index.indexer.add([story(make_article, 1)])
        reading = asyncio.create_task(index.indexer.sentences.make(1))
        assert await asyncio.to_thread(embedder.begun.wait, 30)
        # The new passages get the numbers of the old ones, or even are the old ones again.
        changing = asyncio.create_task(index.indexer.add([story(make_article, 1, edition=2)]))
        back = asyncio.create_task(index.indexer.add([story(make_article, 1, edition=edition)]))
        await asyncio.sleep(0)
        embedder.go_on.set()
        await asyncio.gather(reading, changing, back)
        assert (len(read_and_unread(index)[0]) == 3) is (edition == 1)
        await index.indexer.sentences.make()
        assert read_and_unread(index)[1] == []


async def test_sentences_that_cannot_be_stored_are_read_again(open_index, tmp_path, make_article, monkeypatch):
    def fail(self, connection, found):
        raise ArchiveUnreadable("archive.db", "full")

    async with open_index(tmp_path) as index:
        await index.indexer.add([story(make_article, 1)])
        with monkeypatch.context() as failing, pytest.raises(ArchiveUnreadable):
            failing.setattr(SentenceStore, "put", fail)
            await index.indexer.sentences.make()
        assert len(read_and_unread(index)[1]) == 3
        assert await index.indexer.sentences.make() == 3


async def test_two_that_read_at_once_do_not_read_the_same(open_index, tmp_path, make_article):
    texts = []

    class Recording(HashingEmbedder):
        def embed_passages(self, given):
            texts.extend(given)
            return super().embed_passages(given)

    async with open_index(tmp_path, embedder=Recording()) as index:
        await index.indexer.add([story(make_article, n) for n in range(9)])
        made = await asyncio.gather(index.indexer.sentences.make(), index.indexer.sentences.make())
    assert sum(made) == 27
    assert len(texts) == len(set(texts)) == 27


async def test_a_withdrawn_article_and_a_rebuilt_index_leave_no_note_and_no_sentences_behind(
    open_index, tmp_path, make_article
):
    async with open_index(tmp_path) as index:
        await index.indexer.add([story(make_article, n) for n in range(3)])
        await index.indexer.sentences.make(8)
        await index.indexer.withdraw("a-1", "canceled")
        assert len(read_and_unread(index)[0]) == 5
        assert len(read_and_unread(index)[1]) == 1
        async for _ in index.indexer.rebuild():
            pass
        assert len(read_and_unread(index)[1]) == 6
        assert await index.indexer.sentences.make() == 6
