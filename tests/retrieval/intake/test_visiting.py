"""An entry's page becomes an article, an excerpt, a withdrawal or a failure, and no site speaks for another."""

from datetime import timedelta

import pytest
from aiohttp import web

from retrieval.archive.entries import EntryState
from retrieval.errors import ExtractionUnavailable
from retrieval.index.removal import remove_entries
from retrieval.passages import Query

FEED, PAGE, EVIL = "courier.example/feed", "courier.example/ferry", "evil.example/feed"
WHOLE = "The ferry Kestrel was raised off Marrow Bay, and the harbour office counted what was left of it. " * 12
SUMMARY = "The ferry sank on Monday."
LOG_IN = "<div class=paywall><p>Subscribe now to continue reading this article.</p></div>"


@pytest.fixture
async def desk(open_desk, site, ferry_page):
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page()}
    async with open_desk() as opened:
        yield opened


@pytest.fixture
def paywalled(ferry_page):
    return ferry_page("The ferry Kestrel sank off Marrow Bay on Monday night ...", LOG_IN)


async def found(desk, words):
    return {hit.article.url for hit in (await desk.index.retriever.retrieve(Query(words))).hits}


async def test_a_page_becomes_an_article_with_what_only_its_feed_says(desk, site, ferry_text):
    desk.add(FEED, source="The Averden Courier")
    await desk.catch_up()
    article = desk.article(PAGE)
    assert (article.title, article.text, article.is_excerpt) == ("Ferry Kestrel sinks", ferry_text, False)
    assert (article.published_at, article.source) == (desk.clock.now(), "The Averden Courier")
    assert await found(desk, "Where did the ferry Kestrel sink?") == {site.url(PAGE)}
    assert desk.entry(PAGE).state is EntryState.KEPT
    assert "summary" not in desk.entry(PAGE).fields


async def test_an_edited_page_is_another_version_and_an_unchanged_one_none(desk, site, ferry_page):
    desk.add(FEED)
    await desk.catch_up()
    await desk.catch_up(hours=1)
    site.pages[PAGE] = ferry_page(title="Ferry Kestrel sank")
    await desk.catch_up(hours=5)
    assert site.times(PAGE) == 3
    history = desk.index.archive.history(desk.entry(PAGE).article_id)
    assert len(history) == 2
    assert desk.article(PAGE).title == "Ferry Kestrel sank"


async def test_an_unchanged_page_is_not_sent_again(desk, site, ferry_page):
    site.pages[PAGE] = {"text": ferry_page(), "content_type": "text/html", "headers": {"ETag": '"p"'}}
    desk.add(FEED)
    await desk.catch_up()
    await desk.catch_up(hours=1)
    assert site.sent[PAGE]["If-None-Match"] == '"p"'
    assert (desk.entry(PAGE).visits, desk.entry(PAGE).state) == (2, EntryState.KEPT)


async def test_the_whole_text_in_a_feed_is_the_article_and_its_page_is_only_looked_for(desk, site):
    site.pages[FEED] = site.rss(site.entry(PAGE, whole=WHOLE))
    desk.add(FEED)
    await desk.catch_up()
    assert (site.times(PAGE), desk.article(PAGE).text) == (0, WHOLE.strip())
    await desk.catch_up(hours=1)
    assert (site.times(PAGE), desk.article(PAGE).text) == (1, WHOLE.strip())
    site.pages[PAGE] = {"status": 410}
    await desk.catch_up(hours=6)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.GONE, 0)


@pytest.mark.parametrize("evil_first", [True, False])
async def test_no_feed_puts_its_words_in_the_place_of_another_sites_article(desk, site, ferry_text, evil_first):
    site.pages[EVIL] = site.rss(site.entry(PAGE, "Ferry never sank", whole="A lie about the ferry. " * 90))
    feeds = {place: desk.add(place) for place in ((EVIL, FEED) if evil_first else (FEED, EVIL))}
    await desk.catch_up()
    assert desk.article(PAGE).text == ferry_text
    site.pages[EVIL] = site.rss(site.entry(PAGE, "Ferry never sank", whole="Another lie about the ferry. " * 90))
    await desk.refetch(feeds[EVIL])
    assert (desk.article(PAGE).text, desk.article(PAGE).title) == (ferry_text, "Ferry Kestrel sinks")


