"""Every form is taken in from a file and from an address alike, and each rejection names its input and its reason."""

import gzip
import json
import threading
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from retrieval import build
from retrieval.news.fields import address_id

SENTENCES = "The ferry Marrow Star came back to Port Ellery on Monday with all of its passengers. " * 4
TEXT = "Ferry is back\n\n" + SENTENCES
MARKDOWN = "# Ferry is back\n\n" + SENTENCES
PAGE = f"<html><head><title>Ferry is back</title></head><body><article><p>{SENTENCES}</p></article></body></html>"
OWN = {"id": "own-1", "title": "Ferry is back", "text": SENTENCES}
NINJS = {"uri": "urn:ellery:1", "type": "text", "headline": "Ferry is back", "body_text": SENTENCES}
NITF = (
    "<nitf><body><body.head><hedline><hl1>Ferry is back</hl1></hedline></body.head>"
    f"<body.content><p>{SENTENCES}</p></body.content></body></nitf>"
)
NEWSML = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:ellery:2"><itemMeta>'
    '<itemClass qcode="ninat:text"/><pubStatus qcode="stat:usable"/></itemMeta><contentMeta>'
    "<headline>Ferry is back</headline></contentMeta><contentSet><inlineXML><html "
    f'xmlns="http://www.w3.org/1999/xhtml"><body><p>{SENTENCES}</p></body></html></inlineXML></contentSet></newsItem>'
)
WARC = (
    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2021-05-03T08:00:00Z\r\n"
    "WARC-Target-URI: https://news.example/ferry\r\n"
    f"Content-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}\r\n\r\n"
).encode()
FORMS = {
    "ferry.txt": TEXT,
    "ferry.md": MARKDOWN,
    "ferry.html": PAGE,
    "own.json": json.dumps(OWN),
    "list.json": json.dumps([OWN]),
    "own.jsonl": json.dumps(OWN) + "\n",
    "ninjs.json": json.dumps(NINJS),
    "nitf.xml": NITF,
    "newsml.xml": NEWSML,
    "pages.warc": WARC,
    "pages.warc.gz": gzip.compress(WARC),
}
#: What servers call them; all others are called nothing in particular.
MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html; charset=utf-8", ".json": "application/json"}
OPML = '<opml version="2.0"><body><outline text="Ellery" xmlUrl="https://ellery.example/feed"/></body></opml>'


