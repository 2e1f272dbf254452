"""The archive, the keyword index and the vectors in Chroma agree: after any intake, any crash and any rebuild."""

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest
from held_embedder import HeldEmbedder

from retrieval.errors import IndexMismatch, IndexUnfinished, VectorStoreUnavailable
from retrieval.index.ingest import Taken
from retrieval.index.ledger import Admission
from retrieval.index.manifest import read_manifest
from retrieval.index.repair import Repair
from retrieval.passages import Query
from retrieval.testing import HashingEmbedder
from retrieval.worker import Lane

CLEAN = Repair(0, 0, 0, was_interrupted=False)


def story(make_article, number, *, edition=1):
    """One article of six passages, whose words name it."""
    sentences = [
        f"Report {number} of edition {edition} tells how the ferry number{number} left harbour {part} at dawn "
        f"with everybody on board and came back by night unharmed."
        for part in range(6)
    ]
    return make_article(f"a-{number}", title=f"Ferry number{number}", text=" ".join(sentences))


async def take_in(index, *articles):
    taken = await index.indexer.add(articles)
    await index.indexer.embed_pending()
    return taken


def held(index):
    """The ids of the passages, after making sure that both indexes hold exactly those."""
    with index.archive.reading() as connection:
        ids = index.ledger.ids(connection)
        numbers = index.lexical.count(connection)
        pending = index.ledger.count_pending(connection)
    assert index.dense.ids() == ids
    assert (numbers, pending) == (len(ids), 0)
    return ids


async def found(index, question, **query):
    return [hit.article.id for hit in (await index.retriever.retrieve(Query(question, **query))).hits]


# Taking in


