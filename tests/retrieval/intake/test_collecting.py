"""A feed is fetched as its server asks, what it lists is recorded, and a failure puts it off and never loses it."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from retrieval.archive.entries import EntryState
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedState
from retrieval.errors import ExtractionUnavailable
from retrieval.worker import Lane

FEED, PAGE = "courier.example/feed", "courier.example/ferry"


@pytest.fixture
async def desk(open_desk, site, ferry_page):
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page()}
    async with open_desk() as opened:
        yield opened


def validators(answer):
    return answer | {"headers": {"ETag": '"1"', "Last-Modified": "Sun, 01 Mar 2026 11:00:00 GMT"}}


async def test_a_feed_that_has_not_changed_is_not_sent_again_and_its_validators_stay(desk, site):
    site.pages[FEED] = validators(site.pages[FEED])
    feed = desk.add(FEED)
    for _ in range(3):
        await desk.refetch(feed)
        kept = desk.feed(feed)
        assert (kept.etag, kept.last_modified) == ('"1"', "Sun, 01 Mar 2026 11:00:00 GMT")
    assert site.sent[FEED]["If-None-Match"] == '"1"'
    assert kept.failures == 0
    assert kept.interval_s > 3600


async def test_an_unchanged_answer_that_was_not_asked_for_is_a_failure(desk, site):
    site.pages[FEED] = {"status": 304}
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).problem == "its server answers 304"


async def test_a_feed_that_is_gone_for_good_ends(desk, site):
    site.pages[FEED] = {"status": 410}
    feed = desk.add(FEED)
    await desk.catch_up()
    ended = desk.feed(feed)
    assert (ended.state, ended.next_at) == (FeedState.ENDED, None)
    await desk.catch_up(days=9)
    assert site.times(FEED) == 1


async def test_a_feed_that_moved_for_good_is_fetched_where_it_is_now(desk, site):
    site.pages["new.example/feed"] = site.pages[FEED]
    site.pages[FEED] = {"status": 301, "headers": {"Location": site.url("new.example/feed")}}
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).url == site.url("new.example/feed")
    await desk.refetch(feed)
    assert site.times(FEED) == 1
    assert desk.write(lambda c: desk.feeds.at(c, site.url(FEED))).id == feed


async def test_a_feed_that_moved_for_now_stays_where_it_is(desk, site):
    site.pages["new.example/feed"] = site.pages[FEED]
    site.pages[FEED] = {"status": 302, "headers": {"Location": site.url("new.example/feed")}}
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).url == site.url(FEED)


async def test_a_feed_that_moved_onto_another_feed_ends_and_that_one_goes_on(desk, site):
    site.pages["courier.example/old"] = {"status": 301, "headers": {"Location": site.url(FEED)}}
    old, kept = desk.add("courier.example/old"), desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(old).state is FeedState.ENDED
    assert "is a feed already" in desk.feed(old).state_reason
    assert desk.feed(kept).state is FeedState.ACTIVE


async def test_a_feed_that_moved_onto_one_that_was_removed_goes_on_by_the_redirect(desk, site):
    site.pages["courier.example/old"] = {"status": 301, "headers": {"Location": site.url(FEED)}}
    old, removed = desk.add("courier.example/old"), desk.add(FEED)
    desk.write(lambda c: desk.feeds.set(c, removed, state=FeedState.REMOVED))
    await desk.catch_up()
    assert desk.feed(old).state is FeedState.ACTIVE
    assert desk.article(PAGE) is not None


@pytest.mark.parametrize(("place", "is_heard"), [("courier.example/new", True), ("evil.example/new", False)])
async def test_a_feed_that_says_that_it_moved_is_believed_within_its_site(desk, site, place, is_heard):
    tag = f"<itunes:new-feed-url>{site.url(place)}</itunes:new-feed-url>"
    site.pages[FEED] = validators(site.rss(site.entry(PAGE), extra=tag))
    feed = desk.add(FEED)
    await desk.catch_up()
    kept = desk.feed(feed)
    assert kept.url == site.url(place if is_heard else FEED)
    assert (kept.etag is None) is is_heard


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"status": 503}, {"status": 404}, {"text": "<html>no feed</html>"}, {"body": b"\0\1"}]
)
async def test_a_feed_that_fails_is_tried_ever_more_rarely_and_what_it_had_stays(desk, site, answer):
    feed, waits = desk.add(FEED), []
    await desk.catch_up()
    site.pages[FEED] = answer
    interval_s = desk.feed(feed).interval_s
    for _ in range(3):
        await desk.refetch(feed)
        waits.append((desk.feed(feed).next_at - desk.clock.now()).total_seconds())
    assert waits == [2 * interval_s, 4 * interval_s, 8 * interval_s]
    assert desk.feed(feed).failures == 3
    assert desk.article(PAGE) is not None


async def test_a_feed_is_left_alone_for_as_long_as_its_server_asks(desk, site):
    site.pages[FEED] = {"status": 429, "headers": {"Retry-After": "40000"}}
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).next_at == desk.clock.now() + timedelta(seconds=40_000)
    await desk.catch_up(hours=5)
    assert site.times(FEED) == 1


async def test_another_feed_of_a_host_that_asked_for_time_waits_and_has_not_failed(desk, site):
    site.pages[FEED] = {"status": 429, "headers": {"Retry-After": "600"}}
    first = desk.add(FEED)
    await desk.catch_up()
    other = desk.add("courier.example/other")
    await desk.catch_up()
    assert site.times("courier.example/other") == 0
    assert (desk.feed(first).failures, desk.feed(other).failures) == (1, 0)
    assert desk.feed(other).next_at == desk.clock.now() + timedelta(seconds=600)


async def test_a_feed_that_does_not_answer_in_time_has_failed(open_desk, site):
    over = asyncio.Event()

    async def hang(request):
        await over.wait()
        return web.Response()

    site.pages[FEED] = hang
    async with open_desk(timeout_s=0.1) as desk:
        feed = desk.add(FEED)
        await desk.catch_up()
        assert desk.feed(feed).problem == "not there within 0.1 s"
        over.set()


async def test_a_feed_that_failed_twelve_times_is_broken_tried_daily_and_comes_back_by_itself(desk, site):
    feed, listed = desk.add(FEED), site.pages[FEED]
    site.pages[FEED] = {"status": 500}
    for _ in range(11):
        await desk.refetch(feed)
    assert desk.feed(feed).state is FeedState.ACTIVE
    await desk.refetch(feed)
    broken = desk.feed(feed)
    assert (broken.state, broken.next_at - desk.clock.now()) == (FeedState.BROKEN, timedelta(days=1))
    site.pages[FEED] = listed
    await desk.catch_up(days=1)
    back = desk.feed(feed)
    assert (back.state, back.state_reason, back.failures, back.problem) == (FeedState.ACTIVE, None, 0, None)


async def test_a_feed_is_fetched_as_often_as_it_publishes(desk, site):
    hours = range(1, 6)
    often = [site.entry(f"courier.example/{n}", at=desk.clock.now() - timedelta(hours=n)) for n in hours]
    site.pages[FEED] = site.rss(*often)
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).interval_s == 1800


async def test_a_feed_is_not_fetched_before_it_says_that_there_may_be_news(desk, site):
    site.pages[FEED] = site.rss(site.entry(PAGE), extra="<ttl>300</ttl>")
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).interval_s == 300 * 60


async def test_where_nothing_can_be_read_a_feed_waits_and_has_not_failed(desk, site):
    desk.apart.fails = ExtractionUnavailable("no memory")
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.feed(feed).failures == 0
    desk.apart.fails = None
    await desk.catch_up(minutes=5)
    assert desk.article(PAGE) is not None


@pytest.mark.parametrize("status", [200, 500, 410])
async def test_a_feed_that_the_operator_pauses_while_it_is_fetched_stays_paused(desk, site, status):
    feed, listed = desk.add(FEED), site.pages[FEED]

    async def paused(request):
        desk.write(lambda c: desk.feeds.set(c, feed, state=FeedState.PAUSED))
        return web.Response(**(listed if status == 200 else {"status": status}))

    site.pages[FEED] = paused
    await desk.catch_up()
    assert desk.feed(feed).state is FeedState.PAUSED
    assert desk.entry(PAGE) is None


def many(site, count):
    """A feed that lists so many entries and is not sent again unchanged."""
    return validators(site.rss(*(site.entry(f"courier.example/{n}", f"Ferry {n}") for n in range(count))))


@pytest.fixture
def on_recording(monkeypatch):
    """Call each of the given functions as a piece of a feed is recorded, and then record it."""
    calls, record = [], EntryLedger.record

    def recorded(self, connection, feed_id, listed, now):
        for call in calls:
            call(len(listed))
        return record(self, connection, feed_id, listed, now)

    monkeypatch.setattr(EntryLedger, "record", recorded)
    return calls


async def test_a_question_is_answered_between_the_pieces_of_a_large_feed(desk, site, on_recording):
    site.pages[FEED] = many(site, 120)
    order, asking, loop = [], [], asyncio.get_running_loop()

    def ask(count):
        order.append(count)
        if not asking:
            question = desk.index.worker.run(Lane.QUESTION, order.append, "answered")
            asking.append(asyncio.run_coroutine_threadsafe(question, loop))

    on_recording.append(ask)
    feed = desk.add(FEED)
    collected = await desk.intake._collector.collect(desk.feed(feed))
    assert order == [50, "answered", *[10] * 7]
    assert collected.new == 120


async def test_a_feed_whose_recording_was_cut_off_is_fetched_again_in_full(desk, site, on_recording):
    site.pages[FEED], pieces = many(site, 120), []

    def break_off(count):
        pieces.append(count)
        if len(pieces) == 2:
            raise KeyError("cut off")

    on_recording.append(break_off)
    feed = desk.add(FEED)
    with pytest.raises(KeyError):
        await desk.intake._collector.collect(desk.feed(feed))
    cut_off = desk.feed(feed)
    assert (cut_off.etag, cut_off.succeeded_at, cut_off.next_at) == (None, None, desk.clock.now())
    collected = await desk.intake._collector.collect(cut_off)
    assert (collected.new, desk.feed(feed).etag) == (70, '"1"')
    assert all(desk.entry(f"courier.example/{n}") for n in range(120))


def atom(site, *, listed=None, deleted=None, said=""):
    link = "" if listed[1] is None else f"<link href='{site.url(listed[1])}'/>"
    entry = f"<entry><id>{listed[0]}</id><title>Ferry sinks</title>{link}{said}</entry>"
    gone = f"<at:deleted-entry ref='{deleted}' when='2026-03-01T12:00:00Z'/>" if deleted else ""
    return {
        "text": "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>"
        f"<title>Wire</title><id>urn:wire</id>{entry if not deleted else ''}{gone}</feed>",
        "content_type": "application/atom+xml",
    }


async def test_what_a_feed_says_is_deleted_is_taken_back(desk, site):
    site.pages[FEED] = atom(site, listed=("urn:1", PAGE))
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.shown() == 1
    site.pages[FEED] = atom(site, listed=("urn:1", PAGE), deleted="urn:1")
    await desk.refetch(feed)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.GONE, 0)


async def test_a_feed_cannot_take_back_what_another_site_published(desk, site):
    site.pages["evil.example/feed"] = atom(site, listed=("urn:1", PAGE))
    evil = desk.add("evil.example/feed")
    await desk.catch_up()
    site.pages["evil.example/feed"] = atom(site, listed=("urn:1", PAGE), deleted="urn:1")
    await desk.refetch(evil)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.KEPT, 1)


SUMMARY = "<summary>The ferry sank on Monday.</summary>"
WHOLE = f"<content type='text'>{'The ferry Kestrel was raised off Marrow Bay. ' * 40}</content>"
LOG_IN = "<div class=paywall><p>Subscribe now to continue reading this article.</p></div>"


async def delete_and_list_again(desk, site, feed, **listed):
    site.pages[FEED] = atom(site, deleted="urn:1", **listed)
    await desk.refetch(feed)
    assert desk.shown() == 0
    site.pages[FEED] = atom(site, **listed)
    await desk.refetch(feed)
    return desk.write(lambda c: desk.entries.read(c, [1]))[0]


@pytest.mark.parametrize("etag", [{}, {"ETag": '"p"'}])
async def test_what_a_feed_deleted_and_lists_again_in_the_same_words_is_there_again(desk, site, ferry_page, etag):
    site.pages[PAGE] = {"text": ferry_page(), "content_type": "text/html", "headers": etag}
    listed = {"listed": ("urn:1", PAGE)}
    site.pages[FEED] = atom(site, **listed)
    feed = desk.add(FEED)
    await desk.catch_up()
    entry = await delete_and_list_again(desk, site, feed, **listed)
    assert (entry.state, entry.reason, desk.shown(), site.times(PAGE)) == (EntryState.KEPT, None, 1, 2)


@pytest.mark.parametrize(("said", "state"), [(SUMMARY, EntryState.EXCERPT), (WHOLE, EntryState.KEPT)])
@pytest.mark.parametrize("place", [PAGE, None])
async def test_what_a_feed_itself_said_is_back_when_it_lists_that_again(desk, site, ferry_page, said, state, place):
    site.pages[PAGE] = ferry_page("The ferry Kestrel sank off Marrow Bay on Monday night ...", LOG_IN)
    listed = {"listed": ("urn:1", place), "said": said}
    site.pages[FEED] = atom(site, **listed)
    feed = desk.add(FEED)
    await desk.catch_up()
    assert desk.shown() == 1
    entry = await delete_and_list_again(desk, site, feed, **listed)
    assert (entry.state, desk.shown()) == (state, 1)
    assert not entry.fields.keys() & {"summary", "content"}


async def test_what_a_feed_deleted_before_it_was_read_is_read_when_it_lists_it_again(desk, site):
    listed = {"listed": ("urn:1", PAGE), "said": SUMMARY}
    site.pages[FEED] = atom(site, **listed)
    feed = desk.add(FEED)
    await desk.intake._collector.collect(desk.feed(feed))
    site.pages[FEED] = atom(site, deleted="urn:1", **listed)
    await desk.intake._collector.collect(desk.feed(feed))
    assert (desk.entry(PAGE).state, "summary" in desk.entry(PAGE).fields) == (EntryState.GONE, False)
    site.pages[FEED] = atom(site, **listed)
    await desk.refetch(feed)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.KEPT, 1)


async def test_what_a_feed_lists_again_is_gone_all_the_same_if_its_page_is(desk, site):
    listed = {"listed": ("urn:1", PAGE)}
    site.pages[FEED] = atom(site, **listed)
    feed = desk.add(FEED)
    await desk.catch_up()
    site.pages[PAGE] = {"status": 410}
    entry = await delete_and_list_again(desk, site, feed, **listed)
    assert (entry.state, desk.shown(), site.times(PAGE)) == (EntryState.GONE, 0, 2)
