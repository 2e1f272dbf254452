"""An operator's address is told for what it is: a feed, a sitemap, a site with feeds, or one page."""

import pytest

from retrieval.archive.feed_ledger import FeedKind
from retrieval.errors import FeedUnreadable

FEED, PAGE, START = "courier.example/feed", "courier.example/ferry", "courier.example/"


@pytest.fixture
async def examine(open_desk, site, ferry_page):
    site.pages = {FEED: site.rss(site.entry(PAGE)), PAGE: ferry_page()}
    async with open_desk() as desk:
        yield lambda place: desk.intake.examiner.examine(site.url(place))


def link(place, title):
    return f'<link rel=alternate type="application/rss+xml" title="{title}" href="/{place.partition("/")[2]}">'


def urlset(*urls, root="urlset", each="url"):
    listed = "".join(f"<{each}><loc>{url}</loc></{each}>" for url in urls)
    text = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{root}>'
    return {"text": text, "content_type": "application/xml"}


async def test_a_feed_is_what_is_there(examine, site):
    found = await examine(FEED)
    assert (found.url, found.kind, found.title) == (site.url(FEED), FeedKind.FEED, "The Averden Courier")
    assert [entry.url for entry in found.entries] == [site.url(PAGE)]


async def test_a_feed_that_moved_is_named_by_its_new_address(examine, site):
    site.pages["courier.example/old"] = {"status": 301, "headers": {"Location": site.url(FEED)}}
    assert (await examine("courier.example/old")).url == site.url(FEED)


async def test_a_site_is_known_by_the_first_feed_that_it_offers(examine, site, ferry_page):
    site.pages[START] = ferry_page(head=link(FEED, "News") + link("courier.example/sport", "Sport"))
    found = await examine(START)
    assert (found.url, found.kind) == (site.url(FEED), FeedKind.FEED)
    assert found.others == ((site.url("courier.example/sport"), "Sport"),)


SPORT = "courier.example/sport"


@pytest.mark.parametrize("answer", [{"status": 500}, {"text": "no feed"}, "<p>a page</p>"])
async def test_of_a_sites_feeds_the_next_is_taken_where_one_cannot_be_read(examine, site, ferry_page, answer):
    site.pages |= {START: ferry_page(head=link(FEED, "News") + link(SPORT, "Sport")), SPORT: site.pages[FEED]}
    site.pages[FEED] = answer
    found = await examine(START)
    assert (found.url, found.kind) == (site.url(SPORT), FeedKind.FEED)
    assert found.others == ((site.url(FEED), "News"),)
    (passed_over,) = found.passed_over
    assert passed_over.startswith(f"{site.url(FEED)}: ")


async def test_where_none_of_a_sites_feeds_can_be_read_the_reason_of_each_is_told(examine, site, ferry_page):
    site.pages |= {START: ferry_page(head=link(FEED, "News") + link(SPORT, "Sport")), FEED: {"status": 503}}
    with pytest.raises(FeedUnreadable) as unreadable:
        await examine(START)
    assert unreadable.value.url == site.url(START)
    assert f"{site.url(FEED)}: its server answers 503; {site.url(SPORT)}: " in unreadable.value.reason


async def test_an_article_is_a_page_though_its_site_offers_feeds(examine, site, ferry_page):
    site.pages[PAGE] = ferry_page(head="<meta property=og:type content=article>" + link(FEED, "News"))
    found = await examine(PAGE)
    assert (found.url, found.kind) == (site.url(PAGE), FeedKind.PAGE)
    assert found.others == ((site.url(FEED), "News"),)


async def test_a_site_without_a_feed_is_known_by_the_news_sitemap_of_its_robots_txt(examine, site, ferry_page):
    site.pages |= {
        START: ferry_page(),
        "courier.example/robots.txt": {"text": f"Sitemap: {site.url('courier.example/index.xml')}"},
        "courier.example/index.xml": urlset(site.url("courier.example/news.xml"), root="sitemapindex", each="sitemap"),
        "courier.example/news.xml": urlset(site.url(PAGE)),
    }
    found = await examine(START)
    assert (found.url, found.kind) == (site.url("courier.example/news.xml"), FeedKind.SITEMAP)
    assert [entry.url for entry in found.entries] == [site.url(PAGE)]


async def test_a_site_that_offers_nothing_is_a_page(examine, site, ferry_page):
    site.pages[START] = ferry_page()
    assert (await examine(START)).kind is FeedKind.PAGE


async def test_an_index_of_empty_sitemaps_is_nothing_to_follow(examine, site):
    site.pages["courier.example/index.xml"] = urlset(root="sitemapindex", each="sitemap")
    with pytest.raises(FeedUnreadable, match="list nothing"):
        await examine("courier.example/index.xml")


async def test_a_list_of_feeds_is_taken_as_a_list_only(open_desk, site):
    opml = f'<opml version="2.0"><body><outline type="rss" text="News" xmlUrl="{site.url(FEED)}"/></body></opml>'
    site.pages["courier.example/list.opml"] = {"text": opml, "content_type": "text/x-opml"}
    async with open_desk() as desk:
        url = site.url("courier.example/list.opml")
        with pytest.raises(FeedUnreadable, match="list of feeds"):
            await desk.intake.examiner.examine(url)
        assert [one.url for one in (await desk.intake.examiner.read_list(url)).feeds] == [site.url(FEED)]


async def test_an_address_that_answers_with_an_error_is_refused(examine):
    with pytest.raises(FeedUnreadable, match="404"):
        await examine("courier.example/nothing")