async def test_articles_taken_in_are_found_by_both_searches(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        taken = await take_in(index, *(story(make_article, n) for n in range(3)))
        assert taken == Taken(added=3, passages_added=len(held(index)))
        for weight in (0.0, 1.0):
            assert (await found(index, "number1", limit=1, dense_weight=weight)) == ["a-1"]


async def test_taking_in_twice_changes_nothing(open_index, tmp_path, make_article):
    articles = [story(make_article, n) for n in range(3)]
    async with open_index(tmp_path) as index:
        await take_in(index, *articles)
        before = (held(index), (tmp_path / "archive.db-wal").stat().st_size, index.embedder.longest_tokens)
        assert await index.indexer.add(articles) == Taken(unchanged=3)
        assert await index.indexer.embed_pending() == 0
        assert (held(index), (tmp_path / "archive.db-wal").stat().st_size, index.embedder.longest_tokens) == before
    async with open_index(tmp_path) as index:
        assert index.repair == CLEAN
        assert await index.indexer.add(articles) == Taken(unchanged=3)
        assert held(index) == before[0]


async def test_the_same_article_twice_in_one_batch_is_taken_in_once(open_index, tmp_path, make_article):
    one, changed = story(make_article, 1), story(make_article, 1, edition=2)
    async with open_index(tmp_path) as index:
        taken = await take_in(index, one, one, changed)
        assert (taken.added, taken.unchanged, taken.updated) == (1, 1, 1)
        ids = held(index)
        with index.archive.reading() as connection:
            rows = index.ledger.admitted(connection, list(ids), Admission())
        assert {row.version for row in rows.values()} == {changed.version}


async def test_a_changed_articles_old_passages_are_found_by_neither_search(open_index, tmp_path, make_article):
    before = make_article(text="The zeppelin burned over Corvane.")
    after = make_article(text="The balloon landed at Aldenmoor.")
    async with open_index(tmp_path) as index:
        await take_in(index, before)
        old = held(index)
        # Even before the vectors are brought into step:
        assert await index.indexer.add([after]) == Taken(updated=1, passages_added=1)
        for weight in (0.0, 1.0):
            findings = await index.retriever.retrieve(Query("zeppelin burned Corvane", dense_weight=weight))
            assert not {hit.passage.id for hit in findings.hits} & old
        await index.indexer.embed_pending()
        assert not held(index) & old
        findings = await index.retriever.retrieve(Query("zeppelin burned Corvane", dense_weight=1.0))
        assert [hit.passage.text for hit in findings.hits] == [after.text]
        assert index.archive.read("a-1", before.version) == before


async def test_a_version_that_returns_is_found_again(open_index, tmp_path, make_article):
    before, after = story(make_article, 1), story(make_article, 1, edition=2)
    async with open_index(tmp_path) as index:
        await take_in(index, before)
        first = held(index)
        await index.indexer.add([after])
        await index.indexer.add([before])
        await index.indexer.embed_pending()
        assert held(index) == first
        await take_in(index, after)
        await take_in(index, before)
        assert held(index) == first


async def test_an_article_of_white_space_is_kept_and_has_no_passages(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        assert await take_in(index, make_article(text=" \n ")) == Taken(added=1)
        assert held(index) == set()


async def test_a_failure_within_a_batch_stores_nothing_of_it(open_index, tmp_path, make_article, monkeypatch):
    async with open_index(tmp_path) as index:
        put, seen = index.lexical.add, []

        def fail_at_the_third(connection, rows, scope):
            seen.append(rows)
            if len(seen) == 3:
                raise LookupError
            put(connection, rows, scope)

        monkeypatch.setattr(index.lexical, "add", fail_at_the_third)
        with pytest.raises(LookupError):
            await index.indexer.add([story(make_article, n) for n in range(4)])
        assert index.archive.size().articles == 0
        assert held(index) == set()
        monkeypatch.undo()
        assert (await take_in(index, *(story(make_article, n) for n in range(4)))).added == 4


async def test_vectors_that_cannot_be_stored_are_made_later(open_index, tmp_path, make_article, monkeypatch):
    def fail(ids, vectors, place):
        raise VectorStoreUnavailable("chroma", "gone")

    async with open_index(tmp_path) as index:
        await index.indexer.add([story(make_article, 1)])
        monkeypatch.setattr(index.dense, "add", fail)
        with pytest.raises(VectorStoreUnavailable):
            await index.indexer.embed_pending()
        monkeypatch.undo()
        assert await found(index, "number1", limit=1) == ["a-1"]  # by its words
        assert await index.indexer.embed_pending() == len(held(index)) > 0


async def test_what_is_made_can_be_limited(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        taken = await index.indexer.add([story(make_article, n) for n in range(30)])
        assert taken.passages_added > 128
        assert await index.indexer.embed_pending(1) == 128
        assert await index.indexer.embed_pending() == taken.passages_added - 128
        assert taken.passages_added == len(held(index))


async def test_passages_whose_article_changes_while_they_are_embedded_are_dropped_all_the_same(
    open_index, tmp_path, make_article
):
    embedder = HeldEmbedder()
    async with open_index(tmp_path, embedder=embedder) as index:
        await index.indexer.add([story(make_article, 1)])
        embedding = asyncio.create_task(index.indexer.embed_pending())
        assert await asyncio.to_thread(embedder.begun.wait, 30)
        changing = asyncio.create_task(index.indexer.add([story(make_article, 1, edition=2)]))
        await asyncio.sleep(0)  # the change is queued behind the encoding, before the storing
        embedder.go_on.set()
        await asyncio.gather(embedding, changing)
        await index.indexer.embed_pending()
        held(index)


async def test_a_question_overtakes_the_making_of_vectors(open_index, tmp_path, make_article):
    embedder = HeldEmbedder()
    async with open_index(tmp_path, embedder=embedder) as index:
        await index.indexer.add([story(make_article, n) for n in range(20)])
        embedding = asyncio.create_task(index.indexer.embed_pending())
        assert await asyncio.to_thread(embedder.begun.wait, 30)
        asking = asyncio.create_task(index.worker.run(Lane.QUESTION, embedder.order.append, "question"))
        await asyncio.sleep(0)
        embedder.go_on.set()
        await asyncio.gather(embedding, asking)
    assert embedder.order[:2] == [8, "question"]
    assert len(embedder.order) > 5


# What is embedded


class Measured(HashingEmbedder):
    """The packaged model's tokenizer and window, with quick vectors; keeps what it was given to embed."""

    def __init__(self, model):
        super().__init__(model.dimensions, max_tokens=model.max_tokens)
        self.model = model
        self.embedded = []

    def count_tokens(self, texts):
        return self.model.count_tokens(texts)

    def embed_passages(self, texts):
        self.embedded += texts
        return super()._embed(texts)


async def test_no_embedded_text_exceeds_the_models_window_whatever_the_title(
    open_index, tmp_path, make_article, minilm
):
    titles = ["Ferry sinks", "ferry " * 167, "x" * 1000, "北" * 1000, "🔥" * 1000, "Zoë's 3.5%—" * 91]
    words = ["convoy ", "Donaudampfschifffahrtsgesellschaft ", "北京", "3.14159,", "🔥", "غرقت ", "e\u0301"]
    texts = [word * 400 for word in words] + [f"{'word ' * 150}. " * 3]
    articles = [make_article(f"a-{n}-{m}", title=t, text=x) for n, t in enumerate(titles) for m, x in enumerate(texts)]
    measured = Measured(minilm)
    async with open_index(tmp_path, embedder=measured, passage_tokens=2048) as index:
        await take_in(index, *articles)
        await index.indexer.sentences.make()
        assert sum("\n" in text for text in measured.embedded) <= len(held(index)) < len(measured.embedded)
    # [CLS] and [SEP] stand around each text.
    assert max(minilm.count_tokens(measured.embedded)) + 2 <= minilm.max_tokens == 256
    assert max(minilm.count_tokens(measured.embedded)) > 200
    # A title is cut, not dropped, where it has words.
    assert any(text.startswith("ferry ferry ferry") and "\n" in text for text in measured.embedded)


async def test_each_passage_is_embedded_with_its_headline_and_each_sentence_alone(
    open_index, tmp_path, make_article, minilm
):
    measured = Measured(minilm)
    async with open_index(tmp_path, embedder=measured) as index:
        await take_in(index, make_article(title="Storm at night", text="The ferry sank. All were saved."))
        await index.indexer.sentences.make()
    assert measured.embedded == [
        "Storm at night\nThe ferry sank. All were saved.",
        "The ferry sank.",
        "All were saved.",
    ]


# What made the index


@pytest.mark.parametrize(
    ("options", "differences"),
    [
        ({"embedder": HashingEmbedder(name="other")}, {"embedding_model": ("hashing", "other")}),
        ({"embedder": HashingEmbedder(64)}, {"dimensions": ("256", "64")}),
        ({"passage_tokens": 64}, {"passage_tokens": ("32", "64")}),
    ],
)
async def test_an_index_made_otherwise_is_refused_naming_both_sides_and_left_alone(
    open_index, tmp_path, make_article, options, differences
):
    async with open_index(tmp_path) as index:
        await take_in(index, story(make_article, 1))
        before = held(index)
    with pytest.raises(IndexMismatch) as refused:
        async with open_index(tmp_path, **options):
            pass
    assert refused.value.differences == differences
    async with open_index(tmp_path) as index:
        assert index.repair == CLEAN
        assert held(index) == before


async def test_a_budget_beyond_the_window_is_cut_to_it_and_is_the_same_index(open_index, tmp_path):
    for tokens in (500, 1000):
        async with open_index(tmp_path, passage_tokens=tokens) as index:
            assert index.repair == CLEAN


# Rebuilding


async def rebuilt(index):
    return [count async for count in index.indexer.rebuild()]


async def test_a_rebuild_makes_the_index_that_the_settings_want(open_index, tmp_path, make_article):
    articles = [story(make_article, n) for n in range(40)]
    async with open_index(tmp_path) as index:
        await take_in(index, *articles)
        before = held(index)
    other = HashingEmbedder(64, name="other")
    async with open_index(tmp_path, embedder=other, passage_tokens=64, opens=False) as index:
        assert await index.indexer.rebuild_total() == 40
        assert sum(await rebuilt(index)) == 40
        after = held(index)
        assert 0 < len(after) < len(before)
        assert await found(index, "number7", limit=1) == ["a-7"]
        await index.indexer.close()
    async with open_index(tmp_path, embedder=other, passage_tokens=64) as index:
        assert index.repair == CLEAN
        assert held(index) == after
        assert await index.indexer.add(articles) == Taken(unchanged=40)


async def test_a_rebuild_of_a_sound_index_gives_the_same_passages_under_the_same_id(open_index, tmp_path, make_article):
    def kept():
        with index.archive.reading() as connection:
            return read_manifest(connection)

    async with open_index(tmp_path) as index:
        await take_in(index, *(story(make_article, n) for n in range(20)))
        before = held(index), kept()
        assert sum(await rebuilt(index)) == 20
        assert (held(index), kept()) == (before[0], replace(before[1], generation=2))
        assert await take_in(index, story(make_article, 99)) == Taken(added=1, passages_added=6)


async def test_a_rebuild_of_nothing_is_an_empty_index(open_index, tmp_path, make_article):
    async with open_index(tmp_path, opens=False) as index:
        assert await index.indexer.rebuild_total() == 0
        assert await rebuilt(index) == []
        assert held(index) == set()
        await take_in(index, story(make_article, 1))
        assert await found(index, "number1", limit=1) == ["a-1"]
        await index.indexer.close()


async def test_an_unfinished_rebuild_is_refused_and_goes_on_where_it_stood(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        await take_in(index, *(story(make_article, n) for n in range(40)))
        before = held(index)
    async with open_index(tmp_path, opens=False) as index:
        rebuilding = index.indexer.rebuild()
        assert await anext(rebuilding) == 16
        await rebuilding.aclose()
    with pytest.raises(IndexUnfinished) as refused:
        async with open_index(tmp_path):
            pass
    assert (refused.value.done, refused.value.total) == (16, 40)
    async with open_index(tmp_path, opens=False) as index:
        assert await index.indexer.rebuild_total() == 24
        assert await rebuilt(index) == [16, 8]
        assert held(index) == before


async def test_a_rebuild_broken_off_is_begun_anew_if_the_settings_have_changed(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        await take_in(index, *(story(make_article, n) for n in range(20)))
        before = held(index)
    async with open_index(tmp_path, passage_tokens=64, opens=False) as index:
        rebuilding = index.indexer.rebuild()
        await anext(rebuilding)
        await rebuilding.aclose()
    async with open_index(tmp_path, opens=False) as index:
        assert sum(await rebuilt(index)) == 20
        assert held(index) == before


# What happened behind its back


@pytest.mark.parametrize("clean", [True, False], ids=["closed", "not closed"])
@pytest.mark.parametrize(
    ("lost", "foreign"), [(2, 0), (0, 3), (2, 3), (10_000, 0)], ids=["lost", "foreign", "both", "all lost"]
)
async def test_vectors_lost_or_added_behind_its_back_are_found_when_opening(
    open_index, tmp_path, make_article, clean, lost, foreign
):
    async with open_index(tmp_path, opens=False) as index:
        await index.indexer.open()
        await take_in(index, *(story(make_article, n) for n in range(4)))
        ids = held(index)
        if clean:
            await index.indexer.close()
        gone = sorted(ids)[:lost]
        index.dense.drop(gone)
        index.dense.add([f"foreign-{n}" for n in range(foreign)], index.embedder.embed_queries(["x"] * foreign))
    async with open_index(tmp_path) as index:
        assert index.repair == Repair(len(gone), foreign, len(gone), was_interrupted=not clean)
        assert await index.indexer.embed_pending() == len(gone)
        assert held(index) == ids
    async with open_index(tmp_path) as index:
        assert index.repair == CLEAN


async def test_as_many_vectors_lost_as_added_are_found_after_a_crash(open_index, tmp_path, make_article):
    async with open_index(tmp_path, opens=False) as index:
        await index.indexer.open()
        await take_in(index, story(make_article, 1))
        ids = held(index)
        index.dense.drop(sorted(ids)[:1])
        index.dense.add(["foreign"], index.embedder.embed_queries(["x"]))
    async with open_index(tmp_path) as index:
        assert index.repair == Repair(1, 1, 1, was_interrupted=True)
        await index.indexer.embed_pending()
        assert held(index) == ids


async def test_vectors_stored_before_a_crash_and_not_struck_out_are_not_made_again(open_index, tmp_path, make_article):
    async with open_index(tmp_path, opens=False) as index:
        await index.indexer.open()
        await take_in(index, story(make_article, 1))
        ids = held(index)
        with index.archive.writing() as connection:
            index.ledger.note(connection, ids, "add")
    async with open_index(tmp_path) as index:
        assert index.repair == Repair(0, 0, 0, was_interrupted=True)
        assert held(index) == ids


async def test_notes_left_by_a_clean_close_are_no_damage(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        await take_in(index, story(make_article, 1), story(make_article, 2))
        await index.indexer.add([story(make_article, 1, edition=2), story(make_article, 3)])
        with index.archive.reading() as connection:
            noted = index.ledger.count_pending(connection)
    async with open_index(tmp_path) as index:
        assert index.repair == Repair(0, 0, noted, was_interrupted=False)
        await index.indexer.embed_pending()
        held(index)


async def test_a_chroma_folder_that_is_lost_is_made_again(open_index, tmp_path, make_article):
    async with open_index(tmp_path) as index:
        await take_in(index, story(make_article, 1))
        ids = held(index)
    for path in sorted((tmp_path / "chroma").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "chroma").rmdir()
    async with open_index(tmp_path) as index:
        assert index.repair == Repair(len(ids), 0, len(ids), was_interrupted=False)
        await index.indexer.embed_pending()
        assert held(index) == ids


# Killed

# Each place is a process that takes in 30 articles (180 passages, two windows), then changed editions of 10 of them,
# then rebuilds, and is killed by SIGKILL at that place. All are forked from one that has imported what they need.
KILLED = r"""
import asyncio, contextlib, os, signal, sys
from pathlib import Path
import chromadb
from retrieval.archive.database import open_archive
from retrieval.articles import Article
from retrieval.index.dense import open_dense_index
from retrieval.index.entities import RuleTagger
from retrieval.index.ingest import Indexer
from retrieval.index.ledger import Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.sentences import Annotator
from retrieval.testing import HashingEmbedder
from retrieval.worker import open_worker

def die_at(owner, name, number, *, after):
    call, seen = getattr(owner, name), 0
    def counted(*args, **kwargs):
        nonlocal seen
        seen += 1
        if seen == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = call(*args, **kwargs)
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome
    setattr(owner, name, counted)

def story(number, edition):
    text = " ".join(
        f"Report {number} of edition {edition} tells how the ferry number{number} left harbour {part} at dawn "
        f"with everybody on board and came back by night unharmed." for part in range(6))
    return Article(f"a-{number}", f"Ferry number{number}", "The Averden Courier", None, None, None, (), "en", text)

async def take_in(home, what, name, number, when):
    embedder, ledger, lexical = HashingEmbedder(), Ledger(), LexicalIndex()
    annotator = Annotator(embedder, RuleTagger())
    with open_worker(max_waiting=1) as worker, open_archive(home) as archive, open_dense_index(home) as dense:
        indexer = Indexer(archive, ledger, lexical, dense, embedder, annotator, worker, passage_tokens=32)
        die_at({"embedder": embedder, "ledger": ledger, "lexical": lexical, "dense": dense, "archive": archive}[what],
               name, int(number), after=when == "after")
        await indexer.open()
        for edition, count in ((1, 30), (2, 10)):
            for start in range(0, count, 10):
                await indexer.add([story(n, edition) for n in range(start, start + 10)])
            await indexer.embed_pending()
        async for _ in indexer.rebuild():
            pass
        await indexer.close()

for line in sys.stdin:
    home, place = line.strip().split("\t")
    Path(home).mkdir()
    if not (child := os.fork()):
        asyncio.run(take_in(Path(home), *place.split(" ")))
        os._exit(0)
    print(os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)
"""

PLACES = [
    "lexical create 1 after",  # before there is a manifest
    "dense use 1 before",  # with a manifest and no collection
    "lexical add 7 before",  # within the first transaction
    "archive read_within 15 after",  # within a transaction that links copies
    "embedder embed_passages 1 before",  # between the archive's commit and the first vector
    "embedder embed_passages 10 before",  # after the first window is stored
    "dense add 1 after",  # after a window's storing, before it is noted
    "dense add 2 before",  # between two windows
    "ledger settle 1 after",  # within the transaction that notes it
    "ledger replace 35 after",  # within the transaction that changes articles
    "dense drop 1 before",  # with changed articles' old vectors still there
    "dense drop 1 after",  # with these dropped, before it is noted
    "ledger clear 1 after",  # within the transaction that begins a rebuild
    "dense use 2 before",  # with a new generation and the old collection
    "archive mark_generation 20 after",  # within a rebuild's second transaction
    "embedder embed_passages 20 after",  # in the middle of a rebuild
    "dense add 5 after",  # with the last window of a rebuild stored and not noted
]


@pytest.fixture(scope="module")
def kill_at(tmp_path_factory):
    """Run the intake in a home of its own up to a place where it is killed; gives the home."""
    command = [sys.executable, "-W", "ignore", "-c", KILLED]
    homes = tmp_path_factory.mktemp("killed")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def kill(place):
            home = homes / place.replace(" ", "-")
            print(home, place, sep="\t", file=process.stdin, flush=True)
            return home, int(process.stdout.readline())

        yield kill
        process.stdin.close()


@pytest.mark.parametrize("place", PLACES)
async def test_whatever_place_the_process_is_killed_at_nothing_is_lost_or_twice(
    open_index, make_article, kill_at, place
):
    home, signal = kill_at(place)
    assert signal == 9
    first = [story(make_article, n) for n in range(30)]
    second = [story(make_article, n, edition=2) for n in range(10)]
    async with open_index(home, opens=False) as index:
        try:
            repair = await index.indexer.open()
        except IndexUnfinished:
            assert sum(await rebuilt(index)) > 0
        else:
            assert (repair.lacking, repair.surplus) == (0, 0)  # whatever was left undone was noted before
            await index.indexer.embed_pending()
        between = held(index)
        stored = index.archive.size()
        assert stored.passages == len(between)
        assert stored.articles in (0, 10, 20, 30)  # whole batches only
        # The same intake again finishes what was begun, and only that.
        again = await take_in(index, *first[stored.articles :])
        assert again.added == 30 - stored.articles
        await take_in(index, *second)
        ids = held(index)
        assert {n: len(index.archive.history(f"a-{n}")) for n in (0, 9, 10, 29)} == {0: 2, 9: 2, 10: 1, 29: 1}
        await index.indexer.close()
    async with open_index(home) as index:
        assert index.repair == CLEAN
        assert held(index) == ids


async def test_an_index_that_is_made_anew_keeps_who_sees_what(open_index, make_article, tmp_path):
    async with open_index(tmp_path) as index:
        await index.indexer.add([make_article("a-1", "The ferry sank off Marrow Bay.")])
        await index.indexer.add([make_article("a-1", "The zeppelin burned in Corvane.")], "guild:1")
        await index.indexer.embed_pending()

        async def found(scope):
            hits = (await index.retriever.retrieve(Query("zeppelin Corvane ferry", scope=scope))).hits
            return [(hit.passage.text, hit.cosine is not None) for hit in hits]

        before = [await found(scope) for scope in (None, "guild:1", "guild:2")]
        assert [len(one) for one in before] == [1, 2, 1]
        assert [count async for count in index.indexer.rebuild()] == [2]
        assert [await found(scope) for scope in (None, "guild:1", "guild:2")] == before
        assert await index.indexer.sentences.make() == 2
