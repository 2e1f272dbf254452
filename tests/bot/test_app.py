"""A home is opened by one process at a time, mends itself, and is reached through whoever serves it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal

import pytest

from bot.answering.errors import EntailmentModelUnusable
from bot.app import SERVE, reach_operations
from bot.control import serve_control
from bot.home import hold_home, read_owner
from bot.serving import serve
from config.settings import SettingsInvalid
from retrieval.build import open_engine
from retrieval.errors import (
    ArchiveUnreadable,
    HomeInUse,
    IndexMismatch,
    VectorStoreUnavailable,
)
from retrieval.testing import HashingEmbedder

CONVOY = {"question": "Where did the convoy go?"}


@pytest.fixture
async def home(tmp_path, open_operations):
    """A home of three articles."""
    texts = ["The convoy went to Brak al-Shati.", "Seven goats stood on the northern hill.", "The ferry sank at night."]
    (tmp_path / "three.jsonl").write_text("\n".join(json.dumps({"title": t[:9], "text": t}) for t in texts))
    async with open_operations(tmp_path / "home") as operations:
        async for _ in operations.perform("ingest", {"paths": [str(tmp_path / "three.jsonl")]}):
            pass
    return tmp_path / "home"


async def ask(operations):
    async for event in operations.perform("ask", CONVOY):
        return event["outcome"]


def changed(settings, section, **values):
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


async def test_an_open_home_belongs_to_whoever_opened_it_and_is_free_afterwards(home, open_operations):
    async with open_operations(home, owner="dateline ingest"):
        assert read_owner(home).command == "dateline ingest"
        with pytest.raises(HomeInUse) as refused:
            async with open_operations(home):
                pytest.fail("two owners")
        assert refused.value.owner == "dateline ingest"
    assert read_owner(home) is None
    async with open_operations(home) as operations:
        assert (await ask(operations))["citations"][0]["quote"] == "The convoy went to Brak al-Shati."


async def test_an_entailment_model_that_is_not_there_is_refused_at_once_and_the_home_is_left_free(
    home, tmp_path, settings, open_operations
):
    writing = changed(settings, "llm", model="openai:test", base_url="http://127.0.0.1:9/v1")
    checking = changed(writing, "answering", nli_model=str(tmp_path / "nowhere"))
    with pytest.raises(EntailmentModelUnusable):
        async with open_operations(home, changed=checking):
            pytest.fail("opened")
    assert read_owner(home) is None
    async with open_operations(home, changed=writing):
        assert read_owner(home) is not None


async def test_a_home_that_cannot_be_opened_is_left_free(home, settings, open_operations):
    with pytest.raises(IndexMismatch, match="passage_tokens: index 128, settings 64"):
        async with open_operations(home, changed=changed(settings, "retrieval", passage_tokens=64)):
            pytest.fail("opened")
    assert read_owner(home) is None
    async with open_operations(home) as operations:
        assert (await ask(operations))["status"] == "answered"


async def test_a_damaged_archive_is_told_as_such_and_the_home_is_free(home, open_operations):
    (home / "archive.db").write_bytes(b"this is no database, but as long as the header of one would be" * 5)
    for leftover in ("archive.db-wal", "archive.db-shm"):
        (home / leftover).unlink(missing_ok=True)
    with pytest.raises(ArchiveUnreadable, match="not a database"):
        async with open_operations(home):
            pytest.fail("opened")
    assert read_owner(home) is None


async def test_damaged_vectors_are_told_as_such(home, open_operations):
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"this is no database, but as long as the header of one" * 9)
    with pytest.raises(VectorStoreUnavailable):
        async with open_operations(home):
            pytest.fail("opened")


async def test_lost_vectors_are_found_missing_and_made_anew_from_the_archive(home, open_operations):
    shutil.rmtree(home / "chroma")
    async with open_operations(home, opens_index=False) as operations:
        repair = await operations.open_index()
        assert (repair.lacking, repair.pending, repair.was_interrupted) == (3, 3, False)
        made = [event async for event in operations.perform("embed", {"limit": None})]
        assert made == [{"report": {"passages_embedded": 3}}]
        assert (await ask(operations))["citations"][0]["quote"] == "The convoy went to Brak al-Shati."
    async with open_operations(home, opens_index=False) as operations:
        assert (await operations.open_index()).lacking == 0


async def test_a_process_that_did_not_close_the_index_has_it_checked(home, settings, open_operations):
    with hold_home(home, "dateline ingest"):
        async with open_engine(home, settings.retrieval, settings.embedding, load=HashingEmbedder) as engine:
            await engine.indexer.open()  # and never closed, as after kill -9
    async with open_operations(home, opens_index=False) as operations:
        repair = await operations.open_index()
        assert (repair.was_interrupted, repair.lacking, repair.surplus) == (True, 0, 0)
    async with open_operations(home, opens_index=False) as operations:
        assert not (await operations.open_index()).was_interrupted


async def test_a_command_reaches_the_process_that_serves_the_home(home, settings, open_operations):
    told = []
    async with (
        open_operations(home, owner=SERVE) as operations,
        serve_control(home, operations.perform, str),
        reach_operations(home, settings, "dateline ask", tell=told.append) as reached,
    ):
        assert reached is not operations
        through, direct = await ask(reached), await ask(operations)
        for outcome in (through, direct):
            del outcome["timings_ms"], outcome["asked_at"]
        assert through == direct
    assert told == []


async def test_a_command_waits_for_a_process_that_is_only_starting_to_serve(home, settings, open_operations):
    waiting = asyncio.Event()
    told = []

    def tell(sentence):
        told.append(sentence)
        waiting.set()

    async def reach():
        async with reach_operations(home, settings, "dateline ask", tell=tell) as reached:
            return await ask(reached)

    async with asyncio.timeout(60), open_operations(home, owner=SERVE) as operations:
        reaching = asyncio.create_task(reach())
        await waiting.wait()  # told that the owner does not answer; only now does it listen
        async with serve_control(home, operations.perform, str):
            assert (await reaching)["status"] == "answered"
    assert len(told) == 1
    assert "waiting for it to start" in told[0]


async def test_a_command_owns_the_home_itself_if_the_process_that_served_it_ends_meanwhile(tmp_path, settings):
    ended = asyncio.Event()
    (tmp_path / "archive.db").write_bytes(b"this is no database, but as long as the header of one would be" * 5)

    async def reach():
        async with reach_operations(tmp_path, settings, "dateline ask", tell=lambda sentence: ended.set()):
            pytest.fail("opened a damaged archive")

    with hold_home(tmp_path, SERVE):
        reaching = asyncio.create_task(reach())
        async with asyncio.timeout(60):
            await ended.wait()
    with pytest.raises(ArchiveUnreadable):  # so it came as far as opening the home itself
        await reaching
    assert read_owner(tmp_path) is None


async def test_discord_needs_a_token_before_anything_is_opened(tmp_path, settings):
    with pytest.raises(SettingsInvalid, match="DATELINE_DISCORD__TOKEN is not set"):
        await serve(tmp_path / "home", settings, with_discord=True, tell=print)
    assert not (tmp_path / "home").exists()


async def test_serving_waits_for_a_shorter_command_to_leave_the_home(tmp_path, settings):
    told, owners = [], []
    asking = hold_home(tmp_path, "dateline ask")
    asking.__enter__()

    def tell(sentence):
        told.append(sentence)
        if len(told) == 1:
            asking.__exit__(None, None, None)
        elif len(told) == 2:
            owners.append(read_owner(tmp_path).command)
            signal.raise_signal(signal.SIGTERM)

    async with asyncio.timeout(120):
        await serve(tmp_path, settings, with_discord=False, tell=tell)
    assert "is in use by dateline ask" in told[0]
    assert [sentence.split()[0] for sentence in told[1:]] == ["Serving", "Stopped."]
    assert owners == [SERVE]


async def test_serving_that_waits_can_be_stopped(tmp_path, settings):
    with hold_home(tmp_path, "dateline ingest"):
        async with asyncio.timeout(60):
            await serve(tmp_path, settings, with_discord=False, tell=lambda _: signal.raise_signal(signal.SIGTERM))
        assert read_owner(tmp_path).command == "dateline ingest"


async def test_a_home_is_served_once(tmp_path, settings):
    with hold_home(tmp_path, SERVE), pytest.raises(HomeInUse):
        await serve(tmp_path, settings, with_discord=False, tell=pytest.fail)
