"""A home and plain settings become an open engine, and whatever cannot be opened leaves nothing open."""

import threading

import pytest
from aiohttp import web
from sqlalchemy import text
from tiny_cross_encoder import save_cross_encoder

from config.settings import load_settings
from retrieval.build import open_engine, open_intake
from retrieval.errors import ArchiveUnreadable, EmbeddingModelMissing, RerankerModelUnusable, VectorStoreUnavailable
from retrieval.index.manifest import read_manifest
from retrieval.news.fields import address_id
from retrieval.passages import Query
from retrieval.testing import HashingEmbedder
from retrieval.worker import Lane


@pytest.fixture
def open_home(tmp_path):
    def opened(load=HashingEmbedder, **retrieval):
        settings = load_settings()
        return open_engine(
            tmp_path, settings.retrieval.model_copy(update=retrieval), settings.embedding, load=load
        )  # fmt: skip

    return opened


def workers():
    return [thread for thread in threading.enumerate() if thread.name == "dateline-worker"]


async def test_what_one_engine_takes_in_the_next_one_finds(open_home, make_article):
    async with open_home() as engine:
        await engine.indexer.open()
        await engine.indexer.add([make_article()])
        await engine.indexer.embed_pending()
        await engine.indexer.close()
    async with open_home() as engine:
        assert not (await engine.indexer.open()).was_interrupted
        findings = await engine.retriever.retrieve(Query("ferry"))
        assert [hit.article for hit in findings.hits] == [make_article()]
        assert engine.archive.size().articles == 1


async def test_everything_runs_on_the_engines_one_worker_which_ends_with_it(open_home):
    async with open_home() as engine:
        (thread,) = workers()
        assert await engine.worker.run(Lane.QUESTION, threading.current_thread) is thread
    assert workers() == []


async def test_the_settings_make_the_splitter_and_the_fusion(open_home, make_article):
    async with open_home(passage_tokens=16, dense_weight=1.0, lexical_weight=0.0) as engine:
        await engine.indexer.open()
        sentence = "Word number {} stands here in the bay."
        await engine.indexer.add([make_article(text=" ".join(sentence.format(n) for n in range(6)))])
        with engine.archive.reading() as connection:
            assert read_manifest(connection).recipe.passage_tokens == 16
        assert engine.archive.size().passages == 3
        findings = await engine.retriever.retrieve(Query("bay", dense_weight=1.0))
        # No vectors yet, and the keyword search weighs nothing.
        assert {hit.score for hit in findings.hits} == {0.0}


async def fail_to_open(engine):
    async with engine:
        pytest.fail("it opened")


async def test_a_model_that_is_missing_leaves_nothing_open(open_home):
    def load():
        raise EmbeddingModelMissing("no-such-model", "nowhere")

    with pytest.raises(EmbeddingModelMissing):
        await fail_to_open(open_home(load=load))
    assert workers() == []
    async with open_home() as engine:
        await engine.indexer.open()


async def test_the_settings_name_the_model_that_is_loaded(tmp_path):
    settings = load_settings()
    embedding = settings.embedding.model_copy(update={"model": "./no/such/folder"})
    with pytest.raises(EmbeddingModelMissing, match="no/such/folder"):
        await fail_to_open(open_engine(tmp_path, settings.retrieval, embedding))


async def test_a_cross_encoder_named_by_the_settings_orders_what_is_found(open_home, make_article, tmp_path):
    plain = make_article("plain", title="Ferry", text="The ferry left the bay.")
    lost = make_article("lost", title="Fog", text="Fog fog fog: the ferry was late in the bay.")
    orders = []
    for model in ("", save_cross_encoder(tmp_path / "fog")):
        async with open_home(reranker_model=model) as engine:
            await engine.indexer.open()
            await engine.indexer.add([plain, lost])
            await engine.indexer.embed_pending()
            orders.append([hit.article.id for hit in (await engine.retriever.retrieve(Query("ferry in the bay"))).hits])
            await engine.indexer.close()
    assert orders == [["plain", "lost"], ["lost", "plain"]]


async def test_a_cross_encoder_that_cannot_be_used_leaves_nothing_open(open_home):
    with pytest.raises(RerankerModelUnusable, match="no/such/folder"):
        await fail_to_open(open_home(reranker_model="./no/such/folder"))
    assert workers() == []


