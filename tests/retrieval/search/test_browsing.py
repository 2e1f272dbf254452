"""The newest articles and the publishers are listed, as far as whoever asks may know them."""

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.articles import Precision
from retrieval.passages import Published
from retrieval.search.browsing import Browser, Publisher

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
async def index(open_index, tmp_path):
    async with open_index(tmp_path) as opened:
        opened.browser = Browser(opened.archive, opened.retriever, opened.worker)
        yield opened


@pytest.fixture
def take_in(index):
    async def take_in(*articles):
        await index.indexer.add(articles)
        await index.indexer.embed_pending()

    return take_in


def ids(newest):
    return [article.id for article in newest.articles]


async def test_the_newest_come_first_and_what_is_undated_or_to_come_is_left_out(index, take_in, make_article):
    days = {"old": "2024-01-01", "new": "2024-03-10", "middle": "2024-02-02", "to come": "2024-03-11", "undated": None}
    await take_in(*(make_article(id, f"Report {id}.", title=id, day=day) for id, day in days.items()))
    newest = await index.browser.newest(known_by=NOW, scope=None, limit=2)
    assert ids(newest) == ["new", "middle"]
    assert (newest.more, newest.has_older) == (1, False)
    assert ids(await index.browser.newest(known_by=NOW, scope=None, limit=9)) == ["new", "middle", "old"]


async def test_copies_of_one_story_are_one_line_that_names_the_others(index, take_in, make_article):
    text = (
        "The tram bridge of Velmar opens again on the fourth of May, the engineer of the city said on Monday, after "
        "eleven months of work on its piers, which the flood of the year before last had washed out on both banks."
    )
    await take_in(
        make_article("wire", text, title="Bridge opens", day="2024-03-01", source="Wire"),
        make_article("paper", text, title="Bridge opens", day="2024-03-02", source="Paper"),
        make_article("other", "Something else altogether happened.", title="Else", day="2024-03-03"),
    )
    newest = await index.browser.newest(known_by=NOW, scope=None, limit=5)
    assert ids(newest) == ["other", "paper"]
    assert [copy.article_id for copy in newest.copies["paper"]] == ["wire"]
    assert newest.more == 0


async def test_the_newest_on_a_topic_leave_out_what_only_mentions_it(index, take_in, make_article):
    await take_in(
        make_article("bridge", "The tram bridge of Velmar opens again.", title="Tram bridge opens", day="2024-03-09"),
        make_article("older", "The tram bridge of Velmar was closed.", title="Tram bridge closed", day="2023-03-09"),
        make_article("run", "Runners ran. " * 60 + "They crossed the tram bridge.", title="Run", day="2024-03-10"),
        make_article("school", "The school reopens.", title="School", day="2024-03-10"),
    )
    newest = await index.browser.newest_about("tram bridge", known_by=NOW, scope=None, limit=5)
    assert ids(newest) == ["bridge", "older"]
    assert (newest.more, newest.has_older) == (0, False)


async def test_the_search_for_a_topic_ends_where_there_are_enough_new_ones(index, take_in, make_article):
    for n in range(6):
        day = (NOW - timedelta(days=n * n)).date().isoformat()
        await take_in(make_article(f"b{n}", f"Bridge report {n}: the tram bridge.", title=f"Tram bridge {n}", day=day))
    newest = await index.browser.newest_about("tram bridge", known_by=NOW, scope=None, limit=3)
    assert ids(newest) == ["b0", "b1", "b2"]
    assert newest.more == 1  # of the last fortnight
    assert newest.has_older


async def test_a_topic_that_no_article_is_about_has_none(index, take_in, make_article):
    assert ids(await index.browser.newest_about("bridge", known_by=NOW, scope=None, limit=3)) == []
    await take_in(make_article("school", "The school reopens.", title="School", day="2024-03-10"))
    assert ids(await index.browser.newest_about("bridge", known_by=NOW, scope=None, limit=3)) == []


async def test_publishers_are_counted_with_the_date_of_their_newest_article(index, take_in, make_article):
    await take_in(
        make_article("a", "One.", title="a", day="2024-03-01", source="Harbour Post"),
        make_article("b", "Two.", title="b", day="2024-03-02", source="HARBOUR POST"),
        make_article("c", "Three.", title="c", day="2024-03-20", source="Harbour Post"),
        make_article("d", "Four.", title="d", source="Averden Courier"),
        make_article("e", "Five.", title="e", source=None),
    )
    newest = Published(datetime(2024, 3, 2, tzinfo=UTC), Precision.DAY)
    assert await index.browser.publishers(known_by=NOW, scope=None) == (
        Publisher("HARBOUR POST", 2, newest),
        Publisher(None, 1, None),
        Publisher("Averden Courier", 1, None),
    )


async def test_what_was_withdrawn_is_neither_listed_nor_counted(index, take_in, make_article):
    await take_in(make_article("a", "One.", title="a", day="2024-03-01"))
    await index.indexer.withdraw("a", "canceled")
    assert await index.browser.publishers(known_by=NOW, scope=None) == ()
    assert ids(await index.browser.newest(known_by=NOW, scope=None, limit=3)) == []


async def test_a_servers_own_articles_are_listed_and_counted_there_and_nowhere_else(index, make_article):
    text = "The tram bridge of Velmar opens again on the fourth of May, the engineer of the city said on Monday."
    own = make_article("own", text, title="Tram bridge, own", day="2024-03-09", source="Own Post")
    public = make_article("public", text + " So it is.", title="Tram bridge", day="2024-03-08", source="Harbour Post")
    await index.indexer.add([own], scope="guild:7")
    await index.indexer.add([public])
    await index.indexer.embed_pending()
    for scope, sources in (
        ("guild:7", {"Own Post", "Harbour Post"}),
        (None, {"Harbour Post"}),
        ("guild:8", {"Harbour Post"}),
    ):
        told = []
        for newest in (
            await index.browser.newest(known_by=NOW, scope=scope, limit=5),
            await index.browser.newest_about("tram bridge", known_by=NOW, scope=scope, limit=5),
        ):
            copies = [copy.source for group in newest.copies.values() for copy in group]
            told.append({*(article.source for article in newest.articles), *copies})
            assert newest.more == 0
        publishers = await index.browser.publishers(known_by=NOW, scope=scope)
        assert told == [sources, sources]
        assert {(one.name, one.articles) for one in publishers} == {(source, 1) for source in sources}