async def test_a_feeds_own_words_replace_what_another_site_said_before_it(desk, site, paywalled):
    site.pages |= {EVIL: site.rss(site.entry(PAGE, "A lie", "A lie about the ferry.")), PAGE: paywalled}
    desk.add(EVIL)
    await desk.catch_up()
    assert desk.article(PAGE).text == "A lie about the ferry."
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.article(PAGE).text, desk.shown()) == (SUMMARY, 1)


async def test_a_feed_cannot_take_back_an_article_by_moving_its_entry_to_a_page_that_is_gone(desk, site):
    site.pages[EVIL] = site.rss(site.entry(PAGE, guid="e1"))
    desk.add(FEED)
    evil = desk.add(EVIL)
    await desk.catch_up()
    site.pages |= {EVIL: site.rss(site.entry("evil.example/gone", guid="e1")), "evil.example/gone": {"status": 410}}
    await desk.refetch(evil)
    await desk.catch_up()
    assert desk.entry("evil.example/gone").state is EntryState.GONE
    assert (desk.shown(), desk.entry(PAGE).state) == (1, EntryState.KEPT)


async def test_a_redirect_that_ends_takes_nothing_back_from_where_it_led(desk, site):
    to = site.url(PAGE)
    site.pages |= {EVIL: site.rss(site.entry("evil.example/x"))}
    site.pages["evil.example/x"] = {"status": 302, "headers": {"Location": to}}
    desk.add(FEED)
    desk.add(EVIL)
    await desk.catch_up()
    assert (desk.shown(), desk.entry("evil.example/x").article_id) == (1, desk.entry(PAGE).article_id)
    site.pages["evil.example/x"] = {"status": 410}
    await desk.catch_up(hours=1)
    assert (desk.shown(), desk.entry("evil.example/x").state) == (1, EntryState.GONE)


async def test_behind_a_paywall_stands_an_excerpt_until_the_whole_text_does(desk, site, paywalled, ferry_page):
    site.pages[PAGE] = paywalled
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.article(PAGE).text, desk.article(PAGE).is_excerpt) == (SUMMARY, True)
    assert desk.entry(PAGE).state is EntryState.EXCERPT
    assert "paywall" in desk.entry(PAGE).reason
    site.pages[PAGE] = ferry_page()
    await desk.catch_up(hours=1)
    assert (desk.article(PAGE).is_excerpt, desk.entry(PAGE).state) == (False, EntryState.KEPT)
    assert (desk.entry(PAGE).reason, desk.shown()) == (None, 1)
    site.pages[PAGE] = paywalled
    await desk.catch_up(hours=6)
    assert (desk.article(PAGE).is_excerpt, desk.entry(PAGE).state) == (False, EntryState.KEPT)


async def test_an_excerpt_stays_one_through_failures_and_unchanged_pages(desk, site, paywalled):
    answer = {"text": paywalled, "content_type": "text/html", "headers": {"ETag": '"w"'}}
    site.pages[PAGE] = answer
    desk.add(FEED)
    await desk.catch_up()
    site.pages[PAGE] = {"status": 500}
    await desk.catch_up(hours=1)
    assert desk.entry(PAGE).state is EntryState.FAILED
    site.pages[PAGE] = answer
    await desk.catch_up(minutes=5)
    assert desk.entry(PAGE).state is EntryState.EXCERPT


async def test_an_excerpt_of_an_unchanged_page_follows_what_its_feed_says(desk, site, paywalled):
    site.pages[PAGE] = {"text": paywalled, "content_type": "text/html", "headers": {"ETag": '"w"'}}
    feed = desk.add(FEED)
    await desk.catch_up()
    site.pages[FEED] = site.rss(site.entry(PAGE, summary="The ferry sank on Tuesday."))
    await desk.refetch(feed)
    assert desk.article(PAGE).text == "The ferry sank on Tuesday."


def texts(desk):
    return desk.entry(PAGE).fields.keys() & {"summary", "content"}


async def test_what_a_feed_says_anew_of_an_unchanged_page_is_not_kept_beside_the_article(desk, site, ferry_page):
    site.pages[PAGE] = {"text": ferry_page(), "content_type": "text/html", "headers": {"ETag": '"p"'}}
    feed = desk.add(FEED)
    await desk.catch_up()
    kept = desk.article(PAGE)
    site.pages[FEED] = site.rss(site.entry(PAGE, summary="The ferry sank on Tuesday."))
    await desk.refetch(feed)
    assert (site.times(PAGE), desk.entry(PAGE).state, desk.article(PAGE)) == (2, EntryState.KEPT, kept)
    assert not texts(desk)


