"""The same article under another id, address or embargo is one article; what its publisher took back is not shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.index.ingest import Taken
from retrieval.passages import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FERRY = "The ferry Kestrel sank off Marrow Bay on Monday night, and all of its passengers were saved by fishermen."
RAISED = "The ferry Kestrel was raised off Marrow Bay on Friday, and no one was found aboard by the divers."


@pytest.fixture
def ferry(make_article):
    def make(id="f-1", text=FERRY, **fields):
        return make_article(id, text, title="Ferry Kestrel sinks", **fields)

    return make


async def found(index, question="Where did the ferry Kestrel sink?"):
    return [hit.article.id for hit in (await index.retriever.retrieve(Query(question))).hits]


async def take_in(index, *articles):
    taken = await index.indexer.add(articles)
    await index.indexer.embed_pending()
    return taken


def versions(index, article_id):
    return len(index.archive.history(article_id))


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_equal_story_of_the_same_publisher_is_one_article_and_both_ids_lead_to_it(
    open_index, tmp_path, ferry, at_once
):
    twin = ferry("f-2", f"  {FERRY.upper()}")
    async with open_index(tmp_path) as index:
        for batch in [[ferry(), twin]] if at_once else [[ferry()], [twin]]:
            await take_in(index, *batch)
        assert await found(index) == ["f-1"]
        assert index.archive.size().articles == 1
        assert index.archive.current("f-2") == index.archive.current("f-1") == ferry()
        assert await take_in(index, ferry(), twin) == Taken(unchanged=2)


async def test_a_notice_that_recurs_is_another_article(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(day="2026-02-01"), ferry("f-2", day="2026-02-08"), ferry("f-3", day="2026-02-09"))
        assert sorted(await found(index)) == ["f-1", "f-2"]


async def test_an_equal_story_of_another_publisher_is_another_article(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(), ferry("f-2", source="Sirte Coast Wire"))
        assert sorted(await found(index)) == ["f-1", "f-2"]


async def test_an_equal_story_on_another_host_of_one_site_is_one_article(open_index, tmp_path, ferry):
    on_phones = ferry("f-2", source="m.courier.example", url="https://m.courier.example/ferry")
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(source="courier.example", url="https://www.courier.example/a/1"), on_phones)
        assert await found(index) == ["f-1"]


async def test_an_equal_story_that_is_told_otherwise_later_stands_by_itself_again(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(), ferry("f-2"))
        assert await take_in(index, ferry("f-2", RAISED)) == Taken(added=1, passages_added=1)
        assert sorted(await found(index)) == ["f-1", "f-2"]
        assert index.archive.current("f-1").text == FERRY
        assert await take_in(index, ferry()) == Taken(unchanged=1)


async def test_one_address_is_one_article_whatever_its_id_and_a_new_headline_a_version(open_index, tmp_path, ferry):
    address = "https://courier.example/2026/ferry"
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(url=address))
        retitled = replace(ferry("f-9", url=address), title="Ferry Kestrel sank")
        assert await take_in(index, retitled) == Taken(updated=1, passages_added=1)
        assert await found(index) == ["f-1"]
        assert index.archive.current("f-9").title == "Ferry Kestrel sank"
        assert versions(index, "f-1") == 2


async def test_an_excerpt_is_replaced_by_the_whole_text_and_never_replaces_it(open_index, tmp_path, ferry):
    excerpt = ferry(text="The ferry Kestrel sank off Marrow Bay.", is_excerpt=True)
    async with open_index(tmp_path) as index:
        await take_in(index, excerpt)
        assert index.archive.current("f-1").is_excerpt
        assert (await take_in(index, ferry())).updated == 1
        assert await take_in(index, excerpt) == Taken(unchanged=1)
        assert not index.archive.current("f-1").is_excerpt


async def test_an_older_version_that_comes_late_changes_nothing(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(text=RAISED, updated_at=NOW))
        assert await take_in(index, ferry(updated_at=NOW - timedelta(hours=1))) == Taken(unchanged=1)
        assert index.archive.current("f-1").text == RAISED


async def test_what_was_taken_back_is_found_by_nothing_counted_nowhere_and_kept(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(day="2026-02-28"), ferry("f-2"))
        await take_in(index, ferry("f-3", RAISED, source="Sirte Coast Wire"))
        assert await index.indexer.withdraw("f-2", "its page is gone (410)") is True
        await index.indexer.embed_pending()
        assert await found(index) == ["f-3"]
        assert index.archive.size().articles == 1
        assert index.archive.newest() is None
        assert index.archive.sources() == ("Sirte Coast Wire",)
        assert index.archive.current("f-1").text == FERRY
        assert await index.indexer.withdraw("f-1", "again") is False
        assert await index.indexer.withdraw("f-7", "unknown") is False


async def test_what_was_taken_back_returns_with_new_words_or_when_it_is_shown_again(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry())
        await index.indexer.withdraw("f-1", "canceled")
        assert await take_in(index, ferry()) == Taken(unchanged=1)
        assert await found(index) == []
        assert (await take_in(index, ferry(text=RAISED))).updated == 1
        assert await found(index) == ["f-1"]
        await index.indexer.withdraw("f-1", "canceled")
        assert await index.indexer.show_again(["f-1"]) == 1
        await index.indexer.embed_pending()
        assert await found(index) == ["f-1"]


async def test_a_rebuild_leaves_out_what_was_taken_back(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry(), ferry("f-2", RAISED))
        await index.indexer.withdraw("f-1", "canceled")
        assert [count async for count in index.indexer.rebuild()] == [2]
        assert await found(index) == ["f-2"]


async def test_an_embargoed_article_waits_for_its_time(open_index, tmp_path, ferry):
    now = NOW
    async with open_index(tmp_path, now=lambda: now) as index:
        await take_in(index, ferry(embargoed_until=NOW + timedelta(hours=1)))
        assert await found(index) == []
        assert index.archive.size().articles == 0
        assert await index.indexer.release_due() == 0
        now = NOW + timedelta(hours=1)
        assert await index.indexer.release_due() == 1
        await index.indexer.embed_pending()
        assert await found(index) == ["f-1"]


async def test_what_is_shown_again_waits_for_its_embargo_all_the_same(open_index, tmp_path, ferry):
    now = NOW
    async with open_index(tmp_path, now=lambda: now) as index:
        await take_in(index, ferry(embargoed_until=NOW + timedelta(hours=1)))
        await index.indexer.withdraw("f-1", "canceled")
        assert await index.indexer.show_again(["f-1"]) == 0
        assert index.archive.size().articles == 0
        now = NOW + timedelta(hours=2)
        assert await index.indexer.release_due() == 1
        assert await found(index) == ["f-1"]


async def test_an_embargo_that_is_put_off_holds_until_then(open_index, tmp_path, ferry):
    now = NOW
    async with open_index(tmp_path, now=lambda: now) as index:
        await take_in(index, ferry(embargoed_until=NOW + timedelta(hours=1)))
        assert await take_in(index, ferry(embargoed_until=NOW + timedelta(hours=5))) == Taken(unchanged=1)
        now = NOW + timedelta(hours=2)
        assert await index.indexer.release_due() == 0
        now = NOW + timedelta(hours=5)
        assert await index.indexer.release_due() == 1


async def test_what_is_under_embargo_is_no_copy_of_anything(open_index, tmp_path, ferry):
    told = f"{FERRY} {RAISED} " * 3
    async with open_index(tmp_path, now=lambda: NOW) as index:
        held = ferry("f-2", f"{told} More.", source="Sirte Coast Wire", embargoed_until=NOW + timedelta(hours=1))
        await take_in(index, ferry(text=told), held)
        assert index.archive.copies(["f-1"]) == {}
        await take_in(index, replace(held, embargoed_until=None))
        assert [one.article_id for one in index.archive.copies(["f-1"])["f-1"]] == ["f-2"]


async def test_a_page_that_copies_a_publishers_name_and_words_is_not_taken_for_its_article(open_index, tmp_path, ferry):
    async with open_index(tmp_path) as index:
        await take_in(index, ferry("evil", url="https://evil.test/ferry"))
        await take_in(index, ferry(url="https://www.courier.example/ferry"))
        await take_in(index, ferry("evil", "Lies.", url="https://evil.test/ferry"))
        assert index.archive.current("f-1").text == FERRY


async def test_an_embargo_that_is_lifted_no_longer_holds(open_index, tmp_path, ferry):
    async with open_index(tmp_path, now=lambda: NOW) as index:
        await take_in(index, ferry(embargoed_until=NOW + timedelta(days=9)))
        assert await take_in(index, ferry()) == Taken(unchanged=1)
        assert await found(index) == ["f-1"]
