"""What is due is fetched, by turns, whatever goes wrong with some of it; and ending it leaves nothing behind."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError

from retrieval.archive.entries import EntryState
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedKind
from retrieval.errors import FeedUnreadable
from retrieval.index.ledger import Ledger
from retrieval.worker import Lane

FEED, PAGE = "courier.example/feed", "courier.example/ferry"


@pytest.fixture
async def desk(open_desk, site, ferry_page):
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page()}
    async with open_desk() as opened:
        yield opened


async def ends(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def held():
    """A handler of pages that answers only once it is let, and knows how many wait."""

    class Held:
        waiting, most, over = 0, 0, asyncio.Event()

        async def __call__(self, request):
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            await self.over.wait()
            self.waiting -= 1
            return web.Response(status=404)

    return Held()


async def until(is_so):
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110  # what is waited for stands in the archive and sets no event
            await asyncio.sleep(0)


async def test_an_entry_is_recorded_before_its_page_is_fetched(desk, site, ferry_page):
    seen = []

    async def answer(request):
        seen.append(desk.entry(PAGE).state)
        return web.Response(text=ferry_page(), content_type="text/html")

    site.pages[PAGE] = answer
    desk.add(FEED)
    await desk.catch_up()
    assert seen == [EntryState.NEW]


async def test_fetching_twice_changes_nothing(desk, site):
    feed = desk.add(FEED)
    await desk.catch_up()
    before = desk.entry(PAGE)
    await desk.refetch(feed)
    assert (desk.entry(PAGE), site.times(PAGE), desk.shown()) == (before, 1, 1)


async def test_what_two_feeds_list_is_one_article(desk, site):
    site.pages["courier.example/sport"] = site.rss(site.entry(PAGE, "Ferry lost at sea", guid="s-1"))
    feeds = [desk.add(FEED), desk.add("courier.example/sport")]
    for _ in range(2):
        for feed in feeds:
            await desk.refetch(feed)
    assert (site.times(PAGE), desk.shown()) == (1, 1)
    healths = [desk.write(lambda c, f=feed: desk.feeds.health(c, f, since=desk.clock.now())) for feed in feeds]
    assert [health.entries for health in healths] == [1, 1]


async def test_a_fault_of_ours_stops_nothing_else_and_is_not_tried_at_once(desk, site, ferry_page, caplog):
    other = "courier.example/bridge"
    site.pages |= {FEED: site.rss(site.entry(PAGE), site.entry(other)), other: ferry_page("A bridge. " * 30)}
    visit = desk.intake.visitor.visit
    visits = []

    async def faulty(entry):
        visits.append(entry.url)
        if entry.url == site.url(PAGE):
            raise ZeroDivisionError
        return await visit(entry)

    desk.intake.visitor.visit = faulty
    desk.add(FEED)
    await desk.catch_up()
    assert desk.article(other) is not None
    assert (visits.count(site.url(PAGE)), "could not be visited" in caplog.text) == (1, True)
    await desk.catch_up(minutes=59)
    assert visits.count(site.url(PAGE)) == 1
    desk.intake.visitor.visit = visit
    await desk.catch_up(minutes=1)
    assert (desk.entry(PAGE).state, desk.entry(PAGE).reason) == (EntryState.KEPT, None)


async def test_a_feed_that_trips_us_is_put_off(desk, site):
    desk.apart.fails = ZeroDivisionError()
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).next_at == desk.clock.now() + timedelta(hours=1)
    desk.apart.fails = None
    await desk.catch_up(hours=1)
    assert (desk.shown(), desk.feed(feed).failures) == (1, 0)


async def test_where_nothing_can_be_written_it_does_not_spin(desk, site, monkeypatch):
    desk.apart.fails = ZeroDivisionError()
    feed, tried = desk.add(FEED), []

    def full(*args, **columns):
        tried.append(columns)
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    monkeypatch.setattr("retrieval.archive.feed_ledger.FeedLedger.set", full)
    running = asyncio.create_task(desk.intake.run())
    await until(lambda: tried)
    for _ in range(50):
        desk.intake.wake()
        await asyncio.sleep(0)
    assert (len(tried), site.times(FEED), desk.feed(feed).failures) == (1, 1, 0)
    await ends(running)


async def test_whoever_wakes_it_is_served_at_once_and_ending_it_leaves_no_task(desk, site):
    before = asyncio.all_tasks()
    running = asyncio.create_task(desk.intake.run())
    await until(lambda: len(asyncio.all_tasks() - before) >= 3)  # it sleeps, by a clock that stands still
    desk.add(FEED)
    desk.intake.wake()
    await until(lambda: desk.article(PAGE) is not None)
    await ends(running)
    assert {task for task in asyncio.all_tasks() - before if not _serves(task)} == set()


async def test_while_it_runs_vectors_are_made_and_then_sentences_are_read(desk, make_article):
    await desk.index.indexer.add([make_article()])
    running = asyncio.create_task(desk.intake.run())
    ledger = Ledger()

    def is_done():
        with desk.index.archive.reading() as connection:
            return not ledger.count_pending(connection) + ledger.count_unread(connection)

    await until(is_done)
    await ends(running)


def _serves(task):
    return "RequestHandler" in repr(task)


@pytest.mark.parametrize("way", ["run", "catch_up"])
async def test_ending_it_while_a_page_is_fetched_leaves_the_entry_for_next_time(desk, site, ferry_page, way):
    page, site.pages[PAGE] = site.pages[PAGE], held()
    hanging = site.pages[PAGE]
    before = asyncio.all_tasks()
    desk.add(FEED)
    running = asyncio.create_task(getattr(desk.intake, way)())
    await until(lambda: hanging.waiting)
    await ends(running)
    hanging.over.set()
    assert {task for task in asyncio.all_tasks() - before if not _serves(task)} == set()
    assert desk.entry(PAGE).state is EntryState.NEW
    site.pages[PAGE] = page
    await desk.catch_up()
    assert desk.entry(PAGE).state is EntryState.KEPT


async def test_one_host_is_asked_few_things_at_a_time_and_keeps_no_other_waiting(open_desk, site, ferry_page):
    pages = [f"wire.example/{n}" for n in range(9)]
    hanging = held()
    site.pages = {FEED: site.rss(*map(site.entry, [*pages, PAGE])), PAGE: ferry_page()}
    site.pages |= dict.fromkeys(pages, hanging)
    async with open_desk(connections=6, per_host=3) as desk:
        desk.add(FEED)
        running = asyncio.create_task(desk.intake.catch_up())
        await until(lambda: desk.article(PAGE) is not None and hanging.waiting == 3)
        hanging.over.set()
        await running
        assert hanging.most == 3
        assert all(site.times(page) for page in pages)


async def test_the_feeds_of_one_host_keep_no_other_feed_waiting(open_desk, site, ferry_page):
    feeds = [f"wire.example/{n}" for n in range(9)]
    hanging = held()
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page(), **dict.fromkeys(feeds, hanging)}
    async with open_desk(connections=4, per_host=2) as desk:
        for place in [*feeds, FEED]:
            desk.add(place)
        running = asyncio.create_task(desk.intake.catch_up())
        await until(lambda: desk.article(PAGE) is not None and hanging.waiting == 2)
        hanging.over.set()
        await running
        assert hanging.most == 2


async def test_an_embargo_ends_while_it_runs(desk, make_article):
    ends_at = desk.clock.now() + timedelta(hours=1)
    await desk.index.indexer.add([make_article(embargoed_until=ends_at)])
    await desk.catch_up()
    assert desk.shown() == 0
    await desk.catch_up(hours=1)
    assert desk.shown() == 1


async def test_a_page_is_looked_up_by_itself(desk, site, ferry_text):
    (row,) = (await desk.intake.look_up.address(site.url(PAGE))).rows
    visited = await desk.intake.visitor.visit(row)
    assert (visited.state, visited.taken.added, desk.article(PAGE).text) == (EntryState.KEPT, 1, ferry_text)
    assert desk.write(desk.feeds.all) == []


async def look_up(desk, site, pages):
    site.pages["courier.example/once"] = site.rss(*map(site.entry, pages))
    return (await desk.intake.look_up.address(site.url("courier.example/once"))).rows


async def test_what_is_looked_up_is_visited_several_at_a_time_and_told_in_its_order(open_desk, site, ferry_page):
    slow, last = held(), "courier.example/last"
    pages = ["wire.example/1", "wire.example/2", "wire.example/3", "courier.example/4", last]
    site.pages = dict.fromkeys(pages, ferry_page()) | {page: slow for page in pages[:3]}

    async def answer(request):
        slow.over.set()  # it is asked while the first ones still wait
        return web.Response(status=410)

    site.pages[last] = answer
    async with open_desk(connections=3, per_host=2) as desk:
        rows = await look_up(desk, site, pages)
        async with asyncio.timeout(20):
            visits = [visited async for visited in desk.intake.visit_all(rows)]
        assert slow.most == 2
        assert [one.reason and one.reason[-4:-1] for one in visits] == ["404", "404", "404", None, "410"]
        assert [site.times(page) for page in pages] == [1] * 5


async def test_what_is_looked_up_shares_the_limits_with_the_loop_which_leaves_it_alone(open_desk, site, ferry_page):
    pages, others = [f"wire.example/{n}" for n in range(4)], [f"wire.example/o{n}" for n in range(4)]
    hanging = held()
    site.pages = {FEED: site.rss(*map(site.entry, others))} | dict.fromkeys([*pages, *others], hanging)
    async with open_desk(connections=8, per_host=2) as desk:
        rows = await look_up(desk, site, pages)
        desk.add(FEED)

        async def visit_all():
            return [visited async for visited in desk.intake.visit_all(rows)]

        visiting = asyncio.create_task(visit_all())
        await until(lambda: hanging.waiting == 2)
        running = asyncio.create_task(desk.intake.run())
        await until(lambda: desk.entry(others[0]) is not None)
        hanging.over.set()
        await until(lambda: all(site.times(page) for page in [*pages, *others]))
        assert len(await visiting) == 4
        assert (hanging.most, [site.times(page) for page in pages]) == (2, [1] * 4)
        await ends(running)


async def test_breaking_off_what_is_looked_up_leaves_it_to_the_loop(desk, site, ferry_page):
    hanging, other = held(), "courier.example/bridge"
    site.pages |= {PAGE: hanging, other: ferry_page("A bridge was opened. " * 20)}
    before = asyncio.all_tasks()
    rows = await look_up(desk, site, [other, PAGE])
    async with aclosing(desk.intake.visit_all(rows)) as visits:
        assert (await anext(visits)).state is EntryState.KEPT
        await until(lambda: hanging.waiting)
    assert {task for task in asyncio.all_tasks() - before if not _serves(task)} == set()
    hanging.over.set()
    assert desk.entry(PAGE).state is EntryState.NEW
    site.pages[PAGE] = ferry_page()
    await desk.intake.catch_up()
    assert (desk.entry(PAGE).state, site.times(other)) == (EntryState.KEPT, 1)


async def test_closing_it_ends_what_somebody_still_visits(desk, site):
    site.pages[PAGE] = held()
    rows = await look_up(desk, site, [PAGE])
    visits = desk.intake.visit_all(rows)
    first = asyncio.ensure_future(anext(visits))
    await until(lambda: site.pages[PAGE].waiting)
    await desk.intake.close()
    with pytest.raises(asyncio.CancelledError):
        await first
    site.pages[PAGE].over.set()
    assert desk.entry(PAGE).state is EntryState.NEW


async def test_looking_up_a_feed_takes_what_it_lists_once_and_no_word_against_what_is_kept(desk, site, ferry_text):
    desk.add(FEED)
    await desk.catch_up()
    site.pages["evil.example/feed"] = site.rss(site.entry(PAGE, whole="A lie about the ferry. " * 90))
    (row,) = (await desk.intake.look_up.address(site.url("evil.example/feed"))).rows
    assert (row.id, row.etag) == (desk.entry(PAGE).id, None)
    assert (await desk.intake.visitor.visit(row)).state is EntryState.KEPT
    assert desk.article(PAGE).text == ferry_text


async def test_a_question_is_answered_while_what_a_large_feed_lists_is_looked_up(desk, site, monkeypatch):
    order, asking, loop, record = [], [], asyncio.get_running_loop(), EntryLedger.record_once

    def recorded(self, connection, listed, now, *, place):
        order.append(len(listed))
        if not asking:
            question = desk.index.worker.run(Lane.QUESTION, order.append, "answered")
            asking.append(asyncio.run_coroutine_threadsafe(question, loop))
        return record(self, connection, listed, now, place=place)

    monkeypatch.setattr(EntryLedger, "record_once", recorded)
    pages = [f"courier.example/{n}" for n in range(70)]
    rows = await look_up(desk, site, pages)
    assert order == [50, "answered", 10, 10]
    assert [row.url for row in rows] == list(map(site.url, pages))


async def test_what_cannot_be_looked_up_is_said(desk, site):
    with pytest.raises(FeedUnreadable, match="404"):
        await desk.intake.look_up.address(site.url("courier.example/nothing"))


async def test_a_sitemap_is_followed_like_a_feed(desk, site):
    listed = f"<url><loc>{site.url(PAGE)}</loc></url>"
    site.pages["courier.example/news.xml"] = {
        "text": f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>',
        "content_type": "application/xml",
    }
    desk.add("courier.example/news.xml", kind=FeedKind.SITEMAP)
    await desk.catch_up()
    assert desk.article(PAGE).title == "Ferry Kestrel sinks"