async def test_the_settings_name_what_runs_the_model(tmp_path):
    settings = load_settings()
    embedding = settings.embedding.model_copy(update={"model": "some/name", "runtime": "onnx"})
    with pytest.raises(EmbeddingModelMissing, match="onnx"):
        await fail_to_open(open_engine(tmp_path, settings.retrieval, embedding))


async def test_a_server_that_is_not_there_leaves_nothing_open(open_home, tmp_path):
    with pytest.raises(VectorStoreUnavailable):
        await fail_to_open(open_home(chroma_url="http://127.0.0.1:9"))
    assert workers() == []
    assert not (tmp_path / "chroma").exists()


async def test_an_archive_that_cannot_be_read_is_told_before_the_model_is_loaded(open_home, tmp_path):
    (tmp_path / "archive.db").write_bytes(b"no database " * 500)
    with pytest.raises(ArchiveUnreadable):
        await fail_to_open(open_home(load=lambda: pytest.fail("the model was loaded")))
    assert workers() == []


async def test_an_exception_inside_closes_everything(open_home):
    async def fail():
        async with open_home() as engine:
            opened.append(engine)
            raise LookupError

    opened = []
    with pytest.raises(LookupError):
        await fail()
    assert workers() == []
    with pytest.raises(RuntimeError, match="closed"):
        await opened[0].retriever.retrieve(Query("ferry"))


async def test_closing_leaves_a_database_without_a_log_beside_it(open_home, tmp_path, make_article):
    async with open_home() as engine:
        await engine.indexer.open()
        await engine.indexer.add([make_article()])
        assert (tmp_path / "archive.db-wal").exists()
    assert not (tmp_path / "archive.db-wal").exists()
    async with open_home() as engine:
        with engine.archive.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM articles")) == 1


async def test_the_packaged_model_is_what_the_packaged_settings_open(tmp_path, make_article):
    settings = load_settings()
    async with open_engine(tmp_path, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        await engine.indexer.add([make_article(title="Vessel lost", text="The boat went down in heavy seas.")])
        assert await engine.indexer.embed_pending() == 1
        (hit,) = (await engine.retriever.retrieve(Query("Which ship sank?"))).hits
        assert hit.cosine > 0.3
        with engine.archive.reading() as connection:
            recipe = read_manifest(connection).recipe
        assert (recipe.embedding_model, recipe.dimensions) == ("all-MiniLM-L6-v2", 384)
        await engine.indexer.close()


async def test_an_intake_reads_feeds_and_pages_in_a_process_of_its_own(open_home):
    page = "<html><head><title>Ferry sinks</title></head><body><article><p>The ferry Kestrel sank off Marrow Bay on "
    page += "Monday night, and all of its ninety passengers were saved by fishermen.</p></article></body></html>"
    requests = []

    async def answer(request):
        requests.append((request.path, request.headers["User-Agent"]))
        if request.path == "/feed":
            link = f"http://news.example:{port}/ferry"
            listed = f"<item><title>Ferry sinks</title><link>{link}</link></item>"
            return web.Response(text=f"<rss version='2.0'><channel><title>News</title>{listed}</channel></rss>")
        is_page = request.path == "/ferry"
        return web.Response(text=page if is_page else "", content_type="text/html", status=200 if is_page else 404)

    async def resolve(host, port):
        return ["127.0.0.1"]

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    own = {"private_hosts": [f"news.example:{port}"], "host_delay_s": 0.0, "contact": "https://bot.example"}
    settings = load_settings().intake.model_copy(update=own)
    async with open_home() as engine:
        await engine.indexer.open()
        async with open_intake(engine, settings, version="1.2", resolve=resolve) as intake:
            (row,) = (await intake.look_up.address(f"http://news.example:{port}/feed")).rows
            assert (await intake.visitor.visit(row)).taken.added == 1
        assert engine.archive.current(address_id(row.url)).title == "Ferry sinks"
        await engine.indexer.close()
    await runner.cleanup()
    assert {"/feed", "/robots.txt", "/ferry"} <= {path for path, _ in requests}
    assert {agent for _, agent in requests} == {"Dateline/1.2 (+https://bot.example)"}
