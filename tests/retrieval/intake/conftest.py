"""An intake over a real archive and invented outlets on loopback, at a time that the test sets."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiohttp import web

from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.feed_ledger import FeedKind, FeedLedger
from retrieval.intake.collecting import Collector
from retrieval.intake.examining import Examiner
from retrieval.intake.intake import Intake
from retrieval.intake.visiting import Visitor
from retrieval.news.fetch import open_fetcher

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Shows what it is set to, `tick` later each time; whoever sleeps by it sleeps for ever."""

    def __init__(self):
        self.at = NOW
        self.tick = timedelta(0)

    def now(self):
        self.at += self.tick
        return self.at

    def seconds(self):
        return (self.at - NOW).total_seconds()

    async def sleep(self, seconds):
        await asyncio.Event().wait()

    def forward(self, **by):
        self.at += timedelta(**by)


class Site:
    """A web server on loopback for outlets of any name; `pages` is {"host/path": a page, an answer or a handler}."""

    def __init__(self):
        self.pages = {}
        self.asked = []
        self.sent = {}
        self.port = 0

    def url(self, place):
        host, _, path = place.partition("/")
        return f"http://{host}:{self.port}/{path}"

    def rss(self, *entries, title="The Averden Courier", extra=""):
        return {
            "text": f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            f'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>{title}</title>{extra}'
            + "".join(entries)
            + "</channel></rss>",
            "content_type": "application/rss+xml",
        }

    def entry(self, place, title="Ferry sinks", summary="The ferry sank on Monday.", *, guid=None, whole=None, at=NOW):
        body = "" if whole is None else f"<content:encoded><![CDATA[<p>{whole}</p>]]></content:encoded>"
        link = "" if place is None else f"<link>{place if '://' in place else self.url(place)}</link>"
        named = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
        dated = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if at else ""
        return f"<item><title>{title}</title>{link}{named}{dated}<description>{summary}</description>{body}</item>"

    async def handle(self, request):
        place = f"{request.url.host}{request.path}"
        self.asked.append(place)
        self.sent[place] = request.headers
        answer = self.pages.get(place, {"status": 404})
        if callable(answer):
            answer = await answer(request)
        if isinstance(answer, str):
            answer = {"text": answer, "content_type": "text/html"}
        if isinstance(answer, dict):
            answer = dict(answer)
            etag = answer.get("headers", {}).get("ETag")
            is_same = etag is not None and request.headers.get("If-None-Match") == etag
            answer = web.Response(status=304, headers={"ETag": etag}) if is_same else web.Response(**answer)
        return answer

    def times(self, place):
        return self.asked.count(place)


FERRY = [
    "The ferry Kestrel sank off Marrow Bay on Monday night after it had struck a rock that no chart shows.",
    "All of its ninety passengers were saved by fishermen who had seen its lights go out, the harbour office said.",
    "The line between Averden and the bay stays closed until divers have looked at the wreck, which takes some days.",
]


def page(*paragraphs, title="Ferry Kestrel sinks", head=""):
    body = "".join(f"<p>{one}</p>" for one in (paragraphs or FERRY))
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title><meta property='og:title' content='{title}'>{head}"
        f"</head><body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>"
    )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def site():
    served = Site()
    runner = web.ServerRunner(web.Server(served.handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


@pytest.fixture
def connects(monkeypatch):
    """Every address that a connection is attempted to."""
    attempts = []
    loop_class = asyncio.selector_events.BaseSelectorEventLoop
    connect = loop_class.sock_connect

    async def recorded(self, sock, address):
        attempts.append(address[:2])
        return await connect(self, sock, address)

    monkeypatch.setattr(loop_class, "sock_connect", recorded)
    return attempts


class Desk:
    """The open intake of a home, and short ways to ask what it has."""

    def __init__(self, index, intake, site, clock, apart):
        self.index, self.intake, self.site, self.clock, self.apart = index, intake, site, clock, apart
        self.feeds, self.entries = FeedLedger(), EntryLedger()

    def write(self, do):
        with self.index.archive.writing() as connection:
            return do(connection)

    def add(self, place, **fields):
        url, kind = self.site.url(place), fields.pop("kind", FeedKind.FEED)
        return self.write(
            lambda c: self.feeds.add(c, url, kind=kind, interval_s=3600, now=self.clock.now(), **fields)[0].id
        )

    def feed(self, feed_id):
        return self.write(lambda c: self.feeds.read(c, feed_id))

    def entry(self, place):
        return self.write(lambda c: self.entries.at(c, self.site.url(place)))

    def article(self, place):
        entry = self.entry(place)
        return None if entry is None or entry.article_id is None else self.index.archive.current(entry.article_id)

    def shown(self):
        return self.index.archive.size().articles

    async def catch_up(self, **forward):
        self.clock.forward(**forward)
        await self.intake.catch_up()

    async def refetch(self, feed_id):
        """Fetch a feed now, whenever it is due."""
        self.write(lambda c: self.feeds.set(c, feed_id, next_at=self.clock.now()))
        await self.intake.catch_up()


@pytest.fixture
def open_desk(open_index, tmp_path, site, clock):
    @asynccontextmanager
    async def opened(
        *, heed_robots=False, heed_opt_outs=False, attempts=3, hosts=(), timeout_s=5.0, connections=8, per_host=2
    ):
        apart = SimpleNamespace(fails=None, spares=None)

        async def resolve(host, port):
            return ["127.0.0.1"]

        async def run_apart(function, *args, input):
            if apart.fails is not None and not (apart.spares and input.endswith(apart.spares)):
                raise apart.fails
            return function(*args)

        private = [
            f"{host}:{site.port}" for host in ("courier.example", "evil.example", "wire.example", "new.example", *hosts)
        ]
        async with (
            open_index(tmp_path, now=clock.now) as index,
            open_fetcher(
                user_agent="Dateline/test",
                timeout_s=timeout_s,
                private_hosts=private,
                host_delay_s=0.0,
                host_connections=per_host,
                connections=connections,
                heed_robots=heed_robots,
                resolve=resolve,
                clock=clock.seconds,
                sleep=clock.sleep,
                now=clock.now,
            ) as fetcher,
        ):
            common = {"now": clock.now, "dice": lambda: 0.5}
            parts = (index.archive, index.worker, index.indexer)
            collector = Collector(*parts, fetcher.fetch, run_apart, low_s=300, high_s=86_400, **common)
            visitor = Visitor(
                *parts,
                fetcher.fetch,
                run_apart,
                fetcher.opt_out_reason,
                attempts=attempts,
                heed_opt_outs=heed_opt_outs,
                **common,
            )
            examiner = Examiner(fetcher.fetch, run_apart)
            limits = {"run_apart": run_apart, "connections": connections, "per_host": per_host}
            intake = Intake(*parts, examiner, collector, visitor, now=clock.now, sleep=clock.sleep, **limits)
            yield Desk(index, intake, site, clock, apart)

    return opened


@pytest.fixture
def ferry_page():
    return page


@pytest.fixture
def ferry_text():
    return "\n\n".join(FERRY)
