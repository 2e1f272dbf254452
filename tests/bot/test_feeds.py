"""Feeds are looked at before they are added, are added once, and stay removed; what is tried out is not taken."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from loopback_site import BRIDGE, HTML, XML, serve_courier, serve_site

from config.feeds import NamedFeed
from retrieval.archive.feed_ledger import FeedKind
from retrieval.errors import FeedUnknown, FeedUnreadable, FetchFailed, InputNotFound, UrlBlocked


@pytest.fixture
def site():
    with serve_courier() as served:
        yield served


@pytest.fixture
def polite(settings, site):
    """The settings by which the site on loopback may be fetched, without pauses."""
    intake = settings.intake.model_copy(update={"private_hosts": [site.host], "host_delay_s": 0.0, "timeout_s": 10.0})
    return settings.model_copy(update={"intake": intake})


@pytest.fixture
async def home(tmp_path, open_operations, polite):
    """An open home, with `do` to run an operation of one event and return that."""
    async with open_operations(tmp_path / "home", changed=polite) as operations:

        async def do(operation, **fields):
            (event,) = [event async for event in operations.perform(operation, fields)]
            return event

        yield SimpleNamespace(operations=operations, do=do)


async def feeds_of(home):
    return (await home.do("feeds list"))["feeds"]


async def tells(home):
    outcome = (await home.do("ask", question="When does the Linnet Bridge open?"))["outcome"]
    return any(cited["quote"].startswith(BRIDGE) for cited in outcome["citations"])


async def test_of_a_site_its_first_feed_is_added_and_the_others_are_told(home, site):
    added = await home.do("feeds add", url=site.url(), tags=["local"])
    assert (added["is_new"], added["feed"]["url"], added["feed"]["kind"]) == (True, site.url("/rss.xml"), "feed")
    assert (added["feed"]["title"], added["feed"]["tags"]) == ("The Averden Courier", ["local"])
    assert added["others"] == [{"url": site.url("/sport.xml"), "title": "Sport"}]
    again = await home.do("feeds add", url=site.url("/rss.xml"))
    assert (again["is_new"], again["feed"]["id"]) == (False, added["feed"]["id"])
    (listed,) = await feeds_of(home)
    assert (listed["state"], listed["entries"], listed["succeeded_at"]) == ("active", 0, None)


async def test_what_a_feed_lists_can_be_asked_for_once_it_is_fetched_and_the_feed_tells_so(home, site):
    await home.do("feeds add", url=site.url("/rss.xml"), source="Courier")
    await (await home.operations.feeds.intake()).catch_up()
    assert await tells(home)
    (listed,) = await feeds_of(home)
    assert (listed["entries"], listed["waiting"], listed["dead"], listed["failures"]) == (1, 0, 0, 0)
    assert listed["succeeded_at"] is not None


async def test_a_page_is_followed_by_itself_and_resuming_it_does_not_make_it_a_feed(home, site):
    added = await home.do("feeds add", url=site.url("/bridge"))
    assert (added["feed"]["kind"], added["others"]) == ("page", [])
    await home.do("feeds turn", feed=str(added["feed"]["id"]), turn="pause")
    resumed = (await home.do("feeds turn", feed=str(added["feed"]["id"]), turn="resume"))["feed"]
    assert (resumed["state"], resumed["next_at"]) == ("active", None)
    await (await home.operations.feeds.intake()).catch_up()
    assert await tells(home)
    (listed,) = await feeds_of(home)
    assert (listed["failures"], listed["entries"]) == (0, 1)


async def test_a_page_that_was_removed_and_is_added_again_is_fetched_again(home, site):
    intake = await home.operations.feeds.intake()
    for fetched in (1, 2):
        added = await home.do("feeds add", url=site.url("/bridge"))
        assert added["is_new"]
        before = site.requests["/bridge"]
        await intake.catch_up()
        assert site.requests["/bridge"] == before + 1, fetched
        assert not (await home.do("feeds add", url=site.url("/bridge")))["is_new"]
        before = site.requests["/bridge"]
        await intake.catch_up()
        assert site.requests["/bridge"] == before
        await home.do("feeds turn", feed=str(added["feed"]["id"]), turn="remove")


async def test_a_sitemap_is_known_for_one(home, site):
    site.put(
        "/news.xml",
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{site.url('/bridge')}</loc><lastmod>2026-03-01</lastmod></url></urlset>",
        XML,
    )
    assert (await home.do("feeds add", url=site.url("/news.xml")))["feed"]["kind"] == "sitemap"


async def test_trying_out_shows_what_would_be_taken_and_takes_nothing(home, site):
    told = (await home.do("feeds test", url=site.url()))["test"]
    assert (told["url"], told["kind"], told["title"], told["count"]) == (
        site.url("/rss.xml"), "feed", "The Averden Courier", 1,
    )  # fmt: skip
    assert told["entries"] == [
        {"title": "Linnet Bridge opens", "url": site.url("/bridge"), "published_at": None, "takes": "the page"}
    ]
    assert [other["url"] for other in told["others"]] == [site.url("/sport.xml")]
    assert await feeds_of(home) == []
    status = (await home.do("status"))["status"]
    assert (status["entries"], status["index"]["articles"]) == ({}, 0)
    assert site.requests["/bridge"] == 0


async def test_what_is_not_there_is_no_feed_or_may_not_be_fetched_is_refused_and_nothing_is_added(
    home, site, tmp_path, open_operations, settings
):
    site.put("/broken", '<html><head><link rel="alternate" type="application/rss+xml" href="/none.xml"></head>', HTML)
    for path, reason in (("/none.xml", "404"), ("/broken", "404")):
        with pytest.raises(FeedUnreadable, match=reason):
            await home.do("feeds add", url=site.url(path))
    with serve_site() as gone:
        gone_url = gone.url("/rss.xml")
    gone_settings = settings.intake.model_copy(update={"private_hosts": [gone.host], "host_delay_s": 0.0})
    async with open_operations(
        tmp_path / "gone", changed=settings.model_copy(update={"intake": gone_settings})
    ) as lone:
        with pytest.raises(FetchFailed, match=gone.host):
            async for _ in lone.perform("feeds add", {"url": gone_url}):
                pass
    assert await feeds_of(home) == []
    async with open_operations(tmp_path / "strict", changed=settings) as strict:
        with pytest.raises(UrlBlocked):
            async for _ in strict.perform("feeds add", {"url": site.url("/rss.xml")}):
                pass


@pytest.mark.parametrize("name", ["7", "9" * 40, "https://news.example/none.xml", "no address", "", "٣"])
async def test_a_feed_that_is_not_there_cannot_be_turned(home, name):
    with pytest.raises(FeedUnknown) as unknown:
        await home.do("feeds turn", feed=name, turn="pause")
    assert unknown.value.name == name


async def test_a_feed_is_paused_resumed_and_removed_by_number_or_by_any_spelling_of_its_address(home):
    url = "https://news.example/rss.xml"
    number = (await home.do("feeds add", url=url, unchecked=True))["feed"]["id"]
    assert (await home.do("feeds turn", feed=str(number), turn="pause"))["feed"]["state"] == "paused"
    resumed = (await home.do("feeds turn", feed="HTTPS://NEWS.example:443/rss.xml#top", turn="resume"))["feed"]
    assert (resumed["state"], resumed["next_at"] is not None) == ("active", True)
    await home.do("feeds turn", feed=url, turn="remove")
    assert await feeds_of(home) == []
    with pytest.raises(FeedUnknown):
        await home.do("feeds turn", feed=str(number), turn="resume")
    assert (await home.do("feeds add", url=url, unchecked=True))["is_new"]


async def test_the_operators_feeds_are_added_once_and_one_that_was_removed_stays_removed(home):
    named = [
        NamedFeed(url="https://news.example/rss.xml", source="Courier", tags=("local",)),
        NamedFeed(url="https://news.example/rss.xml"),
        NamedFeed(url="https://news.example/page", kind="page"),
        NamedFeed(url="https://news.example/news.xml", kind="sitemap"),
    ]
    assert await home.operations.feeds.seed(named) == 3
    assert [feed["kind"] for feed in await feeds_of(home)] == ["feed", "page", "sitemap"]
    await home.do("feeds turn", feed="https://news.example/rss.xml", turn="remove")
    assert await home.operations.feeds.seed(named) == 0
    assert [feed["kind"] for feed in await feeds_of(home)] == ["page", "sitemap"]


async def test_a_list_of_feeds_that_is_written_is_read_back_as_it_was(home, tmp_path, open_operations, site):
    for path, tags in (("/rss.xml", ["local", "harbour"]), ("/sport.xml", [])):
        await home.do("feeds add", url=site.url(path), source=f"Paper of {path}", tags=tags)
    await home.do("feeds add", url=site.url("/bridge"))
    exported = await home.do("feeds export")
    assert exported["left_out"] == 1
    (tmp_path / "feeds.opml").write_text(exported["opml"])
    async with open_operations(tmp_path / "other") as other:

        async def do(operation, **fields):
            (event,) = [event async for event in other.perform(operation, fields)]
            return event

        report = (await do("feeds import", path=str(tmp_path / "feeds.opml")))["report"]
        assert report == {"added": 2, "known": 0, "problems": []}
        assert (await do("feeds import", path=str(tmp_path / "feeds.opml")))["report"]["known"] == 2
        kept = [(feed["url"], feed["title"], feed["tags"]) for feed in (await do("feeds list"))["feeds"]]
        assert (await do("feeds export"))["opml"] == exported["opml"]
    assert kept == [
        (site.url("/rss.xml"), "Paper of /rss.xml", ["local", "harbour"]),
        (site.url("/sport.xml"), "Paper of /sport.xml", []),
    ]


async def test_a_list_is_also_read_from_an_address_and_one_that_is_none_is_refused(home, site, tmp_path):
    body = (
        f'<opml version="2.0"><body><outline xmlUrl="{site.url("/rss.xml")}"/><outline xmlUrl="ftp://x"/></body></opml>'
    )
    report = (await home.do("feeds import", url=site.put("/list.opml", body, XML)))["report"]
    assert (report["added"], len(report["problems"])) == (1, 1)
    (tmp_path / "none.opml").write_text("no list")
    with pytest.raises(FeedUnreadable, match=r"none\.opml"):
        await home.do("feeds import", path=str(tmp_path / "none.opml"))
    with pytest.raises(InputNotFound, match=r"missing\.opml"):
        await home.do("feeds import", path=str(tmp_path / "missing.opml"))


async def test_what_failed_is_listed_with_its_reason_and_fetched_again_when_told(home, site):
    site.put_feed("/rss.xml", "The Averden Courier", ("Linnet Bridge opens", "/later"))
    await home.do("feeds add", url=site.url("/rss.xml"))
    intake = await home.operations.feeds.intake()
    await intake.catch_up()
    (failed,) = (await home.do("feeds failures"))["entries"]
    assert (failed["url"], failed["state"], failed["feed"]) == (site.url("/later"), "failed", site.url("/rss.xml"))
    assert "404" in failed["reason"]
    site.put_article("/later", "Linnet Bridge opens", BRIDGE)
    await intake.catch_up()
    assert len((await home.do("feeds failures"))["entries"]) == 1  # its time has not come
    assert (await home.do("feeds retry"))["report"] == {"retried": 1}
    await intake.catch_up()
    assert (await home.do("feeds failures"))["entries"] == []
    assert await tells(home)


async def test_what_was_opted_out_is_fetched_once_opt_outs_are_not_heeded_any_more(
    tmp_path, open_operations, polite, site
):
    site.put("/robots.txt", "User-agent: GPTBot\nDisallow: /\n", "text/plain")

    async def do(operations, operation, **fields):
        (event,) = [event async for event in operations.perform(operation, fields)]
        return event

    async with open_operations(tmp_path / "home", changed=polite) as operations:
        await do(operations, "feeds add", url=site.url("/rss.xml"))
        await (await operations.feeds.intake()).catch_up()
        (refused,) = (await do(operations, "feeds failures"))["entries"]
        assert (refused["url"], refused["state"]) == (site.url("/bridge"), "refused")
        assert (await do(operations, "feeds retry"))["report"] == {"retried": 0}
    unheeding = polite.model_copy(update={"intake": polite.intake.model_copy(update={"heed_opt_outs": False})})
    async with open_operations(tmp_path / "home", changed=unheeding) as operations:
        assert (await do(operations, "feeds retry"))["report"] == {"retried": 1}
        await (await operations.feeds.intake()).catch_up()
        assert (await do(operations, "feeds failures"))["entries"] == []
        assert (await do(operations, "feeds retry"))["report"] == {"retried": 0}
        assert await tells(SimpleNamespace(do=lambda operation, **fields: do(operations, operation, **fields)))


async def test_of_what_failed_as_much_is_listed_as_is_asked_for_and_the_rest_counted(home, site):
    site.put_feed("/rss.xml", "The Averden Courier", *((f"Note {n}", f"/missing/{n}") for n in range(3)))
    await home.do("feeds add", url=site.url("/rss.xml"))
    await (await home.operations.feeds.intake()).catch_up()
    told = await home.do("feeds failures", limit=2)
    assert (len(told["entries"]), told["total"]) == (2, 3)


async def test_all_who_need_the_intake_get_the_same_one(home):
    first, second = await asyncio.gather(home.operations.feeds.intake(), home.operations.feeds.intake())
    assert first is second


def test_the_kinds_that_a_file_may_name_are_those_of_feeds():
    assert {kind.value for kind in FeedKind} == {"feed", "sitemap", "page"}


SCOPE, OTHER_SCOPE = "guild:1", "guild:2"


async def own_feeds(home, scope):
    return (await home.do("feeds list", scope=scope))["feeds"]


async def told(home, scope):
    asked = {"question": "When does the Linnet Bridge open?", "scope": scope}
    return [cited["quote"] for cited in (await home.do("ask", **asked))["outcome"]["citations"]]


async def test_a_servers_feed_is_listed_turned_and_answered_from_for_that_server_alone(home, site):
    await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    await (await home.operations.feeds.intake()).catch_up()
    assert any(quote.startswith(BRIDGE) for quote in await told(home, SCOPE))
    assert await told(home, OTHER_SCOPE) == await told(home, None) == []
    (own,) = await own_feeds(home, SCOPE)
    assert (own["id"], own["url"], own["entries"]) == (1, site.url("/rss.xml"), 1)
    assert await own_feeds(home, OTHER_SCOPE) == []
    for name in ("1", site.url("/rss.xml")):
        with pytest.raises(FeedUnknown):
            await home.do("feeds turn", feed=name, turn="remove", scope=OTHER_SCOPE)
    paused = await home.do("feeds turn", feed="1", turn="pause", scope=SCOPE)
    assert paused["feed"]["state"] == "paused"
    (listed,) = await feeds_of(home)
    assert (listed["scope"], listed["state"]) == (SCOPE, "paused")


async def test_adding_a_feed_privately_tells_nothing_of_the_feeds_of_others(home, site):
    """Neither that another server has it nor how many feeds there are; only that everybody sees it, if that is so."""
    for path in ("/sport.xml", "/rss.xml"):
        await home.do("feeds add", url=site.url(path), scope=OTHER_SCOPE)
    first = await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    assert (first["is_new"], first["is_public"], first["feed"]["id"]) == (True, False, 1)
    again = await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    assert (again["is_new"], again["is_public"], again["feed"]["id"]) == (False, False, 1)
    assert not (await home.do("feeds test", url=site.url("/rss.xml")))["test"]["is_public"]
    await home.do("feeds add", url=site.url("/bridge"))
    page = await home.do("feeds add", url=site.url("/bridge"), scope=SCOPE)
    assert (page["is_new"], page["is_public"]) == (False, True)
    assert (await home.do("feeds test", url=site.url("/bridge")))["test"]["is_public"]
    assert len(await own_feeds(home, SCOPE)) == 1


async def test_what_a_server_removes_is_gone_with_all_that_it_brought(home, site):
    await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    await home.do("feeds add", url=site.url("/bridge"), scope=OTHER_SCOPE)
    await (await home.operations.feeds.intake()).catch_up()
    await home.do("feeds turn", feed="1", turn="remove", scope=SCOPE)
    assert await own_feeds(home, SCOPE) == await told(home, SCOPE) == []
    assert len(await told(home, OTHER_SCOPE)) > 0
    assert (await home.do("feeds leave", scope=OTHER_SCOPE))["report"] == {"feeds": 1, "articles": 1}
    assert await feeds_of(home) == await told(home, OTHER_SCOPE) == []
    again = await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    assert (again["is_new"], again["feed"]["id"]) == (True, 1)


async def test_a_list_of_feeds_names_public_ones_only(home, site):
    await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    await home.do("feeds add", url=site.url("/bridge"), scope=SCOPE)
    exported = await home.do("feeds export")
    assert site.url("/rss.xml") not in exported["opml"]
    assert exported["left_out"] == 0


async def test_the_counts_that_people_are_told_leave_out_what_is_private(home, site):
    await home.do("feeds add", url=site.url("/rss.xml"), scope=SCOPE)
    await (await home.operations.feeds.intake()).catch_up()
    people, own, operator = (
        await home.operations.status(),
        await home.operations.status(SCOPE),
        await home.operations.status(sees_all=True),
    )
    assert (people["index"]["articles"], people["index"]["passages"], people["feeds"], people["entries"]) == (
        0,
        0,
        [],
        {},
    )
    assert people["index"]["newest_published_at"] is people["freshness"]["newest_age_hours"] is None
    assert (own["index"]["articles"], len(own["feeds"]), own["entries"]) == (1, 1, {"kept": 1})
    assert (operator["index"], len(operator["feeds"])) == (own["index"], 1)
    assert (await home.operations.status(OTHER_SCOPE))["index"] == people["index"]
