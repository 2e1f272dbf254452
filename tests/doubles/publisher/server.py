"""The publisher's web server: feeds and pages by the plan, and faults by the dice."""

from __future__ import annotations

import asyncio
import hashlib
import html
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web

from publisher.plan import Feed, Item, Plan

_LISTED = 60


class Publisher:
    """Serves a plan on loopback as the hosts that it names, at the time that `now` tells.

    Args:
        plan: what is published.
        now: the clock, which may run fast.
        faults: the share of requests that are answered wrongly, until `calm` is set.
        hangs_s: how long a hanging answer hangs.
        seed: of the dice.
    """

    def __init__(
        self, plan: Plan, now: Callable[[], datetime], *, faults: float, hangs_s: float, seed: int = 1
    ) -> None:
        self.plan = plan
        self.now = now
        self.calm = False
        self.requests: Counter[str] = Counter()
        self._faults = faults
        self._hangs_s = hangs_s
        self._dice = random.Random(seed)
        self._items = {item.number: item for item in plan.items()}
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen on a free port of loopback and return it."""
        app = web.Application()
        app.router.add_get("/feeds/{number}", self._feed)
        app.router.add_get("/moved/{number}", self._feed)
        app.router.add_get("/articles/{number}", self._page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(site._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        feed = self.plan.feeds[int(request.match_info["number"])]
        if (fault := await self._fault(request)) is not None:
            return fault
        now = self.now()
        if feed.moves_at is not None and now >= feed.moves_at and request.path.startswith("/feeds"):
            raise web.HTTPMovedPermanently(f"/moved/{feed.number}")
        shown = [(item, item.at(now)) for item in feed.items if item.versions[0].at <= now]
        listed = [(item, said) for item, said in shown if said is not None][-_LISTED:]
        body = "".join(self._entry(feed, item, said) for item, said in reversed(listed))
        written = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>Paper {feed.number}</title><link>http://{request.host}/</link>{body}</channel></rss>"
        ).encode()
        return self._answer(request, written, "application/rss+xml")

    def _entry(self, feed: Feed, item: Item, said: object) -> str:
        said = said if feed.tells_edits or feed.gives_whole_text else item.versions[0]
        paragraphs = "".join(f"<p>{html.escape(one)}</p>" for one in said.text.split("\n\n"))
        content = f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded>" if feed.gives_whole_text else ""
        return (
            f"<item><title>{html.escape(said.title)}</title><link>http://{self.host(feed)}/articles/{item.number}?utm_source=rss"
            f'</link><guid isPermaLink="false">{item.guid}</guid><pubDate>{format_datetime(item.stated_at)}</pubDate>'
            f"<description>{html.escape(said.text.split('. ')[0])} ...</description>{content}</item>"
        )

    def host(self, feed: Feed) -> str:
        """The feed's host with the port, as `port` was set by whoever started the server."""
        return f"{feed.host}:{self.port}"

    port = 0

    async def _page(self, request: web.Request) -> web.StreamResponse:
        item = self._items[int(request.match_info["number"])]
        if (fault := await self._fault(request)) is not None:
            return fault
        now = self.now()
        said = item.at(now)
        if said is None:
            raise (web.HTTPGone if item.gone_status == 410 else web.HTTPNotFound)()
        paragraphs = "".join(f"<p>{html.escape(one)}</p>" for one in said.text.split("\n\n"))
        written = (
            f"<!doctype html><html lang=en><head><title>{html.escape(said.title)}</title>"
            f'<meta property="og:title" content="{html.escape(said.title)}">'
            f'<meta property="article:published_time" content="{item.stated_at.isoformat()}">'
            f'<meta property="og:site_name" content="Paper {item.feed}">'
            f"</head><body><nav><a href=/>Home</a></nav><article><h1>{html.escape(said.title)}</h1>{paragraphs}"
            "</article><footer>All rights reserved.</footer></body></html>"
        ).encode()
        return self._answer(request, written, "text/html")

    def _answer(self, request: web.Request, written: bytes, media_type: str) -> web.Response:
        etag = f'"{hashlib.sha256(written).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            self.requests["304"] += 1
            return web.Response(status=304, headers={"ETag": etag})
        self.requests["200"] += 1
        return web.Response(body=written, headers={"Content-Type": f"{media_type}; charset=utf-8", "ETag": etag})

    async def _fault(self, request: web.Request) -> web.StreamResponse | None:
        if self.calm or self._dice.random() >= self._faults:
            return None
        kind = self._dice.choice(["429", "500", "503", "hang", "garbage", "drop"])
        self.requests[kind] += 1
        if kind == "429":
            return web.Response(status=429, headers={"Retry-After": str(self._dice.randint(10, 600))})
        if kind in ("500", "503"):
            return web.Response(status=int(kind))
        if kind == "hang":
            await asyncio.sleep(self._hangs_s)
            return web.Response(status=504)
        if kind == "garbage":
            return web.Response(body=self._dice.randbytes(2000), headers={"Content-Type": "text/html"})
        assert request.transport is not None
        request.transport.abort()
        return web.Response()
