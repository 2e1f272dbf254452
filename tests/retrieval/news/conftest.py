"""Web servers on loopback that stand in for invented outlets, and a fetcher that finds them under their names."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace

import pytest
from aiohttp import web

from retrieval.news.fetch import open_fetcher

HOST = "news.example"


@pytest.fixture
async def serve():
    """Start a web server of {path: answer or handler}; gives back its address and the requests it got."""
    async with AsyncExitStack() as stack:

        async def started(pages):
            requests = []

            async def handle(request):
                requests.append(request)
                page = pages.get(request.path, web.Response(status=404))
                return (
                    await page(request) if callable(page) else web.Response(**page) if isinstance(page, dict) else page
                )

            runner = web.ServerRunner(web.Server(handle))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            return SimpleNamespace(port=port, requests=requests, root=f"http://{HOST}:{port}")

        yield started


@pytest.fixture
async def serve_bytes():
    """Start a server that writes fixed bytes, in pieces `pause_s` apart, whatever it is asked."""
    async with AsyncExitStack() as stack:

        async def started(*pieces, pause_s=0.0, repeats=False):
            async def answer(reader, writer):
                try:
                    await reader.readuntil(b"\r\n\r\n")
                    while True:
                        for piece in pieces:
                            writer.write(piece)
                            await writer.drain()
                            await asyncio.sleep(pause_s)
                        if not repeats:
                            break
                except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    pass  # the fetcher hung up, or the test is over
                finally:
                    writer.close()

            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            return f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"

        yield started


@pytest.fixture
def fetching():
    """Open a fetcher for which every name of `hosts` is on loopback, with no pauses and no robots.txt unless asked."""

    @asynccontextmanager
    async def opened(*, hosts=(HOST,), **settings):
        async def resolve(host, port):
            return ["127.0.0.1"]

        defaults = {
            "user_agent": "Dateline/test",
            "timeout_s": 5.0,
            "host_delay_s": 0.0,
            "heed_robots": False,
            "private_hosts": hosts,
            "resolve": resolve,
        }
        async with open_fetcher(**(defaults | settings)) as fetcher:
            yield fetcher

    return opened


@pytest.fixture
def connects(monkeypatch):
    """Every address that a connection is attempted to; those that are not loopback are refused before they leave."""
    attempts = []
    loop_class = asyncio.selector_events.BaseSelectorEventLoop
    connect = loop_class.sock_connect

    async def recorded(self, sock, address):
        attempts.append(address[:2])
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError(f"{address} is not on this machine")
        return await connect(self, sock, address)

    monkeypatch.setattr(loop_class, "sock_connect", recorded)
    return attempts
