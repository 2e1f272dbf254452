"""Fetching: one URL to one answer, through redirects, past no closed door, within time and size."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from yarl import URL

from retrieval.errors import FetchTimedOut, RobotsForbid, TooManyRedirects, UrlBlocked
from retrieval.news.addresses import check_fetchable
from retrieval.news.connecting import Resolve
from retrieval.news.exchange import Answer, Exchange, open_exchange
from retrieval.news.fetched import Fetched, media_type_of, plain_header, retry_after_s, robots_tags
from retrieval.news.opt_outs import MAX_TDM_BYTES, TdmCache
from retrieval.news.politeness import Politeness
from retrieval.news.robots import MAX_ROBOTS_BYTES, RobotsCache

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

MAX_REDIRECTS = 5
_PERMANENT = frozenset((301, 308))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# How long a host rests that says "too many requests" without saying how long.
_REST_S = 60.0

# Bytes of a header that are no UTF-8, as Python passes them on.
_ODD_BYTES = re.compile("[\udc80-\udcff]")


class Fetcher:
    """Fetches for one event loop; `open_fetcher` makes and closes it.

    Every request, those for robots.txt and tdmrep.json and each step of a redirect included, is checked by
    `check_fetchable` and the `Gate`, waits for its host's turn, and has its own body limit. No cookies are kept and no
    proxy of the environment is used.
    """

    def __init__(
        self,
        exchange: Exchange,
        politeness: Politeness,
        *,
        private_hosts: Collection[str],
        timeout_s: float,
        max_body_bytes: int,
        heed_robots: bool,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._exchange = exchange
        self._politeness = politeness
        self._private_hosts = private_hosts
        self._timeout_s = timeout_s
        self._max_body_bytes = max_body_bytes
        self._heed_robots = heed_robots
        self._now = now
        self._robots = RobotsCache(self._fetch_robots, clock=clock)
        self._tdm = TdmCache(self._fetch_tdm, clock=clock)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = ACCEPT,
        heed_robots: bool = True,
    ) -> Fetched:
        """Fetch a URL; whatever status the answer has, it is given back.

        The time limit holds for the whole of it, robots.txt apart, but not for waiting for the host's turn.

        Args:
            url: as a feed or page gives it.
            etag: of the answer that is at hand; if it is still the newest, the status is 304 and the body empty. Sent
                to `url` itself only, since what it redirects to may be another page than last time.
            last_modified: likewise.
            accept: the header Accept.
            heed_robots: ask robots.txt first, of each host on the way, unless the fetcher itself does not.

        Raises:
            FetchFailed: no answer, or none that may be taken; each leaf of it says why.
        """
        heed_robots = heed_robots and self._heed_robots
        conditions = {"If-None-Match": plain_header(etag), "If-Modified-Since": plain_header(last_modified)}
        headers = {"Accept": accept, **{name: said for name, said in conditions.items() if said}}
        first = self._check(url)
        answer, moved_to = await self._follow(
            first, headers, heed_robots=heed_robots, limit_bytes=self._max_body_bytes, is_cut=False
        )
        said = answer.headers
        media_type, charset = media_type_of(said.get("Content-Type", ""))
        return Fetched(
            url=str(first),
            final_url=str(answer.url),
            moved_to=str(moved_to) if moved_to and answer.status < 400 else None,
            status=answer.status,
            media_type=media_type,
            charset=charset,
            body=answer.body,
            etag=plain_header(said.get("ETag")),
            last_modified=plain_header(said.get("Last-Modified")),
            retry_after_s=retry_after_s(said.get("Retry-After"), now=self._now()),
            x_robots_tag=robots_tags(said.getall("X-Robots-Tag", ())),
            tdm_reservation=plain_header(said.get("TDM-Reservation")),
            fetched_at=self._now(),
        )

    async def opt_out_reason(self, url: str) -> str | None:
        """Say how the URL's site keeps it from machines like us, by robots.txt or tdmrep.json; None if it does not.

        What the page says for itself, `opt_outs.opt_out_reason` reads.

        Raises:
            UrlBlocked, HostNotFound, HostBusy: the URL itself could not be fetched either.
        """
        checked = self._check(url)
        return (await self._robots.get(checked)).ai_opt_out(checked) or await self._tdm.reason(checked)

    def _check(self, url: str) -> URL:
        return check_fetchable(url, private_hosts=self._private_hosts)

    async def _fetch_robots(self, url: URL) -> tuple[int, bytes]:
        return await self._fetch_start(url, MAX_ROBOTS_BYTES)

    async def _fetch_tdm(self, url: URL) -> tuple[int, bytes]:
        return await self._fetch_start(url, MAX_TDM_BYTES)

    async def _fetch_start(self, url: URL, limit_bytes: int) -> tuple[int, bytes]:
        answer, _ = await self._follow(url, {}, heed_robots=False, limit_bytes=limit_bytes, is_cut=True)
        return answer.status, answer.body

    async def _follow(
        self, url: URL, headers: dict[str, str], *, heed_robots: bool, limit_bytes: int, is_cut: bool
    ) -> tuple[Answer, URL | None]:
        """Ask, and ask where redirects lead; give back the last answer and where the permanent ones led."""
        first, moved_to, is_permanent = url, None, True
        seen, left_s = {url}, self._timeout_s
        while True:
            delay_s = 0.0
            if heed_robots:
                robots = await self._robots.get(url)
                if not robots.allows(url):
                    is_read = robots.rules is not None
                    reason = "its robots.txt forbids it" if is_read else "its robots.txt cannot be read"
                    raise RobotsForbid(str(url), reason, is_read=is_read)
                delay_s = robots.delay_s
            async with self._politeness.turn(url.raw_host or "", url=str(url), delay_s=delay_s):
                began = time.monotonic()
                try:
                    answer = await self._exchange.ask(
                        url, headers, timeout_s=left_s, limit_bytes=limit_bytes, is_cut=is_cut
                    )
                except FetchTimedOut as late:
                    raise FetchTimedOut(late.url, self._timeout_s) from late
                left_s -= time.monotonic() - began
                self._rest(answer)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location:
                return answer, moved_to
            url = self._target(url, location)
            if len(seen) > MAX_REDIRECTS or url in seen:
                raise TooManyRedirects(str(url), len(seen))
            seen.add(url)
            is_permanent = is_permanent and answer.status in _PERMANENT
            if is_permanent and not (first.scheme == "https" and url.scheme == "http"):
                moved_to = url
            headers = {name: said for name, said in headers.items() if not name.startswith("If-")}

    def _rest(self, answer: Answer) -> None:
        """Leave a host alone that asks for it."""
        if answer.status in (429, 503):
            asked_s = retry_after_s(answer.headers.get("Retry-After"), now=self._now())
            if asked_s is not None or answer.status == 429:
                self._politeness.rest(answer.url.raw_host or "", _REST_S if asked_s is None else asked_s)

    def _target(self, url: URL, location: str) -> URL:
        location = _ODD_BYTES.sub(lambda odd: f"%{ord(odd[0]) - 0xDC00:02X}", location.strip())
        if not location.isprintable() or "\\" in location:
            raise UrlBlocked(str(url), "it redirects to a URL with a backslash or invisible characters")
        try:
            target = str(url.join(URL(location)))
        except ValueError as error:
            raise UrlBlocked(str(url), f"it redirects to no URL ({error})") from error
        return self._check(target)


@asynccontextmanager
async def open_fetcher(
    *,
    user_agent: str,
    timeout_s: float = 30.0,
    max_body_bytes: int = 10_000_000,
    private_hosts: Collection[str] = (),
    host_delay_s: float = 1.0,
    host_connections: int = 2,
    connections: int = 16,
    heed_robots: bool = True,
    resolve: Resolve | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Fetcher]:
    """Open a fetcher and close its connections at the end.

    Args:
        user_agent: as `fetched.user_agent` makes it.
        timeout_s: for one fetch, redirects included.
        max_body_bytes: of one body, unpacked; larger ones are refused.
        private_hosts: hosts on the operator's own network that may be fetched, as `check_fetchable` takes them.
        host_delay_s: between the starts of two requests to one host.
        host_connections: requests to one host at a time.
        connections: requests at a time in all.
        heed_robots: ask robots.txt before each page.
        resolve: how names become addresses; the system's resolver if None.
        clock: monotonic seconds, for pauses and for how old a robots.txt is.
        sleep: waits so many seconds of that clock.
        now: the time of day, aware.
    """
    named = frozenset(host.strip().lower() for host in private_hosts)
    politeness = Politeness(
        delay_s=host_delay_s, host_connections=host_connections, connections=connections, clock=clock, sleep=sleep
    )
    async with open_exchange(
        user_agent=user_agent, private_hosts=named, connections=connections, resolve=resolve
    ) as exchange:
        yield Fetcher(
            exchange,
            politeness,
            private_hosts=named,
            timeout_s=timeout_s,
            max_body_bytes=max_body_bytes,
            heed_robots=heed_robots,
            clock=clock,
            now=now,
        )
