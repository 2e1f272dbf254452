"""Prove on a list of hostile URLs that fetching never connects to a private address.

.venv/bin/python tests/benchmarks/ssrf.py --data URLS.jsonl

Each line has a `url` and what to `expect`: "blocked" (refused without look-up and without connection), "allowed" (it
ends at the guard, since nothing may leave this machine), or "blocked once resolved or redirected" (the URL is that of a
public server whose name or redirects lead inside). The guard is an audit hook of the interpreter, under everything
that could connect: it notes every look-up and every connection, and lets out none but those to the stand-in for
redirecting servers. That one is asked by plain HTTP, for it has no certificate, and redirects to where the URL says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from retrieval.errors import FetchFailed, UrlBlocked
from retrieval.news.fetch import open_fetcher

# Any public address: the guard stops what would go there.
PUBLIC = "9.9.9.9"
_ADDRESS_IN_A_NAME = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})\.nip\.io$")
_INSIDE = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::(\d+))?")
BLOCKED, ALLOWED, LATER = "blocked", "allowed", "blocked once resolved or redirected"


@dataclass
class Seen:
    """What was looked up and connected to while one URL was fetched."""

    lookups: list[str] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Guard:
    """Notes and stops what would leave; `sys.addaudithook` cannot be undone, so it serves the whole process."""

    stand_in: tuple[str, int]
    seen: Seen = field(default_factory=Seen)

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            self.seen.lookups.append(str(args[0]))
            raise OSError("no name server here")
        if event == "socket.connect":
            address = args[1]
            assert isinstance(address, tuple)
            self.seen.connections.append(address[:2])
            if address[:2] != self.stand_in:
                raise ConnectionRefusedError("stopped by the guard")


async def redirect(request: web.BaseRequest) -> web.Response:
    """Answer as the hostile server of the URL would: with the status and the target that its path names."""
    query = parse_qs(urlsplit(request.path_qs).query)
    status = re.search(r"(30[12378])-http", request.path)
    if "ip" in query:
        text = f'<iframe src="http://{query["ip"][0]}/"></iframe>'
        return web.Response(text=text, content_type="text/html")
    if "url" in query:
        return web.Response(status=int(query["code"][0]), headers={"Location": query["url"][0]})
    found = _INSIDE.search(request.path)
    target = f"http://{found[1]}:{found[2] or 80}/" if found else "/"
    return web.Response(status=int(status[1]) if status else 302, headers={"Location": target})


async def resolve(host: str, port: int) -> list[str]:
    """Answer truly for names that hold an address and for the stand-in, and with one public address for all others."""
    if found := _ADDRESS_IN_A_NAME.search(host):
        return [found[1]]
    return ["127.0.0.1" if host == "stand-in.example" else PUBLIC]


def is_private(connection: tuple[str, int]) -> bool:
    """Whether the address is none of the public internet, whatever our own code thinks of it."""
    return not ip_address(connection[0]).is_global


async def prove(urls: list[dict[str, str]]) -> tuple[Counter[str], list[tuple[str, ...]]]:
    """Fetch every URL; give back the counts and the mismatches."""
    runner = web.ServerRunner(web.Server(redirect))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in = runner.addresses[0][:2]
    guard = Guard(stand_in)
    sys.addaudithook(guard)
    counts: Counter[str] = Counter()
    wrong = []
    async with open_fetcher(
        user_agent="Dateline/benchmark",
        timeout_s=5,
        host_delay_s=0,
        heed_robots=False,
        resolve=resolve,
        private_hosts=(f"stand-in.example:{stand_in[1]}",),
    ) as fetcher:
        for each in urls:
            url, expect = each["url"], each["expect"]
            parts = urlsplit(url) if expect == LATER else None
            if parts and not _ADDRESS_IN_A_NAME.search(parts.hostname or ""):
                query = f"?{parts.query}" if parts.query else ""
                url = f"http://stand-in.example:{stand_in[1]}{parts.path}{query}"
            guard.seen = Seen()
            try:
                end = f"status {(await fetcher.fetch(url)).status}"
            except FetchFailed as failed:
                end = type(failed).__name__
                is_blocked = isinstance(failed, UrlBlocked)
            else:
                is_blocked = False
            outside = [each for each in guard.seen.connections if each != stand_in]
            inside = [each for each in outside if is_private(each)]
            counts["connections to private addresses"] += len(inside)
            counts["connections in all, the stand-in apart"] += len(outside)
            as_expected = {
                BLOCKED: is_blocked and not guard.seen.connections and not guard.seen.lookups,
                ALLOWED: not is_blocked and bool(outside) and not inside,
                # A server may also lead inside by a way that a fetcher does not go, such as a frame.
                LATER: not outside and (is_blocked or end.startswith("status")),
            }[expect]
            counts[f"{expect}: {'as expected' if as_expected else 'NOT as expected'}"] += 1
            counts[f"{expect}: ended as {end}"] += 1
            if not as_expected:
                wrong.append((each["url"], expect, end, str(guard.seen)))
    await runner.cleanup()
    return counts, wrong


def main() -> None:
    """Read the arguments, print the counts as JSON and the mismatches as a table; fail if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the list, one JSON object on each line")
    lines = parser.parse_args().data.read_text("utf-8").splitlines()
    counts, wrong = asyncio.run(prove([json.loads(line) for line in lines if line.strip()]))
    print(json.dumps({"urls": len(lines), **dict(sorted(counts.items()))}, indent=2))  # noqa: T201 - a benchmark's output
    for row in wrong:
        print(" | ".join(row))  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