async def test_an_excerpt_follows_what_its_feed_said_while_its_page_failed(desk, site, paywalled):
    answer = {"text": paywalled, "content_type": "text/html", "headers": {"ETag": '"w"'}}
    site.pages[PAGE] = answer
    feed = desk.add(FEED)
    await desk.catch_up()
    site.pages |= {PAGE: {"status": 500}, FEED: site.rss(site.entry(PAGE, summary="The ferry sank on Tuesday."))}
    await desk.refetch(feed)
    assert desk.entry(PAGE).state is EntryState.FAILED
    site.pages[PAGE] = answer
    await desk.catch_up(minutes=5)
    assert (desk.entry(PAGE).state, desk.article(PAGE).text) == (EntryState.EXCERPT, "The ferry sank on Tuesday.")
    assert not texts(desk)


@pytest.mark.parametrize("status", [410, 500])
async def test_of_a_page_that_is_gone_or_given_up_no_text_is_kept_but_the_articles(desk, site, status):
    site.pages[PAGE] = {"status": status}
    desk.add(FEED)
    for _ in range(3):
        await desk.catch_up(minutes=10)
    state, shown = (EntryState.GONE, 0) if status == 410 else (EntryState.EXCERPT, 1)
    assert (desk.entry(PAGE).state, desk.shown(), texts(desk)) == (state, shown, set())


async def test_a_consent_wall_leaves_an_excerpt(desk, site, ferry_page):
    words = "We value your privacy. We and our partners store cookies. Accept all cookies or manage your choices."
    site.pages[PAGE] = ferry_page(words, title="Your privacy")
    desk.add(FEED)
    await desk.catch_up()
    assert desk.article(PAGE).is_excerpt


async def hang_up(request):
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "reason"), [({"status": 500}, "its server answers 500"), (hang_up, "Server disconnected")]
)
async def test_a_page_that_cannot_be_had_leaves_an_excerpt_and_is_tried_until_it_is_given_up(
    desk, site, answer, reason
):
    site.pages[PAGE] = answer
    desk.add(FEED)
    await desk.catch_up()
    waits = []
    for _ in range(2):
        assert (desk.entry(PAGE).state, desk.article(PAGE).is_excerpt) == (EntryState.FAILED, True)
        waits.append(desk.write(desk.entries.next_due_at) - desk.clock.now())
        await desk.catch_up(seconds=waits[-1].total_seconds())
    assert waits == [timedelta(minutes=5), timedelta(minutes=10)]
    assert (desk.entry(PAGE).state, desk.entry(PAGE).failures) == (EntryState.EXCERPT, 3)
    assert reason in desk.entry(PAGE).reason
    assert desk.write(desk.entries.next_due_at) is None


async def test_a_page_without_an_excerpt_is_given_up_listed_and_tried_again_when_that_is_asked(
    desk, site, ferry_page, ferry_text
):
    site.pages |= {FEED: site.rss(site.entry(PAGE, summary="")), PAGE: {"status": 500}}
    desk.add(FEED)
    for _ in range(3):
        await desk.catch_up(minutes=10)
    (dead,) = desk.write(lambda c: desk.entries.in_state(c, [EntryState.DEAD], limit=9))
    assert (dead.url, dead.reason, desk.shown()) == (site.url(PAGE), "its server answers 500", 0)
    site.pages[PAGE] = ferry_page()
    assert desk.write(lambda c: desk.entries.retry(c, [EntryState.DEAD], desk.clock.now())) == 1
    await desk.catch_up()
    assert (desk.article(PAGE).text, desk.entry(PAGE).state) == (ferry_text, EntryState.KEPT)


async def test_a_page_is_left_alone_for_as_long_as_its_server_asks(desk, site):
    site.pages[PAGE] = {"status": 503, "headers": {"Retry-After": "7200"}}
    desk.add(FEED)
    await desk.catch_up()
    await desk.catch_up(minutes=110)
    assert site.times(PAGE) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_gone_takes_its_article_along_and_brings_it_back(desk, site, ferry_page, status):
    desk.add(FEED)
    await desk.catch_up()
    site.pages[PAGE] = {"status": status}
    await desk.catch_up(hours=1)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.GONE, 0)
    assert await found(desk, "Where did the ferry Kestrel sink?") == set()
    site.pages[PAGE] = ferry_page()
    await desk.catch_up(hours=5)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.KEPT, 1)
    assert await found(desk, "Where did the ferry Kestrel sink?") == {site.url(PAGE)}


