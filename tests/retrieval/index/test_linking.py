"""Articles are linked to their copies as they are taken in, and those taken in before are linked without embedding."""

from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from retrieval.archive.database import ARCHIVE_FILE, MIGRATIONS_DIR, build_engine
from retrieval.index.ingest import Taken

TABLES = ("copy_signatures", "copy_buckets", "copy_links", "copy_groups")
STORY = (
    "The ferry Zoë Marrow sank off Marrow Bay on Monday night with 19 people on board, the harbour master said. "
    "All of them were taken off by two fishing boats that had been waiting out the storm behind the breakwater. "
    "Divers are to look for the wreck as soon as the wind drops, which is not expected before Thursday."
)
OTHER = (
    "The school of Dunmorrow opened its doors again after two years in which its pupils had been taught in the town "
    "hall. The roof had fallen in during a storm, and the council could not agree on who was to pay for a new one. "
    "Parents collected part of the money themselves, and a carpenter from Averden did the work for nothing."
)


@pytest.fixture
def wire(make_article):
    """A wire story and what two papers made of it, with a story that has nothing to do with them."""
    return [
        make_article("wire", STORY, title="Ferry sinks off Marrow Bay", day="2021-05-03", source="Sirte Coast Wire"),
        make_article("paper", STORY.replace("are to look", "will look"), title="Ferry sinks", day="2021-05-04"),
        make_article("school", OTHER, title="School opens again", day="2021-05-03"),
        make_article("brief", STORY.rpartition(" Divers")[0], title="Ferry sinks in storm", day="2021-05-04"),
    ]


def copies(index):
    found = index.archive.copies(["wire", "paper", "school", "brief"])
    return {of_id: {copy.article_id for copy in linked} for of_id, linked in found.items()}


def stored(index):
    with index.archive.reading() as connection:
        return [sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))) for table in TABLES]


ALL = {"wire": {"paper", "brief"}, "paper": {"wire", "brief"}, "brief": {"wire", "paper"}}


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("backwards", [False, True])
async def test_copies_are_linked_in_whatever_batches_and_order_they_come(open_index, tmp_path, wire, size, backwards):
    async with open_index(tmp_path) as index:
        order = wire[::-1] if backwards else wire
        for start in range(0, 4, size):
            await index.indexer.add(order[start : start + size])
        assert copies(index) == ALL


async def test_taking_in_twice_changes_no_link(open_index, tmp_path, wire):
    async with open_index(tmp_path) as index:
        await index.indexer.add(wire)
        before = stored(index)
        assert await index.indexer.add(wire) == Taken(unchanged=4)
        await index.indexer.embed_pending()
        assert stored(index) == before


async def test_a_new_version_that_says_something_else_is_no_copy_any_more_until_it_returns(open_index, tmp_path, wire):
    async with open_index(tmp_path) as index:
        await index.indexer.add(wire)
        await index.indexer.add([replace(wire[1], text=OTHER, title="School opens again")])
        assert copies(index) == {"wire": {"brief"}, "brief": {"wire"}, "paper": {"school"}, "school": {"paper"}}
        await index.indexer.add([wire[1]])
        assert copies(index) == ALL


async def test_of_two_versions_in_one_batch_the_later_one_is_linked(open_index, tmp_path, wire):
    async with open_index(tmp_path) as index:
        await index.indexer.add([wire[0], wire[1], replace(wire[1], text=OTHER)])
        assert copies(index) == {}


async def test_a_batch_that_fails_links_nothing(open_index, tmp_path, wire, monkeypatch):
    async with open_index(tmp_path) as index:
        await index.indexer.add(wire[:1])
        before = stored(index)
        read, seen = index.archive.read_within, []

        def fail_at_the_second(connection, keys):
            seen.append(keys)
            if len(seen) == 2:
                raise LookupError
            return read(connection, keys)

        monkeypatch.setattr(index.archive, "read_within", fail_at_the_second)
        with pytest.raises(LookupError):
            await index.indexer.add(wire[1:])
        monkeypatch.undo()
        assert stored(index) == before
        assert index.archive.size().articles == 1


async def test_a_home_of_an_earlier_dateline_is_linked_at_the_next_intake_and_embeds_nothing(
    open_index, tmp_path, wire
):
    async with open_index(tmp_path) as index:
        await index.indexer.add(wire)
        await index.indexer.embed_pending()
        passages = index.archive.size().passages
    engine = build_engine(tmp_path / ARCHIVE_FILE)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert not [name for name in connection.dialect.get_table_names(connection) if name.startswith("copy_")]
    engine.dispose()
    async with open_index(tmp_path) as index:
        assert (index.repair.lacking, index.repair.pending) == (0, 0)
        assert copies(index) == {}
        assert await index.indexer.add(wire) == Taken(unchanged=4)
        assert await index.indexer.embed_pending() == 0
        assert copies(index) == ALL
        assert index.archive.size().passages == passages
        assert index.embedder.longest_tokens == 0