class Site:
    """A publisher on this machine; `pages` are what it serves, by path, and `asked` what it was asked for."""

    def __init__(self, port):
        self.host = f"127.0.0.1:{port}"
        self.pages = {}
        self.headers = {}
        self.asked = []

    def url(self, name):
        return f"http://{self.host}/{name}"

    def rss(self, *names, link=None):
        """A feed of these pages; `link` stands in for the address of each."""
        entries = "".join(
            f"<item><title>On {name}</title><link>{link or self.url(name)}</link><guid>{name}</guid>"
            f"<description>The gist of {name} is told here.</description></item>"
            for name in names
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Ellery Post</title>{entries}</channel></rss>'

    def json_feed(self, *names):
        entries = [
            {"id": name, "url": self.url(name), "title": f"On {name}", "content_text": "Gist."} for name in names
        ]
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Ellery", "items": entries})

    def sitemap(self, *names):
        listed = "".join(f"<url><loc>{self.url(name)}</loc></url>" for name in names)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'


@pytest.fixture
def site():
    """Serve what a test puts into `pages`; anything else is not found."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            site.asked.append(self.path)
            page = site.pages.get(self.path.removeprefix("/"))
            body = b"" if page is None else page if isinstance(page, bytes) else page.encode()
            media_type = next((type for end, type in MEDIA_TYPES.items() if self.path.endswith(end)), "")
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", media_type or "application/octet-stream")
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    site = Site(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(tmp_path, settings, site, open_operations):
    """Open the operations of a home that may fetch from the site, at once."""

    @asynccontextmanager
    async def opening(**changes):
        intake = settings.intake.model_copy(update={"private_hosts": [site.host], "host_delay_s": 0.0, **changes})
        async with open_operations(tmp_path / "home", changed=settings.model_copy(update={"intake": intake})) as one:
            yield one

    return opening


async def events_of(operations, *places):
    return [event async for event in operations.take_in([str(place) for place in places])]


async def take(operations, *places):
    return (await events_of(operations, *places))[-1]["report"]


def counts(report):
    return report["added"], report["updated"], report["unchanged"], report["withdrawn"]


def rejections(report):
    return [(one["input"], one["reason"]) for one in report["rejected"]]


def current(operations, article_id):
    return operations.feeds._engine.archive.current(article_id)


def articles(operations):
    """All articles of the home that are shown."""
    from sqlalchemy import select

    from retrieval.archive.tables import articles as table

    archive = operations.feeds._engine.archive
    with archive.reading() as connection:
        ids = list(connection.scalars(select(table.c.id)))
    return [one for one in map(archive.current, ids) if one is not None]


@pytest.mark.parametrize("name", FORMS)
async def test_each_form_is_taken_from_a_file_and_from_an_address_and_again_changes_nothing(
    tmp_path, site, opened, name
):
    site.pages[name] = FORMS[name]
    path = tmp_path / name
    path.write_bytes(FORMS[name] if isinstance(FORMS[name], bytes) else FORMS[name].encode())
    async with opened() as operations:
        for place in (path, site.url(name)):
            first, again = await take(operations, place), await take(operations, place)
            assert (first["rejected"], sum(counts(first))) == ([], 1)
            assert (again["rejected"], again["added"], again["updated"]) == ([], 0, 0)
        assert {one.title for one in articles(operations)} == {"Ferry is back"}


@pytest.mark.parametrize("name", ["ferry.txt", "ferry.md", "ferry.html"])
async def test_a_text_without_an_address_of_its_own_has_the_one_where_it_was_fetched(site, opened, name):
    site.pages[name] = FORMS[name]
    async with opened() as operations:
        await take(operations, site.url(name))
        (article,) = articles(operations)
    assert (article.id, article.url) == (address_id(site.url(name)), site.url(name))


async def test_a_wire_story_without_an_id_is_named_by_where_it_was_fetched(site, opened):
    site.pages["nitf.xml"] = NITF
    async with opened() as operations:
        await take(operations, site.url("nitf.xml"))
        (article,) = articles(operations)
    assert article.id == address_id(site.url("nitf.xml"))


@pytest.mark.parametrize("make", [Site.rss, Site.json_feed, Site.sitemap])
@pytest.mark.parametrize("is_saved", [True, False])
async def test_what_a_feed_or_sitemap_lists_is_fetched_whether_it_was_saved_or_is_named_by_its_address(
    tmp_path, site, opened, make, is_saved
):
    written = make(site, "a.html", "b.html")
    site.pages |= {"a.html": PAGE, "b.html": PAGE.replace("Monday", "Friday"), "feed": written}
    path = tmp_path / ("feed.json" if written.startswith("{") else "feed.xml")
    path.write_text(written)
    place = path if is_saved else site.url("feed")
    async with opened() as operations:
        *events, last = await events_of(operations, place)
        assert (last["report"]["rejected"], last["report"]["added"]) == ([], 2)
        progress = [event["progress"] for event in events]
        assert [one["articles"] for one in progress if one["total"] == 2] == [0, 1, 2]
        assert {one.url for one in articles(operations)} == {site.url("a.html"), site.url("b.html")}
        assert not any(one.is_excerpt for one in articles(operations))
        again = await take(operations, place)
        assert counts(again)[:2] == (0, 0)


@pytest.mark.parametrize("is_saved", [True, False])
async def test_what_a_feed_says_of_a_page_out_of_reach_is_kept_as_an_excerpt(tmp_path, site, opened, is_saved):
    site.pages |= {"a.html": PAGE, "feed": site.rss("a.html", "missing.html")}
    path = tmp_path / "feed.rss"
    path.write_text(site.pages["feed"])
    async with opened() as operations:
        report = await take(operations, path if is_saved else site.url("feed"))
        ((input, reason),) = rejections(report)
        assert (report["added"], input) == (2, site.url("missing.html"))
        assert reason == (
            "only what its feed says of it is kept, and its page is tried again while `dateline serve` runs: "
            "its page is gone (404)"
        )
        (excerpt,) = [one for one in articles(operations) if one.is_excerpt]
    assert (excerpt.title, excerpt.text) == ("On missing.html", "The gist of missing.html is told here.")


async def test_the_pages_of_a_feed_are_fetched_together_and_told_in_its_order(site, opened):
    second_is_asked = threading.Event()

    class UntilAsked(dict):
        def get(self, name):
            if name == "one.html":
                assert second_is_asked.wait(10)
            elif name == "two.html":
                second_is_asked.set()
            return super().get(name)

    site.pages = UntilAsked({"feed": site.rss("one.html", "two.html", "three.html")})
    async with opened() as operations:
        report = await take(operations, site.url("feed"))
    assert [input for input, _ in rejections(report)] == [site.url(f"{n}.html") for n in ("one", "two", "three")]
    assert all("404" in reason for _, reason in rejections(report))


async def test_entries_without_an_address_are_kept_as_the_feed_has_them_and_only_once(tmp_path, site, opened):
    for name in ("one", "two"):
        entry = {"id": "1", "title": f"Note {name}", "content_text": f"A note of harbour master {name}."}
        feed = {"version": "https://jsonfeed.org/version/1", "title": "Harbour Notes", "items": [entry]}
        (tmp_path / f"{name}.json").write_text(json.dumps(feed))
    async with opened() as operations:
        assert (await take(operations, tmp_path / "one.json"))["added"] == 1
        again = await take(operations, tmp_path / "one.json")
        assert counts(again) == (0, 0, 1, 0)
        # The same name in another feed is another entry.
        assert (await take(operations, tmp_path / "two.json"))["added"] == 1
        assert {(one.source, one.is_excerpt) for one in articles(operations)} == {("Harbour Notes", True)}
        assert len(articles(operations)) == 2


@pytest.mark.parametrize("is_saved", [True, False])
@pytest.mark.parametrize(
    ("name", "written", "reason"),
    [
        ("list.xml", OPML, "feeds import"),
        (
            "maps.xml",
            "<sitemapindex></sitemapindex>",
            "index of sitem",
        ),
        ("empty.rss", '<rss version="2.0"><channel><title>E</title></channel></rss>', "lists no articles"),
        ("cut.json", '{"title": "Half', "is not JSON"),
        ("recipe.xml", '<?xml version="1.0"?><recipe><salt/></recipe>', "unknown form"),
        ("video.json", json.dumps({"uri": "urn:v", "type": "video", "headline": "V"}), "'video'"),
    ],
)
async def test_what_holds_no_articles_is_rejected_by_name_and_with_the_reason(
    tmp_path, site, opened, is_saved, name, written, reason
):
    site.pages[name] = written
    (tmp_path / name).write_text(written)
    place = str(tmp_path / name) if is_saved else site.url(name)
    async with opened() as operations:
        report = await take(operations, place)
    ((input, told),) = rejections(report)
    assert input == place
    assert reason in told
    assert sum(counts(report)) == 0


async def test_one_broken_line_of_many_is_rejected_by_its_number(site, opened):
    site.pages["a.jsonl"] = "\n".join([json.dumps(OWN), "{", json.dumps(OWN | {"id": "own-2", "text": "Rain fell."})])
    async with opened() as operations:
        report = await take(operations, site.url("a.jsonl"))
    ((input, reason),) = rejections(report)
    assert (report["added"], input) == (2, f"{site.url('a.jsonl')}:2")
    assert "is not JSON" in reason


@pytest.mark.parametrize("is_archive", [True, False])
async def test_a_page_that_takes_too_long_is_rejected_by_its_name_and_the_others_are_taken(
    tmp_path, opened, monkeypatch, is_archive
):
    """Line breaks are what takes the reader longest: a page of nothing else takes it minutes."""
    monkeypatch.setattr(build, "_EXTRACTION_S", 4.0)
    pages = [PAGE, "<html><body>" + "<br>" * 2_000_000 + "</body></html>", PAGE.replace("Monday", "Friday")]
    records = [
        WARC.replace(PAGE.encode(), page.encode())
        .replace(b"Length: %d" % len(PAGE), b"Length: %d" % len(page))
        .replace(b"/ferry", b"/%d" % number)
        for number, page in enumerate(pages)
    ]
    if is_archive:
        place = tmp_path / "pages.warc"
        place.write_bytes(b"".join(records))
        named = f"{place} record 2 at byte {len(records[0])}"
    else:
        place = tmp_path / "pages"
        place.mkdir()
        for number, page in enumerate(pages):
            (place / f"{number}.html").write_text(page)
        named = str(place / "1.html")
    async with opened() as operations:
        report = await take(operations, place)
    ((input, reason),) = rejections(report)
    assert (report["added"], input) == (2, named)
    assert reason == "took longer than 4 s to read; save its text as .txt"


async def test_an_archive_without_pages_says_so(site, opened):
    site.pages["a.warc"] = WARC.replace(b"text/html", b"image/png")
    async with opened() as operations:
        report = await take(operations, site.url("a.warc"))
    assert rejections(report) == [(site.url("a.warc"), "holds no articles")]


async def test_what_is_larger_than_is_fetched_at_once_names_the_setting(site, opened):
    site.pages["pages.warc"] = WARC
    async with opened(max_body_bytes=500) as operations:
        report = await take(operations, site.url("pages.warc"))
    ((input, reason),) = rejections(report)
    assert input == site.url("pages.warc")
    assert "larger than 500 bytes" in reason
    assert "intake.max_body_bytes" in reason


@pytest.mark.parametrize("is_saved", [True, False])
async def test_an_embargoed_article_is_held_back_and_a_canceled_one_taken_back(tmp_path, site, opened, is_saved):
    waiting = NINJS | {"uri": "urn:ellery:9", "embargoed": "2199-01-01T00:00:00Z"}
    steps = {"1.json": NINJS, "2.json": waiting, "3.json": NINJS | {"pubstatus": "canceled"}}
    places = []
    for name, written in steps.items():
        site.pages[name] = json.dumps(written)
        (tmp_path / name).write_text(json.dumps(written))
        places.append(tmp_path / name if is_saved else site.url(name))
    async with opened() as operations:
        assert counts(await take(operations, places[0])) == (1, 0, 0, 0)
        held = await take(operations, places[1])
        assert held["rejected"] == []
        assert (await _searched(operations)) == ["urn:ellery:1"]
        assert counts(await take(operations, places[2])) == (0, 0, 0, 1)
        assert (await _searched(operations)) == []
        ((input, reason),) = rejections(await take(operations, places[2]))
        assert input == str(places[2])
        assert "withdrawn before" in reason


async def _searched(operations):
    (event,) = [event async for event in operations.perform("search", {"question": "Is the ferry Marrow Star back?"})]
    return sorted({hit["article_id"] for hit in event["hits"]})


async def test_files_and_addresses_may_be_mixed_and_what_fails_keeps_nothing_else_out(tmp_path, site, opened):
    site.pages |= {"ninjs.json": json.dumps(NINJS), "feed": site.rss("a.html"), "a.html": PAGE}
    (tmp_path / "own.json").write_text(json.dumps(OWN))
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    blocked, missing = "http://192.168.77.1/feed", site.url("nothing-here")
    async with opened() as operations:
        report = await take(
            operations, blocked, tmp_path / "bad.txt", site.url("feed"), tmp_path / "own.json", missing, "http://x:y/",
            site.url("ninjs.json"),
        )  # fmt: skip
    assert report["added"] + report["unchanged"] == 3
    told = dict(rejections(report))
    assert set(told) == {blocked, str(tmp_path / "bad.txt"), missing, "http://x:y/"}
    assert "no public address" in told[blocked]
    assert told[missing] == "its server answers 404"


async def test_a_feed_that_links_into_the_own_network_is_not_followed_there(tmp_path, site, opened):
    (tmp_path / "feed.rss").write_text(site.rss("a", link="http://10.1.2.3/admin"))
    async with opened() as operations:
        ((input, reason),) = rejections(await take(operations, tmp_path / "feed.rss"))
    assert input == "http://10.1.2.3/admin"
    assert reason.startswith("given up: ")


async def test_what_its_publisher_keeps_from_machines_is_left_out(site, opened):
    site.pages["ninjs.json"] = json.dumps(NINJS)
    site.headers["X-Robots-Tag"] = "noai"
    async with opened() as operations:
        report = await take(operations, site.url("ninjs.json"))
        assert articles(operations) == []
    ((input, reason),) = rejections(report)
    assert input == site.url("ninjs.json")
    assert reason.startswith("left out: its X-Robots-Tag")


async def test_a_page_is_itself_even_if_its_site_has_a_feed_and_a_first_page_leads_to_the_feed(site, opened):
    link = f'<link rel="alternate" type="application/rss+xml" href="{site.url("feed")}"></head>'
    site.pages |= {"feed": site.rss("a.html"), "a.html": PAGE, "b.html": PAGE.replace("</head>", link)}
    site.pages[""] = site.pages["b.html"]
    async with opened() as operations:
        await take(operations, site.url("b.html"))
        assert [one.url for one in articles(operations)] == [site.url("b.html")]
        assert "/feed" not in site.asked
        await take(operations, site.url(""))
        assert "/feed" in site.asked
        assert "/a.html" in site.asked