async def test_a_page_that_says_that_there_is_none_is_gone(desk, site, ferry_page):
    desk.add(FEED)
    await desk.catch_up()
    site.pages[PAGE] = ferry_page("The page you are looking for is not here.", title="Page not found")
    await desk.catch_up(hours=1)
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.GONE, 0)


async def test_a_page_that_was_never_there_is_tried_again_and_then_gone(desk, site):
    del site.pages[PAGE]
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.FAILED, 1)
    for _ in range(2):
        await desk.catch_up(minutes=10)
    assert (desk.entry(PAGE).state, desk.shown(), site.times(PAGE)) == (EntryState.GONE, 0, 3)


async def test_a_page_that_asks_for_proof_is_tried_again(desk, site, ferry_page, ferry_text):
    site.pages[PAGE] = ferry_page("Checking your browser before you are let in.", title="Just a moment...")
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.entry(PAGE).state, desk.article(PAGE).is_excerpt) == (EntryState.FAILED, True)
    site.pages[PAGE] = ferry_page()
    await desk.catch_up(minutes=5)
    assert desk.article(PAGE).text == ferry_text


async def test_where_no_page_can_be_read_it_waits_and_has_not_failed(desk, site, ferry_text):
    desk.add(FEED)
    desk.apart.spares = "feed"
    desk.apart.fails = ExtractionUnavailable("no memory")
    await desk.catch_up()
    entry = desk.entry(PAGE)
    assert (entry.state, entry.failures, entry.article_id) == (EntryState.NEW, 0, None)
    desk.apart.fails = None
    await desk.catch_up(minutes=5)
    assert desk.article(PAGE).text == ferry_text


@pytest.mark.parametrize("by", ["meta", "header"])
@pytest.mark.parametrize("whole", [None, WHOLE])
async def test_a_page_that_machines_may_not_use_is_refused_and_what_was_kept_is_taken_back(
    open_desk, site, ferry_page, by, whole
):
    site.pages = {FEED: site.rss(site.entry(PAGE, whole=whole)), PAGE: ferry_page()}
    async with open_desk(heed_opt_outs=True) as desk:
        desk.add(FEED)
        await desk.catch_up()
        assert desk.shown() == 1
        text = ferry_page(head="<meta name=robots content=noai>" if by == "meta" else "")
        headers = {"X-Robots-Tag": "noai"} if by == "header" else {}
        site.pages[PAGE] = {"text": text, "content_type": "text/html", "headers": headers}
        await desk.catch_up(hours=1)
        assert (desk.entry(PAGE).state, desk.shown()) == (EntryState.REFUSED, 0)


@pytest.mark.parametrize("whole", [None, WHOLE])
async def test_nothing_is_kept_of_a_site_that_shuts_out_answering_machines(open_desk, site, ferry_page, whole):
    site.pages = {FEED: site.rss(site.entry(PAGE, whole=whole)), PAGE: ferry_page()}
    site.pages["courier.example/robots.txt"] = {"text": "User-agent: GPTBot\nDisallow: /\n"}
    async with open_desk(heed_opt_outs=True) as desk:
        desk.add(FEED)
        await desk.catch_up()
        assert (desk.entry(PAGE).state, desk.shown(), site.times(PAGE)) == (EntryState.REFUSED, 0, 0)
        assert not desk.entry(PAGE).fields.keys() & {"summary", "content"}


async def test_of_a_page_that_robots_may_not_fetch_an_excerpt_is_kept(open_desk, site, ferry_page):
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page()}
    site.pages["courier.example/robots.txt"] = {"text": "User-agent: *\nDisallow: /ferry\n"}
    async with open_desk(heed_robots=True) as desk:
        desk.add(FEED)
        await desk.catch_up()
        assert (desk.entry(PAGE).state, desk.article(PAGE).is_excerpt) == (EntryState.EXCERPT, True)
        assert site.times(PAGE) == 0


async def test_a_page_that_robots_may_not_fetch_and_of_which_its_feed_tells_nothing_is_left_out(open_desk, site, clock):
    clock.tick = timedelta(milliseconds=1)
    site.pages = {FEED: site.rss(site.entry(PAGE, summary=""))}
    site.pages["courier.example/robots.txt"] = {"text": "User-agent: *\nDisallow: /ferry\n"}
    async with open_desk(heed_robots=True) as desk:
        desk.add(FEED)
        await desk.catch_up()
        assert (desk.entry(PAGE).state, desk.entry(PAGE).failures) == (EntryState.REFUSED, 0)
        assert desk.write(desk.entries.next_due_at) is None


