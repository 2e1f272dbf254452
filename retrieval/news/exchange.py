"""One request and its answer: the only place that speaks to aiohttp, and translates what goes wrong there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy
from yarl import URL

from retrieval.errors import BodyTooLarge, BodyUndecodable, ConnectionFailed, FetchTimedOut, HostBlocked, HostNotFound
from retrieval.news.bodies import ACCEPT_ENCODING, BodyBroken, BodyTooLong, read_body
from retrieval.news.connecting import AddressRefused, Gate, Resolve

# Some publishers' security policies fill a line of 8 KiB, aiohttp's limit; the lines of an answer stay below 128.
_MAX_LINE_BYTES = 2**15
_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the body, unpacked, only of statuses 200 to 299."""

    url: URL
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Exchange:
    """Sends requests through one `Gate`; `open_exchange` makes and closes it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def ask(
        self, url: URL, headers: Mapping[str, str], *, timeout_s: float, limit_bytes: int, is_cut: bool
    ) -> Answer:
        """Send one request and read its answer, following nothing.

        Args:
            url: as `check_fetchable` gave it back.
            headers: beside those of every request.
            timeout_s: from the look-up of the host to the end of the body.
            limit_bytes: of the unpacked body.
            is_cut: give back the start of a longer body instead of refusing it.

        Raises:
            HostBlocked, HostNotFound, ConnectionFailed, FetchTimedOut, BodyTooLarge, BodyUndecodable: as they say.
        """
        shown = str(url)
        try:
            async with asyncio.timeout(max(timeout_s, 0)):
                return await self._ask(url, headers, limit_bytes, is_cut)
        except TimeoutError as error:
            raise FetchTimedOut(shown, timeout_s) from error
        except BodyTooLong as error:
            raise BodyTooLarge(shown, limit_bytes) from error
        except BodyBroken as error:
            raise BodyUndecodable(shown, str(error)) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressRefused):
                raise HostBlocked(shown, str(error.os_error)) from error
            if isinstance(error, aiohttp.ClientConnectorDNSError):
                raise HostNotFound(shown, _reason(error.os_error)) from error
            raise ConnectionFailed(shown, _reason(error)) from error
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise ConnectionFailed(shown, _reason(error)) from error

    async def _ask(self, url: URL, headers: Mapping[str, str], limit_bytes: int, is_cut: bool) -> Answer:
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            body = b""
            try:
                if 200 <= answer.status < 300:
                    if (answer.content_length or 0) > limit_bytes and not is_cut:
                        raise BodyTooLong
                    body = await read_body(
                        answer.content.iter_chunked(_CHUNK_BYTES),
                        encoding=",".join(answer.headers.getall("Content-Encoding", ())),
                        limit_bytes=limit_bytes,
                        is_cut=is_cut,
                    )
            finally:
                answer.close()  # a body that is not wanted is not read to its end
            return Answer(url, answer.status, answer.headers, body)


@asynccontextmanager
async def open_exchange(
    *, user_agent: str, private_hosts: Collection[str], connections: int, resolve: Resolve | None = None
) -> AsyncIterator[Exchange]:
    """Open the connections for requests, without cookies and without the proxies of the environment.

    Args:
        user_agent: sent with every request.
        private_hosts: as `check_fetchable` takes them.
        connections: at a time in all.
        resolve: how names become addresses; the system's resolver if None.
    """
    gate = Gate(private_hosts=private_hosts, resolve=resolve)
    # Each new connection is resolved and checked anew; the system's resolver keeps what it knows.
    connector = aiohttp.TCPConnector(
        resolver=gate, socket_factory=gate.open_socket, use_dns_cache=False, limit=connections
    )
    async with aiohttp.ClientSession(
        connector=connector,
        headers={"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        auto_decompress=False,
        trust_env=False,
        max_line_size=_MAX_LINE_BYTES,
        max_field_size=_MAX_LINE_BYTES,
    ) as session:
        yield Exchange(session)


def _reason(error: Exception) -> str:
    """Say in one bounded line what went wrong."""
    return " ".join((str(error) or type(error).__name__).split())[:200]
