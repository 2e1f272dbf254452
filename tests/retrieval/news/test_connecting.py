"""A name becomes addresses once, and connections go to exactly these."""

import socket

import pytest

from retrieval.errors import ConnectionFailed, HostNotFound, UrlBlocked
from retrieval.news.connecting import AddressRefused, Gate
from retrieval.news.fetch import open_fetcher


def answering(*answers):
    """A name server that gives each of its answers once, and a list of what it was asked."""
    asked = []

    async def resolve(host, port):
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    return resolve, asked


async def fetch(url, resolve, *, private_hosts=()):
    async with open_fetcher(
        user_agent="Dateline/test", timeout_s=5, heed_robots=False, resolve=resolve, private_hosts=private_hosts
    ) as fetcher:
        return await fetcher.fetch(url)


async def test_a_name_server_that_answers_differently_a_moment_later_changes_nothing(serve, connects):
    """DNS rebinding: the check sees a public address, and a second look-up would see loopback."""
    inside = await serve({"/": {"text": "secret"}})
    resolve, asked = answering(["9.9.9.9"], ["127.0.0.1"])
    with pytest.raises(ConnectionFailed):
        await fetch(f"http://rebind.example:{inside.port}/", resolve)
    assert asked == ["rebind.example"]
    assert set(connects) == {("9.9.9.9", inside.port)}
    assert inside.requests == []


async def test_the_next_fetch_asks_the_name_server_again_and_sees_the_private_address(connects):
    resolve, _ = answering(["9.9.9.9"], ["127.0.0.1"])
    async with open_fetcher(user_agent="x", heed_robots=False, resolve=resolve, host_delay_s=0) as fetcher:
        with pytest.raises(ConnectionFailed):
            await fetcher.fetch("http://rebind.example/")
        connects.clear()
        with pytest.raises(UrlBlocked):
            await fetcher.fetch("http://rebind.example/")
    assert connects == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "nonsense"])
async def test_one_private_address_among_public_ones_refuses_them_all(address, connects):
    resolve, _ = answering(["9.9.9.9", address])
    with pytest.raises(UrlBlocked):
        await fetch("https://mixed.example/", resolve)
    assert connects == []


@pytest.mark.parametrize("answer", [[], socket.gaierror(-2, "Name or service not known"), OSError("no server")])
async def test_a_name_without_address_is_not_found(answer, connects):
    resolve, _ = answering(answer)
    with pytest.raises(HostNotFound):
        await fetch("https://gone.example/", resolve)
    assert connects == []


async def test_the_systems_resolver_is_asked_and_checked(connects, monkeypatch):
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *_, **__: [(socket.AF_INET, 1, 6, "", ("10.0.0.1", port))]
    )
    with pytest.raises(UrlBlocked):
        await fetch("http://inside.example/", None)
    assert connects == []


async def test_a_named_host_may_lead_to_a_private_address_but_not_to_a_clouds_credentials(serve, connects):
    server = await serve({"/": {"text": "intranet news"}})
    resolve, _ = answering(["127.0.0.1"], ["169.254.169.254"])
    url, named = f"http://news.intranet:{server.port}/", ("news.intranet",)
    assert (await fetch(url, resolve, private_hosts=named)).body == b"intranet news"
    connects.clear()
    with pytest.raises(UrlBlocked):
        await fetch(url, resolve, private_hosts=named)
    assert connects == []


async def test_the_socket_itself_is_refused_for_whatever_was_not_resolved():
    resolve, _ = answering(["10.0.0.1"])
    gate = Gate(private_hosts=frozenset(("news.intranet", "10.0.0.9:81")), resolve=resolve)
    await gate.resolve("news.intranet", 80)
    for address in (("10.0.0.1", 80), ("10.0.0.9", 81), ("9.9.9.9", 443)):
        gate.open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", address)).close()
    for address in (("10.0.0.1", 81), ("10.0.0.9", 80), ("127.0.0.1", 80)):
        with pytest.raises(AddressRefused):
            gate.open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", address))
    with pytest.raises(AddressRefused):
        gate.open_socket((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", 80, 0, 0)))


async def test_proxies_of_the_environment_are_not_used(serve, fetching, monkeypatch):
    server = await serve({"/": {"text": "direct"}})
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with fetching() as fetcher:
        assert (await fetcher.fetch(f"{server.root}/")).body == b"direct"


INSIDE = {
    "http://127.0.0.1:{port}/": None,
    "http://127.1:{port}/": None,
    "http://2130706433:{port}/": None,
    "http://0x7f.0.0.1:{port}/": None,
    "http://0177.0.0.1:{port}/": None,
    "http://0:{port}/": None,
    "http://[::ffff:127.0.0.1]:{port}/": None,
    "http://[::127.0.0.1]:{port}/": None,
    "http://①②⑦.⓪.⓪.①:{port}/": None,
    "http://localhost:{port}/": None,
    "http://news.example@127.0.0.1:{port}/": None,
    "http://127.0.0.1:{port}\\@news.example/": None,
    "http://127.0.0.1.wildcard.example:{port}/": "127.0.0.1",
    "http://hex.wildcard.example:{port}/": "::ffff:7f00:1",
    "https://metadata.wildcard.example/": "169.254.169.254",
    "https://router.wildcard.example/": "192.168.1.1",
    "https://translated.wildcard.example/": "64:ff9b::a00:1",
}


@pytest.mark.parametrize(("url", "address"), INSIDE.items())
async def test_no_way_of_naming_an_inside_server_makes_a_connection(url, address, serve, connects):
    """The suite's own small version of tests/benchmarks/ssrf.py."""
    server = await serve({"/": {"text": "secret"}})
    resolve, _ = answering([address or "127.0.0.1"])
    with pytest.raises(UrlBlocked):
        await fetch(url.format(port=server.port), resolve)
    assert connects == []
    assert server.requests == []