async def test_a_page_whose_robots_txt_cannot_be_read_is_tried_again(open_desk, site, ferry_page, ferry_text):
    other = "wire.example/ferry"
    site.pages = {FEED: site.rss(site.entry(other)), other: ferry_page()}
    site.pages["wire.example/robots.txt"] = {"status": 500}
    async with open_desk(heed_robots=True) as desk:
        desk.add(FEED)
        await desk.catch_up()
        assert (desk.entry(other).state, desk.article(other).is_excerpt) == (EntryState.FAILED, True)
        site.pages["wire.example/robots.txt"] = {"status": 404}
        await desk.catch_up(minutes=16)
        assert desk.article(other).text == ferry_text


async def test_what_is_no_web_page_leaves_an_excerpt(desk, site):
    site.pages[PAGE] = {"body": b"%PDF-1.7", "content_type": "application/pdf"}
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.entry(PAGE).reason, desk.article(PAGE).is_excerpt) == (
        "its page is application/pdf, not an article",
        True,
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "http://169.254.169.254/latest", "http://localhost:8080/x"])
async def test_a_feed_leads_nobody_into_a_private_network(desk, site, connects, url):
    site.pages[FEED] = site.rss(site.entry(url))
    desk.add(FEED)
    await desk.catch_up()
    assert set(connects) == {("127.0.0.1", site.port)}
    states = desk.write(lambda c: desk.entries.counts(c))
    assert states in ({"dead": 1}, {})


async def test_an_entry_without_an_address_is_the_article_that_its_feed_gives_wherever_the_feed_moves(desk, site):
    site.pages[FEED] = site.rss(site.entry(None, guid="n1", whole=WHOLE))
    feed = desk.add(FEED)
    await desk.catch_up()
    site.pages["new.example/feed"] = site.rss(site.entry(None, guid="n1", whole=WHOLE + "It was then sold."))
    site.pages[FEED] = {"status": 301, "headers": {"Location": site.url("new.example/feed")}}
    await desk.refetch(feed)
    await desk.refetch(feed)
    (entry,) = desk.write(lambda c: desk.entries.read(c, [1]))
    assert desk.index.archive.current(entry.article_id).text.endswith("It was then sold.")
    assert desk.shown() == 1


async def test_a_page_that_a_public_and_a_private_feed_list_is_kept_once_for_each(desk, site, ferry_page):
    """What becomes of it in one scope, taken back or given in other words, changes nothing in the other."""
    scope, own_feed = "guild:1", "wire.example/feed"
    site.pages |= {own_feed: site.rss(site.entry(PAGE, guid="own")), PAGE: ferry_page()}
    desk.add(own_feed, scope=scope)
    await desk.catch_up()
    assert (desk.shown(), desk.index.archive.size(scope).articles) == (0, 1)
    assert desk.entry(PAGE) is None
    desk.add(FEED)
    await desk.catch_up()
    assert (desk.shown(), desk.index.archive.size(scope).articles) == (1, 2)
    own = desk.write(lambda c: desk.entries.at(c, site.url(PAGE), scope))
    assert own.article_id not in (None, desk.entry(PAGE).article_id)
    assert desk.index.archive.current(own.article_id).text == desk.article(PAGE).text

    site.pages[own_feed] = site.rss()
    site.pages[PAGE] = {"status": 410}
    desk.write(lambda c: desk.entries.set(c, own.id, now=desk.clock.now(), next_at=desk.clock.now()))
    desk.write(lambda c: desk.entries.set(c, desk.entry(PAGE).id, now=desk.clock.now(), next_at=None))
    await desk.catch_up()
    assert (desk.shown(), desk.index.archive.size(scope).articles) == (1, 1)


async def test_what_a_feed_brought_that_was_removed_meanwhile_is_not_stored(desk, site, ferry_page):
    own_feed = "wire.example/feed"

    async def removed_meanwhile(request):
        entry = desk.write(lambda c: desk.entries.at(c, site.url(PAGE), "guild:1"))
        desk.write(lambda c: remove_entries(c, [entry.id]))
        return web.Response(text=ferry_page(), content_type="text/html")

    site.pages |= {own_feed: site.rss(site.entry(PAGE)), PAGE: removed_meanwhile}
    desk.add(own_feed, scope="guild:1")
    await desk.catch_up()
    assert site.times(PAGE) == 1
    assert desk.index.archive.size("guild:1").articles == 0
